"""Measure this scorer beside its peers and write the table: `make speed`.

Each measurement is a process of its own, one after another, on the same generated work. Ratios are of CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from measure import MEASURED
from work import tag_sentences, write_chains, write_documents

HERE = Path(__file__).parent
TYPES = 18
QUICK = ("ours", "decode", "json")  # measured three times, the median counts
COREFUD = 27.45  # CPU seconds of corefud-scorer, which no package index has, on 1,000 articles; measured apart


class Measured(NamedTuple):
    """CPU and wall seconds of the call, memory in MB before it and at its peak, and the score."""

    cpu: float
    wall: float
    before: float
    peak: float
    result: float | None


class Goal(NamedTuple):
    """A line of goals: the work, ours, what it is held against, and how many times as fast it should be."""

    work: str
    ours: str
    peer: str
    named: str
    times: float


GOALS = (
    Goal("tags, strict, by type", "ours_strict", "seqeval_f1", "seqeval, default f1", 10),
    Goal("tags, strict, by type", "ours_strict", "seqeval_strict", "seqeval, strict report", 25),
    Goal("tags, four schemes, by type", "ours_all", "nervaluate_all", "nervaluate", 50),
)


def measure(name: str, folder: Path) -> Measured:
    """Run one measurement; of quick work the median of three."""
    times = 3 if name.startswith(QUICK) else 1
    command = [sys.executable, str(HERE / "measure.py"), name, str(folder)]
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    runs = []
    for _ in range(times):
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **one_thread})
        runs.append(Measured(**json.loads(done.stdout.splitlines()[-1])))
    print(f"{name}: {sorted(runs)[times // 2].cpu:.2f} s", file=sys.stderr)
    return sorted(runs)[times // 2]


def make_work(folder: Path, tokens: int) -> None:
    """Write all generated work into a folder."""
    gold, predicted = tag_sentences(tokens, TYPES)
    with (folder / "tags.pickle").open("wb") as file:
        pickle.dump((gold, predicted), file, protocol=5)
    write_documents(folder / "gold.jsonl", gold)
    write_documents(folder / "predicted.jsonl", predicted)
    write_chains(folder / "chains-gold.jsonl", folder / "chains-predicted.jsonl", 1000, 60)
    write_chains(folder / "long-gold.jsonl", folder / "long-predicted.jsonl", 1, 20_000)


def cpu_of(*command: str) -> float:
    """Return the CPU seconds of a command, the least of five runs."""
    import resource

    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds)


def table(found: dict[str, Measured], tokens: int, verbs: dict[str, float]) -> str:
    """Return the page: goals and what was reached, then every measurement."""
    lines = [
        "# Speed",
        "",
        "Written by `make speed`, in one run, on generated and seeded work; every measurement is a process of its own",
        f"with one thread. Ratios are of CPU seconds. Tags: {tokens:,} tokens, {TYPES} types.",
        "",
        "| work | held against | goal | reached | |",
        "|---|---|--:|--:|---|",
    ]

    def line(work: str, named: str, goal: str, reached: str, met: bool) -> None:
        lines.append(f"| {work} | {named} | {goal} | {reached} | {'met' if met else 'NOT MET'} |")

    for goal in GOALS:
        times = found[goal.peer].cpu / found[goal.ours].cpu
        line(goal.work, goal.named, f"{goal.times:g} times as fast", f"{times:.1f}", times >= goal.times)
    share = found["ours_jsonl"].cpu / found["decode_jsonl"].cpu
    line("JSON Lines, strict, by type", "decoding alone, msgspec", "2.5 times its time", f"{share:.2f}", share <= 2.5)
    grown = found["ours_jsonl"].peak - found["ours_jsonl"].before
    line("JSON Lines, memory", "before the call", "flat: 30 MB", f"{grown:.0f} MB", grown <= 30)
    times = COREFUD / found["ours_chains"].cpu
    named = f"corefud-scorer, {COREFUD} s elsewhere"
    line("coreference, 1,000 articles", named, "20 times as fast", f"{times:.1f}", times >= 20)
    long = found["ours_long"]
    line("coreference, 20,000 mentions", "", "2 s", f"{long.cpu:.2f} s", long.cpu <= 2)
    line("coreference, 20,000 mentions", "", "300 MB", f"{long.peak:.0f} MB", long.peak <= 300)
    paired = found["ours_paired"].cpu
    line("10 systems, 10,000 resamples, 1,000 articles", "", "1 s", f"{paired:.2f} s", paired <= 1)
    for verb, seconds in verbs.items():
        most = 0.25 if "help" in verb else 0.6
        line(f"`{verb}`", "", f"{most:g} s", f"{seconds:.2f} s", seconds <= most)
    lines += ["", "| measured | what | CPU s | wall s | peak MB | F1 |", "|---|---|--:|--:|--:|--:|"]
    for name, one in found.items():
        what = (MEASURED[name].__doc__ or "").strip().rstrip(".")
        score = "" if one.result is None else f"{one.result:.6f}"
        lines.append(f"| `{name}` | {what} | {one.cpu:.2f} | {one.wall:.2f} | {one.peak:.0f} | {score} |")
    packages = ("tripoli-bench", "numpy", "scipy", "msgspec", "seqeval", "nervaluate", "spacy", "scikit-learn")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    lines += ["", f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.machine()}.", ""]
    return "\n".join(lines)


def main() -> None:
    """Make the work, measure everything, write `speed.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=5_000_000)
    parser.add_argument("--out", type=Path, default=HERE.parent / "speed.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_work(folder, options.tokens)
        found = {name: measure(name, folder) for name in MEASURED}
    tripoli = str(Path(sys.executable).with_name("tripoli"))
    gold = str(HERE.parent.parent / "annotations" / "passes" / "a")
    verbs = {
        "tripoli --help": cpu_of(tripoli, "--help"),
        "tripoli score, one file, all tracks": cpu_of(tripoli, "score", gold),
    }
    options.out.write_text(table(found, options.tokens, verbs), encoding="utf-8")
    print(f"-> {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
