"""From predictions to rows: read, set aside what is not scored, count, divide, resample.

One direction: `systems` reads prediction files and says what is wrong with them, `tabulate` counts by sentence and
type, `_rows` computes every ratio and interval from sums of those counts.
The articles of the gold are what is enumerated, so that an article without prediction has its row of misses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypedDict

import msgspec
import numpy as np

from tripoli_loaders import Document, UsageError, gold_version, load_gold
from tripoli_loaders.gold import fingerprint

from . import __version__
from .defaults import RESAMPLES, SEED
from .matching import Item
from .metrics import TRACKS, ChainMeasure, Context, Counts, Metric, SpanMeasure, count_items, metrics_of, select
from .metrics.chains import CHAIN_METRICS, Sums, table
from .statistics import LEVEL, Array, bootstrap_sums, chain_ratios, interval, precision_recall_f1
from .systems import (
    Remark,
    System,
    corpus_of,
    find_systems,
    load_system,
    predicted_tracks,
    without_boilerplate,
    without_scope,
)
from .views import View, load_view

LEAST, MOST = 100, 100_000  # resamples: fewer give no percentiles, more give no digits


class Row(msgspec.Struct, frozen=True):
    """One score. `article` and `type` are `None` in totals; a ratio that is undefined is `None`.

    `low` and `high` bound the interval of F1. A macro average has no counts.
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


class SeqevalReport(TypedDict):
    """The report that seqeval prints, and how many spans of each side its tags cannot hold."""

    report: str
    not_in_tags: dict[str, int]


class Scores(msgspec.Struct, frozen=True):
    """The result of `score`.

    `set_aside` counts, by system, the predictions that lie wholly in boilerplate and were not scored.
    `seqeval` holds, by system, the report of seqeval where it was asked for.
    """

    signature: str
    rows: list[Row]
    problems: list[Remark]
    set_aside: dict[str, int]
    seqeval: dict[str, SeqevalReport] | None = None

    def row(self, system: str, metric: str, article: str | None = None, type: str | None = None) -> Row:
        """Return the one row with these keys; KeyError if there is none."""
        for row in self.rows:
            if (row.system, row.metric, row.article, row.type) == (system, metric, article, type):
                return row
        raise KeyError((system, metric, article, type))


def score(
    predictions: str | Path | Iterable[str | Path],
    gold: str | Path | None = None,
    tracks: Sequence[str] | None = None,
    view: str = "native",
    *,
    boilerplate: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    with_seqeval: bool = False,
) -> Scores:
    """Score prediction files against the gold.

    Args:
        predictions: files or folders of documents, or one; a folder that `run` wrote stands for all systems in it.
        gold: gold of one's own; by default the data set's.
        tracks: keys of `TRACKS`; by default those whose layers some system predicts.
        view: the label view.
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        resamples: of the bootstrap, at least 100; 0 leaves the intervals out.
        seed: of the bootstrap.
        with_seqeval: add the report of seqeval itself, on the frozen tokens.

    Raises:
        FormatError: gold or predictions break the document form.
        UsageError: no such track or view, no predictions, resamples or seed out of range.
    """
    check_numbers(resamples, seed)
    if isinstance(predictions, str | Path):
        predictions = [predictions]
    own, labels = gold is not None, load_view(view)
    documents = sorted(load_gold(gold), key=lambda document: document.id)
    against = corpus_of(documents, labels, own=own)
    found, problems = find_systems(predictions)
    systems = [load_system(name, path, documents, against, labels) for name, path in found]
    by_track = {track: metrics_of(track, view) for track in tracks or predicted_tracks(systems)}
    tracks = [track for track in TRACKS if track in by_track]
    metrics = [metric for track in tracks for metric in by_track[track]]
    signed = signature(documents, tracks, view, own=own, boilerplate=boilerplate, resamples=resamples, seed=seed)
    problems += [problem for system in systems for problem in system.problems]
    if any(isinstance(metric.means, ChainMeasure) and metric.means.across for metric in metrics):
        problems += without_scope(systems, documents)
    set_aside: dict[str, int] = {}
    if not boilerplate:
        documents, set_aside = without_boilerplate(systems, documents, tracks, labels)
    rows = [
        row
        for metric in metrics
        for system in systems
        for row in _rows(system, metric, documents, labels, resamples, seed)
    ]
    reports = None
    if with_seqeval:
        from .seqeval_report import seqeval_report  # loads scikit-learn

        reports = {system.name: seqeval_report(documents, system.documents, labels) for system in systems}
    return Scores(signed, rows, problems, set_aside, reports)


