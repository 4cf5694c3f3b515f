"""One measurement in a process of its own: CPU seconds of a call, wall seconds, and peak memory.

What is timed is the scoring alone; its input is made or read before. Prints a line of JSON.
"""

from __future__ import annotations

import json
import pickle
import re
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = Callable[[], object]


def _tags(folder: Path) -> tuple[list[list[str]], list[list[str]]]:
    with (folder / "tags.pickle").open("rb") as file:
        found: tuple[list[list[str]], list[list[str]]] = pickle.load(file)  # noqa: S301 - written by the same run
    return found


def ours_strict(folder: Path) -> Work:
    """All types by strict matching: what seqeval computes."""
    from tripoli_bench.scores import score_tags

    gold, predicted = _tags(folder)
    return lambda: score_tags(gold, predicted, metrics=["ner.strict"]).row("predicted", "ner.strict").f1


def ours_all(folder: Path) -> Work:
    """All types by the four matching schemes: what nervaluate computes."""
    from tripoli_bench.scores import score_tags

    gold, predicted = _tags(folder)
    return lambda: score_tags(gold, predicted).row("predicted", "ner.strict").f1


def seqeval_f1(folder: Path) -> Work:
    """Micro F1 of seqeval's default."""
    from seqeval.metrics import f1_score

    gold, predicted = _tags(folder)
    return lambda: f1_score(gold, predicted)


def seqeval_report(folder: Path) -> Work:
    """The default report of seqeval, by type."""
    from seqeval.metrics import classification_report

    gold, predicted = _tags(folder)
    return lambda: classification_report(gold, predicted, output_dict=True)["micro avg"]["f1-score"]


def seqeval_strict(folder: Path) -> Work:
    """The strict report of seqeval, by type."""
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    gold, predicted = _tags(folder)
    options: dict[str, Any] = {"mode": "strict", "scheme": IOB2, "output_dict": True}
    return lambda: classification_report(gold, predicted, **options)["micro avg"]["f1-score"]


def nervaluate_all(folder: Path) -> Work:
    """The four schemes of nervaluate, by type."""
    from nervaluate import Evaluator

    gold, predicted = _tags(folder)
    types = sorted({tag[2:] for sentence in gold for tag in sentence if tag != "O"})

    def work() -> object:
        return Evaluator(gold, predicted, tags=types, loader="list").evaluate()["overall"]["strict"].f1

    return work


def spacy_spans(folder: Path) -> Work:
    """The span scorer of spaCy, by type, on documents made before."""
    import spacy
    from spacy.scorer import Scorer
    from spacy.tokens import Doc
    from spacy.training import Example

    gold, predicted = _tags(folder)
    vocab = spacy.blank("en").vocab
    examples = []
    for one, other in zip(gold, predicted, strict=True):
        words = ["w"] * len(one)
        examples.append(Example(Doc(vocab, words, ents=other), Doc(vocab, words, ents=one)))
    return lambda: Scorer.score_spans(examples, "ents")["ents_f"]


def ours_jsonl(folder: Path) -> Work:
    """All types by strict matching, of two files of JSON Lines, read from disk."""
    from tripoli_bench.scores import score

    gold, predicted = folder / "gold.jsonl", folder / "predicted.jsonl"
    return lambda: score(predicted, gold, metrics=["ner.strict"], resamples=0).row("predicted", "ner.strict").f1


def decode_jsonl(folder: Path) -> Work:
    """Decoding the same two files with msgspec, keeping nothing."""
    import msgspec

    def work() -> None:
        for name in ("gold.jsonl", "predicted.jsonl"):
            with (folder / name).open("rb") as lines:
                for line in lines:
                    msgspec.json.decode(line)

    return work


def json_jsonl(folder: Path) -> Work:
    """Decoding the same two files with Python's own json, keeping nothing."""

    def work() -> None:
        for name in ("gold.jsonl", "predicted.jsonl"):
            with (folder / name).open("rb") as lines:
                for line in lines:
                    json.loads(line)

    return work


def _chains(folder: Path, name: str) -> Work:
    from scipy.optimize import linear_sum_assignment  # noqa: F401 - loaded before the clock starts

    from tripoli_bench.scores import score

    gold, predicted = folder / f"{name}-gold.jsonl", folder / f"{name}-predicted.jsonl"
    return lambda: score(predicted, gold, tracks=["coref"], resamples=0).row(predicted.stem, "coref.conll").f1


def ours_chains(folder: Path) -> Work:
    """Six coreference metrics of many articles, read from disk."""
    return _chains(folder, "chains")


def ours_long(folder: Path) -> Work:
    """Six coreference metrics of one article of many mentions, read from disk."""
    return _chains(folder, "long")


def ours_paired(_folder: Path) -> Work:
    """Every pair of ten systems tested by randomisation over a thousand articles."""
    from work import counts

    from tripoli_bench.paired import micro_columns, paired_tests

    made = micro_columns(counts(10, 1000)[:, :, None])
    return lambda: paired_tests(made, [made.shape[1]], test="randomisation", resamples=10_000, seed=1)


MEASURED: dict[str, Callable[[Path], Work]] = {
    work.__name__: work
    for work in (
        ours_strict,
        ours_all,
        seqeval_f1,
        seqeval_report,
        seqeval_strict,
        nervaluate_all,
        spacy_spans,
        ours_jsonl,
        decode_jsonl,
        json_jsonl,
        ours_chains,
        ours_long,
        ours_paired,
    )
}
"""What can be measured, by name."""


def peak_memory() -> float:
    """Return the peak of this process in MB; on Linux without that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure the work named on the command line, in the folder named after it."""
    warnings.simplefilter("ignore")
    work = MEASURED[sys.argv[1]](Path(sys.argv[2]))
    before = peak_memory()
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = peak_memory()
    kept = result if isinstance(result, float) else None
    print(json.dumps({"cpu": cpu, "wall": wall, "before": before, "peak": peak, "result": kept}))


if __name__ == "__main__":
    main()
