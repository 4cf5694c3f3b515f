"""Scores and errors in every form they are written in: the same numbers, and texts that do nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from test_cli import tripoli
from tripoli_bench import errors, score
from tripoli_bench.grids import Grid, latex, markdown, to_csv
from tripoli_loaders import Document, Mention, UsageError, annotations_path, write_documents

PASS = annotations_path() / "passes" / "b"


def test_csv_holds_the_rows_of_json() -> None:
    options = ("score", PASS, "--track", "values", "--resamples", "100", "--format")
    rows = json.loads(tripoli(*options, "json").stdout)
    done = tripoli(*options, "csv")
    found = list(csv.DictReader(io.StringIO(done.stdout)))

    assert len(found) == len(rows["rows"]) + len(rows["by_zone"])
    for row, expected in zip(found, [*rows["rows"], *rows["by_zone"]], strict=True):
        for name, value in expected.items():
            assert row[name] == ("" if value is None else str(value))
    assert rows["signature"] in done.stderr


@pytest.mark.parametrize("format", ["markdown", "latex"])
def test_documents_have_the_tables_of_the_terminal(format: str) -> None:
    row = score(PASS, tracks=["values"], resamples=100).row("b", "values.span")
    done = tripoli("score", PASS, "--track", "values", "--resamples", "100", "--format", format)
    for number in (row.f1, row.precision, row.low, row.ceiling):
        assert f"{number:.3f}" in done.stdout
    assert "tracks:values" in done.stdout.replace("\\", "")


GRID = Grid("a|b", ["x_y", "F1"], [["<script>&%$#{}~^\\ |*", "0.5"]])


def test_texts_are_quoted_for_markdown_and_latex() -> None:
    assert r"| \<script\>\&%$#{}~^\\ \|\* | 0.5 |" in markdown([GRID], [])
    assert r"<script>\&\%\$\#\{\}\textasciitilde{}\textasciicircum{}\textbackslash{} |* & 0.5 \\" in latex([GRID], [])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_a_spreadsheet_computes_nothing(text: str) -> None:
    assert list(csv.reader(io.StringIO(to_csv([{"a": text, "b": -0.5}], ["a", "b"])))) == [
        ["a", "b"],
        ["'" + text, "-0.5"],
    ]


def test_errors_say_the_same_in_every_form() -> None:
    found = errors(PASS)
    lines = tripoli("errors", PASS, "--format", "jsonl").stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(tripoli("errors", PASS, "--format", "csv").stdout)))
    whole = json.loads(tripoli("errors", PASS, "--format", "json").stdout)

    assert len(lines) == len(rows) == len(whole["findings"]) == len(found.findings)
    assert [json.loads(line) for line in lines] == whole["findings"]
    assert [row["reason"] for row in rows] == [finding.reason for finding in found.findings]


def test_errors_sum_to_the_counts_of_the_score() -> None:
    for boilerplate in (False, True):
        found = errors(PASS, boilerplate=boilerplate)
        scores = score(PASS, resamples=0, boilerplate=boilerplate)
        assert len(found.metrics) == 8
        for metric, analysed in found.metrics.items():
            row = scores.row("b", metric)
            assert (analysed.tp, analysed.fp, analysed.fn, analysed.f1) == (row.tp, row.fp, row.fn, row.f1)
            assert sum(cell.number for cell in analysed.confusion if cell.gold is not None) == (row.tp or 0) + (
                row.fn or 0
            )
            assert sum(gain.number for gain in analysed.gains) == sum(
                finding.reason != "correct" for finding in found.findings if finding.metric == metric
            )


def test_errors_are_shown_to_a_person(tmp_path: Path) -> None:
    write_documents(
        tmp_path / "gold.jsonl", [Document("a", text="Ana Ruiz left Oslo", mentions=(Mention(0, 8, "PER"),))]
    )
    write_documents(tmp_path / "system.jsonl", [Document("a", mentions=(Mention(4, 8, "ORG"),))])

    done = tripoli("errors", tmp_path / "system.jsonl", "--gold", tmp_path / "gold.jsonl", "--track", "ner")

    [line] = [line for line in done.stdout.splitlines() if "Ana Ruiz" in line]
    assert line.split() == ["boundary-and-type", "a:4", "Ana", "Ruiz", "PER", "Ruiz", "ORG"]
    assert "+1.000" in done.stdout  # all that is wrong is that


def test_errors_are_of_one_system(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_documents(tmp_path / name / "predictions.jsonl", [Document("a")])
    with pytest.raises(UsageError, match="expected one"):
        errors(tmp_path)
    with pytest.raises(UsageError, match="no error analysis of track 'xcoref'"):
        errors(tmp_path / "one", tracks=["xcoref"])
