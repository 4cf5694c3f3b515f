"""From counts to rows: every ratio, mean and interval is computed from sums of a tally's counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from .metrics import ChainMeasure, Metric, SpanMeasure
from .metrics.chains import CHAIN_METRICS, Table
from .statistics import FEWEST, Array, chain_scores, intervals, precision_recall_f1, resampled
from .tally import Counted, Tally


class Row(msgspec.Struct, frozen=True):
    """One score. `article` and `type` are `None` in totals; a ratio that is undefined is `None`.

    `low` and `high` bound the interval of F1. A macro average has no counts. `ceiling` is the F1 of the two annotation
    passes against each other by the same metric, `None` where there are none. Rows of a zone alone name it,
    rows of another tool alone have its own counts.
    """

    system: str
    metric: str
    article: str | None
    type: str | None
    precision: float | None
    recall: float | None
    f1: float | None
    tp: float | None
    fp: float | None
    fn: float | None
    low: float | None
    high: float | None
    ceiling: float | None
    zone: str | msgspec.UnsetType = msgspec.UNSET
    counts: dict[str, float] | msgspec.UnsetType = msgspec.UNSET


class Bootstrap(NamedTuple):
    """Resamples and their seed; 0 resamples are none."""

    resamples: int
    seed: int


Key = tuple["str | None", "str | None", "str | None"]
"""What a row is of: article, type, zone."""

_TOTAL: Key = (None, None, None)


def rows_of(
    system: str,
    tally: Tally,
    metrics: Sequence[Metric],
    bootstrap: Bootstrap,
    ceiling: Tally | None,
    *,
    singletons: bool,
) -> Iterator[Row]:
    """Yield the rows of a system's metrics: the total, one for each article, type and zone.

    Args:
        system: its name.
        tally: its counts.
        metrics: those that rows are wanted of.
        bootstrap: of the intervals.
        ceiling: the counts of one annotation pass against the other.
        singletons: whether chains of one item count.
    """
    drawn = _draw(tally, metrics, bootstrap)
    for metric in metrics:
        means = metric.means
        if isinstance(means, ChainMeasure):
            found = dict(_chains(tally, metric, means, bootstrap, singletons=singletons))
            above = (
                {} if ceiling is None else dict(_chains(ceiling, metric, means, Bootstrap(0, 0), singletons=singletons))
            )
        else:
            found = _spans(tally, metric, means, drawn.get(_of(means), {}))
            above = {} if ceiling is None else _spans(ceiling, metric, means, {})
        for (article, label, zone), ratios in found.items():
            best = above.get((article, label, zone))
            row = Row(system, str(metric), article, label, *ratios, ceiling=None if best is None else best.f1)
            yield row if zone is None else msgspec.structs.replace(row, zone=zone)


class Ratios(NamedTuple):
    """What a row says of its key."""

    precision: float | None
    recall: float | None
    f1: float | None
    tp: float | None = None
    fp: float | None = None
    fn: float | None = None
    low: float | None = None
    high: float | None = None


Bounds = Mapping[tuple[Key, bool], tuple[float, float]]
"""The interval of a key's micro F1 (False) or macro F1 (True)."""


def _of(means: SpanMeasure) -> tuple[object, str]:
    return means.select, means.scheme


def _units(tally: Tally) -> list[tuple[str | None, slice]]:
    """Return the rows of each article's units."""
    ends = np.cumsum([len(article.zones) for article in tally.articles]).tolist()
    return [
        (article.id, slice(end - len(article.zones), end)) for article, end in zip(tally.articles, ends, strict=True)
    ]


_FEWEST_UNITS = 2  # of an article for an interval of its own
_MOST_ARTICLES = 200  # short ones that have intervals of their own


def _zones(tally: Tally) -> dict[str, Array]:
    """Return by zone which units are in it, where there are several."""
    of_units = np.array([zone or "" for article in tally.articles for zone in article.zones])
    names = sorted(set(of_units.tolist()) - {""})
    return {name: of_units == name for name in names} if len(names) > 1 else {}


