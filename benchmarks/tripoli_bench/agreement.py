"""How far two annotations of the same articles agree, by the scorer that scores predictions.

Where both sides choose spans freely, agreement is F1: one side is scored against the other.
Where the units are given, it is Cohen's kappa too, which takes off what chance would give: for a type on each token,
a level, realis or polarity on each span that both sides have.
How much both sides missed is estimated by capture and recapture (Chapman 1951): as if the two had found each item
independently and every item were as easy to find as any other. Two passes of one model are not independent, so the
estimate is a lower bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from tripoli_loaders import Document, Event, Mention, Value
from tripoli_loaders.comparison import by_span

from .matching import Item, align
from .metrics.chains import b_cubed, table
from .statistics import chain_scores, precision_recall_f1


class Agreement(msgspec.Struct, frozen=True):
    """One line of agreement; `article` and `type` are `None` in totals.

    `a`, `b` and `both` count items (for kappa, `both` counts the units); `f1` and `kappa` are `None` where undefined or
    not meant. `missed` estimates how many items neither side has.
    """

    layer: str
    measure: str
    article: str | None
    type: str | None
    a: int
    b: int
    both: int
    f1: float | None = None
    kappa: float | None = None
    missed: float | None = None


Labels = Sequence[tuple[Hashable, Hashable]]
Select = Callable[[Document], list[Item]]


def agree(a: Sequence[Document], b: Sequence[Document]) -> list[Agreement]:
    """Return the agreement of two annotations, by layer, measure, type and article.

    Only articles that both sides have are compared.
    """
    ones, others = ({document.id: document for document in side} for side in (a, b))
    pairs = [(ones[name], others[name]) for name in sorted(ones.keys() & others.keys())]
    rows: list[Agreement] = []
    for layer, measure, select in _ITEMS:
        rows += _item_rows(layer, measure, select, pairs)
    for layer, measure, label in _LABELS:
        rows += _kappa_rows(layer, measure, label, pairs)
    for layer, field in (("mentions", "entity"), ("events", "event")):
        rows += _chain_rows(layer, field, pairs)
    return rows


def kappa(labels: Labels) -> float | None:
    """Return Cohen's kappa (1960) of pairs of labels; `None` without units or where chance alone gives agreement."""
    units = len(labels)
    if not units:
        return None
    observed = sum(one == other for one, other in labels) / units
    first, second = Counter(one for one, _ in labels), Counter(other for _, other in labels)
    expected = sum(first[label] * second[label] for label in first) / units**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def missed_by_both(a: int, b: int, both: int) -> float:
    """Return the estimated number of items that neither side has: Chapman's estimate of all, less those found."""
    return (a + 1) * (b + 1) / (both + 1) - 1 - (a + b - both)


def _item(item: Mention | Value | Event, label: str, detail: str = "") -> Item:
    return Item(item.start, item.end, label, (item.start, item.end), detail)


def _values(document: Document) -> list[Item]:
    """Return values with their kind and all that they are normalised to."""
    return [
        _item(v, v.kind, str((v.timex, v.value, v.mod, v.comparison, v.number, v.unit))) for v in document.values or ()
    ]


def _arguments(document: Document) -> list[Item]:
    """Return arguments with their role, attached to their trigger and its type."""
    return [
        Item(a.start, a.end, a.role, (a.start, a.end), f"{event.type} {event.start}-{event.end}")
        for event in document.events or ()
        for a in event.arguments
    ]


def _sources(document: Document) -> list[Item]:
    return [
        _item(event, "source", f"{event.source.start}-{event.source.end}")
        for event in document.events or ()
        if event.source is not None
    ]


_HOME = {"arguments": "events"}  # the layer of a document that one of agreement's is part of
_ITEMS: tuple[tuple[str, str, Select], ...] = (
    ("zones", "span and zone", lambda d: [Item(z.start, z.end, z.zone, (0, 0)) for z in d.zones or ()]),
    ("mentions", "span", lambda d: [_item(m, "span") for m in d.mentions or ()]),
    ("mentions", "span and type", lambda d: [_item(m, m.type) for m in d.mentions or ()]),
    ("mentions", "span, type and level", lambda d: [_item(m, m.level or "none", m.type) for m in d.mentions or ()]),
    ("values", "span and kind", lambda d: [_item(v, v.kind) for v in d.values or ()]),
    ("values", "span and value", _values),
    ("events", "trigger", lambda d: [_item(e, "trigger") for e in d.events or ()]),
    ("events", "trigger and type", lambda d: [_item(e, e.type) for e in d.events or ()]),
    ("events", "source", _sources),
    ("arguments", "trigger, role and filler", _arguments),
)


def _tokens(one: Document, other: Document) -> Labels:
    """Pair the type of the innermost mention on each token, by the tokens of whichever side has them."""
    tokens = one.tokens or other.tokens or ()

    def types(document: Document) -> dict[int, str]:
        covered = {}
        for mention in sorted(document.mentions or (), key=lambda m: m.start - m.end):
            for start, end in tokens:
                if mention.start <= start and end <= mention.end:
                    covered[start] = mention.type
        return covered

    if one.mentions is None or other.mentions is None:
        return []
    left, right = types(one), types(other)
    return [(left.get(start, "none"), right.get(start, "none")) for start, _ in tokens]


