"""Why a score is what it is: every item of gold and prediction gets one reason, and the reasons sum to the counts.

What strict matching leaves over on the two sides is paired again, one to one, by ever less that agrees; what a pair
does not agree in is its reason, and what stays alone was missed or is spurious.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from tripoli_loaders import Document, UsageError

from .matching import Item, align
from .metrics import Context, Metric, SpanMeasure, items, select
from .views import View

REASONS: Mapping[str, str] = {
    "correct": "Both sides have the item.",
    "boundary": "The spans overlap without being the same; the label, and any trigger, entity or identifier, is right.",
    "type": "The span is right and the type is not; for an argument, it is the type of its event.",
    "boundary-and-type": "The spans overlap without being the same, and the types differ too.",
    "level": "Span and type are right, but one side has the mention as a name and the other does not.",
    "value": "Span and kind are right, the normalisation is not.",
    "realis": "Span and event type are right, the realis is not.",
    "wrong-role": "The filler and its trigger are right, the role is not.",
    "wrong-trigger": "The filler and its role are right, the trigger that it hangs on is not.",
    "wrong-source": "The trigger is right, but it is credited to another entity.",
    "wrong-antecedent": "The mention does refer back, but to another chain.",
    "link": "The span is right, the identifier is not.",
    "missed": "Only the gold has the item.",
    "spurious": "Only the prediction has the item.",
}
"""What each reason means."""


class Finding(msgspec.Struct, frozen=True):
    """An item of the gold, of the prediction, or one of each that belong together, and why they count as they do.

    A finding other than `correct` is a false negative if it has a gold side and a false positive if it has a predicted
    side. Fields of a side that has nothing are `None`, and so is a text that is not known.
    Spans are code points, half open: an argument's is its filler's, a source's its trigger's, an antecedent's that of
    the mention that refers back. `note` says what spans and labels do not show.
    """

    metric: str
    article: str
    reason: str
    gold_start: int | None = None
    gold_end: int | None = None
    gold_label: str | None = None
    gold_text: str | None = None
    predicted_start: int | None = None
    predicted_end: int | None = None
    predicted_label: str | None = None
    predicted_text: str | None = None
    note: str | None = None


class Gain(NamedTuple):
    """What F1 would gain if all findings of a reason were right; `None` where F1 is undefined before or after."""

    reason: str
    number: int
    f1: float | None


Part = Callable[[Item], Hashable]
Words = Callable[[Item], str]
Levels = Mapping[tuple[int, int, str], str]


class _Step(NamedTuple):
    """A reason, and what two items that overlap must agree in to be paired for it."""

    reason: str
    agree: tuple[Part, ...]


class _Analysis(NamedTuple):
    """How the errors of a track are told apart.

    Attributes:
        measure: the track's measure whose counts the findings sum to.
        steps: by which leftovers are paired, in this order.
        words: makes what says a side's details in words; `None` where items have none.
        levels: whether a side may lack an item because it has the mention with another level.
    """

    measure: str
    steps: tuple[_Step, ...]
    words: Callable[[Document, Context], Words] | None = None
    levels: bool = False


class _Outcome(NamedTuple):
    """A finding before its words."""

    reason: str
    gold: Item | None
    predicted: Item | None
    level: str | None = None


def find_errors(gold: Document, predicted: Document, metric: Metric, view: View) -> list[Finding]:
    """Return a finding for every item of an article, in the order of the text.

    The number of `correct` is the metric's true positives, the other findings with a predicted side are its false
    positives, and those with a gold side its false negatives. The order of items in the documents has no influence.

    Args:
        gold: the gold of the article; texts are taken from its `text`.
        predicted: the prediction for it; both without boilerplate where that is not to count.
        metric: one of `ANALYSED`, under any view.
        view: the view that the metric names.

    Raises:
        UsageError: the metric is not analysed.
    """
    analysis, means = _ANALYSES.get(metric.track), metric.means
    if analysis is None or analysis.measure != metric.measure or not isinstance(means, SpanMeasure):
        raise UsageError(f"no analysis of {metric}; expected one of {', '.join(map(str, ANALYSED.values()))}")
    sides = ((gold, Context(view, True, gold)), (predicted, Context(view, False, gold)))
    levels = [_levels(*side) if analysis.levels else {} for side in sides]
    words = [None if analysis.words is None else analysis.words(*side) for side in sides]
    ours, theirs = (select(*side, means.select) for side in sides)
    outcomes = _outcomes(ours, theirs, analysis.steps, *levels)
    return [
        Finding(
            str(metric),
            gold.id,
            outcome.reason,
            *_shown(outcome.gold, gold.text),
            *_shown(outcome.predicted, gold.text),
            _note(outcome, *words),
        )
        for outcome in sorted(outcomes, key=_place)
    ]


def confusion(findings: Iterable[Finding]) -> dict[tuple[str | None, str | None], int]:
    """Return how many findings have each pair of gold and predicted label, correct ones among them.

    The label is `None` where a side has nothing, so that a label's row sums to the gold's items of it.
    """
    return dict(Counter((finding.gold_label, finding.predicted_label) for finding in findings))


def gains(findings: Iterable[Finding]) -> list[Gain]:
    """Return what F1 would gain from each reason that occurs, the greatest gain first.

    To right a finding of both sides makes a false negative and a false positive one true positive; to right one of
    the gold alone adds a true positive; to right one of the prediction alone takes it away.

    Args:
        findings: of one metric, from any number of articles.
    """
    sides = [
        (finding.reason, finding.gold_label is not None, finding.predicted_label is not None) for finding in findings
    ]
    true = sum(reason == "correct" for reason, _, _ in sides)
    gold, predicted = sum(has for _, has, _ in sides), sum(has for _, _, has in sides)
    now = _f1(true, gold, predicted)
    found = []
    for reason in REASONS:
        of_reason = [(has_gold, has_predicted) for other, has_gold, has_predicted in sides if other == reason]
        if reason == "correct" or not of_reason:
            continue
        # Afterwards as many of these are predicted as the gold has, and all of them are right.
        in_gold, in_predicted = (sum(has) for has in zip(*of_reason, strict=True))
        then = _f1(true + in_gold, gold, predicted - in_predicted + in_gold)
        found.append(Gain(reason, len(of_reason), None if now is None or then is None else then - now))
    return sorted(found, key=lambda gain: -(gain.f1 or 0))


def _f1(true: int, gold: int, predicted: int) -> float | None:
    return 2 * true / (gold + predicted) if gold + predicted else None


def _outcomes(
    gold: list[Item], predicted: list[Item], steps: Iterable[_Step], gold_levels: Levels, predicted_levels: Levels
) -> list[_Outcome]:
    """Return an outcome for every item of both sides: what is the same, what the steps pair, then what is alone."""
    alignment = align(gold, predicted, "strict")
    outcomes = [_Outcome("correct", pair.gold, pair.predicted) for pair in alignment.pairs]
    # What the other side has with another level is not among its items, so there is nothing to pair it with.
    outcomes += [
        _Outcome("level", i, None, predicted_levels[i[:3]]) for i in alignment.missed if i[:3] in predicted_levels
    ]
    outcomes += [_Outcome("level", None, i, gold_levels[i[:3]]) for i in alignment.spurious if i[:3] in gold_levels]
    missed = [item for item in alignment.missed if item[:3] not in predicted_levels]
    spurious = [item for item in alignment.spurious if item[:3] not in gold_levels]
    for step in steps:
        pairs = _paired(missed, spurious, step.agree)
        outcomes += [_Outcome(step.reason, *pair) for pair in pairs]
        taken = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        missed = [item for item in missed if item not in taken[0]]
        spurious = [item for item in spurious if item not in taken[1]]
    outcomes += [_Outcome("missed", item, None) for item in missed]
    outcomes += [_Outcome("spurious", None, item) for item in spurious]
    return outcomes


def _paired(gold: list[Item], predicted: list[Item], agree: tuple[Part, ...]) -> list[tuple[Item, Item]]:
    """Pair items that overlap and have these parts in common: as many as can be, then those that overlap most."""

    def typed(item: Item) -> Item:
        """Put what must agree in the place of the type; the detail keeps apart what is not the same."""
        return item._replace(type=repr([part(item) for part in agree]), detail=repr((item.type, item.detail)))

    ours, theirs = ({typed(item): item for item in side} for side in (gold, predicted))
    return [(ours[pair.gold], theirs[pair.predicted]) for pair in align(list(ours), list(theirs), "type").pairs]


def _place(outcome: _Outcome) -> tuple[Hashable, ...]:
    """Return where a finding stands among the others: by its first place in the text, whatever side it is of."""
    present = [item for item in (outcome.gold, outcome.predicted) if item is not None]
    return min(item[:2] for item in present), outcome.gold is None, *(item.key for item in present)


def _shown(item: Item | None, text: str | None) -> tuple[int | None, int | None, str | None, str | None]:
    """Return an item's start, end, label and text."""
    if item is None:
        return None, None, None, None
    return item.start, item.end, item.type, None if text is None else text[item.start : item.end]


