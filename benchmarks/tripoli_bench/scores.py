"""From predictions to scores: count, divide, resample; what was computed is said in the signature.

One direction: `stream` counts the systems' files against the gold, a batch of articles at a time; `rows` computes every
ratio and interval from sums of those counts.
The articles of the gold are what is enumerated, so that an article without prediction has its row of misses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TypedDict

import msgspec

from tripoli_loaders import FormatError, UsageError
from tripoli_loaders.tagged import SUFFIXES as TAGGED
from tripoli_loaders.tagged import is_tagged

from .defaults import RESAMPLES, SEED
from .metrics import TRACKS, ChainMeasure, Metric, metrics_of
from .rows import Bootstrap, Row, rows_of
from .signing import Conventions, check_numbers, interval_part, signature, unit_of
from .stream import Gold, count_pairs, count_system, digest_of
from .systems import Remark, find_systems, predicted_tracks, remarks, tag_remarks
from .tag_scores import DECODINGS, TagTask, count_sentences, count_tag_files
from .tally import Tally, Task
from .views import load_view


class SeqevalReport(TypedDict):
    """The report that seqeval prints, and how many spans of each side its tags cannot hold."""

    report: str
    not_in_tags: dict[str, int]


class Scores(msgspec.Struct, frozen=True):
    """The result of `score`.

    `set_aside` counts, by system, the predictions that lie wholly in boilerplate and were not scored.
    `by_zone` has the totals of each zone of the articles.
    `seqeval` holds, by system, the report of seqeval where it was asked for. `not_in_tags` counts, by system and side,
    the spans that a tool which reads tags does not see, because they are nested or not at the edges of tokens.
    """

    signature: str
    rows: list[Row]
    problems: list[Remark]
    set_aside: dict[str, int]
    by_zone: list[Row]
    seqeval: dict[str, SeqevalReport] | None = None
    not_in_tags: dict[str, dict[str, int]] = {}

    def row(
        self, system: str, metric: str, article: str | None = None, type: str | None = None, zone: str | None = None
    ) -> Row:
        """Return the one row with these keys; KeyError if there is none."""
        wanted = (system, metric, article, type)
        for row in self.rows if zone is None else self.by_zone:
            if (row.system, row.metric, row.article, row.type) == wanted and zone in (None, row.zone):
                return row
        raise KeyError((system, metric, article, type, zone))


def score(
    predictions: str | Path | Iterable[str | Path],
    gold: str | Path | None = None,
    tracks: Sequence[str] | None = None,
    view: str = "native",
    *,
    metrics: Sequence[str] | None = None,
    boilerplate: bool = False,
    alternatives: bool = False,
    singletons: bool = True,
    keep_first: bool = False,
    skip_invalid: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    jobs: int = 1,
    decoding: str = "lenient",
    with_seqeval: bool = False,
) -> Scores:
    """Score prediction files against the gold.

    Args:
        predictions: files or folders of documents, or one; a folder that `run` wrote stands for all systems in it.
        gold: gold of one's own, of any size; by default the data set's.
        tracks: keys of `TRACKS`; by default those whose layers some system predicts.
        view: the label view.
        metrics: names of metrics, instead of all of some tracks.
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        alternatives: credit the readings that the adjudication accepts beside the gold's.
        singletons: count chains of one item.
        keep_first: take an item that is in two chains for one of the first, instead of refusing it.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.
        resamples: of the bootstrap, at least 100; 0 leaves the intervals out.
        seed: of the bootstrap.
        jobs: processes that count; the scores do not depend on it.
        decoding: of files of tags, see `score_tags`; the gold must be one too.
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
    chosen, view = choose(tracks, metrics, view)
    labels, bootstrap = load_view(view), Bootstrap(resamples, seed)
    systems, problems = find_systems(predictions)
    if gold is not None and is_tagged(gold):
        expect_tags(systems, {metric.track for metric in chosen} if tracks or metrics else {"ner"})
        named = [metric for metric in chosen if metric.track == "ner"]
        return _score_tag_files(systems, gold, named, bootstrap, conventions, decoding, jobs)
    expect_documents(systems, gold)
    source = Gold(gold)
    task = task_of(chosen, view, source, conventions, seqeval=with_seqeval)
    tallies = count_systems(systems, source, task, conventions, jobs)
    if not (tracks or metrics):
        wanted = predicted_tracks(set().union(*(tally.given for tally in tallies.values())))
        chosen = [metric for metric in chosen if metric.track in wanted]
    used = list(dict.fromkeys(metric.track for metric in chosen))
    across = any(isinstance(metric.means, ChainMeasure) and metric.means.across for metric in chosen)
    for name, tally in tallies.items():
        problems += remarks(name, tally, labels, used, own=source.own, across=across)
    # The passes are what people may hope for: what is wrong with one prediction has no part in them.
    plain = task._replace(metrics=tuple(chosen), alternatives=False, seqeval=False)
    ceiling = count_pairs(source.passes(), plain) if not source.own else None
    interval = interval_part(bootstrap, unit_of(source, tallies))
    signed = signature(source.name(), used, view, conventions, tallies, interval)
    aside = {} if boilerplate else {name: spans_aside(tally, used) for name, tally in tallies.items()}
    reports = _seqeval(tallies) if with_seqeval else None
    rows = _rows(tallies, chosen, bootstrap, ceiling, singletons=singletons)
    return _scores(signed, rows, problems, aside, reports)


