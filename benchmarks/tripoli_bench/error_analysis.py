"""What went wrong with a system's predictions, item by item, and what each kind of mistake costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tripoli_loaders import UsageError

from .analysis import ANALYSED, Finding, Gain, confusion, find_errors, gains
from .metrics import Metric
from .scores import count_systems, expect_documents, task_of
from .signing import Conventions, signature
from .stream import Gold
from .systems import Remark, find_systems, predicted_tracks, remarks
from .views import load_view


class Cell(msgspec.Struct, frozen=True):
    """A cell of a confusion matrix; a label is `None` where that side has nothing."""

    gold: str | None
    predicted: str | None
    number: int


class Analysed(msgspec.Struct, frozen=True):
    """One metric: its counts and F1, what each reason costs, and its confusion matrix.

    The findings of the metric sum to the counts: each that is not `correct` is a false negative if it has a gold side
    and a false positive if it has a predicted side.
    """

    tp: int
    fp: int
    fn: int
    f1: float | None
    gains: list[Gain]
    confusion: list[Cell]


class Errors(msgspec.Struct, frozen=True):
    """The result of `errors`: findings of all metrics, right ones too, in the order of the articles."""

    signature: str
    metrics: dict[str, Analysed]
    findings: list[Finding]
    problems: list[Remark]


def errors(
    prediction: str | Path,
    gold: str | Path | None = None,
    tracks: Sequence[str] | None = None,
    view: str = "native",
    *,
    boilerplate: bool = False,
    alternatives: bool = False,
    skip_invalid: bool = False,
) -> Errors:
    """Say of every item of gold and prediction whether it is right, and if not, why.

    Args:
        prediction: a file or folder of one system.
        gold: gold of one's own; by default the data set's.
        tracks: keys of `analysis.ANALYSED`; by default those that are predicted.
        view: the label view.
        boilerplate: count predictions that lie wholly in boilerplate as spurious, instead of setting them aside.
        alternatives: credit the readings that the adjudication accepts beside the gold's.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.

    Raises:
        FormatError: gold or prediction break the document form.
        UsageError: no such track or view, or several systems.
    """
    for track in tracks or ():
        if track not in ANALYSED:
            raise UsageError(f"no error analysis of track {track!r}; expected one of {', '.join(ANALYSED)}")
    systems, problems = find_systems(prediction)
    if len(systems) != 1:
        names = ", ".join(name for name, _ in systems)
        raise UsageError(f"found {len(systems)} systems ({names}), expected one: name its file or folder")
    expect_documents(systems, gold, "errors")
    labels, source = load_view(view), Gold(gold)
    conventions = Conventions(boilerplate=boilerplate, alternatives=alternatives, skip_invalid=skip_invalid)
    wanted = [Metric(metric.track, metric.measure, view) for metric in ANALYSED.values()]
    # What lies in boilerplate is counted by the metrics, so they are named; their counts are those of `score`.
    task = task_of(wanted, view, source, conventions)._replace(keep=True)
    tallies = count_systems(systems, source, task, conventions)
    [(name, tally)] = tallies.items()
    used = [track for track in ANALYSED if track in (tracks or predicted_tracks(tally.given))]
    problems += remarks(name, tally, labels, used, own=source.own)
    sides = sorted(tally.documents, key=lambda pair: pair[0].id)
    analysed: dict[str, Analysed] = {}
    findings: list[Finding] = []
    for metric in wanted:
        if metric.track in used:
            found = [finding for pair in sides for finding in find_errors(*pair, metric, labels)]
            findings += found
            analysed[str(metric)] = _analysed(found)
    signed = signature(source.name(), used, view, conventions, tallies, {"interval": "none"})
    return Errors(signed, analysed, findings, problems)


def _analysed(findings: list[Finding]) -> Analysed:
    right = sum(finding.reason == "correct" for finding in findings)
    missed = sum(finding.reason != "correct" and finding.gold_start is not None for finding in findings)
    wrong = sum(finding.reason != "correct" and finding.predicted_start is not None for finding in findings)
    size = 2 * right + missed + wrong
    cells = [Cell(*labels, number) for labels, number in confusion(findings).items()]
    ordered = sorted(cells, key=lambda cell: (cell.gold or "", cell.predicted or ""))
    return Analysed(right, wrong, missed, 2 * right / size if size else None, gains(findings), ordered)
