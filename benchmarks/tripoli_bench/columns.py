"""Spans as columns of numbers: the counts of `metrics.count_items`, many articles at a time.

What is identical is found by sorting packed keys. What is left falls into groups of spans that touch one another; one
of each side is a pair or is not, and only larger groups go through the assignment of `matching`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .matching import Item, align
from .statistics import Array

Ints = NDArray[np.int64]
Labels = Callable[[tuple[str | None, ...]], "str | None"]

COUNTED = ("strict", "span", "type", "partial")
"""The matching schemes that are counted in columns."""

_BITS = 62  # of a packed key


class _Bare(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def type(self) -> str: ...


class _Mention(_Bare, Protocol):
    @property
    def level(self) -> str | None: ...


class _Value(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def timex(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...


class _Numbers(dict[tuple["str | None", ...], int]):
    """Numbers what it is asked for, from 0."""

    def __missing__(self, name: tuple[str | None, ...]) -> int:
        self[name] = number = len(self)
        return number


class Spans(NamedTuple):
    """One side of many articles, an entry a span: its article's number, offsets, and the number of its raw label.

    `raw` holds the raw labels: (type, level) of mentions, (kind, timex, unit) of values.
    """

    article: Ints
    start: Ints
    end: Ints
    label: Ints
    raw: list[tuple[str | None, ...]]


class Columns:
    """Gathers one side of a batch of articles, in their order; offsets have at most 31 bits."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._labels: list[int] = []
        self._numbers = _Numbers()
        self._spans: Spans | None = None
        self._bare: dict[str, int] = {}  # the numbers of labels without a level

    def add(self, mentions: Sequence[_Mention] | None, values: Sequence[_Value] | None = None) -> None:
        """Add the next article."""
        number, before = self._numbers, len(self._labels)
        if mentions:
            self._starts += [item.start for item in mentions]
            self._ends += [item.end for item in mentions]
            self._labels += [number[item.type, item.level] for item in mentions]
        if values:
            self._starts += [item.start for item in values]
            self._ends += [item.end for item in values]
            self._labels += [number[item.kind, item.timex, item.unit] for item in values]
        self._sizes.append(len(self._labels) - before)

    def add_bare(self, spans: Sequence[_Bare]) -> None:
        """Add the next article, of spans that have no level."""
        self._starts += [item.start for item in spans]
        self._ends += [item.end for item in spans]
        number = self._bare
        try:
            self._labels += [number[item.type] for item in spans]
        except KeyError:
            number.update({name: self._numbers[name, None] for name in dict.fromkeys([item.type for item in spans])})
            self._labels += [number[item.type] for item in spans]
        self._sizes.append(len(spans))

    def spans(self) -> Spans:
        """Return what was gathered; nothing can be added afterwards."""
        if self._spans is None:
            sizes, start, end, label = (
                np.frombuffer(array("q", column), np.int64)
                for column in (self._sizes, self._starts, self._ends, self._labels)
            )
            self._spans = Spans(np.repeat(np.arange(len(sizes)), sizes), start, end, label, list(self._numbers))
        return self._spans


class Place(NamedTuple):
    """Where spans count: the row of an article, or of the unit of an article that a span starts in.

    `row` gives the row of each article's first unit; `starts`, where there are units, their offsets, as
    (article, start of a unit) in order.
    """

    row: Ints
    starts: tuple[Ints, Ints] | None
    rows: int

    def of(self, article: Ints, start: Ints, width: int) -> Ints:
        """Return the row of spans that start at these offsets of these articles, all of them below `width`."""
        if self.starts is None:
            return self.row[article]
        units = self.starts[0] * width + self.starts[1]
        found = np.searchsorted(units, article * width + start, side="right") - 1
        first = np.searchsorted(units, np.arange(len(self.row)) * width)  # before an article's first unit is in it
        rows: Ints = self.row[article] + np.maximum(found - first[article], 0)
        return rows


class _Side(NamedTuple):
    """Spans of one side with the labels that are compared, sorted, none twice."""

    key: Ints
    start: Ints  # counted on from article to article
    end: Ints
    label: Ints
    cell: Ints


def count_columns(
    gold: Spans, predicted: Spans, labels: tuple[Labels, Labels], place: Place, schemes: Iterable[str]
) -> tuple[list[str], dict[str, Array]]:
    """Count what agrees, by row and label.

    Args:
        gold: the gold's spans.
        predicted: the spans predicted for the same articles.
        labels: for either side, the label of a raw one, `None` for what is not compared.
        place: the row that a span counts in.
        schemes: some of `COUNTED`.

    Returns:
        The labels, and by scheme the counts (rows, labels, 4) of `metrics.Counts`.
    """
    sides = (gold, predicted)
    mapped = [[of(raw) for raw in side.raw] for side, of in zip(sides, labels, strict=True)]
    names = sorted({name for side in mapped for name in side if name is not None})
    number: dict[str | None, int] = {name: index for index, name in enumerate(names)}
    codes = [np.array([number.get(name, -1) for name in side] or [-1]) for side in mapped]
    width = 1 + max((int(max(side.end.max(), side.start.max())) for side in sides if len(side.end)), default=0)
    if place.starts is not None and len(place.starts[1]):
        width = max(width, 1 + int(place.starts[1].max()))
    firsts = [side.article * width + side.start for side in sides]
    packed = _packed(firsts, [side.end - side.start for side in sides], len(names))
    one, other = (
        _side(side, code[side.label], key, place, width, len(names))
        for side, code, key in zip(sides, codes, packed, strict=True)
    )
    at = np.searchsorted(one.key, other.key)
    found = np.zeros(len(other.key), bool)
    if len(one.key):
        at[at == len(one.key)] = 0
        found = one.key[at] == other.key
    matched = np.zeros(len(one.key), bool)
    matched[at[found]] = True
    cells = place.rows * len(names)
    in_gold, correct = _sum(one.cell, cells), _sum(one.cell[matched], cells)
    result = {}
    left, over = np.flatnonzero(~matched), np.flatnonzero(~found)
    groups = _Groups(one, other, left, over) if set(schemes) - {"strict"} else None
    for scheme in schemes:
        full, half = correct, np.zeros(cells, np.int64)
        spurious = over
        if groups is not None and scheme != "strict":
            pairs, exact = groups.pair(scheme, names)
            full = correct + _sum(one.cell[pairs[exact, 0]], cells)
            half = _sum(one.cell[pairs[~exact, 0]], cells)
            spurious = np.setdiff1d(over, pairs[:, 1], assume_unique=True)
        # A matched pair counts in the gold item's cell.
        in_predicted = full + half + _sum(other.cell[spurious], cells)
        counts = np.array([full, half, in_gold, in_predicted], float).reshape(4, place.rows, len(names))
        result[scheme] = np.moveaxis(counts, 0, -1)
    return names, result


