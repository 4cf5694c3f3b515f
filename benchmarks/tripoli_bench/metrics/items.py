"""What each track compares of a document: spans with a label and, where it takes more to be right, a detail.

Two items are the same when span, label and detail are; matching schemes may ask for less.
The label is what scores are broken down by, the detail is what else must be right: a value's normalisation,
the trigger that an argument hangs on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tripoli_loaders import Document, Event, Mention, Value
from tripoli_loaders.knowledge import NIL, link

from ..matching import Item
from ..views import View

Span = tuple[int, int]
T = TypeVar("T")


@dataclass(slots=True)
class Context:
    """What items are selected with: the label view, which side they are of, and the article as the gold has it.

    Several selections from one document share what they need of it through `once`.
    """

    view: View
    gold: bool
    article: Document
    _known: dict[object, Any] = field(default_factory=dict)

    def once(self, name: object, document: Document, compute: Callable[[], T]) -> T:
        """Return what `compute` gives for a document, computed the first time it is asked for."""
        key = (name, id(document))
        if key not in self._known:
            self._known[key] = compute()
        found: T = self._known[key]
        return found

    def label(self, item: Mention | Value | Event) -> str | None:
        """Return the view's label of an item, `None` where the view leaves it out."""
        raw = (item.kind, item.timex, item.unit) if isinstance(item, Value) else (type(item), item.type)
        if raw not in self._known:
            self._known[raw] = self.view.of_gold(item) if self.gold else self.view.of_predicted(item)
        found: str | None = self._known[raw]
        return found


Select = Callable[[Document, Context], Iterable[Item]]


def select(document: Document, context: Context, selection: Select) -> list[Item]:
    """Return a document's items, sorted; of those that are the same in span, label and detail the first."""
    found: dict[tuple[int, int, str, str], Item] = {}
    for item in selection(document, context):
        found.setdefault(item.key, item)
    return sorted(found.values())


def names_and_values(document: Document, context: Context) -> Iterator[Item]:
    """Named mentions, a mention without level among them, and values."""
    yield from (item for item, level in _mentions(document, context) if level in ("NAM", None))
    yield from value_spans(document, context)


def mentions(document: Document, context: Context) -> Iterator[Item]:
    """Mentions of all levels."""
    return (item for item, _ in _mentions(document, context))


def mentions_of(level: str) -> Select:
    """Return the selection of mentions of one level; one without a level passes for a name."""

    def selection(document: Document, context: Context) -> Iterator[Item]:
        return (item for item, found in _mentions(document, context) if (found or "NAM") == level)

    return selection


def mentions_with_level(document: Document, context: Context) -> Iterator[Item]:
    """Mentions by span, type and level; one without a level passes for a name."""
    return (item._replace(detail=level or "NAM") for item, level in _mentions(document, context))


def linked(*, nil: bool | None) -> Select:
    """Return the selection of mentions by span and the identifier that their entity key stands for.

    Args:
        nil: those without identifier alone (True), those with one alone (False), or both (None).
    """

    def selection(document: Document, context: Context) -> Iterator[Item]:
        for mention in document.mentions or ():
            if mention.entity is not None and context.label(mention) is not None:
                identifier = link(mention.entity)
                if nil is None or nil is (identifier == NIL):
                    yield Item(mention.start, mention.end, "link", (mention.start, mention.end), identifier)

    return selection


def antecedents(document: Document, context: Context) -> Iterator[Item]:
    """Mentions that refer back, by span and the gold chain of the nearest mention before them in their own chain.

    A gold mention has its own chain there, so that any mention of that chain is a right antecedent.
    """
    return (item for item, _ in with_antecedents(document, context))


def with_antecedents(document: Document, context: Context) -> Iterator[tuple[Item, Span]]:
    """Yield the items of `antecedents`, each with the span of its antecedent."""
    chain_of, chains = _first_chains(context.article, context), _first_chains(document, context)
    last: dict[str, Span] = {}
    for span, entity in sorted(chains.items()):
        before = last.get(entity)
        last[entity] = span
        if before is not None:
            chain = chain_of.get(before)
            detail = f"no gold mention: {before[0]}-{before[1]}" if chain is None else f"chain {chain}"
            yield Item(*span, "antecedent", span, detail), before


def _first_chains(document: Document, context: Context) -> dict[Span, str]:
    """Return the chain of each mention that has one; of a span in two chains, which score may allow, the first."""
    chains: dict[Span, str] = {}
    for mention in document.mentions or ():
        if mention.entity is not None and context.label(mention) is not None:
            chains.setdefault((mention.start, mention.end), mention.entity)
    return chains


def value_spans(document: Document, context: Context) -> Iterator[Item]:
    """Values by span and kind."""
    for value in document.values or ():
        label = context.label(value)
        if label is not None:
            yield Item(value.start, value.end, label, (value.start, value.end))


def values(document: Document, context: Context) -> Iterator[Item]:
    """Values by span, kind and what they are normalised to."""
    for value in document.values or ():
        label = context.label(value)
        if label is not None:
            number = None if value.number is None else float(value.number)
            detail = (value.timex, value.value, value.mod, value.comparison, number)
            yield Item(value.start, value.end, label, (value.start, value.end), str(detail))