def check_numbers(resamples: int, seed: int) -> None:
    """Raise UsageError for resamples or a seed that no resampling takes."""
    if resamples and not LEAST <= resamples <= MOST:
        raise UsageError(f"found {resamples} resamples, expected 0 for no intervals, or {LEAST} to {MOST}")
    if seed < 0:
        raise UsageError(f"found seed {seed}, expected 0 or more")


def signature(
    gold: Sequence[Document],
    tracks: Sequence[str],
    view: str,
    *,
    own: bool = False,
    boilerplate: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> str:
    """Return what was computed, as one line; it is known before scoring."""
    status = sorted({document.status for document in gold if document.status is not None})
    version = "own" if own else "-".join([gold_version(), *status])
    unit = "sentence" if any(document.sentences for document in gold) else "article"
    parts = {
        "tracks": "+".join(tracks),
        "matching": "one-to-one",
        "view": view,
        "zones": "all" if boilerplate else "title+body",
        "gold": f"{version}#{fingerprint(list(gold))}",
        "interval": f"{LEVEL:.0%}-bootstrap-{unit}-{resamples}-seed{seed}" if resamples else "none",
        "tripoli-bench": __version__,
    }
    return "|".join(f"{name}:{value}" for name, value in parts.items())


def _rows(
    system: System, metric: Metric, gold: Sequence[Document], view: View, resamples: int, seed: int
) -> Iterator[Row]:
    """Yield a metric's rows: the total, one for each article, one for each type."""
    if isinstance(metric.means, ChainMeasure):
        yield from _chain_rows(system, metric, metric.means, gold, view)
    else:
        yield from _span_rows(system, metric, metric.means, gold, view, resamples, seed)


def _span_rows(
    system: System,
    metric: Metric,
    means: SpanMeasure,
    gold: Sequence[Document],
    view: View,
    resamples: int,
    seed: int,
) -> Iterator[Row]:
    types, sizes, counts = tabulate(system, means, gold, view)
    drawn = bootstrap_sums(counts.reshape(len(counts), -1), sizes, resamples, seed)
    drawn = [sums.reshape(resamples, len(types), 4) for sums in drawn]
    drawn_total = np.sum(drawn, axis=0) if drawn else np.zeros((resamples, len(types), 4))
    total = counts.sum(axis=0)
    row = _macro if means.macro else _micro

    yield row(system.name, metric, None, None, total, drawn_total)
    ends = np.cumsum(sizes)
    for document, size, end, sums in zip(gold, sizes, ends, drawn, strict=True):
        yield row(system.name, metric, document.id, None, counts[end - size : end].sum(axis=0), sums)
    if not means.macro:
        for index, label in enumerate(types):
            yield row(system.name, metric, None, label, total[[index]], drawn_total[:, [index]])


def tabulate(
    system: System, means: SpanMeasure, gold: Sequence[Document], view: View
) -> tuple[list[str], list[int], Array]:
    """Return the types, the number of units of each article, and counts of shape (units, types, 4)."""
    sizes: list[int] = []
    cells: list[tuple[int, str, Counts]] = []
    for document in gold:
        predicted = system.documents.get(document.id, Document(document.id))
        gold_items = select(document, Context(view, True, document), means.select)
        items = select(predicted, Context(view, False, document), means.select)
        unit_of = _unit_of(document)
        first = sum(sizes)
        for (unit, label), counts in count_items(gold_items, items, means.scheme, unit_of).items():
            cells.append((first + unit, label, counts))
        sizes.append(max(1, len(document.sentences or ())))
    types = sorted({label for _, label, _ in cells})
    counted = np.zeros((sum(sizes), len(types), 4))
    for unit, label, counts in cells:
        counted[unit, types.index(label)] += counts
    return types, sizes, counted


def align_types(tables: Sequence[tuple[list[str], list[int], Array]]) -> list[Array]:
    """Return the counts of several systems with the same columns of types."""
    types = sorted({label for names, _, _ in tables for label in names})
    aligned = []
    for names, _, counts in tables:
        wide = np.zeros((len(counts), len(types), 4))
        wide[:, [types.index(label) for label in names]] = counts
        aligned.append(wide)
    return aligned


def _chain_rows(
    system: System, metric: Metric, means: ChainMeasure, gold: Sequence[Document], view: View
) -> Iterator[Row]:
    """Yield the total and the articles of a chain metric; it has no interval, because chains cross sentences."""
    predicted = [system.documents.get(document.id, Document(document.id)) for document in gold]
    sides = [
        [_keyed(document, Context(view, is_gold, article), means) for document, article in zip(side, gold, strict=True)]
        for is_gold, side in ((True, gold), (False, predicted))
    ]
    if means.across:
        scoped = all(document.scope == "corpus" for document in [*gold, *system.documents.values()])
        whole = [{item: chain for part in side for item, chain in part.items()} for side in sides]
        parts = [[CHAIN_METRICS[part](table(whole[0], whole[1])) for part in means.parts]] if scoped else []
        yield _chain_row(system.name, metric, None, parts)
        return
    tables = [table(one, other) for one, other in zip(*sides, strict=True)]
    by_article = [[CHAIN_METRICS[part](chains) for part in means.parts] for chains in tables]
    yield _chain_row(system.name, metric, None, by_article)
    for document, sums in zip(gold, by_article, strict=True):
        yield _chain_row(system.name, metric, document.id, [sums])


def _keyed(document: Document, context: Context, means: ChainMeasure) -> dict[tuple[str, int, int], str]:
    """Return the chain of each item of a document that has one, under labels that the view knows."""
    return {
        (document.id, item.start, item.end): getattr(item, means.key)
        for item in getattr(document, means.layer) or ()
        if getattr(item, means.key) is not None and context.label(item) is not None
    }


def _chain_row(system: str, metric: Metric, article: str | None, parts: Sequence[Sequence[Sums]]) -> Row:
    """Return the row of chain metrics whose sums, by article and metric, are added up; several give their mean."""
    summed = [[sum(column) for column in zip(*sums, strict=True)] for sums in zip(*parts, strict=True)]
    ratios = [found for sums in summed if (found := chain_ratios(sums)) is not None]
    mean = [sum(column) / len(ratios) for column in zip(*ratios, strict=True)] if ratios else [None] * 3
    alone = len(metric.means.parts) == 1 if isinstance(metric.means, ChainMeasure) else True
    precision, recall = (mean[0], mean[1]) if alone else (None, None)  # a mean of F1 has no precision
    return Row(system, str(metric), article, None, precision, recall, mean[2], None, None, None, None, None)


def _unit_of(document: Document) -> Callable[[Item], int]:
    """Return the function that numbers the sentence an item starts in; what starts between two is the earlier's."""
    starts = [sentence.start for sentence in document.sentences or ()]
    return lambda item: max(0, bisect_right(starts, item.start) - 1)


def _micro(system: str, metric: Metric, article: str | None, label: str | None, counts: Array, drawn: Array) -> Row:
    """Return the row of counts (types, 4) summed over types; `drawn` is (resamples, types, 4)."""
    summed = counts.sum(axis=0)
    precision, recall, f1 = map(_defined, precision_recall_f1(summed))
    true = float(summed[0] + summed[1] / 2)
    low, high = interval(precision_recall_f1(drawn.sum(axis=1))[2])
    fp, fn = float(summed[3]) - true, float(summed[2]) - true
    return Row(system, str(metric), article, label, precision, recall, f1, true, fp, fn, low, high)


def _macro(system: str, metric: Metric, article: str | None, label: str | None, counts: Array, drawn: Array) -> Row:
    """Return the row of the mean over types; a type's undefined ratio has no part in the mean."""
    precision, recall, f1 = (_defined(_mean(values)) for values in precision_recall_f1(counts))
    low, high = interval(_mean(precision_recall_f1(drawn)[2]))
    return Row(system, str(metric), article, label, precision, recall, f1, None, None, None, low, high)


def _mean(values: Array) -> Array:
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        mean: Array = np.where(defined, values, 0).sum(axis=-1) / defined.sum(axis=-1)
    return mean


def _defined(value: Array | float) -> float | None:
    return None if np.isnan(value) else float(value)