def _shared(layer: str, field: str) -> Callable[[Document, Document], Labels]:
    """Return a function that pairs a field's values on the spans of a layer that both sides have."""

    def pair(one: Document, other: Document) -> Labels:
        left, right = ({(i.start, i.end): i for i in getattr(d, layer) or ()} for d in (one, other))
        return [
            (getattr(left[span], field), getattr(right[span], field)) for span in sorted(left.keys() & right.keys())
        ]

    return pair


def _characters(one: Document, other: Document) -> Labels:
    left, right = ([z.zone for z in d.zones or () for _ in range(z.start, z.end)] for d in (one, other))
    return list(zip(left, right, strict=False))


_LABELS: tuple[tuple[str, str, Callable[[Document, Document], Labels]], ...] = (
    ("zones", "zone of each character", _characters),
    ("mentions", "type of each token", _tokens),
    ("mentions", "type of each shared span", _shared("mentions", "type")),
    ("mentions", "level of each shared span", _shared("mentions", "level")),
    ("events", "type of each shared trigger", _shared("events", "type")),
    ("events", "realis of each shared trigger", _shared("events", "realis")),
    ("events", "polarity of each shared trigger", _shared("events", "polarity")),
)


def _item_rows(
    layer: str, measure: str, select: Select, pairs: Sequence[tuple[Document, Document]]
) -> Iterator[Agreement]:
    by_article: dict[str, Counter[tuple[str, str]]] = {}
    for one, other in pairs:
        if any(getattr(side, _HOME.get(layer, layer)) is None for side in (one, other)):
            continue  # a layer that one side did not annotate is no disagreement
        counter = by_article.setdefault(one.id, Counter())
        left, right = select(one), select(other)
        alignment = align(sorted(set(left)), sorted(set(right)), "strict")
        for side, items in (("a", left), ("b", right), ("both", [pair.gold for pair in alignment.pairs])):
            for item in items:
                counter[item.type, side] += 1
    total = sum(by_article.values(), Counter[tuple[str, str]]())
    yield _item_row(layer, measure, None, None, total, estimate=True)
    for name, counter in by_article.items():
        yield _item_row(layer, measure, name, None, counter)
    labels = sorted({label for label, _ in total})
    if len(labels) > 1:
        for label in labels:
            of_label = Counter({key: number for key, number in total.items() if key[0] == label})
            yield _item_row(layer, measure, None, label, of_label)


def _item_row(
    layer: str, measure: str, article: str | None, label: str | None, counts: Counter[Any], *, estimate: bool = False
) -> Agreement:
    a, b, both = (sum(n for (_, side), n in counts.items() if side == name) for name in ("a", "b", "both"))
    f1 = float(precision_recall_f1(np.array([both, 0, a, b], dtype=float))[2])
    missed = missed_by_both(a, b, both) if estimate and layer != "zones" else None
    return Agreement(layer, measure, article, label, a, b, both, f1=None if np.isnan(f1) else f1, missed=missed)


def _kappa_rows(
    layer: str,
    measure: str,
    label: Callable[[Document, Document], Labels],
    pairs: Sequence[tuple[Document, Document]],
) -> Iterator[Agreement]:
    by_article = {one.id: label(one, other) for one, other in pairs}
    everything = [unit for units in by_article.values() for unit in units]
    for article, units in [(None, everything), *by_article.items()]:
        yield Agreement(layer, measure, article, None, len(units), len(units), len(units), kappa=kappa(units))


def _chain_rows(layer: str, field: str, pairs: Sequence[tuple[Document, Document]]) -> Iterator[Agreement]:
    """Yield B³ of the chains of each article, their sum, and of the chains across articles."""
    sums, shared = np.zeros(4), 0
    sides: tuple[dict[Hashable, Hashable], dict[Hashable, Hashable]] = ({}, {})
    rows = []
    for one, other in pairs:
        keyed: list[dict[Hashable, Hashable]] = []
        for document, side in zip((one, other), sides, strict=True):
            items: dict[Hashable, Hashable] = {
                (document.id, *span): getattr(item, field)
                for span, item in by_span(document, layer).items()
                if getattr(item, field) is not None
            }
            side.update(items)
            keyed.append(items)
        part, both = np.array(b_cubed(table(*keyed))), len(keyed[0].keys() & keyed[1].keys())
        sums, shared = sums + part, shared + both
        rows.append(_chain_row(layer, "chains in articles, B³", one.id, part, both))
    yield _chain_row(layer, "chains in articles, B³", None, sums, shared)
    yield from rows
    yield _chain_row(layer, "chains across articles, B³", None, np.array(b_cubed(table(*sides))), shared)


def _chain_row(layer: str, measure: str, article: str | None, sums: np.ndarray[Any, Any], both: int) -> Agreement:
    f1 = float(chain_scores(sums)[2]) if sums[1] and sums[3] else None  # undefined where one side has no chains
    return Agreement(layer, measure, article, None, int(sums[3]), int(sums[1]), both, f1=f1)


def agreement_table(rows: Sequence[Agreement]) -> str:
    """Return the totals as the Markdown table that stands in the data set card."""
    lines = ["| layer | measure | pass A | pass B | both | F1 | kappa | missed by both |", f"|---|---|{'--:|' * 6}"]
    for row in rows:
        if row.article is None and row.type is None:
            ratios = " | ".join("" if value is None else f"{value:.3f}" for value in (row.f1, row.kappa))
            missed = "" if row.missed is None else f"{row.missed:.1f}"
            lines.append(f"| {row.layer} | {row.measure} | {row.a} | {row.b} | {row.both} | {ratios} | {missed} |")
    return "\n".join(lines) + "\n"
