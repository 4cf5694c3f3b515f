"""The command line as its users meet it: exit status, what goes where, no traceback, quick start."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tripoli_loaders import annotations_path, read_documents, read_gold

ROOT = Path(__file__).parents[1]
GOLD = annotations_path() / "gold"
BAD = ROOT / "tests" / "bad"


def tripoli(*words: object, cwd: Path | None = None, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(ROOT / folder) for folder in ("loaders", "benchmarks"))
    return subprocess.run(
        [sys.executable, "-m", "tripoli_bench.cli", *map(str, words)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )


def ratios(printed: str) -> set[str]:
    """Return the ratios of tables but for the ceiling, the last of a line."""
    return {ratio for line in printed.splitlines() for ratio in re.findall(r"\b\d\.\d{3}\b", line)[:-1]}


def test_score_of_the_gold_itself() -> None:
    done = tripoli("score", GOLD)

    assert (done.returncode, done.stderr) == (0, "")
    assert ratios(done.stdout) == {"1.000"}
    assert done.stdout.rstrip().splitlines()[-1].startswith("tracks:ner+mentions+coref+xcoref+linking+values+triggers+")


def test_score_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()

    done = tripoli("score", tmp_path / "empty.jsonl")

    assert done.returncode == 1  # problems found
    assert ratios(done.stdout) == {"0.000"}
    named = re.findall(r"missing-article: no prediction for article (\w+)", done.stdout)
    assert named == [document.id for document in read_gold()]


def test_json_output_is_tidy() -> None:
    done = tripoli("score", GOLD, "--track", "ner", "--format", "json", "--resamples", "100")

    scores = json.loads(done.stdout)
    assert {"signature", "rows", "problems"} <= set(scores)
    fields = ["system", "metric", "article", "type", "precision", "recall", "f1", "tp", "fp", "fn", "low", "high"]
    assert all(list(row) == [*fields, "ceiling"] for row in scores["rows"])
    assert {row["zone"] for row in scores["by_zone"]} == {"title", "body"}
    [total] = [r for r in scores["rows"] if (r["metric"], r["article"], r["type"]) == ("ner.strict", None, None)]
    assert (total["f1"], total["fp"], total["fn"]) == (1.0, 0, 0)


def test_text_fits_a_terminal_of_80_columns() -> None:
    done = tripoli("score", GOLD, "--resamples", "100")

    assert max(len(line.rstrip()) for line in done.stdout.splitlines() if "|" not in line) <= 80


def test_seqeval_report_is_seqevals_own() -> None:
    done = tripoli("score", GOLD, "--track", "ner", "--with", "seqeval", "--resamples", "0")

    assert done.returncode == 0
    micro = re.search(r"micro avg +1\.0000 +1\.0000 +1\.0000 +(\d+)", done.stdout)
    assert micro is not None
    names = sum(m.level == "NAM" for d in read_gold() for m in d.mentions or ())
    assert int(micro[1]) == names + sum(len(d.values or ()) for d in read_gold())


@pytest.mark.parametrize("file", sorted(BAD.glob("*.jsonl")), ids=lambda file: file.stem)
def test_no_bad_file_gives_a_traceback(file: Path) -> None:
    checked, scored = tripoli("check", file), tripoli("score", file, "--resamples", "0")

    assert checked.returncode == scored.returncode == 1
    assert checked.stdout.startswith(f"{file}:")
    assert "Traceback" not in checked.stderr + scored.stderr
    assert f": {file.stem}: " in scored.stdout + scored.stderr or file.stem == "unknown-label"


def test_check_of_several_files_as_json(tmp_path: Path) -> None:
    done = tripoli("check", BAD / "bad-json.jsonl", BAD / "unknown-label.jsonl", tmp_path / "nowhere", "--json")

    codes = [problem["code"] for problem in json.loads(done.stdout)["problems"]]
    assert codes == ["bad-json", "unknown-label", "unreadable-file"]


def test_check_and_verify_find_nothing_in_the_gold() -> None:
    assert tripoli("check", GOLD).returncode == 0
    assert tripoli("data", "verify").returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["score", GOLD, "--track", "nre"], "no track 'nre'; expected one of ner, mentions"),
        (["score", GOLD, "--view", "mine"], "no view 'mine'; expected one of"),
        (["score", GOLD, "--format", "xml"], "expected text or json"),
        (["score", GOLD, "--with", "magic"], "expected seqeval"),
        (["score", GOLD, GOLD], "two systems are called 'gold'"),
        (["run", "magic", "--out", "x"], "no extractor 'magic'; expected one of rules, crf"),
        (["score"], "Missing argument"),
        (["nothing"], "No such command"),
    ],
    ids=lambda value: "-".join(map(str, value[:1])) if isinstance(value, list) else "",
)
def test_wrong_usage_is_status_2_and_says_what_exists(words: list[object], said: str, tmp_path: Path) -> None:
    done = tripoli(*words, cwd=tmp_path)

    assert done.returncode == 2
    assert said in re.sub(r"[\s│]+", " ", done.stderr)
    assert "Traceback" not in done.stderr


def test_run_reports_failures_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    a = json.loads(line)\n"
        "    assert '004' not in a['id'], 'too long'\n"
        "    print(json.dumps({'id': a['id']}))\n"
    )

    done = tripoli("run", f"cmd:{sys.executable} t.py", "--out", "out", cwd=tmp_path)

    assert done.returncode == 1
    assert "article 004_ccd8c022bdf48c30 failed: the command ended with status 1" in done.stderr
    assert "too long" in done.stderr
    [file] = tmp_path.glob("out/*/predictions.jsonl")
    assert len(read_documents(file)) == 4


def test_export_without_text_holds_none_of_it(tmp_path: Path) -> None:
    assert tripoli("data", "export", "--out", tmp_path, "--no-text").returncode == 0

    exported = (tmp_path / "gold.jsonl").read_text()
    assert "Haftar" not in exported
    assert '"text"' not in exported
    assert tripoli("score", tmp_path / "gold.jsonl", "--resamples", "0").returncode == 0


def test_reader_that_stops_reading_gives_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = tripoli("score", GOLD, "--resamples", "0", stdout=write)
    finally:
        os.close(write)

    assert "Traceback" not in done.stderr


def test_help_takes_less_than_a_quarter_second_of_cpu() -> None:
    def cpu() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert tripoli("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(cpu() for _ in range(5)) < 0.25


def test_heavy_packages_load_only_where_needed() -> None:
    code = (
        "import sys, tripoli_bench.cli;"
        "heavy = {'numpy', 'scipy', 'seqeval', 'sklearn', 'datasets', 'pycrfsuite'} & set(sys.modules);"
        "assert not heavy, heavy;"
        "from tripoli_bench import score; score([sys.argv[1]], resamples=100);"
        "heavy = {'seqeval', 'sklearn', 'datasets', 'pycrfsuite', 'scipy'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    path = os.pathsep.join(str(ROOT / folder) for folder in ("loaders", "benchmarks"))
    done = subprocess.run(
        [sys.executable, "-c", code, str(GOLD)], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )

    assert done.returncode == 0, done.stderr


def test_files_where_folders_should_be_give_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for words in (["run", "rules", "--out", "file"], ["data", "export", "--out", "file"]):
        done = tripoli(*words, cwd=tmp_path)
        assert done.returncode == 1
        assert "file" in done.stderr
        assert "Traceback" not in done.stderr


def test_export_does_not_overwrite(tmp_path: Path) -> None:
    assert tripoli("data", "export", "--out", tmp_path).returncode == 0
    before = (tmp_path / "gold.jsonl").read_bytes()

    done = tripoli("data", "export", "--out", tmp_path, "--no-text")

    assert (done.returncode, (tmp_path / "gold.jsonl").read_bytes()) == (2, before)


def test_names_are_no_markup(tmp_path: Path) -> None:
    content = '{"id": "000_d6beca6479d48766", "mentions": [{"start": 0, "end": 2, "type": "[/x]"}]}'
    (tmp_path / "a[b].jsonl").write_text(content)

    done = tripoli("score", "a[b].jsonl", "--resamples", "0", cwd=tmp_path)

    assert "a[b]" in done.stdout
    assert "[/x]" in done.stdout
    assert "Traceback" not in done.stderr


def test_many_long_names_stay_apart(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"model-number-{number}-large.jsonl").touch()

    done = tripoli("score", *sorted(tmp_path.iterdir()), "--resamples", "0")

    assert all(f"model-number-{number}-large" in done.stdout for number in range(8))
    assert "…" not in done.stdout


def test_resumed_run_says_so(tmp_path: Path) -> None:
    tripoli("run", "rules", "--out", "r", cwd=tmp_path)

    assert "5 of them from an earlier run" in tripoli("run", "rules", "--out", "r", cwd=tmp_path).stdout


def test_check_with_a_view_allows_its_labels(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text(
        '{"id": "000_d6beca6479d48766", "mentions": [{"start": 0, "end": 2, "type": "MISC"}]}\n'
    )

    assert tripoli("check", tmp_path / "p.jsonl").returncode == 1
    done = tripoli("check", tmp_path / "p.jsonl", "--view", "conll03")
    assert (done.returncode, done.stdout.strip()) == (0, f"no problems in 1 document of {tmp_path / 'p.jsonl'}")


def test_agree_names_the_articles_that_one_side_lacks() -> None:
    passes = annotations_path() / "passes"
    whole = tripoli("agree", passes / "a", passes / "b")
    part = tripoli("agree", passes / "a", sorted((passes / "b").iterdir())[0])

    assert (whole.returncode, part.returncode) == (0, 1)
    assert "arguments: trigger, role and filler" in whole.stdout
    assert "004_ccd8c022bdf48c30" in part.stderr


def test_claims_and_unmarked_are_printed() -> None:
    claims, unmarked = tripoli("data", "claims"), tripoli("data", "unmarked")

    assert "tripoli-deaths" in claims.stdout
    assert "cannot both be true" in claims.stdout
    assert unmarked.returncode == 0
    assert "0 of them without a rule" in unmarked.stdout


def test_agree_lists_what_differs_item_by_item() -> None:
    passes = annotations_path() / "passes"
    done = tripoli("agree", passes / "a", passes / "b", "--items")

    log = (annotations_path() / "adjudication.jsonl").read_text(encoding="utf-8")
    assert len(done.stdout.splitlines()) == log.count('"stage": "adjudication"')
    assert "events: realis: Other | Generic" in done.stdout