def choose(tracks: Sequence[str] | None, metrics: Sequence[str] | None, view: str) -> tuple[list[Metric], str]:
    """Return the metrics that are asked for, all where none are, and the view that they name.

    Raises:
        UsageError: there is no such track or metric, or the metrics name another view than `view`, or two.
    """
    if tracks and metrics:
        raise UsageError("found tracks and metrics; expected one of the two")
    for track in tracks or ():
        metrics_of(track)  # an unknown one is an error
    named = [Metric.parse(name) for name in metrics or ()]
    views = {metric.view for metric in named}
    if len(views) > 1 or (views and view != "native" and views - {"native", view}):
        raise UsageError(f"found the views {', '.join(sorted({*views, view}))}; expected one, the same for all metrics")
    view = view if view != "native" else next(iter(views), "native")
    asked = {(metric.track, metric.measure) for metric in named}
    known = [metric for track in TRACKS for metric in metrics_of(track, view)]
    if named:
        return [metric for metric in known if (metric.track, metric.measure) in asked], view
    return [metric for metric in known if not tracks or metric.track in tracks], view


def score_tags(
    gold: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    view: str = "native",
    *,
    metrics: Sequence[str] | None = None,
    decoding: str = "lenient",
    resamples: int = 0,
    seed: int = SEED,
) -> Scores:
    """Score lists of tags, a list a sentence, as the track `ner`; the system is called `predicted`.

    Args:
        gold: IOB2 tags, or those of its kin.
        predicted: as many sentences, of as many tags each.
        view: the label view.
        metrics: names of metrics of the track; by default all.
        decoding: `lenient` lets a tag that continues nothing begin an entity, `strict` drops it.
        resamples: of the bootstrap over sentences; 0 leaves the intervals out.
        seed: of the bootstrap.

    Raises:
        UsageError: no such view or decoding, resamples or seed out of range.
        ValueError: the sides differ in shape.
    """
    check_numbers(resamples, seed)
    chosen, view = choose(None if metrics else ["ner"], metrics, view)
    expect_tags([], {metric.track for metric in chosen})
    bootstrap = Bootstrap(resamples, seed)
    tally, digest = count_sentences(gold, predicted, _tag_task(chosen, decoding))
    tallies = {"predicted": tally}
    interval = interval_part(bootstrap, unit_of(None, tallies))
    signed = signature(f"own#{digest}", ["ner"], view, Conventions(), tallies, interval, tags=decoding)
    rows = _rows(tallies, chosen, bootstrap, None, singletons=True)
    return _scores(signed, rows, tag_remarks("predicted", tallies["predicted"], load_view(view), decoding), {}, None)


