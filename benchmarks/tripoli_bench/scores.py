"""From predictions to scores: count, divide, resample; what was computed is said in the signature.

One direction: `stream` counts the systems' files against the gold, a batch of articles at a time; `rows` computes every
ratio and interval from sums of those counts.
The articles of the gold are what is enumerated, so that an article without prediction has its row of misses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

import msgspec

from tripoli_loaders import FormatError, UsageError

from . import __version__
from .defaults import RESAMPLES, SEED
from .metrics import TRACKS, ChainMeasure, Metric, metrics_of
from .rows import Bootstrap, Row, rows_of
from .statistics import LEVEL
from .stream import Gold, count_pairs, count_system
from .systems import Remark, find_systems, predicted_tracks, remarks
from .tally import MANY, Tally, Task
from .views import load_view

LEAST, MOST = 100, 100_000  # resamples: fewer give no percentiles, more give no digits


class SeqevalReport(TypedDict):
    """The report that seqeval prints, and how many spans of each side its tags cannot hold."""

    report: str
    not_in_tags: dict[str, int]


class Scores(msgspec.Struct, frozen=True):
    """The result of `score`.

    `set_aside` counts, by system, the predictions that lie wholly in boilerplate and were not scored.
    `by_zone` has the totals of each zone of the articles.
    `seqeval` holds, by system, the report of seqeval where it was asked for.
    """

    signature: str
    rows: list[Row]
    problems: list[Remark]
    set_aside: dict[str, int]
    by_zone: list[Row]
    seqeval: dict[str, SeqevalReport] | None = None

    def row(
        self, system: str, metric: str, article: str | None = None, type: str | None = None, zone: str | None = None
    ) -> Row:
        """Return the one row with these keys; KeyError if there is none."""
        wanted = (system, metric, article, type)
        for row in self.rows if zone is None else self.by_zone:
            if (row.system, row.metric, row.article, row.type) == wanted and zone in (None, row.zone):
                return row
        raise KeyError((system, metric, article, type, zone))


class Conventions(msgspec.Struct, frozen=True, kw_only=True):
    """What a score can be computed with or without; the signature names each.

    Attributes:
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        alternatives: credit the readings that the adjudication accepts beside the gold's.
        singletons: count chains of one item.
        keep_first: take an item that is in two chains for one of the first, instead of refusing it.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.
    """

    boilerplate: bool = False
    alternatives: bool = False
    singletons: bool = True
    keep_first: bool = False
    skip_invalid: bool = False


def score(
    predictions: str | Path | Iterable[str | Path],
    gold: str | Path | None = None,
    tracks: Sequence[str] | None = None,
    view: str = "native",
    *,
    boilerplate: bool = False,
    alternatives: bool = False,
    singletons: bool = True,
    keep_first: bool = False,
    skip_invalid: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    jobs: int = 1,
    with_seqeval: bool = False,
) -> Scores:
    """Score prediction files against the gold.

    Args:
        predictions: files or folders of documents, or one; a folder that `run` wrote stands for all systems in it.
        gold: gold of one's own, of any size; by default the data set's.
        tracks: keys of `TRACKS`; by default those whose layers some system predicts.
        view: the label view.
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        alternatives: credit the readings that the adjudication accepts beside the gold's.
        singletons: count chains of one item.
        keep_first: take an item that is in two chains for one of the first, instead of refusing it.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.
        resamples: of the bootstrap, at least 100; 0 leaves the intervals out.
        seed: of the bootstrap.
        jobs: processes that count; the scores do not depend on it.
        with_seqeval: add the report of seqeval itself, on the frozen tokens.

    Raises:
        FormatError: gold or predictions break the document form.
        UsageError: no such track or view, no predictions, resamples, seed or jobs out of range.
    """
    conventions = Conventions(
        boilerplate=boilerplate,
        alternatives=alternatives,
        singletons=singletons,
        keep_first=keep_first,
        skip_invalid=skip_invalid,
    )
    check_numbers(resamples, seed, jobs)
    labels = load_view(view)
    metrics = [metric for track in TRACKS if not tracks or track in tracks for metric in metrics_of(track, view)]
    for track in tracks or ():
        metrics_of(track)  # an unknown one is an error
    systems, problems = find_systems(predictions)
    source = Gold(gold)
    task = task_of(metrics, view, source, conventions, seqeval=with_seqeval)
    tallies = count_systems(systems, source, task, conventions, jobs)
    if not tracks:
        wanted = predicted_tracks(set().union(*(tally.given for tally in tallies.values())))
        metrics = [metric for metric in metrics if metric.track in wanted]
    across = any(isinstance(metric.means, ChainMeasure) and metric.means.across for metric in metrics)
    for name, tally in tallies.items():
        problems += remarks(name, tally, labels, own=source.own, across=across)
    # The passes are what people may hope for: what is wrong with one prediction has no part in them.
    plain = task._replace(alternatives=False, seqeval=False)
    ceiling = count_pairs(source.passes(), plain) if source.passes() else None
    rows = [
        row
        for name, tally in tallies.items()
        for row in rows_of(name, tally, metrics, Bootstrap(resamples, seed), ceiling, singletons=singletons)
    ]
    order = {str(metric): number for number, metric in enumerate(metrics)}
    rows.sort(key=lambda row: order[row.metric])
    used = list(dict.fromkeys(metric.track for metric in metrics))
    signed = signature(source, used, view, conventions, tallies, Bootstrap(resamples, seed))
    aside = {} if boilerplate else {name: _aside(tally, used) for name, tally in tallies.items()}
    reports = _seqeval(tallies) if with_seqeval else None
    zoned = [row for row in rows if row.zone is not msgspec.UNSET]
    rows = [row for row in rows if row.zone is msgspec.UNSET]
    return Scores(signed, rows, problems, aside, zoned, reports)


def task_of(
    metrics: Sequence[Metric], view: str, gold: Gold, conventions: Conventions, *, seqeval: bool = False
) -> Task:
    """Return what is to be counted."""
    return Task(
        tuple(metrics),
        view,
        gold.own,
        sentences=not gold.many,
        boilerplate=conventions.boilerplate,
        alternatives=conventions.alternatives,
        singletons=conventions.singletons,
        keep_first=conventions.keep_first,
        seqeval=seqeval,
    )


def count_systems(
    systems: Sequence[tuple[str, Path]], gold: Gold, task: Task, conventions: Conventions, jobs: int = 1
) -> dict[str, Tally]:
    """Return the counts of each system.

    Raises:
        FormatError: with every problem of every system that forbids scoring, unless they are to be left out.
    """
    tallies = {name: count_system(path, gold, task, jobs=jobs) for name, path in systems}
    fatal = [problem for tally in tallies.values() for problem in tally.fatal]
    if fatal and not conventions.skip_invalid:
        raise FormatError(fatal)
    return tallies


def check_numbers(resamples: int, seed: int, jobs: int = 1) -> None:
    """Raise UsageError for resamples or a seed that no resampling takes, or a number of processes below one."""
    if resamples and not LEAST <= resamples <= MOST:
        raise UsageError(f"found {resamples} resamples, expected 0 for no intervals, or {LEAST} to {MOST}")
    if seed < 0:
        raise UsageError(f"found seed {seed}, expected 0 or more")
    if jobs < 1:
        raise UsageError(f"found {jobs} jobs, expected 1 or more")


def signature(
    gold: Gold,
    tracks: Sequence[str],
    view: str,
    conventions: Conventions,
    tallies: dict[str, Tally],
    bootstrap: Bootstrap,
    **more: str,
) -> str:
    """Return what was computed, as one line."""
    parts = {
        "tracks": "+".join(tracks),
        "matching": "one-to-one",
        "view": view,
        "zones": "all" if conventions.boilerplate else "title+body",
        "gold": gold.name(),
    }
    if any(isinstance(metric.means, ChainMeasure) for track in tracks for metric in metrics_of(track)):
        kept = "kept" if conventions.singletons else "dropped"
        parts["chains"] = f"singletons-{kept}+repeats-{'first' if conventions.keep_first else 'refused'}+blanc-either"
    if conventions.alternatives:
        parts["alternatives"] = "credited"
    left_out = {name: tally.left_out for name, tally in tallies.items() if tally.left_out}
    if left_out:
        parts["left-out"] = "+".join(f"{name}={number}" for name, number in left_out.items())
    if more:
        parts |= more
    elif bootstrap.resamples:
        parts["interval"] = f"{LEVEL:.0%}-bootstrap-{unit_of(gold, tallies)}-{bootstrap.resamples}-seed{bootstrap.seed}"
    else:
        parts["interval"] = "none"
    parts["tripoli-bench"] = __version__
    return "|".join(f"{name}:{value}" for name, value in parts.items())


def unit_of(gold: Gold, tallies: dict[str, Tally]) -> str:
    """Return what counts are resampled by: sentences, articles that have none, or groups of articles."""
    if gold.many:
        return f"{MANY}-groups-of-articles"
    several = any(len(article.zones) > 1 for tally in tallies.values() for article in tally.articles)
    return "sentence" if several else "article"


def _aside(tally: Tally, tracks: Sequence[str]) -> int:
    """Return how many spans in boilerplate the tracks would have compared."""
    return sum(len(set().union(*(spans.get(track, ()) for track in tracks))) for spans in tally.aside)


def _seqeval(tallies: dict[str, Tally]) -> dict[str, SeqevalReport]:
    from .seqeval_report import seqeval_report  # loads scikit-learn

    return {
        name: {
            "report": seqeval_report(*tally.tags),
            "not_in_tags": {side: tally.lost[side] for side in ("gold", "predicted")},
        }
        for name, tally in tallies.items()
    }


__all__ = ["Conventions", "Row", "Scores", "check_numbers", "score", "signature"]
