"""Paired tests: exact by hand where they can be, and right about how often they are wrong."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tripoli_bench import compare, run, score
from tripoli_bench.paired import holm, micro_columns, randomisation, shifted_bootstrap
from tripoli_bench.statistics import Array, bootstrap_sums, precision_recall_f1
from tripoli_loaders import UsageError, annotations_path

PASSES = annotations_path() / "passes"


def counts(right: list[int], items: int = 4) -> Array:
    """What F1 takes of units with so many gold and predicted items, of which some are right."""
    return micro_columns(np.array([[[n, 0, items, items]] for n in right], dtype=float))


def test_exact_p_value_is_that_of_every_exchange() -> None:
    a, b = [4, 3, 4, 2, 4], [2, 3, 3, 3, 1]
    found = abs(sum(a) - sum(b))  # with equal sizes F1 is the number right by a constant
    sums = [
        abs(sum((x - y) * sign for x, y, sign in zip(a, b, signs, strict=True))) for signs in product((1, -1), repeat=5)
    ]

    p, least = randomisation(counts(a), counts(b), 1000, 1)

    assert p == sum(total >= found for total in sums) / len(sums)
    assert least == 2 / 2**4  # one of the five units is the same on both sides


def test_five_units_cannot_get_below_one_sixteenth() -> None:
    assert randomisation(counts([4] * 5), counts([0] * 5), 1000, 1) == (2 / 32, 2 / 32)


def test_random_exchanges_come_near_the_exact_p_value() -> None:
    a, b = [4, 3, 4, 2, 4, 3, 4, 3, 2, 4, 1, 3, 4, 2, 3], [2, 4, 3, 3, 1, 2, 3, 4, 3, 2, 2, 1, 3, 4, 4]
    steps = np.array(a) - np.array(b)
    signs = np.array(list(product((1, -1), repeat=len(a))))
    exact = (np.abs(signs @ steps) >= abs(steps.sum())).mean()

    p, least = randomisation(counts(a), counts(b), 20_000, 1)  # 15 units differ: too many to try all

    assert least == 1 / 20_001
    assert p == pytest.approx(exact, abs=0.01)


def test_same_systems_do_not_differ() -> None:
    assert randomisation(counts([1, 2, 3]), counts([1, 2, 3]), 100, 1) == (1.0, 1.0)


def test_holm_by_hand() -> None:
    # sorted .01 .02 .04: 3·.01, then max(.03, 2·.02), then max(.04, 1·.04)
    assert holm([0.04, 0.01, None, 0.02]) == pytest.approx([0.04, 0.03, None, 0.04])
    assert holm([0.6, 0.7]) == [1.0, 1.0]


@pytest.mark.parametrize("test", ["randomisation", "bootstrap"])
def test_a_true_null_is_rejected_about_as_often_as_it_says(test: str) -> None:
    """Of 1500 pairs of equally good systems, between 3.5 % and 6.5 % are told apart at 0.05."""
    rng = np.random.default_rng(2019)
    units, trials, rejected = 200, 1500, 0
    for trial in range(trials):
        items = rng.integers(1, 6, size=units)
        a, b = (
            np.stack([rng.binomial(items, 0.7), np.zeros(units), items, rng.poisson(items)], axis=1).astype(float)
            for _ in range(2)
        )
        for side in (a, b):
            side[:, 3] = np.maximum(side[:, 3], side[:, 0])
        if test == "randomisation":
            p, _ = randomisation(micro_columns(a[:, None]), micro_columns(b[:, None]), 299, trial)
        else:
            drawn = [np.sum(bootstrap_sums(side, [units], 299, trial), axis=0) for side in (a, b)]
            f1 = [precision_recall_f1(sums)[2] for sums in (*drawn, a.sum(axis=0), b.sum(axis=0))]
            p = shifted_bootstrap(f1[0] - f1[1], float(f1[2] - f1[3]))
        rejected += p <= 0.05

    assert 0.035 <= rejected / trials <= 0.065


def test_systems_are_compared_in_pairs() -> None:
    found = compare([PASSES / "a", PASSES / "b", annotations_path() / "gold"], metric="arguments.c+", resamples=500)

    assert [(pair.a, pair.b) for pair in found.comparisons] == [("a", "b"), ("a", "gold"), ("b", "gold")]
    assert found.signature.startswith("tracks:arguments|")
    assert "|metric:arguments.c+|test:randomisation-sentence-500-seed20190404-holm|" in found.signature
    for pair in found.comparisons:
        assert pair.difference == pytest.approx((pair.f1_a or 0) - (pair.f1_b or 0))
        assert pair.p_holm is not None
        assert pair.p is not None
        assert pair.smallest_p <= pair.p <= pair.p_holm <= 1
        assert pair.units == 96


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metric": "xcoref.conll"}, "does not add up"),
        ({"metric": "ner.nothing"}, "expected one of"),
        ({"test": "magic"}, "expected one of randomisation, bootstrap"),
        ({"resamples": 0}, "a test needs some"),
    ],
)
def test_what_cannot_be_compared_is_said(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        compare([PASSES / "a", PASSES / "b"], **options)  # type: ignore[arg-type]


def test_one_system_is_not_enough() -> None:
    with pytest.raises(UsageError, match="two or more"):
        compare(Path(PASSES / "a"))


def test_comparison_and_score_agree_about_f1(tmp_path: Path) -> None:
    run(["rules"], tmp_path)  # some of what it predicts lies in boilerplate

    [pair] = compare([tmp_path, PASSES / "a"], resamples=100).comparisons

    scores = score([tmp_path, PASSES / "a"], tracks=["ner"], resamples=0)
    assert (pair.f1_a, pair.f1_b) == tuple(scores.row(name, "ner.strict").f1 for name in (pair.a, pair.b))


def test_what_is_missing_is_named_beside_the_comparison(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()

    found = compare([tmp_path / "empty.jsonl", PASSES / "a"], resamples=100)

    assert [(problem.system, problem.code) for problem in found.problems] == [("empty", "missing-article")] * 5


def test_chains_are_compared_over_articles() -> None:
    found = compare([PASSES / "a", PASSES / "b"], metric="coref.conll", resamples=500)

    [pair] = found.comparisons
    scores = score([PASSES / "a", PASSES / "b"], tracks=["coref"], resamples=0)
    assert (pair.f1_a, pair.f1_b) == tuple(scores.row(name, "coref.conll").f1 for name in ("a", "b"))
    assert (found.unit, pair.units, pair.test) == ("article", 5, "exact randomisation")
    assert pair.smallest_p >= 2 / 2**5
    assert pair.p is not None
    assert pair.p >= pair.smallest_p
    assert pair.detectable is None  # of five articles no standard error
    assert "|test:randomisation-article-500-" in found.signature


def test_exact_p_value_of_a_chain_metric_is_that_of_every_exchange() -> None:
    """Sums of B³ over three articles, by hand: every exchange of whole articles."""
    from tripoli_bench.paired import paired_tests
    from tripoli_bench.rows import chain_f1

    sums = np.array([[[3, 4, 3, 5], [2, 2, 2, 3], [4, 6, 4, 4]], [[2, 4, 2, 5], [2, 3, 2, 3], [1, 2, 1, 4]]], float)

    def f1(total: Array) -> float:
        return float(2 * (p := total[0] / total[1]) * (r := total[2] / total[3]) / (p + r))

    differences = []
    for flips in product((0, 1), repeat=3):
        one = sum(sums[flip, unit] for unit, flip in enumerate(flips))
        other = sum(sums[1 - flip, unit] for unit, flip in enumerate(flips))
        differences.append(abs(f1(one) - f1(other)))
    tested = paired_tests(
        sums, [3], lambda total: chain_f1(total, ("b3",)), test="randomisation", resamples=100, seed=1
    )[0, 1]

    assert tested.p == sum(difference >= differences[0] - 1e-12 for difference in differences) / 8
    assert tested.difference == pytest.approx(f1(sums[0].sum(axis=0)) - f1(sums[1].sum(axis=0)))


def test_macro_averages_are_compared_over_sentences(tmp_path: Path) -> None:
    run(["rules", "crf"], tmp_path)
    [pair] = compare([tmp_path], metric="ner.macro", resamples=200).comparisons

    scores = score(tmp_path, tracks=["ner"], resamples=0)
    assert (pair.f1_a, pair.f1_b) == pytest.approx(tuple(scores.row(n, "ner.macro").f1 for n in (pair.a, pair.b)))
    assert pair.units == 96
    assert pair.p is not None
    assert pair.p < 0.05
