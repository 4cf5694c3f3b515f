"""The bootstrap: what it must do exactly, and that its intervals cover what they should."""

from __future__ import annotations

import numpy as np
import pytest

from tripoli_bench.statistics import bootstrap_sums, interval, precision_recall_f1


def test_ratios_of_counts() -> None:
    ratios = precision_recall_f1(np.array([3.0, 2.0, 8.0, 10.0]))

    assert list(map(float, ratios)) == [4 / 10, 4 / 8, 2 * 4 / (8 + 10)]


def test_zero_by_zero_is_undefined_and_nothing_right_is_zero() -> None:
    assert np.isnan(precision_recall_f1(np.zeros(4))).all()
    precision, recall, f1 = precision_recall_f1(np.array([0.0, 0.0, 5.0, 0.0]))
    assert np.isnan(precision)
    assert float(recall) == float(f1) == 0


def test_each_resample_has_as_many_units_of_each_article() -> None:
    counts = np.ones((7, 1))

    drawn = bootstrap_sums(counts, [3, 4], resamples=600, seed=1)

    assert [set(sums[:, 0]) for sums in drawn] == [{3.0}, {4.0}]


def test_units_of_one_article_do_not_reach_another() -> None:
    counts = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 5.0]])

    first, second = bootstrap_sums(counts, [2, 1], resamples=300, seed=1)

    assert set(first[:, 0]) == {2.0, 3.0, 4.0}  # 1+1, 1+2, 2+2
    assert not first[:, 1].any()
    assert set(second[:, 1]) == {5.0}


def test_same_seed_draws_the_same_units_for_every_system() -> None:
    one, other = np.arange(10.0)[:, None], np.arange(10.0)[:, None] * 3

    [a], [b] = bootstrap_sums(one, [10], 500, 7), bootstrap_sums(other, [10], 500, 7)

    assert (a * 3 == b).all()
    assert not (a == bootstrap_sums(one, [10], 500, 8)[0]).all()


def test_interval_leaves_out_undefined_resamples() -> None:
    assert interval(np.array([np.nan, np.nan])) == (None, None)
    assert interval(np.array([np.nan, 0.5, 0.5])) == (0.5, 0.5)


def test_intervals_cover_the_true_f1() -> None:
    """Of 400 samples of 60 sentences, a 95 % interval holds the F1 of the population in 90 to 98 % of cases."""
    rng = np.random.default_rng(11)
    sentences, covered, trials = 60, 0, 400
    truth = 2 * 0.7 / 2  # each sentence has 4 gold and 4 predicted items, each right with probability 0.7
    for trial in range(trials):
        right = rng.binomial(4, 0.7, size=(sentences, 1)).astype(float)
        counts = np.hstack([right, np.zeros((sentences, 1)), np.full((sentences, 2), 4.0)])
        drawn = np.sum(bootstrap_sums(counts, [30, 30], 400, trial), axis=0)
        low, high = interval(precision_recall_f1(drawn)[2])
        assert low is not None
        assert high is not None
        covered += low <= truth <= high

    assert covered / trials == pytest.approx(0.94, abs=0.04)