def _note(outcome: _Outcome, gold_words: Words | None, predicted_words: Words | None) -> str | None:
    """Say what spans and labels do not show of a finding."""
    if outcome.level is not None:
        return f"level {outcome.level} in the {'prediction' if outcome.gold is not None else 'gold'}"
    if outcome.reason == "correct" or gold_words is None or predicted_words is None:
        return None
    gold = None if outcome.gold is None else gold_words(outcome.gold)
    predicted = None if outcome.predicted is None else predicted_words(outcome.predicted)
    if gold == predicted:
        return f"both: {gold}"
    said = (("gold", gold), ("predicted", predicted))
    return "; ".join(f"{side}: {words}" for side, words in said if words is not None)


def _levels(document: Document, context: Context) -> dict[tuple[int, int, str], str]:
    """Return the level of each of a document's mentions, by span and label."""
    return {item[:3]: item.detail for item in select(document, context, items.mentions_with_level)}


def _normalisations(document: Document, context: Context) -> Words:
    said = {}
    for value in document.values or ():
        number = None if value.number is None else f"{value.number:.15g}"
        fields = (value.timex, value.value, value.mod, value.comparison, number)
        for item in items.values(msgspec.structs.replace(document, values=(value,)), context):
            said[item.key] = " ".join(filter(None, fields)) or "not normalised"
    return lambda item: said[item.key]