def triggers(document: Document, context: Context) -> Iterator[Item]:
    """Triggers by span and event type."""
    return (
        Item(event.start, event.end, label, (event.start, event.end)) for event, label in _events(document, context)
    )


def trigger_spans(document: Document, context: Context) -> Iterator[Item]:
    """Triggers by span alone, one of several types counting once."""
    return (
        Item(event.start, event.end, "trigger", (event.start, event.end)) for event, _ in _events(document, context)
    )


def triggers_with_realis(document: Document, context: Context) -> Iterator[Item]:
    """Triggers by span, event type and realis."""
    for event, label in _events(document, context):
        yield Item(event.start, event.end, label, (event.start, event.end), event.realis or "")


def triggers_with_polarity(document: Document, context: Context) -> Iterator[Item]:
    """Triggers by span, event type and polarity."""
    for event, label in _events(document, context):
        yield Item(event.start, event.end, label, (event.start, event.end), event.polarity or "")


def sources(document: Document, context: Context) -> Iterator[Item]:
    """Who is credited with each trigger, by entity; the author of the article is nobody's credit."""
    filler = filler_by_entity(document, context)
    for event, _ in _events(document, context):
        if event.source is not None:
            start, end = filler((event.source.start, event.source.end))
            yield Item(event.start, event.end, "source", (event.start, event.end), f"{start}-{end}")


def arguments(*, classified: bool, attached: bool, by: str) -> Select:
    """Return the selection of arguments as TextEE defines them.

    Args:
        classified: the role must be right (Arg-C), and is the label; else (Arg-I) the event type is.
        attached: the argument must hang on the right trigger (Arg-C+, Arg-I+), not only on one of the right type.
        by: how fillers are compared: `span`, `head` or `entity`.
    """

    def selection(document: Document, context: Context) -> Iterator[Item]:
        filler = context.once(by, document, lambda: FILLERS[by](document, context))
        for event, label in _events(document, context):
            trigger = f" {event.start}-{event.end}" if attached else ""
            for argument in event.arguments:
                start, end = filler((argument.start, argument.end))
                if classified:
                    yield Item(start, end, argument.role, (start, end), label + trigger)
                else:
                    yield Item(start, end, label, (start, end), trigger)

    return selection


Filler = Callable[[Span], Span]


def filler_by_span(_document: Document, _context: Context) -> Filler:
    """Compare fillers by their span."""
    return lambda span: span


def filler_by_head(document: Document, context: Context) -> Filler:
    """Compare fillers by the head of the mention that they are, of the document's own or else of the gold's."""
    tokens = context.article.tokens or ()
    heads = {
        (mention.start, mention.end): head_of(mention, tokens)
        for side in (context.article, document)
        for mention in sorted(side.mentions or (), key=_place)
    }
    return lambda span: heads.get(span, span)


def filler_by_entity(_document: Document, context: Context) -> Filler:
    """Compare fillers by the gold entity that they are a mention of; a span that is none stays itself."""
    first: dict[str, Span] = {}
    mentions_of: dict[Span, Span] = {}
    for mention in sorted(context.article.mentions or (), key=_place):
        if mention.entity is not None:
            span = (mention.start, mention.end)
            mentions_of[span] = first.setdefault(mention.entity, span)
    return lambda span: mentions_of.get(span, span)


FILLERS: Mapping[str, Callable[[Document, Context], Filler]] = {
    "span": filler_by_span,
    "head": filler_by_head,
    "entity": filler_by_entity,
}
"""The ways to compare the fillers of arguments."""


def head_of(mention: Mention, tokens: Sequence[Span]) -> Span:
    """Return the span of a mention's head: the last token, unless it is a name or says otherwise."""
    if mention.head is not None:
        return mention.head.start, mention.head.end
    if mention.level in ("NAM", None):
        return mention.start, mention.end
    index = bisect_right(tokens, mention.end - 1, key=lambda token: token[0]) - 1
    if index >= 0 and tokens[index][0] >= mention.start:
        return tokens[index][0], mention.end
    return mention.start, mention.end


def _place(mention: Mention) -> tuple[int, int, int, int, str]:
    """Return what to sort mentions by, so that of several on one span it is always the same that counts."""
    head = (-1, -1) if mention.head is None else (mention.head.start, mention.head.end)
    return mention.start, mention.end, *head, mention.entity or ""


def _mentions(document: Document, context: Context) -> list[tuple[Item, str | None]]:
    """Return a document's mentions under labels of the view, with their levels, and names first."""

    def found() -> list[tuple[Item, str | None]]:
        tokens = context.article.tokens or ()
        mentions = sorted(document.mentions or (), key=lambda mention: (mention.level or "", _place(mention)))
        labels = [context.label(mention) for mention in mentions]
        return [
            (Item(mention.start, mention.end, label, head_of(mention, tokens)), mention.level)
            for mention, label in zip(mentions, labels, strict=True)
            if label is not None
        ]

    return context.once("mentions", document, found)


def _events(document: Document, context: Context) -> list[tuple[Event, str]]:
    """Return a document's events with their labels, those that the view has."""

    def found() -> list[tuple[Event, str]]:
        labelled = [(event, context.label(event)) for event in document.events or ()]
        return [(event, label) for event, label in labelled if label is not None]

    return context.once("events", document, found)
