"""From predictions to rows: read, set aside what is not scored, count, divide, resample.

One direction: `load_system` reads a prediction file and says what is wrong with it, `_tabulate` counts it by sentence
and type, `_rows` computes every ratio and interval from sums of those counts.
The articles of the gold are what is enumerated, so that an article without prediction has its row of misses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from tripoli_loaders import (
    Corpus,
    Document,
    FormatError,
    Problem,
    UsageError,
    corpus,
    gold_version,
    ontology,
    read_gold,
)
from tripoli_loaders.checks import iter_checked
from tripoli_loaders.gold import fingerprint

from . import __version__
from .matching import Item
from .metrics import TRACKS, Counts, Metric, count_spans, metrics_of, select_items
from .statistics import LEVEL, Array, bootstrap_sums, interval, precision_recall_f1
from .views import View, load_view

RESAMPLES = 2000
SEED = 20190404

TOLERATED = frozenset({"unknown-article", "duplicate-span", "unknown-label"})
"""Codes of problems that a prediction may have and still be scored; each is reported with the scores."""


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


class Remark(msgspec.Struct, frozen=True):
    """Something about a system's predictions that the reader of its scores must know."""

    system: str
    code: str
    message: str
    article: str | None = None


class Scores(msgspec.Struct, frozen=True):
    """The result of `score`.

    `set_aside` counts, by system, the predictions that lie wholly in boilerplate and were not scored.
    `seqeval` holds, by system, the report of seqeval where it was asked for.
    """

    signature: str
    rows: list[Row]
    problems: list[Remark]
    set_aside: dict[str, int]
    seqeval: dict[str, dict[str, object]] | None = None

    def row(self, system: str, metric: str, article: str | None = None, type: str | None = None) -> Row:
        """Return the one row with these keys; KeyError if there is none."""
        for row in self.rows:
            if (row.system, row.metric, row.article, row.type) == (system, metric, article, type):
                return row
        raise KeyError((system, metric, article, type))


class System(msgspec.Struct, frozen=True):
    """A system's predictions by article id, and what is to be said of them."""

    name: str
    documents: dict[str, Document]
    problems: list[Remark]


def score(
    predictions: Iterable[str | Path],
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
        predictions: files or folders of documents; a folder that `run` wrote stands for all the systems in it.
        gold: gold of one's own; by default the data set's.
        tracks: keys of `TRACKS`.
        view: the label view.
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        resamples: of the bootstrap; 0 leaves the intervals out.
        seed: of the bootstrap.
        with_seqeval: add the report of seqeval itself, on the frozen tokens.

    Raises:
        FormatError: gold or predictions break the document form.
        UsageError: no such track or view, or no predictions.
    """
    documents = sorted(read_gold(gold), key=lambda document: document.id)
    labels, metrics = load_view(view), [metric for track in tracks for metric in metrics_of(track, view)]
    against = _corpus(documents, labels, own=gold is not None)
    systems = [load_system(name, path, documents, against) for name, path in find_systems(predictions)]
    set_aside = {}
    if not boilerplate:
        for index, system in enumerate(systems):
            kept, number = _without_boilerplate(system, documents)
            systems[index], set_aside[system.name] = kept, number
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
    return Scores(
        signature(
            documents, tracks, view, own=gold is not None, boilerplate=boilerplate, resamples=resamples, seed=seed
        ),
        rows,
        [problem for system in systems for problem in system.problems],
        set_aside,
        reports,
    )


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


def find_systems(paths: Iterable[str | Path]) -> list[tuple[str, Path]]:
    """Return the name and path of each system among these files and folders.

    A folder with `NAME/predictions.jsonl` in it, as `run` writes it, gives a system for each NAME.
    Otherwise a system is named for its file, without the suffix, or its folder.

    Raises:
        UsageError: two systems have one name, or there is none.
    """
    systems: list[tuple[str, Path]] = []
    for path in map(Path, paths):
        runs = sorted(path.glob("*/predictions.jsonl")) if path.is_dir() else []
        if runs:
            systems += [(run.parent.name, run) for run in runs]
        else:
            named_for = path.resolve().parent if path.name == "predictions.jsonl" else path
            systems.append((named_for.name if path.is_dir() else named_for.stem, path))
    names = [name for name, _ in systems]
    if not names:
        raise UsageError("no predictions given; expected files or folders, such as the one that `tripoli run` wrote")
    for name in names:
        if names.count(name) > 1:
            places = ", ".join(str(path) for other, path in systems if other == name)
            raise UsageError(f"two systems are called {name!r} ({places}); rename one of the files")
    return systems


def load_system(name: str, path: Path, gold: Sequence[Document], against: Corpus) -> System:
    """Read a system's predictions and remark on what is missing, unknown, repeated or of no known label.

    Raises:
        FormatError: with every problem that forbids scoring.
    """
    documents: dict[str, Document] = {}
    remarks: list[Remark] = []
    fatal: list[Problem] = []
    for document, problems in iter_checked(path, against):
        fatal += [problem for problem in problems if problem.code not in TOLERATED]
        if document is None:
            continue
        remarks += [Remark(name, p.code, str(p), document.id) for p in problems if p.code in TOLERATED]
        if document.id in against.texts:
            documents[document.id] = document
    if fatal:
        raise FormatError(fatal)
    for document in gold:
        if document.id not in documents:
            message = f"no prediction for article {document.id}; all of its items count as missed"
            remarks.append(Remark(name, "missing-article", message, document.id))
    return System(name, documents, remarks)


def _corpus(gold: list[Document], view: View, *, own: bool) -> Corpus:
    if own:
        return corpus(gold)
    labels = view.predicted.entities
    types = [*labels, *(set(labels.values()) - {None} - set(labels))]
    return Corpus({document.id: document.text for document in gold}, ontology(), [name for name in types if name])


def _without_boilerplate(system: System, gold: Sequence[Document]) -> tuple[System, int]:
    """Return the system without the items that lie wholly in boilerplate, and their number."""
    zones = {document.id: [z for z in document.zones or () if z.zone == "boilerplate"] for document in gold}
    documents, number = {}, 0
    for name, document in system.documents.items():
        kept = {}
        for layer in ("mentions", "values"):
            items = getattr(document, layer)
            if items is not None:
                kept[layer] = tuple(
                    item for item in items if not any(z.start <= item.start and item.end <= z.end for z in zones[name])
                )
                number += len(items) - len(kept[layer])
        documents[name] = msgspec.structs.replace(document, **kept)
    return msgspec.structs.replace(system, documents=documents), number


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
        gold_items = select_items(document, metric.track, view, gold=True, tokens=tokens).items
        items = select_items(predicted, metric.track, view, gold=False, tokens=tokens).items
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
