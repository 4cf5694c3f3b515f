"""Counting articles: each metric's counts of a batch of them, in columns of numbers where it can be."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from zlib import crc32

import numpy as np

from tripoli_loaders import Document, Mention, Value
from tripoli_loaders.knowledge import NIL, link

from .alternatives import credited
from .boilerplate import set_aside_boilerplate
from .columns import COUNTED, Columns, Place, count_columns
from .matching import Item
from .metrics import ChainMeasure, Context, Counts, Metric, SpanMeasure, count_items, items, select
from .metrics.chains import CHAIN_METRICS, Sums, table
from .metrics.items import Select
from .pairing import Pair
from .reading import Plain, Read, read, read_plain
from .tags import to_iob2
from .tally import MANY, Article, Counted, Keys, Tally, Task
from .views import load_view

Raw = tuple["str | None", ...]

_COLUMNS: dict[Select, Callable[[Raw], bool]] = {
    items.names_and_values: lambda raw: len(raw) > 2 or raw[1] in ("NAM", None),
    items.mentions: lambda raw: len(raw) == 2,
    items.value_spans: lambda raw: len(raw) > 2,
}
"""The selections that are counted in columns, with the raw labels they take: (type, level) or (kind, timex, unit)."""


def count_batch(pairs: Sequence[Pair], task: Task) -> Tally:
    """Return the counts of a batch of articles."""
    batch = _Batch(task)
    if batch.in_columns_alone:
        plain = list(map(_plain, pairs))
        if all(sides is not None for sides in plain):
            for pair, sides in zip(pairs, plain, strict=True):
                if sides is not None:
                    batch.add_plain(*sides, missing=pair.predicted is None)
            if not batch.looks_odd():
                return batch.tally()
            batch = _Batch(task)
    for pair in pairs:
        batch.add(read(pair, task.rules))
    return batch.tally()


def _plain(pair: Pair) -> tuple[Plain[str], Plain[str]] | None:
    """Return both sides of an article if both are nothing but spans with types."""
    if pair.gold is None or pair.repeated:
        return None
    gold = read_plain(pair.gold)
    if gold is None:
        return None
    predicted = Plain(gold.id, []) if pair.predicted is None else read_plain(pair.predicted)
    return None if predicted is None else (gold, predicted)


@cache
def _in_columns(metric: Metric) -> bool:
    means = metric.means
    return isinstance(means, SpanMeasure) and means.select in _COLUMNS and means.scheme in COUNTED


class _Batch:
    """The counts of the articles that were added."""

    def __init__(self, task: Task) -> None:
        self._task, self._view = task, load_view(task.view)
        self._tally = Tally()
        self._rows: list[int] = []  # of each article's first unit, or its group
        self._size = 0 if task.sentences else MANY
        self._starts: tuple[list[int], list[int]] = ([], [])
        self._columns = (Columns(), Columns())
        self._all_plain = False
        self._cells: dict[tuple[Select, str], dict[tuple[int, str], Counts]] = {}
        self._sums: dict[Metric, list[tuple[float, ...]]] = {}
        self._spans = [metric for metric in task.metrics if isinstance(metric.means, SpanMeasure)]
        self._chains = [metric for metric in task.metrics if isinstance(metric.means, ChainMeasure)]
        by_items = [metric.means for metric in self._spans if not _in_columns(metric)]
        self._by_items: dict[Select, list[str]] = {}
        for means in by_items:
            if isinstance(means, SpanMeasure) and means.scheme not in self._by_items.setdefault(means.select, []):
                self._by_items[means.select].append(means.scheme)
                self._cells[means.select, means.scheme] = {}

    @property
    def in_columns_alone(self) -> bool:
        """Whether nothing is counted that columns do not hold."""
        return not (self._by_items or self._chains or self._task.seqeval or self._task.keep)

    def add_plain(self, gold: Plain[str], predicted: Plain[str], *, missing: bool) -> None:
        """Add an article whose sides are nothing but spans; `missing` says that it has no prediction."""
        self._place(gold.id)
        self._columns[0].add_bare(gold.mentions)
        self._columns[1].add_bare(predicted.mentions)
        self._all_plain = True
        if missing:
            self._tally.missing.append(gold.id)

    def looks_odd(self) -> bool:
        """Tell whether a span of plain articles deserves a closer look: one that is reversed, or there twice."""
        for columns in self._columns:
            spans = columns.spans()
            if bool((spans.end <= spans.start).any()):
                return True
            # Mostly spans come sorted, and then none was there before.
            place = (spans.article << 31) | spans.start
            if not bool((place[1:] > place[:-1]).all()):
                order = np.lexsort((spans.end, place))
                place, end = place[order], spans.end[order]
                if bool(((place[1:] == place[:-1]) & (end[1:] == end[:-1])).any()):
                    return True
        return False

    def add(self, pair: Read) -> None:
        """Add an article that was read in full, or what there is to say of a record that is none."""
        tally = self._tally
        tally.fatal += pair.fatal
        tally.fatal_gold += pair.fatal_gold
        tally.left_out += bool(pair.fatal)
        gold, predicted = pair.gold, pair.predicted
        if predicted is not None:
            tally.found += [(predicted.id, problem) for problem in pair.problems]
            tally.labels.update(_labels(predicted))
        if gold is None:
            return
        tally.gold_labels.update(_labels(gold))
        if predicted is None:
            predicted = Document(gold.id)
            if not pair.fatal:
                tally.missing.append(gold.id)
        else:
            self._note(gold, predicted)
        if not self._task.boilerplate:
            gold, predicted = self._without_boilerplate(gold, predicted)
        if self._task.alternatives:
            gold = credited(gold, predicted)
        if self._task.keep:
            self._tally.documents.append((gold, predicted))
        first = self._place(gold.id, gold)
        self._columns[0].add(gold.mentions, gold.values)
        self._columns[1].add(predicted.mentions, predicted.values)
        self._count_items(gold, predicted, first)
        self._count_chains(gold, predicted)
        if self._task.seqeval:
            self._tag(gold, predicted)

    def tally(self) -> Tally:
        """Return the counts of all articles that were added."""
        tables = self._count_columns()
        for (selection, scheme), cells in self._cells.items():
            labels = sorted({label for _, label in cells})
            number = {label: index for index, label in enumerate(labels)}
            counts = np.zeros((self._size, len(labels), 4))
            for (row, label), found in cells.items():
                counts[row, number[label]] = found
            tables[selection, scheme] = Counted(labels, counts)
        tally = self._tally
        for metric in self._spans:
            means = metric.means
            if isinstance(means, SpanMeasure):
                tally.spans[metric] = tables[means.select, means.scheme]
        for metric, sums in self._sums.items():
            rows = np.array(sums)
            if not self._task.sentences:
                pooled = np.zeros((MANY, rows.shape[1]))
                np.add.at(pooled, self._rows, rows)
                rows = pooled
            tally.chains[metric] = rows
        return tally

    def _place(self, name: str, gold: Document | None = None) -> int:
        """Give the next article its rows and return the first; a plain one has no units."""
        tally = self._tally
        if not self._task.sentences:
            row = crc32(name.encode("utf-8", "surrogatepass")) % MANY
        else:
            row = self._size
            starts = [sentence.start for sentence in (gold.sentences if gold is not None else None) or ()] or [0]
            self._starts[0].extend([len(self._rows)] * len(starts))
            self._starts[1].extend(starts)
            self._size += len(starts)
            tally.articles.append(Article(name, tuple(_zone(gold, start) for start in starts)))
        self._rows.append(row)
        tally.number += 1
        return row

    def _note(self, gold: Document, predicted: Document) -> None:
        """Note what a prediction holds."""
        given = self._tally.given
        given.update(layer for layer in ("mentions", "values", "events") if getattr(predicted, layer))
        keys = {mention.entity for mention in predicted.mentions or () if mention.entity is not None}
        if keys:
            given.add("mentions.entity")
        if "link" not in given and any(link(key) != NIL for key in keys):
            given.add("link")
        if any(event.event is not None for event in predicted.events or ()):
            given.add("events.event")
        if predicted.scope == "corpus":
            given.add("scope")
        self._tally.local |= "corpus" not in (gold.scope, predicted.scope) or gold.scope != predicted.scope

    def _without_boilerplate(self, gold: Document, predicted: Document) -> tuple[Document, Document]:
        tracks = tuple(dict.fromkeys(metric.track for metric in self._task.metrics))
        kept, aside = set_aside_boilerplate(predicted, gold, tracks, self._view)
        if aside:
            self._tally.aside.append(aside)
        return set_aside_boilerplate(gold, gold, (), self._view)[0], kept

    def _count_items(self, gold: Document, predicted: Document, first: int) -> None:
        unit_of = _unit_of(gold, first) if self._task.sentences else lambda _item: first
        contexts = (Context(self._view, True, gold), Context(self._view, False, gold))
        for selection, schemes in self._by_items.items():
            in_gold, found = select(gold, contexts[0], selection), select(predicted, contexts[1], selection)
            if not in_gold and not found:
                continue
            for scheme in schemes:
                cells = self._cells[selection, scheme]
                for key, counts in count_items(in_gold, found, scheme, unit_of).items():
                    cells[key] = cells[key] + counts if key in cells else counts

    def _count_chains(self, gold: Document, predicted: Document) -> None:
        sides: dict[tuple[str, str], Keys] = {}
        parts: dict[tuple[str, str], dict[str, Sums]] = {}
        for metric in self._chains:
            means = metric.means
            if not isinstance(means, ChainMeasure):
                continue
            name = (means.layer, means.key)
            if name not in sides:
                context = (Context(self._view, True, gold), Context(self._view, False, gold))
                sides[name] = Keys(_keyed(gold, context[0], means), _keyed(predicted, context[1], means))
            if means.across:
                keys = self._tally.keys.setdefault(name, Keys({}, {}))
                keys.gold.update(sides[name].gold)
                keys.predicted.update(sides[name].predicted)
            else:
                if name not in parts:
                    chains = table(*sides[name], singletons=self._task.singletons)
                    parts[name] = {part: compute(chains) for part, compute in CHAIN_METRICS.items()}
                sums = tuple(number for part in means.parts for number in parts[name][part])
                self._sums.setdefault(metric, []).append(sums)

    def _tag(self, gold: Document, predicted: Document) -> None:
        for number, (side, document) in enumerate((("gold", gold), ("predicted", predicted))):
            found = select(document, Context(self._view, side == "gold", gold), items.names_and_values)
            rows, left_out = to_iob2(found, gold)
            self._tally.tags[number].extend(rows)
            self._tally.lost[side] += left_out

    def _count_columns(self) -> dict[tuple[Select, str], Counted]:
        schemes: dict[Select, list[str]] = {}
        for metric in self._spans:
            means = metric.means
            if isinstance(means, SpanMeasure) and _in_columns(metric):
                schemes.setdefault(means.select, []).append(means.scheme)
        gold, predicted = (columns.spans() for columns in self._columns)
        if self._all_plain:
            self._tally.gold_labels.update(str(raw[0]) for raw in gold.raw)
            numbers = np.bincount(predicted.label, minlength=len(predicted.raw)).tolist()
            self._tally.labels.update({str(raw[0]): n for raw, n in zip(predicted.raw, numbers, strict=True)})
            self._tally.given.update(["mentions"] if predicted.raw else [])
        starts = np.array(self._starts, np.int64)
        place = Place(
            np.array(self._rows, np.int64), (starts[0], starts[1]) if self._task.sentences else None, self._size
        )
        tables = {}
        for selection, wanted in schemes.items():
            labels = (_label_of(self._task.view, selection, True), _label_of(self._task.view, selection, False))
            names, counts = count_columns(gold, predicted, labels, place, dict.fromkeys(wanted))
            for scheme, found in counts.items():
                tables[selection, scheme] = Counted(names, found)
        return tables


@cache
def _label_of(view: str, selection: Select, gold: bool) -> Callable[[Raw], str | None]:
    """Return the function that gives a view's label of a raw one that a selection takes, on either side."""
    side = load_view(view)
    takes, of = _COLUMNS[selection], side.of_gold if gold else side.of_predicted

    @lru_cache(maxsize=1000)
    def label(raw: Raw) -> str | None:
        if not takes(raw):
            return None
        name = raw[0] or ""
        return of(Mention(0, 1, name) if len(raw) == 2 else Value(0, 1, name, timex=raw[1], unit=raw[2]))

    return label


def _zone(document: Document | None, start: int) -> str | None:
    zones = () if document is None else document.zones or ()
    return next((zone.zone for zone in zones if zone.start <= start < zone.end), None)


def _labels(document: Document) -> Counter[str]:
    return Counter([m.type for m in document.mentions or ()] + [v.kind for v in document.values or ()])


def _unit_of(document: Document, first: int) -> Callable[[Item], int]:
    """Return the function that gives the row of the sentence an item starts in.

    The sentences of the document have the rows from `first` on; what starts between two is the earlier's.
    """
    starts = [sentence.start for sentence in document.sentences or ()]
    return lambda item: first + max(0, bisect_right(starts, item.start) - 1)


def _keyed(document: Document, context: Context, means: ChainMeasure) -> dict[tuple[str, int, int], str]:
    """Return the chain of each item of a document that has one, under labels that the view knows.

    An item that is in two chains is in the first; where that is not asked for, it was refused before.
    """
    found: dict[tuple[str, int, int], str] = {}
    for item in getattr(document, means.layer) or ():
        chain = getattr(item, means.key)
        if chain is not None and context.label(item) is not None:
            found.setdefault((document.id, item.start, item.end), chain)
    return dict(sorted(found.items()))  # so that no digit depends on the order of the file
