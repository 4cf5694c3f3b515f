"""Tags as input: both decodings equal seqeval's, files are paired by position, and every fault is named."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tripoli_bench import score, score_like, score_tags
from tripoli_bench.like.tagging import seqeval
from tripoli_bench.rows import Row
from tripoli_loaders import FormatError, UsageError, check
from tripoli_loaders.tagged import iter_blocks, read_block

VECTORS = Path(__file__).parent / "vectors"
Tags = list[list[str]]


def counts(row: Row) -> tuple[float, float, float]:
    """Return what is right, predicted and in the gold."""
    assert row.tp is not None
    return row.tp, row.tp + (row.fp or 0), row.tp + (row.fn or 0)


def write(path: Path, sentences: Tags, columns: str = "w {}") -> Path:
    path.write_text("\n\n".join("\n".join(columns.format(tag) for tag in tags) for tags in sentences) + "\n")
    return path


with gzip.open(VECTORS / "ner.jsonl.gz", "rt", encoding="utf-8") as lines:
    CASES: list[dict[str, Any]] = [json.loads(line) for line in lines]


@pytest.mark.parametrize(("decoding", "peer"), [("lenient", "seqeval_default"), ("strict", "seqeval_strict_iob2")])
def test_vectors_give_the_peers_counts(decoding: str, peer: str) -> None:
    for case in CASES:
        row = score_tags(case["gold"], case["pred"], decoding=decoding).row("predicted", "ner.strict")
        expected = case["expected"][peer]["micro"]
        assert counts(row) == (expected["tp"], expected["n_pred"], expected["n_gold"]), case["id"]


def test_four_schemes_give_nervaluates_counts_but_where_its_order_matters() -> None:
    """Every case that differs stands in the table of CONVENTIONS.md, with both counts."""
    names = {"strict": "ner.strict", "exact": "ner.span", "partial": "ner.partial", "ent_type": "ner.type"}
    differing = []
    for case in CASES:
        scores = score_tags(case["gold"], case["pred"])
        for theirs, ours in names.items():
            expected = case["expected"]["nervaluate"]["overall"][theirs]
            right = expected["correct"] + (expected["partial"] / 2 if theirs == "partial" else 0)
            found = counts(scores.row("predicted", ours))
            if found != (right, expected["actual"], expected["possible"]):
                assert found[0] > right  # the best assignment has more credit, never less
                differing.append(f"| {case['id']} | {ours} | nervaluate {theirs} {right:g} | {found[0]:g} |")
    page = (Path(__file__).parent.parent / "benchmarks" / "CONVENTIONS.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| p-")]
    assert [row[: len(line)] for row, line in zip(rows, differing, strict=True)] == differing


def draw(seed: int) -> tuple[Tags, Tags]:
    rng = random.Random(seed)
    tags = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG"]
    gold = [[rng.choice(tags) for _ in range(rng.randint(0, 9))] for _ in range(rng.randint(1, 4))]
    return gold, [[tag if rng.random() < 0.6 else rng.choice(tags) for tag in sentence] for sentence in gold]


@pytest.mark.parametrize("decoding", ["lenient", "strict"])
def test_any_tags_give_seqevals_counts(decoding: str) -> None:
    for seed in range(1500):
        gold, predicted = draw(seed)
        figures = {
            f.type: f.counts for f in seqeval(gold, predicted, strict=decoding == "strict") if "micro" in f.metric
        }
        scores = score_tags(gold, predicted, decoding=decoding)
        for name, expected in figures.items():
            row = scores.row("predicted", "ner.strict", type=name)
            assert counts(row) == (expected["tp"], expected["n_pred"], expected["n_gold"]), (seed, name)


def test_bilou_and_bioes_are_the_same_entities() -> None:
    bioes = [["S-PER", "O", "B-ORG", "I-ORG", "E-ORG", "B-PER"]]
    bilou = [["U-PER", "O", "B-ORG", "I-ORG", "L-ORG", "B-PER"]]
    assert counts(score_tags(bioes, bilou).row("predicted", "ner.strict")) == (3, 3, 3)


def test_sentences_are_the_units() -> None:
    gold, predicted = draw(3)
    scores = score_tags(gold * 50, predicted * 50, resamples=200)
    row = scores.row("predicted", "ner.strict")
    assert row.low is not None
    assert row.high is not None
    assert row.f1 is not None
    assert row.low <= row.f1 <= row.high
    assert "|interval:95%-bootstrap-sentence-200-" in scores.signature
    many = score_tags(gold * 600, predicted * 600, resamples=100)
    assert "bootstrap-1000-groups-of-sentences" in many.signature
    assert many.row("predicted", "ner.strict").f1 == row.f1


def test_files_give_what_lists_give_whatever_the_columns(tmp_path: Path) -> None:
    gold, predicted = draw(11)
    gold, predicted = [g for g in gold if g], [p for p in predicted if p]
    one = write(tmp_path / "gold.iob2", gold)
    other = write(tmp_path / "system.conll", predicted, "w\tNN\t{} \r")
    rows = score(other, one, resamples=0).rows
    for row, expected in zip(rows, score_tags(gold, predicted).rows, strict=True):
        assert counts(row) == counts(expected) if row.tp is not None else row.f1 == expected.f1


def test_jobs_change_nothing(tmp_path: Path) -> None:
    gold, predicted = draw(5)
    gold, predicted = [g for g in gold if g] * 6000, [p for p in predicted if p] * 6000
    one, other = write(tmp_path / "gold.iob2", gold), write(tmp_path / "system.iob2", predicted)
    assert score(other, one, resamples=100, jobs=2) == score(other, one, resamples=100)


def test_views_map_labels_of_tags() -> None:
    found = score_tags([["B-PERSON", "B-GPE"]], [["B-PER", "B-LOC"]], "conll03")
    assert counts(found.row("predicted", "ner.strict@conll03")) == (2, 2, 2)


def test_tags_that_continue_nothing_are_reported() -> None:
    found = score_tags([["B-PER", "I-ORG"]], [["I-PER", "I-PER"]])
    assert [(problem.code, problem.message[:6]) for problem in found.problems] == [
        ("orphan-tag", "1 tags"),
        ("orphan-tag", "1 tags"),
    ]


FAULTS = [  # of a gold of two sentences, O and O B-PER; what is left out, None where that does not help
    ("a O\n\nb O\nc PER\n", [(4, "bad-tag")], 1),
    ("a O\n\n\nb O\nc O\nd O\n", [(4, "unequal-length")], 1),  # two tags were expected
    ("a O\n\nb \xff\tO\nc PER\n", [(3, "bad-encoding"), (4, "bad-tag")], 1),
    ("a O\nb PER\n\n", [(1, "unequal-length"), (2, "bad-tag")], None),  # a sentence is missing
    ("a O\n\nb O\nc O\n\nd O\n", [(1, "unequal-length")], None),  # one is too many
    ("\n\n", [(1, "unequal-length")], None),
    ("a B-\0\n\nb O\nc O\rd O\n", [(1, "bad-tag"), (4, "bad-tag")], 2),
]


@pytest.mark.parametrize(("text", "expected", "left_out"), FAULTS)
def test_faults_are_named_with_their_line(
    tmp_path: Path, text: str, expected: list[tuple[int, str]], left_out: int | None
) -> None:
    gold = write(tmp_path / "gold.iob2", [["O"], ["O", "B-PER"]])
    system = tmp_path / "system.iob2"
    system.write_bytes(text.encode("latin-1"))
    with pytest.raises(FormatError) as caught:
        score(system, gold)
    problems = caught.value.problems
    assert [(problem.line, problem.code) for problem in problems] == expected
    assert {problem.file for problem in problems} == {str(system)}

    if left_out is None:
        with pytest.raises(FormatError, match="sentences, expected the 2 of"):
            score(system, gold, skip_invalid=True)
        return
    left = score(system, gold, resamples=0, skip_invalid=True)
    assert f"|left-out:system={left_out}|" in left.signature
    assert [problem.code for problem in left.problems] == ["left-out"]
    assert left.row("system", "ner.strict").fn == 1  # PER counts as missed


def test_blank_lines_at_the_border_of_a_block_are_no_sentence(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.iob2", [["B-PER"]] * 5000)
    system = tmp_path / "system.iob2"
    system.write_text(gold.read_text() + "\n\n \n")
    assert score(system, gold, resamples=0).row("system", "ner.strict").f1 == 1
    assert score(gold, system, resamples=0).row("gold", "ner.strict").f1 == 1


def test_a_file_without_a_sentence_is_no_gold(tmp_path: Path) -> None:
    (tmp_path / "empty.iob2").write_text("\n\n")
    for function in (score, score_like):
        with pytest.raises(FormatError, match=r"empty\.iob2:1: unreadable-file: found no sentence"):
            function(tmp_path / "empty.iob2", tmp_path / "empty.iob2")


def test_a_fault_far_down_has_its_line(tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.iob2", [["O"]] * 7000)
    system = write(tmp_path / "system.iob2", [["O"]] * 6500 + [["XX"]] + [["O"]] * 499)
    assert [problem.line for problem in check([system])] == [2 * 6500 + 1]
    with pytest.raises(FormatError, match=f"system.iob2:{2 * 6500 + 1}: bad-tag"):
        score(system, gold)


def test_blocks_hold_every_sentence_once(tmp_path: Path) -> None:
    path = write(tmp_path / "many.iob2", [[f"B-T{number}"] for number in range(25)])
    for size in (1, 3, 25, 100):
        tags = [s.tags[0] for block in iter_blocks(path, size) for s in read_block(block)[0]]
        assert tags == [f"B-T{number}" for number in range(25)]


def test_tags_and_documents_are_not_held_against_each_other(tmp_path: Path) -> None:
    tags = write(tmp_path / "system.iob2", [["O"]])
    (tmp_path / "system.jsonl").write_text('{"id": "a"}\n')
    with pytest.raises(UsageError, match="is a file of tags"):
        score(tags)
    with pytest.raises(UsageError, match="no file of tags"):
        score(tmp_path / "system.jsonl", tags)
    with pytest.raises(UsageError, match="no other track than ner"):
        score(tags, tags, ["mentions"])
    with pytest.raises(UsageError, match="expected one of lenient, strict"):
        score(tags, tags, decoding="wild")
    with pytest.raises(UsageError, match="textee scores events"):
        score_like(tags, tags, "textee")


def test_peers_read_files_of_tags(tmp_path: Path) -> None:
    case = next(case for case in CASES if not case["valid_iob2"])
    gold, system = write(tmp_path / "gold.iob2", case["gold"]), write(tmp_path / "system.iob2", case["pred"])
    for like, expected in (("seqeval", "seqeval_default"), ("seqeval-strict", "seqeval_strict_iob2")):
        row = score_like(system, gold, like).row("system", f"{like}.micro")
        micro = case["expected"][expected]["micro"]
        assert (row.precision, row.recall, row.f1) == pytest.approx((micro["P"], micro["R"], micro["F"]))