def _score_tag_files(
    systems: Sequence[tuple[str, Path]],
    gold: str | Path,
    metrics: Sequence[Metric],
    bootstrap: Bootstrap,
    conventions: Conventions,
    decoding: str,
    jobs: int,
) -> Scores:
    """Score files of tags against one."""
    view = metrics[0].view
    task = _tag_task(metrics, decoding)
    tallies = {name: count_tag_files(str(gold), str(path), task, jobs=jobs) for name, path in systems}
    refuse(tallies, conventions)
    problems = [r for name, tally in tallies.items() for r in tag_remarks(name, tally, load_view(view), decoding)]
    interval = interval_part(bootstrap, unit_of(None, tallies))
    name = f"own#{digest_of(gold)}"
    signed = signature(name, ["ner"], view, conventions, tallies, interval, tags=decoding)
    return _scores(signed, _rows(tallies, metrics, bootstrap, None, singletons=True), problems, {}, None)


def expect_tags(systems: Sequence[tuple[str, Path]], tracks: Collection[str] = ()) -> None:
    """Raise UsageError for a track that tags do not hold, and for predictions that are no tags where the gold is."""
    if any(track != "ner" for track in tracks):
        raise UsageError("tags hold names alone; expected no other track than ner")
    for _, path in systems:
        if not is_tagged(path):
            raise UsageError(f"{path} is no file of tags, as the gold is; expected one of {', '.join(TAGGED)}")


def expect_documents(systems: Sequence[tuple[str, Path]], gold: str | Path | None, verb: str = "") -> None:
    """Raise UsageError for files of tags, where the gold is documents or the verb takes nothing else."""
    paths = [path for _, path in systems]
    if gold is not None and verb:
        paths.append(Path(gold))
    for path in paths:
        if is_tagged(path):
            needed = f"{verb} takes documents alone" if verb else f"name one with --gold too ({', '.join(TAGGED)})"
            raise UsageError(f"{path} is a file of tags; {needed}")


def _tag_task(metrics: Sequence[Metric], decoding: str) -> TagTask:
    if decoding not in DECODINGS:
        raise UsageError(f"no decoding of tags {decoding!r}; expected one of {', '.join(DECODINGS)}")
    return TagTask(tuple(metrics), metrics[0].view, decoding)


def _rows(
    tallies: dict[str, Tally],
    metrics: Sequence[Metric],
    bootstrap: Bootstrap,
    ceiling: Tally | None,
    *,
    singletons: bool,
) -> list[Row]:
    """Return the rows of all systems, metric by metric."""
    rows = [
        row
        for name, tally in tallies.items()
        for row in rows_of(name, tally, metrics, bootstrap, ceiling, singletons=singletons)
    ]
    order = {str(metric): number for number, metric in enumerate(metrics)}
    return sorted(rows, key=lambda row: order[row.metric])


def _scores(
    signed: str,
    rows: list[Row],
    problems: list[Remark],
    aside: dict[str, int],
    reports: dict[str, SeqevalReport] | None,
) -> Scores:
    zoned = [row for row in rows if row.zone is not msgspec.UNSET]
    return Scores(signed, [row for row in rows if row.zone is msgspec.UNSET], problems, aside, zoned, reports)


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
    refuse(tallies, conventions)
    return tallies


def refuse(tallies: dict[str, Tally], conventions: Conventions) -> None:
    """Raise FormatError with every problem that forbids a score; those of predictions may be left out on request."""
    fatal_gold = next((tally.fatal_gold for tally in tallies.values() if tally.fatal_gold), [])
    refused = [problem for tally in tallies.values() for problem in tally.refused]
    fatal = [problem for tally in tallies.values() for problem in tally.fatal]
    if fatal_gold or refused or (fatal and not conventions.skip_invalid):
        raise FormatError(fatal_gold + refused + ([] if conventions.skip_invalid else fatal))


def spans_aside(tally: Tally, tracks: Sequence[str]) -> int:
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


__all__ = ["Row", "Scores", "score", "score_tags"]
