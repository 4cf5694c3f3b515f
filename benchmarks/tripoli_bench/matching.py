"""Which predicted span is which gold span, whatever the order they come in.

Identical spans of the same type are paired first.
Under a scheme that gives credit to more than identity, what is left is paired by optimal assignment, one to one,
separately in each group of spans that touch one another.
Both sides are sorted before, so that ties fall the same way for every order of the input.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class Item(NamedTuple):
    """A span to be matched, half open, with its label, the span of its head, and what else must be right."""

    start: int
    end: int
    type: str
    head: tuple[int, int]
    detail: str = ""

    @property
    def key(self) -> tuple[int, int, str, str]:
        """What makes two items the same; the head follows from the rest."""
        return self.start, self.end, self.type, self.detail


class Pair(NamedTuple):
    """A gold and a predicted item that were matched; `exact` says whether they have full credit."""

    gold: Item
    predicted: Item
    exact: bool


class Alignment(NamedTuple):
    """All pairs, and what stayed alone on either side."""

    pairs: list[Pair]
    missed: list[Item]
    spurious: list[Item]


Relation = Callable[[Item, Item], "bool | None"]
"""Tells of two items whether they match with full credit (True), half (False) or not (None)."""


def _span(gold: Item, predicted: Item) -> bool | None:
    return True if gold[:2] == predicted[:2] else None


def _type(gold: Item, predicted: Item) -> bool | None:
    return True if gold.type == predicted.type and _overlap(gold, predicted) > 0 else None


def _partial(gold: Item, predicted: Item) -> bool | None:
    if gold[:2] == predicted[:2]:
        return True
    return False if _overlap(gold, predicted) > 0 else None


def _head(gold: Item, predicted: Item) -> bool | None:
    return True if gold.type == predicted.type and gold.head == predicted.head else None


SCHEMES: dict[str, Relation | None] = {
    "strict": None,
    "span": _span,
    "type": _type,
    "partial": _partial,
    "head": _head,
    "shared": None,
}
"""What counts as a match beyond identical span and type.

`strict`: nothing. `span`: the same span, whatever the type. `type`: the same type, overlapping (MUC's TYPE,
SemEval 2013's type). `partial`: full credit for the same span, half for an overlap, whatever the type (SemEval 2013).
`head`: the same type and the same head. `shared`: identity, of the spans that both sides have alone.
"""


def align(gold: Sequence[Item], predicted: Sequence[Item], scheme: str) -> Alignment:
    """Match two lists of items under a scheme of `SCHEMES`; both must be free of repetitions."""
    relation = SCHEMES[scheme]
    if scheme == "shared":
        both = {item[:2] for item in gold} & {item[:2] for item in predicted}
        gold, predicted = ([item for item in side if item[:2] in both] for side in (gold, predicted))
    pairs, gold_left, predicted_left = _identical(gold, predicted)
    if relation is None or not gold_left or not predicted_left:
        return Alignment(pairs, gold_left, predicted_left)
    taken_gold: set[Item] = set()
    taken_predicted: set[Item] = set()
    for group in _groups(list(_edges(gold_left, predicted_left, relation))):
        for pair in _assign(group):
            pairs.append(pair)
            taken_gold.add(pair.gold)
            taken_predicted.add(pair.predicted)
    return Alignment(
        pairs,
        [item for item in gold_left if item not in taken_gold],
        [item for item in predicted_left if item not in taken_predicted],
    )


def _identical(gold: Sequence[Item], predicted: Sequence[Item]) -> tuple[list[Pair], list[Item], list[Item]]:
    by_key = {item.key: item for item in predicted}
    pairs, left = [], []
    for item in sorted(gold):
        other = by_key.pop(item.key, None)
        if other is None:
            left.append(item)
        else:
            pairs.append(Pair(item, other, True))
    return pairs, left, sorted(by_key.values())


def _edges(gold: list[Item], predicted: list[Item], relation: Relation) -> Iterator[Pair]:
    """Yield every pair that the relation allows; both lists are sorted, so a sweep finds what overlaps."""
    open_items: list[Item] = []
    position = 0
    for item in gold:
        while position < len(predicted) and predicted[position].start < item.end:
            open_items.append(predicted[position])
            position += 1
        # A later gold item starts no earlier, so what ends before this one is done with.
        open_items = [other for other in open_items if other.end > item.start]
        for other in open_items:
            credit = relation(item, other) if other.start < item.end else None
            if credit is not None:
                yield Pair(item, other, credit)


def _groups(edges: list[Pair]) -> Iterator[list[Pair]]:
    """Split edges into groups that share no item: connected components, by walking from item to item."""
    by_item: dict[tuple[bool, Item], list[int]] = defaultdict(list)
    for index, edge in enumerate(edges):
        by_item[True, edge.gold].append(index)
        by_item[False, edge.predicted].append(index)
    seen = [False] * len(edges)
    for first in range(len(edges)):
        if seen[first]:
            continue
        seen[first] = True
        pending, group = [first], []
        while pending:
            edge = edges[pending.pop()]
            group.append(edge)
            for index in by_item[True, edge.gold] + by_item[False, edge.predicted]:
                if not seen[index]:
                    seen[index] = True
                    pending.append(index)
        yield group


def _assign(group: list[Pair]) -> list[Pair]:
    """Return the pairs of an optimal assignment: most credit, then most equal types, then most overlap."""
    if len(group) == 1:
        return group
    import numpy as np
    from scipy.optimize import linear_sum_assignment  # 0.4 s to load, and most groups are single pairs

    rows = sorted({edge.gold for edge in group})
    columns = sorted({edge.predicted for edge in group})
    weights = np.zeros((len(rows), len(columns)))
    edges = {(edge.gold, edge.predicted): edge for edge in group}
    longest = 1 + max(item.end - item.start for item in rows)
    base = len(rows) * longest  # no sum of overlaps reaches it
    for (gold, predicted), edge in edges.items():
        rank = (1 + edge.exact) * base * (len(rows) + 1) + (gold.type == predicted.type) * base
        weights[rows.index(gold), columns.index(predicted)] = rank + _overlap(gold, predicted)
    chosen = zip(*linear_sum_assignment(weights, maximize=True), strict=True)
    found = (edges.get((rows[row], columns[column])) for row, column in chosen)
    return [edge for edge in found if edge is not None]


def _overlap(one: Item, other: Item) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))
