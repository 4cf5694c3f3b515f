"""Spans with a label: which of a document's annotations a track compares, and how many agree.

Counts are whole numbers by sentence and type.
They add up, and every ratio, interval and test is computed from their sums.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tripoli_loaders import Document, Mention

from ..matching import Item, align
from ..views import View


class Counts(NamedTuple):
    """Items that agree fully and by half, items of the gold, items predicted."""

    correct: int = 0
    partial: int = 0
    gold: int = 0
    predicted: int = 0

    def __add__(self, other: Counts) -> Counts:  # type: ignore[override]
        return Counts(*map(sum, zip(self, other, strict=True)))


def select_items(
    document: Document, track: str, view: View, *, gold: bool, tokens: Sequence[tuple[int, int]]
) -> list[Item]:
    """Return what a track compares of a document, sorted; of items with the same span and label the first.

    `ner`: named mentions and values; a mention without a level passes for named.
    `mentions`: mentions of all levels.

    Args:
        document: gold or prediction.
        track: `ner` or `mentions`.
        view: the label view; what it leaves out is left out.
        gold: whether the document is gold.
        tokens: the article's frozen tokens, from which heads are taken.
    """
    label = view.of_gold if gold else view.of_predicted
    starts = [start for start, _ in tokens]
    found: dict[tuple[int, int, str], Item] = {}

    def add(start: int, end: int, name: str | None, head: tuple[int, int]) -> None:
        if name is not None:
            found.setdefault((start, end, name), Item(start, end, name, head))

    for mention in sorted(document.mentions or (), key=lambda mention: mention.level or ""):
        if track == "mentions" or mention.level in ("NAM", None):
            add(mention.start, mention.end, label(mention), _head(mention, tokens, starts))
    for value in (document.values or ()) if track == "ner" else ():
        add(value.start, value.end, label(value), (value.start, value.end))
    return sorted(found.values())


def _head(mention: Mention, tokens: Sequence[tuple[int, int]], starts: list[int]) -> tuple[int, int]:
    """Return the span of a mention's head: the last token, unless it is a name or says otherwise."""
    if mention.head is not None:
        return mention.head.start, mention.head.end
    if mention.level in ("NAM", None):
        return mention.start, mention.end
    index = bisect_right(starts, mention.end - 1) - 1
    if index >= 0 and tokens[index][0] >= mention.start:
        return tokens[index][0], mention.end
    return mention.start, mention.end


def count_spans(
    gold: Iterable[Item], predicted: Iterable[Item], scheme: str, unit_of: Callable[[Item], int]
) -> dict[tuple[int, str], Counts]:
    """Count what agrees under a matching scheme, by unit and type.

    A matched pair counts in the unit and under the type of its gold item, so that the counts of the types and of the
    units sum to those of the whole.

    Args:
        gold: the gold items.
        predicted: the predicted items.
        scheme: a key of `matching.SCHEMES`.
        unit_of: gives the number of the unit (sentence) that an item belongs to.
    """
    result: dict[tuple[int, str], Counts] = {}

    def add(item: Item, counts: Counts) -> None:
        key = (unit_of(item), item.type)
        result[key] = result.get(key, Counts()) + counts

    alignment = align(list(gold), list(predicted), scheme)
    for pair in alignment.pairs:
        add(pair.gold, Counts(int(pair.exact), int(not pair.exact), 1, 1))
    for item in alignment.missed:
        add(item, Counts(gold=1))
    for item in alignment.spurious:
        add(item, Counts(predicted=1))
    return result


__all__ = ["Counts", "count_spans", "select_items"]
