"""What two annotations of the same articles say differently, item by item.

Items are compared by their spans.
Entity and event keys are only names, so chains are first paired across the two sides, those with most in common
together; an item differs in its key when its chain on one side is not the partner of its chain on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from .model import Argument, Document, Event, Mention, Value

_FIELDS = {
    "mentions": ("type", "level"),
    "values": ("kind", "timex", "value", "mod", "comparison", "number", "unit"),
    "events": ("type", "realis", "polarity"),
}
_KEYS = {"mentions": "entity", "events": "event"}


class Difference(msgspec.Struct, frozen=True):
    """One thing that `a` and `b` say differently of a span.

    `field` is a field of the item, or `item` where only one side has it, or for an argument its role.
    For an argument `start` and `end` are the trigger's, and `a` or `b` is the span of the filler.
    """

    article: str
    layer: str
    start: int
    end: int
    field: str
    a: Any
    b: Any


def differences(a: Sequence[Document], b: Sequence[Document]) -> list[Difference]:
    """Return every difference between two annotations, by article, layer and span.

    A document that only one side has counts as empty on the other.
    """
    empty = Document("")
    ones = {document.id: document for document in a}
    others = {document.id: document for document in b}
    partners = {layer: _partners(layer, a, b) for layer in _KEYS}
    found: list[Difference] = []
    for name in sorted(ones.keys() | others.keys()):
        one, other = ones.get(name, empty), others.get(name, empty)
        for layer in _FIELDS:
            found += _of_layer(name, layer, one, other, partners.get(layer, set()))
    return found


def _of_layer(
    article: str, layer: str, one: Document, other: Document, partners: set[tuple[str, str]]
) -> Iterator[Difference]:
    left, right = by_span(one, layer), by_span(other, layer)
    for span in sorted(left.keys() | right.keys()):
        x, y = left.get(span), right.get(span)
        if x is None or y is None:
            yield Difference(article, layer, *span, "item", _shown(x), _shown(y))
            continue
        for field in _FIELDS[layer]:
            if getattr(x, field) != getattr(y, field):
                yield Difference(article, layer, *span, field, getattr(x, field), getattr(y, field))
        if isinstance(x, Event) and isinstance(y, Event):
            yield from _of_event(article, x, y)
        key = _KEYS.get(layer)
        if key is not None:
            keys = getattr(x, key), getattr(y, key)
            if keys != (None, None) and keys not in partners:
                yield Difference(article, layer, *span, key, *keys)


def _of_event(article: str, x: Event, y: Event) -> Iterator[Difference]:
    span = (x.start, x.end)
    if x.source != y.source:
        sources = [[source.start, source.end] if source is not None else None for source in (x.source, y.source)]
        yield Difference(article, "events", *span, "source", *sources)
    ours, theirs = ({(a.role, a.start, a.end) for a in event.arguments} for event in (x, y))
    for role, start, end in sorted(ours ^ theirs):
        filler = [start, end]
        sides = (filler, None) if (role, start, end) in ours else (None, filler)
        yield Difference(article, "arguments", *span, role, *sides)


def by_span(document: Document, layer: str) -> dict[tuple[int, int], Mention | Value | Event]:
    """Return a layer's items by their span."""
    return {(item.start, item.end): item for item in getattr(document, layer) or ()}


def _shown(item: Mention | Value | Event | Argument | None) -> Any:
    """Return an item without its span, as plain data."""
    if item is None:
        return None
    fields = msgspec.to_builtins(item)
    return {name: value for name, value in fields.items() if name not in ("start", "end", "text")}


def _partners(layer: str, a: Sequence[Document], b: Sequence[Document]) -> set[tuple[str, str]]:
    """Return which key of `a` is which of `b`, each key once.

    Those with most items in common are paired first, then those of the same name.
    """
    key = _KEYS[layer]
    sides: list[dict[tuple[str, tuple[int, int]], str]] = []
    for documents in (a, b):
        keyed = {}
        for document in documents:
            for span, item in by_span(document, layer).items():
                if getattr(item, key) is not None:
                    keyed[document.id, span] = getattr(item, key)
        sides.append(keyed)
    one, other = sides
    shared = Counter((one[place], other[place]) for place in one.keys() & other.keys())
    ranked = sorted(shared, key=lambda pair: (-shared[pair], pair[0] != pair[1], pair))
    taken: tuple[set[str], set[str]] = set(), set()
    pairs = set()
    for x, y in ranked:
        if x not in taken[0] and y not in taken[1]:
            pairs.add((x, y))
            taken[0].add(x)
            taken[1].add(y)
    return pairs
