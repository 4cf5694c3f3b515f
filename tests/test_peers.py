"""Equality with seqeval and nervaluate on seeded random sentences, where the peer itself is consistent.

seqeval 1.2.2 scores tags; on well-formed IOB2 its default and strict modes agree, and so must ours.
nervaluate 1.2.1 pairs spans greedily in the order of the predictions;
where its answer does not change when they are reversed, it must be ours.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from tripoli_bench.matching import Item
from tripoli_bench.metrics import Counts, count_items
from tripoli_bench.statistics import precision_recall_f1

TYPES = ("PER", "ORG", "LOC", "MISC")
CASES = 300

Sentence = list[Item]


def draw(rng: random.Random, types: tuple[str, ...], length: int) -> Sentence:
    """Return spans that do not overlap, with gaps and without."""
    spans, position = [], 0
    while position < length:
        size = rng.randint(1, 4)
        if position + size <= length and rng.random() < 0.5:
            spans.append(Item(position, position + size, rng.choice(types), (0, 0)))
            position += size
        else:
            position += 1
    return spans


def disturb(rng: random.Random, gold: Sentence, types: tuple[str, ...], length: int) -> Sentence:
    """Return a prediction with right and wrong boundaries and types, misses and additions, none overlapping."""
    moved = []
    for item in gold:
        if rng.random() < 0.2:
            continue
        start = min(length - 1, max(0, item.start + rng.choice((0, 0, 0, -1, 1))))
        end = min(length, max(start + 1, item.end + rng.choice((0, 0, 0, -1, 1))))
        moved.append(Item(start, end, rng.choice((item.type, item.type, *types)), (0, 0)))
    moved += draw(rng, types, length)[:1]
    kept: Sentence = []
    for item in rng.sample(moved, len(moved)):
        if all(item.end <= other.start or other.end <= item.start for other in kept):
            kept.append(item)
    return sorted(kept)


def case(seed: int) -> tuple[list[Sentence], list[Sentence], list[int]]:
    rng = random.Random(seed)
    types = TYPES[: rng.randint(1, len(TYPES))]
    lengths = [rng.randint(1, 12) for _ in range(rng.randint(1, 6))]
    gold = [draw(rng, types, length) for length in lengths]
    return gold, [disturb(rng, one, types, length) for one, length in zip(gold, lengths, strict=True)], lengths


def tags(sentence: Sentence, length: int) -> list[str]:
    row = ["O"] * length
    for start, end, label, *_ in sentence:
        row[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return row


def totals(gold: list[Sentence], predicted: list[Sentence], scheme: str) -> dict[str, Counts]:
    result: dict[str, Counts] = {}
    for one, other in zip(gold, predicted, strict=True):
        for (_, label), counts in count_items(one, other, scheme, lambda _: 0).items():
            result[label] = result.get(label, Counts()) + counts
    return result


def ratios(counts: Counts) -> tuple[float, ...]:
    return tuple(float(np.nan_to_num(value)) for value in precision_recall_f1(np.array(counts, dtype=float)))


@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
def test_strict_scores_equal_seqeval(strict: bool) -> None:
    options = {"mode": "strict", "scheme": IOB2} if strict else {}
    compared = 0
    for seed in range(CASES):
        gold, predicted, lengths = case(seed)
        by_type = totals(gold, predicted, "strict")
        if not by_type:
            continue
        rows = [[tags(s, n) for s, n in zip(side, lengths, strict=True)] for side in (gold, predicted)]
        report = classification_report(*rows, output_dict=True, zero_division=0, **options)
        overall = sum(by_type.values(), Counts())
        for label, counts in [*by_type.items(), ("micro avg", overall)]:
            peer = report[label]
            assert ratios(counts) == pytest.approx((peer["precision"], peer["recall"], peer["f1-score"]), abs=1e-12), (
                seed
            )
            assert counts.gold == peer["support"]
        macro = sum(ratios(counts)[2] for counts in by_type.values()) / len(by_type)
        assert macro == pytest.approx(report["macro avg"]["f1-score"], abs=1e-12)
        compared += 1
    assert compared > 0.9 * CASES


OURS = {"strict": "strict", "exact": "span", "ent_type": "type", "partial": "partial"}


def nervaluate(gold: list[Sentence], predicted: list[Sentence]) -> dict[str, tuple[float, float, float]]:
    def entries(side: list[Sentence]) -> list[list[dict[str, object]]]:
        return [[{"label": i.type, "start": i.start, "end": i.end - 1} for i in sentence] for sentence in side]

    peer = pytest.importorskip("nervaluate", reason="nervaluate 1.2.1 needs Python 3.11")
    overall = peer.Evaluator(entries(gold), entries(predicted), tags=list(TYPES), loader="dict").evaluate()["overall"]
    return {scheme: (overall[scheme].precision, overall[scheme].recall, overall[scheme].f1) for scheme in OURS}


def test_four_schemes_equal_nervaluate_where_it_does_not_depend_on_order() -> None:
    compared = dict.fromkeys(OURS, 0)
    for seed in range(CASES):
        gold, predicted, _ = case(seed)
        there = nervaluate(gold, predicted)
        back = nervaluate(gold, [sentence[::-1] for sentence in predicted])
        for scheme, ours in OURS.items():
            if there[scheme] != back[scheme]:
                continue
            counts = sum(totals(gold, predicted, ours).values(), Counts())
            assert ratios(counts) == pytest.approx(there[scheme], abs=1e-12), (seed, scheme)
            compared[scheme] += 1
    assert min(compared.values()) > 0.8 * CASES, compared


def test_our_answer_does_not_depend_on_the_order_where_nervaluates_does() -> None:
    # nervaluate 1.2.1: strict F1 0.0 in this order, 0.667 in the other.
    gold, predicted = [[Item(0, 4, "PER", (0, 0))]], [Item(0, 2, "PER", (0, 0)), Item(0, 4, "PER", (0, 0))]

    first, second = nervaluate(gold, [predicted])["strict"][2], nervaluate(gold, [predicted[::-1]])["strict"][2]

    assert first != second
    for order in (predicted, predicted[::-1]):
        counts = sum(totals(gold, [order], "strict").values(), Counts())
        assert ratios(counts)[2] == pytest.approx(2 * 1 / (1 + 2))
