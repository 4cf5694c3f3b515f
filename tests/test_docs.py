"""The documents say what the commands print: figures are written by `make docs`, commands are run.

With UPDATE_DOCS=1 in the environment the figures are written instead of compared.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tripoli_bench.agreement import agree, agreement_table
from tripoli_loaders import Document, annotations_path, claims, claims_table, counts_table, read_gold

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CARD = ROOT / "DATASET_CARD.md"


def shell(command: str, folder: Path) -> str:
    """Run a command of the README as a user would, with `tripoli` and `python` those of this environment."""
    command, _, target = command.partition(" > ")
    words = shlex.split(command, comments=True)
    programs = {"tripoli": [sys.executable, "-m", "tripoli_bench.cli"], "python": [sys.executable]}
    inner = [word.replace("cmd:python ", f"cmd:{shlex.quote(sys.executable)} ") for word in words[1:]]
    path = os.pathsep.join(str(ROOT / part) for part in ("loaders", "benchmarks"))
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [*programs[words[0]], *inner], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    if target:
        (folder / target).write_text(done.stdout)
    return done.stdout


def block(file: Path, name: str) -> re.Match[str]:
    found = re.search(rf"<!-- {name}: written by `make docs` -->\n(.*?)<!-- end -->", file.read_text(), re.DOTALL)
    assert found is not None
    return found


def hold(file: Path, name: str, expected: str) -> None:
    """Compare a block of a document with what it should say, or write it.

    A conditional random field trained on another processor may not come out the same to the last digit, so lines and
    columns of `crf` may differ a little.
    """
    found = block(file, name)
    if os.environ.get("UPDATE_DOCS"):
        text = file.read_text()
        file.write_text(text[: found.start(1)] + expected + text[found.end(1) :])
        return
    ours, theirs = found[1].splitlines(), expected.splitlines()
    assert len(ours) == len(theirs), f"{file.name} is out of date: run make docs"
    for one, other in zip(ours, theirs, strict=True):
        if file is README and (one.startswith("crf") or len(one.split()) == 4):  # a row of crf, or its column
            numbers = [[float(n) for n in re.findall(r"\d+(?:\.\d+)?", line)] for line in (one, other)]
            assert numbers[0] == pytest.approx(numbers[1], abs=0.02, rel=0.05), (one, other)
        else:
            assert one == other, f"{file.name} is out of date: run make docs"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run what `make bench` runs, taken from the Makefile."""
    folder = tmp_path_factory.mktemp("bench")
    recipe = re.search(r"^bench:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    run, score = (line.strip().removeprefix("$(BIN)/") for line in recipe[1].splitlines())
    shell(run, folder)
    (folder / "printed.txt").write_text(shell(score, folder))
    return folder


def test_leaderboard_in_the_readme(bench: Path) -> None:
    printed = (bench / "printed.txt").read_text().splitlines()
    tables = "\n".join(printed).split("\n\n")
    titles = ("ner.strict: micro", "ner: ", "mentions.strict: micro", "values.span: micro")
    shown = [table for table in tables if table.startswith(titles)]
    text = "\n\n".join("\n".join(line.rstrip() for line in table.splitlines()) for table in shown)

    hold(README, "leaderboard", f"```text\n{text}\n\n{printed[-1]}\n```\n")


def test_counts_in_the_card() -> None:
    hold(CARD, "counts", counts_table(read_gold()))


def test_agreement_in_the_card() -> None:
    passes = (read_gold(annotations_path() / "passes" / name) for name in "ab")

    hold(CARD, "agreement", agreement_table(agree(*passes)))


def test_claims_in_the_card() -> None:
    hold(CARD, "claims", claims_table(claims(read_gold())))


def test_readme_commands_and_code_run(tmp_path: Path) -> None:
    for language, text in re.findall(r"```(\w+)\n(.*?)```", README.read_text(), re.DOTALL):
        if language == "python" and text.startswith("# my_tagger.py"):
            (tmp_path / "my_tagger.py").write_text(text)
        elif language == "python":
            (tmp_path / "code.py").write_text(text)
            printed = shell("python code.py", tmp_path)
            told = re.search(r"print.*  # (.*)$", text, re.MULTILINE)  # what the README says it prints
            if told is not None:
                assert printed.strip() == told[1]
            else:
                assert re.search(r"^0\.\d+ 0\.\d+ 0\.\d+ tracks:ner\|", printed, re.MULTILINE)
        elif language == "console":
            for command in re.findall(r"^\$ (tripoli .*)$", text, re.MULTILINE):
                shell(command, tmp_path)


def test_readme_example_document_is_gold() -> None:
    example = re.search(r"```json\n(.*?)```", README.read_text(), re.DOTALL)
    assert example is not None
    shown = msgspec.json.decode(example[1], type=Document)
    gold = read_gold()[0]

    assert shown.id == gold.id
    assert {msgspec.structs.replace(m, text=None) for m in gold.mentions or ()} >= set(shown.mentions or ())
    assert {msgspec.structs.replace(v, text=None) for v in gold.values or ()} >= set(shown.values or ())


def test_make_verbs_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for verb in re.findall(r"\bmake (\w+)", README.read_text() + (ROOT / "CONTRIBUTING.md").read_text()):
        assert re.search(rf"^{verb}:", makefile, re.MULTILINE), verb
