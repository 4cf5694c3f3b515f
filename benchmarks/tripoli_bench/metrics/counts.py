"""How many items agree: whole numbers by sentence and label, which add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..matching import Item, align


class Counts(NamedTuple):
    """Items that agree fully and by half, items of the gold, items predicted."""

    correct: int = 0
    partial: int = 0
    gold: int = 0
    predicted: int = 0

    def __add__(self, other: Counts) -> Counts:  # type: ignore[override]
        return Counts(*map(sum, zip(self, other, strict=True)))


def count_items(
    gold: Iterable[Item], predicted: Iterable[Item], scheme: str, unit_of: Callable[[Item], int]
) -> dict[tuple[int, str], Counts]:
    """Count what agrees under a matching scheme, by unit and label.

    A matched pair counts in the unit and under the label of its gold item, so that the counts of the labels and of the
    units sum to those of the whole.

    Args:
        gold: the gold items.
        predicted: the predicted items.
        scheme: a key of `matching.SCHEMES`.
        unit_of: gives the number of the unit (sentence) that an item belongs to.
    """
    cells: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    alignment = align(list(gold), list(predicted), scheme)
    for one, _, exact in alignment.pairs:
        cell = cells[unit_of(one), one.type]
        cell[0 if exact else 1] += 1
        cell[2] += 1
        cell[3] += 1
    for item in alignment.missed:
        cells[unit_of(item), item.type][2] += 1
    for item in alignment.spurious:
        cells[unit_of(item), item.type][3] += 1
    return {key: Counts(*cell) for key, cell in cells.items()}
