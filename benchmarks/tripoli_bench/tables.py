"""Scores for a person to read: leaderboards, F1 by measure, type and article, what went wrong, the signature."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tripoli_loaders import Claim, Conflict
from tripoli_loaders.figures import means

from .agreement import Agreement
from .comparison import Comparisons
from .metrics import TRACKS, Metric, SpanMeasure
from .scores import Row, Scores
from .statistics import LEVEL
from .systems import Remark

_UNDEFINED = "–"
_FEW = 3  # tracks that are printed in every detail


def print_scores(scores: Scores, console: Console) -> None:
    """Print scores as tables; what goes wrong is named below them, the signature comes last."""
    metrics = [Metric.parse(name) for name in dict.fromkeys(row.metric for row in scores.rows)]
    tracks = [track for track in TRACKS if any(metric.track == track for metric in metrics)]
    for track in tracks:
        of_track = [metric for metric in metrics if metric.track == track]
        headline = of_track[0]
        _print(console, _title(scores, headline), _leaderboard(scores, headline))
        if of_track[1:]:
            _print(console, f"{track}: F1 by other measures", _measures(scores, of_track))
        if len(tracks) <= _FEW:
            for by in ("type", "article"):
                table = _breakdown(scores, headline, by)
                if table.row_count:
                    _print(console, f"{headline}: F1 by {by}", table)
    if len(tracks) > _FEW:
        console.print(f"by type and by article: --track with at most {_FEW} tracks, or --format json\n")
    for system, report in (scores.seqeval or {}).items():
        console.print(Text(f"seqeval's own report on {system}: names and values outside boilerplate", style="bold"))
        console.print(Text(report["report"]))
        lost = ", ".join(f"{number} {side}" for side, number in report["not_in_tags"].items() if number)
        if lost:
            console.print(Text(f"spans that its tags cannot hold (nested, or not at token edges): {lost}\n"))
    for system, number in scores.set_aside.items():
        if number:
            console.print(Text(f"{system}: {number} predictions lie wholly in boilerplate and are set aside"))
    _print_end(scores.problems, scores.signature, console)


def _title(scores: Scores, metric: Metric) -> str:
    if not isinstance(metric.means, SpanMeasure):
        return f"{metric}: mean F1 of {', '.join(metric.means.parts)}"
    interval = any(row.low is not None for row in scores.rows)
    return f"{metric}: micro F1" + f" with its {LEVEL:.0%} interval" * interval


def _leaderboard(scores: Scores, metric: Metric) -> Table:
    table = _table()
    spans = isinstance(metric.means, SpanMeasure)
    table.add_column("system", overflow="fold")
    for name in ("F1", "interval", "P", "R", "TP", "FP", "FN") if spans else ("F1",):
        table.add_column(name, justify="right", style="bold" if name == "F1" else "")
    for row in _ranked(scores, metric):
        if not spans:
            table.add_row(row.system, _ratio(row.f1))
            continue
        bounds = _UNDEFINED if row.low is None else f"{_ratio(row.low)}–{_ratio(row.high)}"
        ratios = _ratio(row.precision), _ratio(row.recall)
        table.add_row(row.system, _ratio(row.f1), bounds, *ratios, *map(_count, (row.tp, row.fp, row.fn)))
    return table


def _measures(scores: Scores, metrics: list[Metric]) -> Table:
    """Return a table of F1 with a line a measure and a column a system, the best first."""
    systems = [row.system for row in _ranked(scores, metrics[0])]
    table = _table()
    table.add_column("measure", no_wrap=True)
    for system in systems:
        table.add_column(system, justify="right", overflow="fold")
    for metric in metrics[1:]:
        ratios = [_ratio(scores.row(system, str(metric)).f1) for system in systems]
        table.add_row(metric.measure, *ratios)
    return table


def _ranked(scores: Scores, metric: Metric) -> list[Row]:
    """Return the total of each system, the best first."""
    totals = [row for row in scores.rows if row.metric == str(metric) and row.article is None and row.type is None]
    return sorted(totals, key=lambda row: (-(row.f1 if row.f1 is not None else -1), row.system))


def _breakdown(scores: Scores, metric: Metric, by: str) -> Table:
    """Return a table of F1 with a line a type or article and a column a system."""
    rows = [row for row in scores.rows if row.metric == str(metric) and getattr(row, by) is not None]
    systems = [row.system for row in _ranked(scores, metric)]
    cells: dict[str, dict[str, Row]] = {}
    for row in rows:
        cells.setdefault(getattr(row, by), {})[row.system] = row
    table = _table()
    table.add_column(by, overflow="fold")
    spans = isinstance(metric.means, SpanMeasure)
    if spans:
        table.add_column("items", justify="right")
    for system in systems:
        table.add_column(system, justify="right", overflow="fold")
    for name in sorted(cells):
        gold = max((row.tp or 0) + (row.fn or 0) for row in cells[name].values())
        table.add_row(name, *[_count(gold)] * spans, *_ratios(cells[name], systems))
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


def print_agreement(rows: list[Agreement], console: Console) -> None:
    """Print agreement as tables: over all articles, by article, by type."""
    totals = [row for row in rows if row.article is None and row.type is None]
    columns = ("A", "B", "both", "F1", "kappa", "missed")
    table = _named(columns)
    for row in totals:
        missed = "" if row.missed is None else f"{row.missed:.1f}"
        table.add_row(_measure(row), str(row.a), str(row.b), str(row.both), _blank(row.f1), _blank(row.kappa), missed)
    _print(console, "agreement over all articles", table)
    articles = sorted({row.article for row in rows if row.article is not None})
    table = _named([article[:3] for article in articles])
    cells = {(_measure(row), row.article): row for row in rows if row.article is not None}
    for row in totals:
        of_row = [cells.get((_measure(row), article)) for article in articles]
        if any(of_row):
            ratios = [_UNDEFINED if c is None else _ratio(c.kappa if c.f1 is None else c.f1) for c in of_row]
            table.add_row(_measure(row), *ratios)
    _print(console, "by article: F1, or kappa where it is meant", table)
    table = _named(("A", "B", "both", "F1"))
    for row in rows:
        if row.type is not None:
            name = f"{_measure(row)}: {row.type}"
            table.add_row(name, str(row.a), str(row.b), str(row.both), _ratio(row.f1))
    _print(console, "by type", table)
    console.print(
        "missed: how many neither has, estimated by capture and recapture (Chapman), as\n"
        "if the two were independent and every item as easy to find as any other. Two\n"
        "passes of one model are not independent, so it is a lower bound."
    )


def _named(columns: Iterable[str]) -> Table:
    """Return a table with a column of names, which may fold, and columns of numbers."""
    table = _table()
    table.add_column("", overflow="fold")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _measure(row: Agreement) -> str:
    return f"{row.layer}: {row.measure}"


def print_claims(claims: list[Claim], conflicts: list[Conflict], console: Console) -> None:
    """Print the table of claims, then which of them cannot both be true."""
    table = _table()
    for name in ("article", "event", "credited to", "figure", "of"):
        table.add_column(name, overflow="fold")
    table.add_column("means", justify="right", no_wrap=True)
    for claim in claims:
        source = claim.source or "the author"
        cells = (claim.article[:3], claim.event, source, claim.figure, claim.of or "")
        table.add_row(*cells, means(claim))
    _print(console, "claims", table)
    for conflict in conflicts:
        ranges = [f"{low:,.0f} to {'any' if high is None else f'{high:,.0f}'}" for low, high in conflict.totals]
        one, other = (f"{name[:3]} ({span})" for name, span in zip(conflict.articles, ranges, strict=True))
        reading = "as they stand" if conflict.reading == "literal" else "when 'more than N' means less than 1.5 N"
        console.print(f"{conflict.event}: {one} and {other} cannot both be true, {reading}", highlight=False)


def _blank(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def print_comparisons(found: Comparisons, console: Console) -> None:
    """Print a line a pair of systems, and below what the p-values rest on."""
    pairs = found.comparisons
    table = _named(("F1", "F1", "difference", "p", "p (Holm)", "detectable"))
    for pair in pairs:
        numbers = (pair.f1_a, pair.f1_b, pair.difference, pair.p, pair.p_holm, pair.detectable)
        table.add_row(f"{pair.a} – {pair.b}", *map(_small, numbers))
    _print(console, f"{pairs[0].metric}: paired tests", table)
    for pair in pairs:
        said = f"{pair.test}, {pair.differing} of {pair.units} sentences differ, smallest p {pair.smallest_p:.2g}"
        console.print(f"{pair.a} – {pair.b}: {said}")
    console.print(
        "The unit is the sentence: the tests speak of sentences like these, not of other\n"
        "articles, and over five articles no p could be below 0.0625. Detectable is the\n"
        "difference that would be found at 5 % with a power of 80 %."
    )
    _print_end(found.problems, found.signature, console)


def _print_end(problems: list[Remark], signature: str, console: Console) -> None:
    """Print what must be known of the predictions, and last the signature."""
    for problem in problems:
        console.print(Text(f"{problem.system}: {problem.code}: {problem.message}", style="yellow"), soft_wrap=True)
    console.print(Text(signature, style="dim"), soft_wrap=True)


def _small(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:.4f}" if 0 < abs(value) < 0.001 else f"{value:.3f}"
