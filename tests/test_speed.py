"""Speed: the page holds what `make speed` measured, the work it measures on is sound, and memory stays flat."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from seqeval.metrics import f1_score

from tripoli_bench import score_tags

SPEED = Path(__file__).parent.parent / "benchmarks" / "speed"
sys.path.insert(0, str(SPEED))

from work import entities_of, tag_sentences, write_chains, write_documents  # noqa: E402 - a folder of scripts


def test_every_goal_on_the_page_is_met() -> None:
    page = SPEED.with_suffix(".md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.endswith(("| met |", "| NOT MET |"))]
    assert len(rows) == 11
    assert [row for row in rows if row.endswith("| NOT MET |")] == []
    for row in rows:
        goal, reached = (float(re.search(r"[\d.]+", cell)[0]) for cell in row.split("|")[3:5])  # type: ignore[index]
        assert reached >= goal if "times as fast" in row else reached <= goal, row


def test_the_peers_got_the_same_score_on_the_same_work() -> None:
    page = SPEED.with_suffix(".md").read_text(encoding="utf-8")
    found = dict(re.findall(r"^\| `(\w+)` .* ([\d.]+) \|$", page, re.MULTILINE))
    same = ("ours_strict", "ours_all", "ours_jsonl", "seqeval_f1", "seqeval_strict", "nervaluate_all", "spacy_spans")
    assert len({found[name] for name in same}) == 1


def test_the_work_is_seeded_and_well_formed() -> None:
    gold, predicted = tag_sentences(20_000, 18)
    assert (gold, predicted) == tag_sentences(20_000, 18)
    f1 = score_tags(gold, predicted).row("predicted", "ner.strict").f1
    assert f1 == pytest.approx(f1_score(gold, predicted), abs=1e-12)
    assert 0.8 < (f1 or 0) < 0.95


MEASURED = """
import sys
from tripoli_bench import score
score(sys.argv[2], sys.argv[1], metrics=["ner.strict"], resamples=0)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak")
def test_memory_does_not_grow_with_the_number_of_articles(tmp_path: Path) -> None:
    peaks = []
    for tokens in (400_000, 1_600_000):
        gold, predicted = tag_sentences(tokens, 18)
        for name, side in (("gold", gold), ("predicted", predicted)):
            write_documents(tmp_path / f"{name}{tokens}.jsonl", side)
        command = [sys.executable, "-c", MEASURED, f"gold{tokens}.jsonl", f"predicted{tokens}.jsonl"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] - peaks[0] < 10  # MB; the two files grew by 12


def test_generated_documents_hold_the_tags_spans(tmp_path: Path) -> None:
    gold, _ = tag_sentences(500, 3)
    write_documents(tmp_path / "gold.jsonl", gold, per_article=1)
    lines = (tmp_path / "gold.jsonl").read_text().splitlines()
    assert [line.count('"start"') for line in lines] == [len(list(entities_of(tags))) for tags in gold]


def test_generated_chains_are_two_sides_of_the_same_articles(tmp_path: Path) -> None:
    write_chains(tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl", 3, 40)
    gold, predicted = ((tmp_path / f"{name}.jsonl").read_text().splitlines() for name in ("gold", "predicted"))
    assert [line.count('"entity"') for line in gold] == [40] * 3
    assert all(20 < line.count('"entity"') <= 40 for line in predicted)
