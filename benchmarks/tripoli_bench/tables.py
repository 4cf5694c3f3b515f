"""Scores for a person to read: leaderboards, F1 by measure, type and article, what went wrong, the signature."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tripoli_loaders import Claim, Conflict
from tripoli_loaders.figures import means

from .agreement import Agreement
from .analysis import REASONS
from .comparison import Comparisons
from .error_analysis import Analysed, Errors
from .grids import Grid, rich_table
from .metrics import TRACKS, Metric, SpanMeasure
from .scores import Row, Scores
from .statistics import LEVEL
from .systems import Remark

_UNDEFINED = "–"
_ARTICLES, _WORST = 30, 10  # beyond so many articles so few are printed
_FEW = 3  # tracks that are printed in every detail


def print_scores(scores: Scores, console: Console) -> None:
    """Print scores as tables; what goes wrong is named below them, the signature comes last."""
    for grid in score_grids(scores):
        _print_grid(console, grid)
    tracks = {row.metric.partition(".")[0] for row in scores.rows}
    if len(tracks) > _FEW:
        console.print(f"by type and by article: --track with at most {_FEW} tracks, or --format json\n")
    for system, report in (scores.seqeval or {}).items():
        console.print(Text(f"seqeval's own report on {system}: names and values outside boilerplate", style="bold"))
        console.print(Text(report["report"]))
        lost = ", ".join(f"{number} {side}" for side, number in report["not_in_tags"].items() if number)
        if lost:
            console.print(Text(f"spans that its tags cannot hold (nested, or not at token edges): {lost}\n"))
    for note in _notes(scores):
        console.print(Text(note))
    _print_end(scores.problems, scores.signature, console)


def score_grids(scores: Scores) -> list[Grid]:
    """Return scores as tables: a leaderboard a track, F1 by other measures, and of few tracks by type and article."""
    if any(row.counts is not UNSET for row in scores.rows):
        return _peer_grids(scores)
    metrics = [Metric.parse(name) for name in dict.fromkeys(row.metric for row in scores.rows)]
    tracks = [track for track in TRACKS if any(metric.track == track for metric in metrics)]
    grids = []
    for track in tracks:
        of_track = [metric for metric in metrics if metric.track == track]
        headline = of_track[0]
        grids.append(_leaderboard(scores, headline))
        if of_track[1:]:
            grids.append(_measures(scores, of_track))
        if len(tracks) <= _FEW:
            found = (_breakdown(scores, headline, by) for by in ("type", "article", "zone"))
            grids += [grid for grid in found if grid.rows]
    return grids


def _title(scores: Scores, metric: Metric) -> str:
    if not isinstance(metric.means, SpanMeasure):
        return f"{metric}: mean F1 of {', '.join(metric.means.parts)}"
    interval = any(row.low is not None for row in scores.rows)
    macro = isinstance(metric.means, SpanMeasure) and metric.means.macro
    return f"{metric}: {'macro' if macro else 'micro'} F1" + f" with its {LEVEL:.0%} interval" * interval


def _leaderboard(scores: Scores, metric: Metric) -> Grid:
    spans = isinstance(metric.means, SpanMeasure)
    ranked = _ranked(scores, metric)
    bounds = any(row.low is not None for row in ranked)
    ceiling = any(row.ceiling is not None for row in ranked)
    columns = ["system", "F1", *["interval"] * (spans or bounds), *["P", "R", "TP", "FP", "FN"] * spans]
    rows = []
    for row in ranked:
        cells = [row.system, _ratio(row.f1)]
        if spans or bounds:
            cells.append(_UNDEFINED if row.low is None else f"{_ratio(row.low)}–{_ratio(row.high)}")
        if spans:
            cells += [_ratio(row.precision), _ratio(row.recall), *map(_count, (row.tp, row.fp, row.fn))]
        rows.append([*cells, *[_ratio(row.ceiling)] * ceiling])
    return Grid(_title(scores, metric), [*columns, *["ceiling"] * ceiling], rows)


def _measures(scores: Scores, metrics: list[Metric]) -> Grid:
    """Return a table of F1 with a line a measure and a column a system, the best first."""
    systems = [row.system for row in _ranked(scores, metrics[0])]
    rows = []
    ceiling = any(row.ceiling is not None for row in scores.rows)
    for metric in metrics[1:]:
        found = [scores.row(system, str(metric)) for system in systems]
        rows.append([metric.measure, *(_ratio(row.f1) for row in found), *[_ratio(found[0].ceiling)] * ceiling])
    title = f"{metrics[0].track}: F1 by other measures"
    return Grid(title, ["measure", *systems, *["ceiling"] * ceiling], rows)


def _ranked(scores: Scores, metric: Metric) -> list[Row]:
    """Return the total of each system, the best first."""
    totals = [row for row in scores.rows if row.metric == str(metric) and row.article is None and row.type is None]
    return sorted(totals, key=lambda row: (-(row.f1 if row.f1 is not None else -1), row.system))


def _breakdown(scores: Scores, metric: Metric, by: str) -> Grid:
    """Return a table of F1 with a line a type, article or zone and a column a system."""
    rows = [row for row in scores.rows if row.metric == str(metric) and getattr(row, by) not in (None, UNSET)]
    if by == "zone":
        rows = [row for row in scores.by_zone if row.metric == str(metric)]
    systems = [row.system for row in _ranked(scores, metric)]
    cells: dict[str, dict[str, Row]] = {}
    for row in rows:
        cells.setdefault(getattr(row, by), {})[row.system] = row
    spans = isinstance(metric.means, SpanMeasure)
    ceiling = any(row.ceiling is not None for row in rows)
    lines = []
    names = sorted(cells)
    title = f"{metric}: F1 by {by}"
    if by == "article" and len(names) > _ARTICLES:
        names = sorted(names, key=lambda name: min(row.f1 or 0 for row in cells[name].values()))[:_WORST]
        title += f", the {_WORST} worst of {len(cells)} (--format json or csv has all)"
    for name in names:
        gold = max((row.tp or 0) + (row.fn or 0) for row in cells[name].values())
        best = next(iter(cells[name].values())).ceiling
        lines.append([name, *[_count(gold)] * spans, *_ratios(cells[name], systems), *[_ratio(best)] * ceiling])
    return Grid(title, [by, *["items"] * spans, *systems, *["ceiling"] * ceiling], lines)


def _peer_grids(scores: Scores) -> list[Grid]:
    """Return another tool's numbers, a table a metric, the total first."""
    grids = []
    for metric in dict.fromkeys(row.metric for row in scores.rows):
        rows = [row for row in scores.rows if row.metric == metric]
        counted = any(row.tp is not None for row in rows)
        columns = ["system", "type", "F1", "P", "R", *["TP", "FP", "FN"] * counted]
        cells = [
            [
                row.system,
                row.type or "all",
                *map(_ratio, (row.f1, row.precision, row.recall)),
                *(_count(count) for count in (row.tp, row.fp, row.fn) if counted),
            ]
            for row in rows
        ]
        grids.append(Grid(metric, columns, cells, (0, 1)))
    return grids


