"""From predictions to rows: read, set aside what is not scored, count, divide, resample.

One direction: `systems` reads prediction files and says what is wrong with them, `_tabulate` counts by sentence and
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
from .matching import Item
from .metrics import TRACKS, Counts, Metric, count_spans, metrics_of, select_items
from .statistics import LEVEL, Array, bootstrap_sums, interval, precision_recall_f1
from .systems import Remark, System, corpus_of, find_systems, load_system, set_aside_boilerplate
from .views import View, load_view

RESAMPLES = 2000
SEED = 20190404
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
    tracks: Sequence[str] = tuple(TRACKS),
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
        tracks: keys of `TRACKS`.
        view: the label view.
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        resamples: of the bootstrap, at least 100; 0 leaves the intervals out.
        seed: of the bootstrap.
        with_seqeval: add the report of seqeval itself, on the frozen tokens.

    Raises:
        FormatError: gold or predictions break the document form.
        UsageError: no such track or view, no predictions, resamples or seed out of range.
    """
    if resamples and not LEAST <= resamples <= MOST:
        raise UsageError(f"found {resamples} resamples, expected 0 for no intervals, or {LEAST} to {MOST}")
    if seed < 0:
        raise UsageError(f"found seed {seed}, expected 0 or more")
    if isinstance(predictions, str | Path):
        predictions = [predictions]
    tracks = sorted(set(tracks), key=list(TRACKS).index) if set(tracks) <= set(TRACKS) else tracks
    own, labels = gold is not None, load_view(view)
    metrics = [metric for track in tracks for metric in metrics_of(track, view)]
    documents = sorted(load_gold(gold), key=lambda document: document.id)
    signed = signature(documents, tracks, view, own=own, boilerplate=boilerplate, resamples=resamples, seed=seed)
    against = corpus_of(documents, labels, own=own)
    found, problems = find_systems(predictions)
    systems = [load_system(name, path, documents, against, labels) for name, path in found]
    problems += [problem for system in systems for problem in system.problems]
    set_aside: dict[str, int] = {}
    if not boilerplate:
        articles = {document.id: document for document in documents}
        for system in systems:
            set_aside[system.name] = 0
            for name, document in system.documents.items():
                kept, number = set_aside_boilerplate(document, articles[name], tracks, labels)
                system.documents[name] = kept
                set_aside[system.name] += number
        documents = [set_aside_boilerplate(document, document, tracks, labels)[0] for document in documents]
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
    types, sizes, counts = _tabulate(system, metric, gold, view)
    drawn = bootstrap_sums(counts.reshape(len(counts), -1), sizes, resamples, seed)
    drawn = [sums.reshape(resamples, len(types), 4) for sums in drawn]
    drawn_total = np.sum(drawn, axis=0) if drawn else np.zeros((resamples, len(types), 4))
    total = counts.sum(axis=0)
    row = _macro if metric.measure == "macro" else _micro

    yield row(system.name, metric, None, None, total, drawn_total)
    ends = np.cumsum(sizes)
    for document, size, end, sums in zip(gold, sizes, ends, drawn, strict=True):
        yield row(system.name, metric, document.id, None, counts[end - size : end].sum(axis=0), sums)
    if metric.measure != "macro":
        for index, label in enumerate(types):
            yield row(system.name, metric, None, label, total[[index]], drawn_total[:, [index]])


def _tabulate(
    system: System, metric: Metric, gold: Sequence[Document], view: View
) -> tuple[list[str], list[int], Array]:
    """Return the types, the number of units of each article, and counts of shape (units, types, 4)."""
    sizes: list[int] = []
    cells: list[tuple[int, str, Counts]] = []
    for document in gold:
        tokens = document.tokens or ()
        predicted = system.documents.get(document.id, Document(document.id))
        gold_items = select_items(document, metric.track, view, gold=True, tokens=tokens)
        items = select_items(predicted, metric.track, view, gold=False, tokens=tokens)
        unit_of = _unit_of(document)
        first = sum(sizes)
        for (unit, label), counts in count_spans(gold_items, items, metric.scheme, unit_of).items():
            cells.append((first + unit, label, counts))
        sizes.append(max(1, len(document.sentences or ())))
    types = sorted({label for _, label, _ in cells})
    table = np.zeros((sum(sizes), len(types), 4))
    for unit, label, counts in cells:
        table[unit, types.index(label)] += counts
    return types, sizes, table


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