def _spans(tally: Tally, metric: Metric, means: SpanMeasure, bounds: Bounds) -> dict[Key, Ratios]:
    counted = tally.spans[metric]
    keyed = {_TOTAL: counted.counts}
    keyed |= {(article, None, None): counted.counts[units] for article, units in _units(tally)}
    if not means.macro:
        keyed |= {(None, label, None): counted.counts[:, [i]] for i, label in enumerate(counted.labels)}
    zones = {zone: counted.counts[inside] for zone, inside in _zones(tally).items()}
    keyed |= {(None, None, zone): counts for zone, counts in zones.items() if counts.any()}
    sums = [counts.sum(axis=0) for counts in keyed.values()]
    if means.macro:
        ratios = [[mean(ratio) for ratio in precision_recall_f1(of_key)] for of_key in sums]
        rows = [(*map(_defined, three), None, None, None) for three in ratios]
    else:
        total = np.array([of_key.sum(axis=0) for of_key in sums]).reshape(-1, 4)
        true = total[:, 0] + total[:, 1] / 2
        columns = [*precision_recall_f1(total), true, total[:, 3] - true, total[:, 2] - true]
        rows = [tuple(map(_defined, row)) for row in np.stack(columns, axis=1).tolist()]
    return {
        key: Ratios(*row, *bounds.get((key, means.macro), (None, None))) for key, row in zip(keyed, rows, strict=True)
    }


def _draw(tally: Tally, metrics: Sequence[Metric], bootstrap: Bootstrap) -> dict[tuple[object, str], Bounds]:
    """Return the intervals of every span metric, by what it compares.

    All are resampled together, so that each has the same units drawn. Of counts two columns a label are needed:
    what is right, and how large both sides are.
    """
    tables, macro = _tables(tally, metrics)
    resamples = bootstrap.resamples
    if not tables or not resamples:
        return {}
    counts = np.concatenate([counted.counts for counted in tables.values()], axis=1)
    pairs = np.stack([counts[..., 0] + counts[..., 1] / 2, counts[..., 2] + counts[..., 3]], axis=1)
    ends = np.cumsum([len(counted.labels) for counted in tables.values()])
    columns = {name: slice(end - len(c.labels), end) for (name, c), end in zip(tables.items(), ends, strict=True)}
    filled = [number for number, counted in enumerate(tables.values()) if counted.labels]
    starts = [labels.start for number, labels in enumerate(columns.values()) if number in filled]
    zones = _zones(tally)
    found: dict[tuple[object, str], dict[tuple[Key, bool], tuple[float, float]]] = {name: {} for name in tables}

    def micro(sums: Array) -> Array:
        """Sum the columns of each measure's labels, (…, labels) to (…, measures)."""
        summed = np.zeros((*sums.shape[:-1], len(tables)))
        if starts:
            summed[..., filled] = np.add.reduceat(sums, starts, axis=-1)
        return summed

    def note(key: Key, drawn: Array) -> None:
        """Keep the intervals of the micro average of each measure, (resamples, 2, measures)."""
        for name, bounds in zip(tables, _bounds(_f1(drawn)), strict=True):
            if bounds is not None:
                found[name][key, False] = bounds

    def note_macro(key: Key, drawn: Array) -> None:
        """Keep the intervals of the macro averages of the labels' F1, (resamples, 2, labels)."""
        for name in macro:
            [bounds] = _bounds(mean(_f1(drawn[:, :, columns[name]]))[:, None])
            if bounds is not None:
                found[name][key, True] = bounds

    whole, inside = np.zeros((resamples, *pairs.shape[1:])), np.zeros((len(zones), resamples, 2, len(tables)))
    strata = tally.strata()
    alone = [(None, slice(None))] if len(strata) == 1 else []
    for stratum, (article, units) in enumerate([*_units(tally), *alone]):
        part = pairs[units]
        if article is not None and (len(part) < _FEWEST_UNITS or (alone and len(tally.articles) > _MOST_ARTICLES)):
            continue  # too little could vary, or there is too much to tell
        in_zones = [micro(part) * mask[units, None, None] for mask in zones.values()]
        flat = np.concatenate([side.reshape(len(part), -1) for side in (part, *in_zones)], axis=1)
        drawn = resampled(flat, *bootstrap, stratum)
        by_label = drawn[:, : part[0].size].reshape(whole.shape)
        if article is not None:
            note((article, None, None), micro(by_label))
            note_macro((article, None, None), by_label)
        if article is None or not alone:
            whole += by_label
            for number, sums in enumerate(np.split(drawn[:, part[0].size :], max(1, len(zones)), axis=1)[: len(zones)]):
                inside[number] += sums.reshape(inside.shape[1:])
    note(_TOTAL, micro(whole))
    note_macro(_TOTAL, whole)
    for zone, sums in zip(zones, inside, strict=True):
        note((None, None, zone), sums)
    for name, counted in tables.items():
        for label, bounds in zip(counted.labels, _bounds(_f1(whole[:, :, columns[name]])), strict=True):
            if bounds is not None:
                found[name][(None, label, None), False] = bounds
    return dict(found)