def _ratios(cells: dict[str, Row], systems: Iterable[str]) -> list[str]:
    return [_ratio(cells[system].f1) if system in cells else _UNDEFINED for system in systems]


def _print_grid(console: Console, grid: Grid) -> None:
    _print(console, grid.title, rich_table(grid))


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


def _notes(scores: Scores) -> list[str]:
    """Return what was not scored: predictions in boilerplate, and spans that tags cannot hold."""
    aside = [
        f"{system}: {number} predictions lie wholly in boilerplate and are set aside"
        for system, number in scores.set_aside.items()
        if number
    ]
    lost = [
        f"{system}: {number} {side} spans are nested or not at the edges of tokens; tags cannot hold them"
        for system, sides in scores.not_in_tags.items()
        for side, number in sides.items()
        if number
    ]
    return [*aside, *lost]


def score_notes(scores: Scores) -> list[str]:
    """Return what must be said beside scores: what was set aside, what is wrong with predictions, the signature."""
    return [*_notes(scores), *(f"{r.system}: {r.code}: {r.message}" for r in scores.problems), scores.signature]


def print_errors(found: Errors, console: Console) -> None:
    """Print what went wrong: how often each reason, what was taken for what, and every item that is not right."""
    for grid in error_grids(found):
        _print_grid(console, grid)
    _print_end(found.problems, found.signature, console)


