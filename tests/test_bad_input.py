"""Predictions made wrong on purpose, or by a program: each is refused with its place, none is guessed at."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from test_cli import tripoli
from tripoli_bench import score
from tripoli_loaders import Document, FormatError, Mention, check, write_documents

ARTICLE = "000_d6beca6479d48766"
PLAIN = '{"start":136,"end":150,"type":"PER"}'  # counted in columns where nothing else is there


def problems(path: Path, **options: Any) -> list[tuple[int, str]]:
    with pytest.raises(FormatError) as caught:
        score(path, tracks=["ner"], **options)
    return [(problem.line, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "item",
    [
        '{"start":136,"start":2,"end":150,"type":"PER"}',
        '{"start":136,"start" :2,"end":150,"type":"PER"}',
        '{"start":136,"\\u0073tart":2,"end":150,"type":"PER"}',
        '{"start":136,"start":2,"end":150,"type":"\\u003aX"}',  # a string that, written anew, looks like one field more
        '{"start":136,"start":2,"end":150,"type":"a\\u0022:"}',
        '{"start":136,"start":2,"end":150,"type":":"}',
    ],
)
@pytest.mark.parametrize("rest", ["", ',"events":[]'], ids=["plain", "full"])
@pytest.mark.parametrize("own", [False, True], ids=["data set", "own gold"])
def test_a_field_given_twice_is_refused(tmp_path: Path, item: str, rest: str, own: bool) -> None:
    path = tmp_path / "system.jsonl"
    path.write_text(f'{{"id":"{ARTICLE}","mentions":[{PLAIN.replace("136", "1")},{item}]{rest}}}\n')
    write_documents(tmp_path / "gold.jsonl", [Document(ARTICLE, mentions=(Mention(136, 150, "PER", "NAM"),))])
    found = problems(path, gold=tmp_path / "gold.jsonl" if own else None)
    assert (1, "repeated-field") in found


@pytest.mark.parametrize("rest", ["", ',"events":[]'], ids=["plain", "full"])
@pytest.mark.parametrize("offset", ["-1", str(2**31), str(2**61), str(2**63), "1e3", "1.0", "true", '"1"', "null"])
def test_an_offset_that_is_none_is_refused(tmp_path: Path, offset: str, rest: str) -> None:
    line = f'{{"id":"a","mentions":[{{"start":0,"end":{offset},"type":"PER"}}]{rest}}}\n'
    (tmp_path / "system.jsonl").write_text(line)
    (tmp_path / "gold.jsonl").write_text('{"id":"a","mentions":[]}\n')
    assert len(problems(tmp_path / "system.jsonl", gold=tmp_path / "gold.jsonl")) == 1
    (tmp_path / "empty.jsonl").write_text('{"id":"a"}\n')
    assert len(problems(tmp_path / "empty.jsonl", gold=tmp_path / "system.jsonl")) == 1


@pytest.mark.parametrize("field", ['"language":5', '"language":"en","extra":1', '"language":"en","certainty":"sure"'])
def test_wrong_metadata_has_its_place(tmp_path: Path, field: str) -> None:
    known = '"published":"2019","certainty":"certain","basis":"x"'.replace(
        '"certainty":"certain",' if "certainty" in field else "\0", ""
    )
    path = tmp_path / "system.jsonl"
    path.write_text(f'{{"id":"{ARTICLE}","mentions":[],"metadata":{{{known},{field}}}}}\n')
    [problem] = check([path])
    assert problem.path.startswith("$.metadata.")
    assert problems(path) == [(1, problem.code)]


def test_a_line_that_breaks_off_is_the_line_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.jsonl").write_text('{"id":"a"}\n{"id":"b","mentions":[{"start":1,\n')
    assert [(p.line, p.code) for p in check([tmp_path / "cut.jsonl"]) if p.code == "bad-json"] == [(2, "bad-json")]


@pytest.mark.parametrize("value", ['{"a":1}', "7", '"sometimes"'])
def test_a_field_of_few_values_takes_no_other(tmp_path: Path, value: str) -> None:
    (tmp_path / "system.jsonl").write_text(f'{{"id":"{ARTICLE}","mentions":[],"scope":{value}}}\n')
    assert problems(tmp_path / "system.jsonl") == [(1, "wrong-type")]


def test_skipping_says_how_many_lines_were_left_out(tmp_path: Path) -> None:
    gold = [Document(name, mentions=(Mention(0, 4, "PER", "NAM"),)) for name in "abc"]
    write_documents(tmp_path / "gold.jsonl", gold)
    lines = (tmp_path / "gold.jsonl").read_text().splitlines()
    (tmp_path / "system.jsonl").write_text(f'{lines[0]}\n{{"id": "b", "mentions": 5}}\nnonsense\n{lines[2]}\n')

    assert [line for line, _ in problems(tmp_path / "system.jsonl", gold=tmp_path / "gold.jsonl")] == [2, 3]
    left = score(tmp_path / "system.jsonl", tmp_path / "gold.jsonl", ["ner"], skip_invalid=True, resamples=0)
    row = left.row("system", "ner.strict")
    assert (row.tp, row.fp, row.fn) == (2, 0, 1)
    assert "|left-out:system=2|" in left.signature
    assert [(problem.code, problem.message[:25]) for problem in left.problems] == [
        ("left-out", "2 invalid lines are left "),
    ]
    done = tripoli(
        "score", tmp_path / "system.jsonl", "--gold", tmp_path / "gold.jsonl", "--skip-invalid", "--track", "ner"
    )
    assert done.returncode == 1
    assert "2 invalid lines are left out" in done.stdout


def test_gold_that_is_not_in_order_is_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text('{"id":"a","mentions":[]}\n{"id":"a","mentions":[]}\nnonsense\n')
    (tmp_path / "system.jsonl").write_text("more nonsense\n")
    with pytest.raises(FormatError) as caught:
        score(tmp_path / "system.jsonl", tmp_path / "gold.jsonl", skip_invalid=True)
    assert [(Path(p.file).stem, p.line, p.code) for p in caught.value.problems] == [
        ("gold", 2, "repeated-article"),
        ("gold", 3, "bad-json"),
    ]


def test_gold_without_a_document_is_named(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").touch()
    with pytest.raises(FormatError, match=r"gold\.jsonl:1: unreadable-file: found no document"):
        score(tmp_path / "gold.jsonl", tmp_path / "gold.jsonl")


def test_articles_in_any_order_are_paired_by_id(tmp_path: Path) -> None:
    gold = [Document(f"a{n}", mentions=(Mention(n, n + 4, "PER", "NAM"),)) for n in range(20)]
    write_documents(tmp_path / "gold.jsonl", gold)
    write_documents(tmp_path / "system.jsonl", [*gold[::-1][5:], Document("elsewhere")])
    found = score(tmp_path / "system.jsonl", tmp_path / "gold.jsonl", ["ner"], resamples=0)
    assert found.row("system", "ner.strict").tp == 15
    missing = [problem.article for problem in found.problems if problem.code == "missing-article"]
    assert missing == sorted(f"a{n}" for n in range(15, 20))
    assert [problem.article for problem in found.problems if problem.code == "unknown-article"] == ["elsewhere"]


def test_many_problems_take_no_longer_than_they_are_many(tmp_path: Path) -> None:
    spans = [{"start": 999_999 + n, "end": 9_999_999 + n, "type": "PER"} for n in range(3000)]
    (tmp_path / "deep.json").write_text(json.dumps({"id": ARTICLE, "mentions": spans}, indent=1))
    fields = {f"k{n}": n for n in range(20_000)}
    (tmp_path / "wide.jsonl").write_text(json.dumps({"id": ARTICLE, **fields})[:-1] + ', "k0": 1}')
    (tmp_path / "same.jsonl").write_text(f'{{"id":"{ARTICLE}","mentions":[{",".join([PLAIN] * 100_000)}]}}\n')
    started = time.process_time()
    assert len(check([tmp_path / "same.jsonl"])) == 100_000 - 1
    found = check([tmp_path / "deep.json"])
    assert (found[0].line, found[-1].line) == (4, 4 + 5 * 2999)
    assert len(check([tmp_path / "wide.jsonl"])) == 20_000 + 1
    assert time.process_time() - started < 10  # it took minutes when each problem was looked for anew


def test_remarks_and_messages_are_no_flood(tmp_path: Path) -> None:
    write_documents(tmp_path / "gold.jsonl", [Document("a", mentions=())])
    spans = tuple(Mention(n, n + 1, f"T{n}") for n in range(2000))
    write_documents(tmp_path / "many.jsonl", [Document("a", mentions=spans)])
    found = score(tmp_path / "many.jsonl", tmp_path / "gold.jsonl", metrics=["ner.strict"], resamples=0)
    assert found.row("many", "ner.strict").fp == 2000
    assert len(found.problems) == 11
    assert found.problems[-1].message.startswith("and 1990 more of this kind")

    label = PLAIN.replace("PER", "x" * 10**6)
    (tmp_path / "long.jsonl").write_text(f'{{"id":"{ARTICLE}","text":"{"x" * 10**6}","mentions":[{label}]}}\n')
    assert all(len(str(problem)) < 1000 for problem in check([tmp_path / "long.jsonl"]))
    (tmp_path / "label.jsonl").write_text(f'{{"id":"{ARTICLE}","mentions":[{label}]}}\n')
    assert len(tripoli("score", tmp_path / "label.jsonl", "--track", "ner").stdout) < 20_000


def test_a_name_that_is_no_utf8_is_no_traceback(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/bad\xff.jsonl"
    try:
        with open(path, "wb") as file:  # noqa: PTH123 - a Path has no such name
            file.write(f'{{"id":"{ARTICLE}","mentions":[]}}'.encode())
    except OSError:
        return  # a file system that does not take it
    for verb in ("score", "errors", "check"):
        done = tripoli(verb, os.fsdecode(path), *(["--json"] if verb == "check" else ["--format", "json"]))
        assert "Traceback" not in done.stderr
        json.loads(done.stdout)


REFUSED = [
    ("score", "{tags}", "--gold", "{tags}", "--alternatives"),
    ("score", "{tags}", "--gold", "{tags}", "--boilerplate"),
    ("score", "{tags}", "--gold", "{tags}", "--with", "seqeval"),
    ("score", "{tags}", "--gold", "{tags}", "--singletons", "drop"),
    ("score", "{tags}"),
    ("score", "{docs}", "--gold", "{tags}"),
    ("score", "{docs}", "--tags", "strict"),
    ("score", "{docs}", "--tags", "maybe"),
    ("score", "{docs}", "--like", "nobody"),
    ("score", "{docs}", "--like", "seqeval", "--jobs", "2"),
    ("score", "{docs}", "--like", "seqeval", "--resamples", "500"),
    ("score", "{docs}", "--like", "seqeval", "--singletons", "drop"),
    ("score", "{docs}", "--like", "seqeval", "--track", "ner"),
    ("score", "{docs}", "--track", "ner", "--metric", "ner.strict"),
    ("score", "{docs}", "--metric", "ner.nothing"),
    ("score", "{docs}", "--format", "nonsense"),
    ("score", "{docs}", "--jobs", "0"),
    ("compare", "{tags}", "{docs}"),
    ("errors", "{tags}", "--gold", "{tags}"),
    ("errors", "{docs}", "--track", "xcoref"),
    ("errors", "{docs}", "--format", "latex"),
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_options_that_have_no_part_are_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "t.iob2").write_text("a B-PER\n")
    (tmp_path / "d.jsonl").write_text(f'{{"id":"{ARTICLE}","mentions":[]}}\n')
    places = {"tags": tmp_path / "t.iob2", "docs": tmp_path / "d.jsonl"}
    done = tripoli(*(word.format(**places) for word in words))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
