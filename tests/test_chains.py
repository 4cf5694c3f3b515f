"""Coreference metrics: the reference scorers' numbers, and laws that hold for any partitions."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripoli_bench.metrics.chains import CHAIN_METRICS, table

VECTORS = Path(__file__).parent / "vectors"
NAMES = {"muc": "muc", "b3": "bcub", "ceafe": "ceafe", "ceafm": "ceafm", "blanc": "blanc", "lea": "lea"}
# Cases in which a mention is in two chains of one side: no partition, so no metric here takes them.
NO_PARTITION = {
    "mention_in_two_pred_chains",
    "mention_in_two_gold_chains",
    "pred_chain_listed_twice",
    "many_repeated_mentions",
}

with gzip.open(VECTORS / "coref.jsonl.gz", "rt", encoding="utf-8") as lines:
    CASES: list[dict[str, Any]] = [json.loads(line) for line in lines]


def side(chains: list[list[list[int]]] | None) -> dict[tuple[int, ...], int]:
    return {tuple(mention): number for number, chain in enumerate(chains or ()) for mention in chain}


def sums_of(case: dict[str, Any], metric: str) -> list[float]:
    """Pool a case's articles; those without gold are not in the data set and do not count."""
    tables = [table(side(d["gold"]), side(d["pred"])) for d in case["documents"] if d["gold"] is not None]
    return [sum(parts) for parts in zip(*map(CHAIN_METRICS[metric], tables), strict=True)]


def follow(case: dict[str, Any], name: str) -> str | None:
    """Return the tool whose numbers count: any of those that have the metric, where they agree."""
    recommended = case.get("recommended", {}).get("follow")
    if recommended is not None:
        found = recommended.get(name)
        return None if found is None else str(found)
    if name == "blanc" and name in case["disagree"]:
        return "corefud"
    return next((tool for tool in ("corefud", "perl", "coval") if name in case["expected"].get(tool, {})), None)


def test_what_is_no_partition_is_named_in_the_conventions() -> None:
    page = (Path(__file__).parent.parent / "benchmarks" / "CONVENTIONS.md").read_text(encoding="utf-8")
    named = {case["name"] for case in CASES if f"| {case.get('name')} |" in page}

    assert named == NO_PARTITION


@pytest.mark.parametrize("metric", NAMES)
def test_sums_equal_the_reference_scorers(metric: str) -> None:
    compared = 0
    for case in CASES:
        tool = follow(case, NAMES[metric])
        if case.get("name") in NO_PARTITION or tool is None:
            continue
        expected = case["expected"][tool][NAMES[metric]]
        counts = expected.get("counts") or [*expected["coref_counts"], *expected["noncoref_counts"]]
        assert sums_of(case, metric) == pytest.approx(counts, abs=1e-9), (case["id"], tool)
        compared += 1
    assert compared > 315


partitions = st.dictionaries(st.integers(0, 12), st.integers(0, 4), max_size=12)
metrics = st.sampled_from(sorted(CHAIN_METRICS))


@given(partitions, metrics)
def test_a_partition_against_itself_is_right(gold: dict[int, int], metric: str) -> None:
    sums = CHAIN_METRICS[metric](table(gold, gold))

    for right, all_of_it in zip(sums[::2], sums[1::2], strict=True):
        assert right == pytest.approx(all_of_it)


@given(partitions, partitions, metrics)
def test_swapping_sides_swaps_precision_and_recall(
    gold: dict[int, int], predicted: dict[int, int], metric: str
) -> None:
    there, back = CHAIN_METRICS[metric](table(gold, predicted)), CHAIN_METRICS[metric](table(predicted, gold))

    for at in range(0, len(there), 4):
        assert there[at : at + 4] == pytest.approx((*back[at + 2 : at + 4], *back[at : at + 2]))


@given(partitions, partitions, metrics, st.permutations(range(5)))
def test_names_of_chains_mean_nothing(
    gold: dict[int, int], predicted: dict[int, int], metric: str, names: list[int]
) -> None:
    renamed = {item: names[chain] for item, chain in predicted.items()}

    assert CHAIN_METRICS[metric](table(gold, renamed)) == pytest.approx(CHAIN_METRICS[metric](table(gold, predicted)))


@given(partitions, partitions, metrics)
def test_sums_are_within_bounds(gold: dict[int, int], predicted: dict[int, int], metric: str) -> None:
    sums = CHAIN_METRICS[metric](table(gold, predicted))

    for right, all_of_it in zip(sums[::2], sums[1::2], strict=True):
        assert 0 <= right <= all_of_it + 1e-9


@given(partitions, partitions)
def test_alignment_of_chains_is_the_best(gold: dict[int, int], predicted: dict[int, int]) -> None:
    shared = Counter((gold[item], predicted[item]) for item in gold.keys() & predicted.keys())

    def best(rows: list[int], columns: frozenset[int]) -> int:
        """Try every alignment."""
        if not rows:
            return 0
        options = [best(rows[1:], columns)]
        options += [shared[rows[0], column] + best(rows[1:], columns - {column}) for column in columns]
        return max(options)

    found = CHAIN_METRICS["ceafm"](table(gold, predicted))[0]

    assert found == best(sorted(set(gold.values())), frozenset(predicted.values()))
