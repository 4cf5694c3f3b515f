"""Tables as data, and how they look in a terminal, in Markdown and in LaTeX; and rows as CSV.

Texts from predictions are quoted for each: what is markup there is shown, and does nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.table import Table


class Grid(NamedTuple):
    """A table: its title, the names of its columns, its rows, and the columns that hold words, not numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)


_MOST = 300  # characters of a cell


def shown(text: str) -> str:
    """Return a text cut to a few lines, with control characters written out, so that no terminal obeys them."""
    text = text if len(text) <= _MOST else f"{text[:_MOST]}…"
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found[0]):02x}", text)


def rich_table(grid: Grid) -> Table:
    """Return a table for a terminal: words may fold, numbers stand right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0))
    for number, name in enumerate(grid.columns):
        if number in grid.words:
            table.add_column(name, overflow="fold")
        else:
            table.add_column(name, justify="right", overflow="fold", style="bold" if name == "F1" else "")
    for row in grid.rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    return table


def markdown(grids: Iterable[Grid], notes: Iterable[str]) -> str:
    """Return tables in Markdown, each under its title, and notes below them."""
    parts = []
    for grid in grids:
        head = "| " + " | ".join(map(_markdown_cell, grid.columns)) + " |"
        line = "|" + "".join("---|" if at in grid.words else "--:|" for at in range(len(grid.columns)))
        rows = ["| " + " | ".join(map(_markdown_cell, row)) + " |" for row in grid.rows]
        parts.append("\n".join([f"**{_markdown_cell(grid.title)}**", "", head, line, *rows]))
    parts += [f"{_markdown_cell(note)}" for note in notes]
    return "\n\n".join(parts) + "\n"


def _markdown_cell(text: str) -> str:
    quoted = re.sub(r"([\\`*_<>|\[\]&])", r"\\\1", shown(" ".join(text.split())))
    return "\\" + quoted if quoted[:1] in ("#", "-", "+") and len(quoted) > 1 and not quoted[1].isdigit() else quoted


def latex(grids: Iterable[Grid], notes: Iterable[str]) -> str:
    """Return tables in LaTeX, for the package booktabs; titles and notes are comments."""
    parts = []
    for grid in grids:
        columns = "".join("l" if at in grid.words else "r" for at in range(len(grid.columns)))
        body = [" & ".join(map(_latex_cell, row)) + r" \\" for row in grid.rows]
        head = " & ".join(map(_latex_cell, grid.columns)) + r" \\"
        lines = [
            f"% {' '.join(grid.title.split())}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            head,
            r"\midrule",
        ]
        parts.append("\n".join([*lines, *body, r"\bottomrule", r"\end{tabular}"]))
    parts += [f"% {' '.join(note.split())}" for note in notes]
    return "\n\n".join(parts) + "\n"


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--"}


def _latex_cell(text: str) -> str:
    words = shown(" ".join(text.split()))
    quoted = re.sub(r"[\\~^–&%$#_{}]", lambda found: _LATEX.get(found[0], "\\" + found[0]), words)
    return "{}" + quoted if quoted[:1] in ("[", "*") else quoted  # after the end of a row they are no text


def to_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Return rows as CSV; undefined values are empty, and what a spreadsheet would compute is text to it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(row.get(name)) for name in columns])
    return out.getvalue()


def _csv_cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
        return "'" + value
    return "" if value is None else value