def _realis(_document: Document, _context: Context) -> Words:
    return lambda item: item.detail or "no realis"


def _triggers(_document: Document, context: Context) -> Words:
    def words(item: Item) -> str:
        event, _, place = item.detail.rpartition(" ")
        return f"{event} {_quoted(place, context)}"

    return words


def _credited(document: Document, context: Context) -> Words:
    """Say who is credited by the first name that the article has for the entity, else by its first mention."""
    filler = items.filler_by_entity(document, context)
    said: dict[str, str] = {}
    for mention in sorted(context.article.mentions or (), key=lambda m: (m.level != "NAM", m.start, m.end)):
        start, end = filler((mention.start, mention.end))
        said.setdefault(f"{start}-{end}", _quoted(f"{mention.start}-{mention.end}", context))
    return lambda item: said.get(item.detail) or _quoted(item.detail, context)


def _antecedents(document: Document, context: Context) -> Words:
    """Say which mention is the antecedent, and which chain of the gold it is of: all of that chain is as good."""
    said: dict[Hashable, str] = {}
    for item, (start, end) in items.with_antecedents(document, context):
        place = f"{start}-{end}"
        chain_or_none = item.detail.removesuffix(f": {place}")  # where it is no gold mention
        said[item.key] = f"{_quoted(place, context)}, {chain_or_none}"
    return lambda item: said[item.key]


def _identifier(_document: Document, _context: Context) -> Words:
    return lambda item: item.detail


def _quoted(place: str, context: Context) -> str:
    """Return a place `start-end` of the article with its text, where that is known."""
    if context.article.text is None:
        return place
    start, end = map(int, place.split("-"))
    return f"“{context.article.text[start:end]}” ({place})"


def _span(item: Item) -> Hashable:
    return item[:2]


def _label(item: Item) -> Hashable:
    return item.type


def _detail(item: Item) -> Hashable:
    return item.detail


def _event_type(item: Item) -> Hashable:
    return item.detail.rpartition(" ")[0]


def _trigger(item: Item) -> Hashable:
    return item.detail.rpartition(" ")[2]


_SPANS = (_Step("type", (_span,)), _Step("boundary", (_label,)), _Step("boundary-and-type", ()))

_ANALYSES: Mapping[str, _Analysis] = {
    "ner": _Analysis("strict", _SPANS, levels=True),
    "mentions": _Analysis("strict", _SPANS),
    "values": _Analysis("value", (_Step("value", (_span, _label)), *_SPANS), _normalisations),
    "triggers": _Analysis("realis", (_Step("realis", (_span, _label)), *_SPANS), _realis),
    "arguments": _Analysis(
        "c+",
        # Of filler, role, trigger and its type: first what has three right, and of the fourth a part.
        (
            _Step("boundary", (_label, _detail)),
            _Step("type", (_span, _label, _trigger)),
            _Step("wrong-role", (_span, _detail)),
            _Step("wrong-trigger", (_span, _label, _event_type)),
            # A wrong event type often brings roles of its own.
            _Step("wrong-role", (_span, _trigger)),
            _Step("wrong-trigger", (_span, _label)),
        ),
        _triggers,
    ),
    "sources": _Analysis("entity", (_Step("wrong-source", (_span,)), _Step("boundary", (_detail,))), _credited),
    "coref": _Analysis("antecedent", (_Step("wrong-antecedent", (_span,)),), _antecedents),
    "linking": _Analysis("all", (_Step("link", (_span,)), _Step("boundary", (_detail,))), _identifier),
}

ANALYSED: Mapping[str, Metric] = {track: Metric(track, analysis.measure) for track, analysis in _ANALYSES.items()}
"""The metric of each track whose findings `find_errors` tells apart."""