def _tables(
    tally: Tally, metrics: Sequence[Metric]
) -> tuple[dict[tuple[object, str], Counted], list[tuple[object, str]]]:
    """Return the counts of each span measure once, and which of them have a macro average."""
    tables, macro = {}, []
    for metric in metrics:
        means = metric.means
        if isinstance(means, SpanMeasure):
            tables[_of(means)] = tally.spans[metric]
            if means.macro:
                macro.append(_of(means))
    return tables, macro


def _f1(pairs: Array) -> Array:
    """Return F1 of what is right and the size of both sides, in the second axis."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = 2 * pairs[:, 0] / pairs[:, 1]
    return found


def _bounds(drawn: Array) -> list[tuple[float, float] | None]:
    """Return the interval of each column of resampled values, `None` where none is defined."""
    low, high = intervals(np.ascontiguousarray(drawn.T))
    return [None if np.isnan(one) else (float(one), float(other)) for one, other in zip(low, high, strict=True)]


def mean(values: Array) -> Array:
    """Return the mean over the last axis; what is undefined has no part in it."""
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        mean: Array = np.where(defined, values, 0).sum(axis=-1) / defined.sum(axis=-1)
    return mean


def _defined(value: Array | float) -> float | None:
    return None if np.isnan(value) else float(value)


def _chains(
    tally: Tally, metric: Metric, means: ChainMeasure, bootstrap: Bootstrap, *, singletons: bool
) -> dict[Key, Ratios]:
    """Return the ratios of a chain metric: of the sums over articles, and of each article.

    Its unit is the article, because chains cross sentences.
    """
    if means.across:
        if tally.local:
            return {_TOTAL: Ratios(None, None, None)}
        by_part = tally.across(means.layer, means.key, singletons=singletons)
        sums = [number for part in means.parts for number in by_part[part]]
        return {_TOTAL: _chain_ratios(np.array([sums]), means.parts)[0]}
    articles = tally.chains[metric]
    total = _chain_ratios(articles.sum(axis=0)[None], means.parts)[0]
    if bootstrap.resamples and (len(tally.articles) >= FEWEST or not tally.articles):
        [bounds] = _bounds(chain_f1(resampled(articles, *bootstrap), means.parts)[:, None])
        if bounds is not None:
            total = total._replace(low=bounds[0], high=bounds[1])
    of_articles = zip(tally.articles, _chain_ratios(articles, means.parts), strict=False)
    return {_TOTAL: total, **{(article.id, None, None): ratios for article, ratios in of_articles}}


def _by_part(sums: Array, parts: Sequence[str]) -> list[Array]:
    """Split the columns of several chain metrics' sums."""
    widths = [len(CHAIN_METRICS[part](Table([], [], {}))) for part in parts]
    return np.split(sums, np.cumsum(widths)[:-1], axis=-1)


def chain_f1(sums: Array, parts: Sequence[str]) -> Array:
    """Return F1 of the sums of chain metrics, in the last axis; of several metrics its mean."""
    return mean(np.stack([chain_scores(part)[2] for part in _by_part(sums, parts)], axis=-1))


def _chain_ratios(sums: Array, parts: Sequence[str]) -> list[Ratios]:
    """Return the ratios of rows of sums; several metrics give the mean of their F1, which has no precision."""
    scores = [chain_scores(part) for part in _by_part(sums, parts)]
    f1 = mean(np.stack([score[2] for score in scores], axis=-1))
    if len(parts) > 1:
        return [Ratios(None, None, _defined(value)) for value in f1]
    return [Ratios(*map(_defined, three)) for three in zip(*scores[0], strict=True)]
