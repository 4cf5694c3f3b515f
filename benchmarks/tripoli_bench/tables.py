"""Scores for a person to read: leaderboards, F1 by measure, type and article, what went wrong, the signature."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .metrics import TRACKS, Metric
from .scores import Row, Scores
from .statistics import LEVEL

_UNDEFINED = "–"


def print_scores(scores: Scores, console: Console) -> None:
    """Print scores as tables; what goes wrong is named below them, the signature comes last."""
    metrics = [Metric.parse(name) for name in dict.fromkeys(row.metric for row in scores.rows)]
    for track in TRACKS:
        of_track = [metric for metric in metrics if metric.track == track]
        if of_track:
            headline = of_track[0]
            _print(console, f"{headline}: micro F1 with its {LEVEL:.0%} interval", _leaderboard(scores, headline))
            _print(console, f"{track}: F1 by other measures", _measures(scores, of_track))
            _print(console, f"{headline}: F1 by type", _breakdown(scores, headline, "type"))
            _print(console, f"{headline}: F1 by article", _breakdown(scores, headline, "article"))
    for system, report in (scores.seqeval or {}).items():
        console.print(f"seqeval on {system}", style="bold")
        console.print(Text(str(report["report"])))
        lost = report["not_in_tags"]
        console.print(f"not in tags, which hold one flat layer at token edges: {lost}\n", highlight=False)
    for system, number in scores.set_aside.items():
        if number:
            console.print(
                f"{system}: {number} predictions lie wholly in boilerplate and are set aside", highlight=False
            )
    for problem in scores.problems:
        console.print(Text(f"{problem.system}: {problem.code}: {problem.message}", style="yellow"), soft_wrap=True)
    console.print(Text(scores.signature, style="dim"), soft_wrap=True)


def _leaderboard(scores: Scores, metric: Metric) -> Table:
    table = _table()
    table.add_column("system")
    for name in ("F1", "interval", "P", "R", "TP", "FP", "FN"):
        table.add_column(name, justify="right", style="bold" if name == "F1" else "")
    for row in _ranked(scores, metric):
        bounds = _UNDEFINED if row.low is None else f"{_ratio(row.low)}–{_ratio(row.high)}"
        ratios = _ratio(row.precision), _ratio(row.recall)
        table.add_row(row.system, _ratio(row.f1), bounds, *ratios, *map(_count, (row.tp, row.fp, row.fn)))
    return table


def _measures(scores: Scores, metrics: list[Metric]) -> Table:
    table = _table()
    table.add_column("system")
    for metric in metrics[1:]:
        table.add_column(metric.measure, justify="right")
    for row in _ranked(scores, metrics[0]):
        table.add_row(row.system, *[_ratio(scores.row(row.system, str(metric)).f1) for metric in metrics[1:]])
    return table


def _ranked(scores: Scores, metric: Metric) -> list[Row]:
    """Return the total of each system, the best first."""
    totals = [row for row in scores.rows if row.metric == str(metric) and row.article is None and row.type is None]
    return sorted(totals, key=lambda row: (-(row.f1 if row.f1 is not None else -1), row.system))


def _breakdown(scores: Scores, metric: Metric, by: str) -> Table:
    """Return a table of F1 with a line a type or article and a column a system."""
    rows = [row for row in scores.rows if row.metric == str(metric) and getattr(row, by) is not None]
    systems = list(dict.fromkeys(row.system for row in rows))
    cells: dict[str, dict[str, Row]] = {}
    for row in rows:
        cells.setdefault(getattr(row, by), {})[row.system] = row
    table = _table()
    table.add_column(by)
    table.add_column("items", justify="right")
    for system in systems:
        table.add_column(system, justify="right")
    for name in sorted(cells):
        gold = max((row.tp or 0) + (row.fn or 0) for row in cells[name].values())
        table.add_row(name, _count(gold), *_ratios(cells[name], systems))
    return table


def _ratios(cells: dict[str, Row], systems: Iterable[str]) -> list[str]:
    return [_ratio(cells[system].f1) if system in cells else _UNDEFINED for system in systems]


def _print(console: Console, title: str, table: Table) -> None:
    console.print(Text(title, style="bold"))
    console.print(table)
    console.print()


def _table() -> Table:
    return Table(box=None, padding=(0, 2, 0, 0))


def _ratio(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:.3f}"


def _count(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:g}"
