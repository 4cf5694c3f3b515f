"""What is counted of a system: additive counts of every metric, by unit.

Counts of batches of articles are put together in the order of the articles, so that the result does not depend on how
many processes counted them.
Up to `MANY` articles each keeps its sentences as units. Beyond that the article is the unit, and units are pooled in
`MANY` groups by a hash of their id, so that counts take the same memory however many articles there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tripoli_loaders import Document, Problem, ontology

from .metrics import ChainMeasure, Metric
from .metrics.chains import CHAIN_METRICS, Sums, table
from .reading import Rules
from .statistics import Array

MANY = 1000
"""Articles up to which sentences are the units; and the groups that the units of more are pooled in."""


LONG = 10
"""Units that an article needs for them to be drawn within it."""


class Task(NamedTuple):
    """What is to be counted, and how.

    `singletons` tells whether chains of one item count; `keep_first` takes an item that is in two chains for one of
    the first. `sentences` tells whether sentences are the units, or articles in groups. `seqeval` asks for tags, `keep`
    for the documents.
    """

    metrics: tuple[Metric, ...]
    view: str
    own: bool
    sentences: bool
    boilerplate: bool = False
    alternatives: bool = False
    singletons: bool = True
    keep_first: bool = False
    seqeval: bool = False
    keep: bool = False

    @property
    def rules(self) -> Rules:
        """What documents are held against."""
        chains = {metric.means.layer for metric in self.metrics if isinstance(metric.means, ChainMeasure)}
        return Rules(None if self.own else ontology(), frozenset() if self.keep_first else frozenset(chains))


class Counted(NamedTuple):
    """Counts of one metric: its labels, and (rows, labels, columns) by unit."""

    labels: list[str]
    counts: Array


class Article(NamedTuple):
    """An article that was counted: its id, and the zone of each of its units, `None` where it has no zones."""

    id: str
    zones: tuple[str | None, ...]


class Keys(NamedTuple):
    """The chain of each item of both sides, by (article, start, end)."""

    gold: dict[tuple[str, int, int], str]
    predicted: dict[tuple[str, int, int], str]


class Tally:
    """The counts of a system, or of a batch of its articles.

    Attributes:
        articles: those counted, in the order of the rows; empty beyond `MANY`.
        spans: counts of each span metric, a row a unit (see `Article.zones`), or a group.
        chains: sums of each chain metric within articles, a row an article or group.
        keys: the chains of metrics across articles, by layer and key.
        missing: gold articles without prediction.
        found: tolerated problems of predictions; `fatal` and `fatal_gold` are those that forbid a score.
        refused: problems that forbid a score even where what is invalid may be left out.
        left_out: records, or sentences of tags, with fatal problems.
        predicted: sentences of tags on the predicted side.
        labels: how often a mention or value was predicted with each label; `gold_labels` are the gold's.
        given: which layers and keys were predicted.
        aside: the spans of each track that lie wholly in boilerplate, a dictionary an article.
        local: whether some document's keys hold within its article only.
        tags: rows of tags for seqeval, gold and predicted.
        lost: how many spans of either side tags could not hold.
        orphans: how many tags of either side continue nothing.
        documents: gold and prediction of each article, as they were counted, where they are to be kept.
    """

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.number = 0
        self.spans: dict[Metric, Counted] = {}
        self.chains: dict[Metric, Array] = {}
        self.keys: dict[tuple[str, str], Keys] = {}
        self._across: dict[tuple[str, str, bool], dict[str, Sums]] = {}
        self.missing: list[str] = []
        self.found: list[tuple[str, Problem]] = []
        self.fatal: list[Problem] = []
        self.fatal_gold: list[Problem] = []
        self.refused: list[Problem] = []
        self.left_out = 0
        self.predicted = 0
        self.labels: Counter[str] = Counter()
        self.gold_labels: set[str] = set()
        self.given: set[str] = set()
        self.aside: list[dict[str, set[tuple[int, int]]]] = []
        self.local = False
        self.tags: tuple[list[list[str]], list[list[str]]] = ([], [])
        self.lost: Counter[str] = Counter()
        self.orphans: Counter[str] = Counter()
        self.documents: list[tuple[Document, Document]] = []

    def add(self, other: Tally, *, pooled: bool) -> None:
        """Add the counts of the next batch; pooled rows are summed, others follow."""
        self.articles += other.articles
        self.number += other.number
        for metric, counted in other.spans.items():
            before = self.spans.get(metric)
            self.spans[metric] = counted if before is None else _joined(before, counted, pooled=pooled)
        for metric, sums in other.chains.items():
            known = self.chains.get(metric)
            if known is not None:
                sums = known + sums if pooled else np.concatenate([known, sums])
            self.chains[metric] = sums
        for name, keys in other.keys.items():
            mine = self.keys.setdefault(name, Keys({}, {}))
            mine.gold.update(keys.gold)
            mine.predicted.update(keys.predicted)
        self.missing += other.missing
        self.found += other.found
        self.fatal += other.fatal
        self.fatal_gold += other.fatal_gold
        self.refused += other.refused
        self.left_out += other.left_out
        self.predicted += other.predicted
        self.labels += other.labels
        self.gold_labels |= other.gold_labels
        self.given |= other.given
        self.aside += other.aside
        self.local |= other.local
        for rows, more in zip(self.tags, other.tags, strict=True):
            rows += more
        self.lost += other.lost
        self.orphans += other.orphans
        self.documents += other.documents

    def across(self, layer: str, key: str, *, singletons: bool) -> dict[str, Sums]:
        """Return the sums of every metric of chains across articles."""
        name = (layer, key, singletons)
        if name not in self._across:
            sides = (dict(sorted(side.items())) for side in self.keys[layer, key])
            chains = table(*sides, singletons=singletons)
            self._across[name] = {part: compute(chains) for part, compute in CHAIN_METRICS.items()}
        return self._across[name]

    def strata(self) -> list[int]:
        """Return how many units are drawn together: those of each article, where every article has some.

        In short articles too little could vary; then, and where groups are the units, all are drawn together.
        """
        sizes = [len(article.zones) for article in self.articles]
        if sizes and min(sizes) >= LONG:
            return sizes
        counted = next(iter(self.spans.values()), None)
        return [0 if counted is None else len(counted.counts)]

    def sort(self) -> None:
        """Bring the articles into the order of their ids."""
        order = sorted(range(len(self.articles)), key=lambda index: self.articles[index].id)
        if order == list(range(len(order))):
            return
        ends = np.cumsum([len(article.zones) for article in self.articles])
        rows = np.concatenate([np.arange(ends[i] - len(self.articles[i].zones), ends[i]) for i in order])
        self.spans = {metric: Counted(c.labels, c.counts[rows]) for metric, c in self.spans.items()}
        self.chains = {metric: sums[order] for metric, sums in self.chains.items()}
        self.articles = [self.articles[index] for index in order]


def align_labels(tables: Sequence[Counted]) -> tuple[list[str], list[Array]]:
    """Return the labels of several tables, and their counts with the same columns of labels."""
    labels = sorted({label for counted in tables for label in counted.labels})
    return labels, [_widened(counted, labels) for counted in tables]


def _widened(counted: Counted, labels: list[str]) -> Array:
    if counted.labels == labels:
        return counted.counts
    wide = np.zeros((len(counted.counts), len(labels), counted.counts.shape[2]))
    number = {label: index for index, label in enumerate(labels)}
    wide[:, [number[label] for label in counted.labels]] = counted.counts
    return wide


def _joined(one: Counted, other: Counted, *, pooled: bool) -> Counted:
    labels, (first, second) = align_labels([one, other])
    return Counted(labels, first + second if pooled else np.concatenate([first, second]))
