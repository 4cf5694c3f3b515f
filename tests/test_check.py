"""Every code of `tripoli check` has one smallest file that has it and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tripoli_loaders import CODES, FormatError, check, corpus, iter_documents, read_documents
from tripoli_loaders.model import Document, Mention

BAD = Path(__file__).parent / "bad"
ARTICLE = "000_d6beca6479d48766"
WITHOUT_FILE = {"unreadable-file", "unequal-length"}  # the latter is of two files


def test_every_code_has_a_bad_file() -> None:
    assert {file.stem for file in BAD.iterdir()} | WITHOUT_FILE == set(CODES)


@pytest.mark.parametrize("file", sorted(BAD.iterdir()), ids=lambda file: file.stem)
def test_bad_file_has_its_code_alone(file: Path) -> None:
    [problem] = check([file])

    assert problem.code == file.stem
    assert problem.file == str(file)
    assert str(problem).startswith(f"{file}:{problem.line}: {problem.code}: ")


@pytest.mark.parametrize("file", sorted(BAD.iterdir()), ids=lambda file: file.stem)
def test_line_counts_blank_lines(file: Path, tmp_path: Path) -> None:
    [problem] = check([file])
    moved = tmp_path / file.name
    moved.write_bytes(b"\n \n\n" + file.read_bytes())

    [after_blank_lines] = check([moved])

    assert after_blank_lines.line == problem.line + 3


@pytest.mark.parametrize(
    "code",
    [
        "bad-json",
        "bad-encoding",
        "lone-surrogate",
        "nul-character",
        "wrong-type",
        "unknown-field",
        "offset-not-integer",
    ],
)
def test_reader_raises_what_check_reports(code: str) -> None:
    file = BAD / f"{code}.jsonl"

    with pytest.raises(FormatError) as caught:
        read_documents(file)

    assert caught.value.problems == check([file])


def test_missing_file_and_empty_folder_are_problems(tmp_path: Path) -> None:
    assert [problem.code for problem in check([tmp_path / "nowhere.jsonl", tmp_path])] == ["unreadable-file"] * 2


def test_all_problems_of_a_file_are_reported(tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text(
        '{"id": "%s", "mentions": [{"start": 1.5, "end": 2, "type": "PER", "z": 1},'
        ' {"start": -1, "end": 2, "type": "QQ"}, {"start": 9, "end": 5, "type": "PER", "level": 3}]}\n'
        "\n"
        "nonsense\n"
        '{"id": "elsewhere", "tokens": [[1, 2, 3]]}\n' % ARTICLE
    )

    found = {(problem.line, problem.code, problem.path) for problem in check([file])}

    assert found == {
        (1, "offset-not-integer", "$.mentions[0].start"),
        (1, "unknown-field", "$.mentions[0].z"),
        (1, "offset-out-of-range", "$.mentions[1]"),  # the index in the file, though mentions[0] is left out
        (1, "unknown-label", "$.mentions[1].type"),
        (1, "wrong-type", "$.mentions[2].level"),
        (3, "bad-json", "$"),
        (4, "wrong-type", "$.tokens[0]"),
        (4, "unknown-article", "$.id"),
    }


def test_line_of_an_item_in_a_file_with_an_item_a_line(tmp_path: Path) -> None:
    file = tmp_path / "article.json"
    file.write_text(
        '{\n "id": "%s",\n "tokens": [[0, 2],\n  [3, 6]],\n "mentions": [\n'
        '  {"start": 0, "end": 2, "type": "PER"},\n  {"start": 3, "end": 1, "type": "}, {", "text": "[,"}\n ]\n}\n'
        % ARTICLE
    )

    assert [(problem.line, problem.code) for problem in check([file])] == [(7, "offset-reversed"), (7, "unknown-label")]


def test_deep_nesting_and_huge_numbers_are_problems(tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text("[" * 100_000 + "\n" + '{"id": ' + "9" * 5000 + "}\n" + '{"id": NaN}\n')

    assert [(problem.line, problem.code) for problem in check([file])] == [(n, "bad-json") for n in (1, 2, 3)]


def test_huge_offset_is_out_of_range(tmp_path: Path) -> None:
    file = tmp_path / "huge.jsonl"
    file.write_text('{"id": "%s", "mentions": [{"start": 0, "end": 1%s, "type": "PER"}]}\n' % (ARTICLE, "0" * 30))

    assert [problem.code for problem in check([file])] == ["offset-out-of-range"]


def test_reading_is_lazy() -> None:
    documents = iter_documents(BAD / "repeated-article.jsonl")

    assert next(documents).id == ARTICLE


def test_own_gold_without_text_is_checked_for_order_alone(tmp_path: Path) -> None:
    gold = [Document("mine", mentions=(Mention(0, 10_000, "GENE"),))]
    file = tmp_path / "predictions.jsonl"
    file.write_text(
        '{"id": "mine", "mentions": [{"start": 7, "end": 9999999, "type": "GENE"},'
        ' {"start": 1, "end": 2, "type": "PROTEIN"}]}\n'
    )

    # Its labels are those that it holds.
    assert [(problem.code, problem.path) for problem in check([file], corpus(gold))] == [
        ("unknown-label", "$.mentions[1].type")
    ]


def test_reference_to_a_span_with_a_problem_is_not_a_second_problem(tmp_path: Path) -> None:
    file = tmp_path / "cascade.jsonl"
    file.write_text(
        '{"id": "%s", "mentions": [{"start": 0, "end": 2, "type": 1}], "events":'
        ' [{"start": 3, "end": 6, "type": "Life.Die", "arguments": [{"role": "Victim", "start": 0, "end": 2}]}]}\n'
        % ARTICLE
    )

    assert [problem.code for problem in check([file])] == ["wrong-type"]


def test_role_must_be_one_of_the_event_type(tmp_path: Path) -> None:
    file = tmp_path / "role.jsonl"
    file.write_text(
        '{"id": "%s", "mentions": [{"start": 0, "end": 2, "type": "PER"}], "events":'
        ' [{"start": 3, "end": 6, "type": "Life.Die", "arguments": [{"role": "Attacker", "start": 0, "end": 2}]}]}\n'
        % ARTICLE
    )

    [problem] = check([file])

    assert problem.code == "unknown-label"
    assert problem.path == "$.events[0].arguments[0].role"
    assert "Victim" in problem.message