def error_grids(found: Errors) -> list[Grid]:
    """Return an error analysis as tables, by metric: reasons, confusions, items."""
    grids = []
    for metric, analysed in found.metrics.items():
        gains = [[g.reason, str(g.number), _signed(g.f1), REASONS[g.reason]] for g in analysed.gains]
        title = f"{metric}: F1 {_ratio(analysed.f1)}, and what it would gain if all of a reason were right"
        grids.append(Grid(title, ["reason", "items", "F1", "meaning"], gains, (0, 3)))
        grids.append(_confusion(metric, analysed))
        wrong = [f for f in found.findings if f.metric == metric and f.reason != "correct"]
        length = _unique([f.article for f in found.findings])
        rows = [
            [
                f.reason,
                f"{f.article[:length]}:{f.gold_start if f.predicted_start is None else f.predicted_start}",
                *_side(f.gold_start, f.gold_end, f.gold_label, f.gold_text),
                *_side(f.predicted_start, f.predicted_end, f.predicted_label, f.predicted_text),
                _line(f.note),
            ]
            for f in wrong
        ]
        names = ["reason", "place", "gold", "type", "predicted", "type", "note"]
        grids.append(Grid(f"{metric}: {len(wrong)} items that are not right", names, rows, range(len(names))))
    return [grid for grid in grids if grid.rows]


def _unique(names: list[str]) -> int:
    """Return how many characters tell names apart, three at least."""
    different = set(names)
    longest = max(map(len, different), default=3)
    return next((n for n in range(3, longest) if len({name[:n] for name in different}) == len(different)), longest)


def _confusion(metric: str, analysed: Analysed) -> Grid:
    """Return a confusion matrix with a line a gold label: how often it is the same, missed, another."""
    cells: dict[str | None, dict[str | None, int]] = {}
    for cell in analysed.confusion:
        cells.setdefault(cell.gold, {})[cell.predicted] = cell.number
    rows = []
    for label in sorted(cells, key=lambda name: (name is None, name or "")):
        others = sorted((-n, name) for name, n in cells[label].items() if name not in (label, None))
        taken = ", ".join(f"{name} {-number}" for number, name in others)
        right, missed = (_count(cells[label].get(name, 0)) for name in (label, None))
        rows.append([label or "(nothing)", *((right, missed) if label else ("", "")), taken])
    return Grid(f"{metric}: confusion matrix", ["gold", "same label", "missed", "predicted as"], rows, (0, 3))


def _side(start: int | None, end: int | None, label: str | None, text: str | None) -> list[str]:
    if start is None:
        return ["", ""]
    return [_line(text) if text else f"{start}-{end}", label or ""]


def _line(text: str | None, most: int = 60) -> str:
    short = " ".join((text or "").split())
    return short if len(short) <= most else short[: most - 1] + "…"


def _signed(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:+.3f}"


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
        units = "sentences" if found.unit.startswith("sentence") else "articles"
        units = found.unit.replace("-", " ") if "groups" in found.unit else units
        said = f"{pair.test}, {pair.differing} of {pair.units} {units} differ, smallest p {pair.smallest_p:.2g}"
        console.print(f"{pair.a} – {pair.b}: {said}")
    if found.unit.startswith("sentence"):
        console.print("The unit is the sentence: the tests speak of sentences like these, not of other articles.")
    elif pairs[0].test != "bootstrap":
        console.print("The unit is the article; with N of them that differ no p is below 2/2^N.")
    console.print("Detectable is the difference that would be found at 5 % with a power of 80 %.")
    _print_end(found.problems, found.signature, console)


def _print_end(problems: list[Remark], signature: str, console: Console) -> None:
    """Print what must be known of the predictions, and last the signature."""
    for problem in problems:
        console.print(Text(f"{problem.system}: {problem.code}: {problem.message}", style="yellow"), soft_wrap=True)
    console.print(Text(signature, style="dim"), soft_wrap=True)


def _small(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:.4f}" if 0 < abs(value) < 0.001 else f"{value:.3f}"
