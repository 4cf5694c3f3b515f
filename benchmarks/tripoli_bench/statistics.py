"""Ratios of summed counts and their bootstrap intervals.

The bootstrap draws sentences with replacement within each article, so that every resample has the five articles with
as many sentences as they have; each article has a random stream of its own, the same for every system and metric.
An interval says how much a score depends on which sentences these articles happen to hold;
it does not speak of articles that are not in the data set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVEL = 0.95
"""The share of resamples inside an interval."""

_CHUNK = 256  # resamples at a time: bounds the memory for the weights


def precision_recall_f1(counts: Array) -> tuple[Array, Array, Array]:
    """Return precision, recall and F1 of counts (correct, partial, gold, predicted) in the last axis.

    A partial match counts half (SemEval 2013, task 9.1).
    0/0 is nan: undefined, not 0. F1 is the harmonic mean, computed as 2·TP / (gold + predicted), so that it is
    defined, and 0, where only one of the two is empty.
    """
    true = counts[..., 0] + counts[..., 1] / 2
    gold, predicted = counts[..., 2], counts[..., 3]
    with np.errstate(invalid="ignore", divide="ignore"):
        return true / predicted, true / gold, 2 * true / (gold + predicted)


def chain_ratios(sums: Sequence[float]) -> tuple[float, float, float] | None:
    """Return precision, recall and F1 of the sums of a coreference metric; `None` where both sides are empty.

    With eight sums, those of BLANC, it is the mean over its two classes of links, but for one that is empty on both
    sides. A ratio of nothing is 0 where the other side has something.
    """
    classes = []
    for at in range(0, len(sums), 4):
        right_p, predicted, right_r, gold = sums[at : at + 4]
        if predicted or gold:
            precision, recall = right_p / predicted if predicted else 0.0, right_r / gold if gold else 0.0
            f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
            classes.append((precision, recall, f1))
    if not classes:
        return None
    precision, recall, f1 = (sum(column) / len(classes) for column in zip(*classes, strict=True))
    return precision, recall, f1


def bootstrap_sums(counts: Array, sizes: Sequence[int], resamples: int, seed: int) -> list[Array]:
    """Return the sums of resampled units, an array (resamples, columns) for each article.

    Args:
        counts: (units, columns), the units of an article together, articles in the order of `sizes`.
        sizes: the number of units of each article.
        resamples: how many times to draw.
        seed: two calls with the same seed and sizes draw the same units.
    """
    sums, first = [], 0
    for article, size in enumerate(sizes):
        rng = np.random.default_rng([seed, article])
        part = counts[first : first + size]
        drawn = np.zeros((resamples, counts.shape[1]))
        for start in range(0, resamples if size else 0, _CHUNK):
            rows = min(_CHUNK, resamples - start)
            weights = rng.multinomial(size, np.full(size, 1 / size), size=rows)
            drawn[start : start + rows] = weights @ part
        sums.append(drawn)
        first += size
    return sums


def interval(values: Array) -> tuple[float | None, float | None]:
    """Return the percentile interval of resampled values; undefined ones are left out, none at all gives `None`."""
    defined = values[~np.isnan(values)]
    if not defined.size:
        return None, None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