def _packed(firsts: list[Ints], lengths: list[Ints], labels: int) -> list[Ints]:
    """Return first offset and length of both sides' spans as one number, with room for a label below it."""
    room = labels.bit_length()
    most = [max((int(column.max()) for column in columns if len(column)), default=0) for columns in (firsts, lengths)]
    if sum(number.bit_length() for number in most) + room > _BITS:  # few numbers are this large: their ranks do
        firsts, lengths = _ranks(firsts), _ranks(lengths)
        most[1] = max(int(column.max(initial=0)) for column in lengths)
    bits = most[1].bit_length()
    return [((first << bits) | length) << room for first, length in zip(firsts, lengths, strict=True)]


def _ranks(columns: list[Ints]) -> list[Ints]:
    ranks = np.unique(np.concatenate(columns), return_inverse=True)[1]
    return np.split(ranks.reshape(-1), [len(columns[0])])


def _side(spans: Spans, label: Ints, key: Ints, place: Place, width: int, labels: int) -> _Side:
    article, start, end = spans.article, spans.start, spans.end
    kept = label >= 0
    if not bool(kept.all()):
        article, start, end, label, key = (column[kept] for column in (article, start, end, label, key))
    key = key | label
    if not bool((key[1:] > key[:-1]).all()):
        key, first_of = np.unique(key, return_index=True)
        article, start, end, label = (column[first_of] for column in (article, start, end, label))
    first = article * width + start
    return _Side(key, first, first + (end - start), label, place.of(article, start, width) * labels + label)


def _sum(cells: Ints, size: int) -> Ints:
    return np.bincount(cells, minlength=size)


class _Groups:
    """What identity leaves over, in groups of spans that touch one another."""

    def __init__(self, gold: _Side, predicted: _Side, left: Ints, over: Ints) -> None:
        self._gold, self._predicted = gold, predicted
        index = np.concatenate([left, over])
        is_gold = np.arange(len(index)) < len(left)
        start = np.concatenate([gold.start[left], predicted.start[over]])
        end = np.concatenate([gold.end[left], predicted.end[over]])
        order = np.argsort(start, kind="stable")
        start, end, index, is_gold = start[order], end[order], index[order], is_gold[order]
        opens = np.ones(len(start), bool)
        opens[1:] = start[1:] >= np.maximum.accumulate(end)[:-1]
        group = np.cumsum(opens) - 1
        groups = int(group[-1]) + 1 if len(group) else 0
        golds, others = _sum(group[is_gold], groups), _sum(group[~is_gold], groups)
        single = ((golds == 1) & (others == 1))[group]
        self._singles = np.stack([index[single & is_gold], index[single & ~is_gold]], axis=1)
        mixed = np.flatnonzero(((golds > 0) & (others > 0))[group] & ~single)
        self._larger = [
            (index[part[is_gold[part]]], index[part[~is_gold[part]]])
            for part in np.split(mixed, np.flatnonzero(np.diff(group[mixed])) + 1)
            if len(part)
        ]

    def pair(self, scheme: str, names: Sequence[str]) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the pairs that a scheme makes, as rows of indices, and which of them have full credit."""
        one, other = self._singles.T
        same = (self._gold.start[one] == self._predicted.start[other]) & (
            self._gold.end[one] == self._predicted.end[other]
        )
        if scheme == "type":
            alike = self._gold.label[one] == self._predicted.label[other]
            pairs, exact = self._singles[alike], np.ones(int(alike.sum()), bool)
        elif scheme == "span":
            pairs, exact = self._singles[same], np.ones(int(same.sum()), bool)
        else:
            pairs, exact = self._singles, same
        found = [pair for group in self._larger for pair in self._aligned(*group, scheme, names)]
        if found:
            more = np.array(found, np.int64)
            pairs, exact = np.concatenate([pairs, more[:, :2]]), np.concatenate([exact, more[:, 2] == 1])
        return pairs, exact

    def _aligned(self, gold: Ints, predicted: Ints, scheme: str, names: Sequence[str]) -> list[tuple[int, int, bool]]:
        one, other = _items(self._gold, gold, names), _items(self._predicted, predicted, names)
        return [(one[p.gold], other[p.predicted], p.exact) for p in align(list(one), list(other), scheme).pairs]


def _items(side: _Side, index: Ints, names: Sequence[str]) -> dict[Item, int]:
    return {
        Item(start, end, names[label], (start, end)): at
        for at, start, end, label in zip(
            index.tolist(),
            side.start[index].tolist(),
            side.end[index].tolist(),
            side.label[index].tolist(),
            strict=True,
        )
    }
