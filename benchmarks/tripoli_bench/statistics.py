"""Ratios of summed counts and their bootstrap intervals.

The bootstrap draws sentences with replacement within each article, so that every resample has the five articles with
as many sentences as they have; each article has a random stream of its own, the same for every system and metric.
An interval says how much a score depends on which sentences these articles happen to hold;
it does not speak of articles that are not in the data set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVEL = 0.95
"""The share of resamples inside an interval."""

FEWEST = 20
"""Units that an interval or a standard error needs where they are articles."""

_CHUNK = 250  # resamples at a time: bounds the memory for the weights


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


def chain_scores(sums: Array) -> tuple[Array, Array, Array]:
    """Return precision, recall and F1 of the sums of a coreference metric in the last axis.

    With eight sums, those of BLANC, it is the mean over its two classes of links, but for one that is empty on both
    sides. A ratio of nothing is 0 where the other side has something; where both are empty it is nan, undefined.
    """
    classes = sums.reshape(*sums.shape[:-1], -1, 4)
    right_p, predicted, right_r, gold = np.moveaxis(classes, -1, 0)
    defined = (predicted > 0) | (gold > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(predicted > 0, right_p / predicted, 0.0)
        recall = np.where(gold > 0, right_r / gold, 0.0)
        f1 = np.where(precision + recall > 0, 2 * precision * recall / (precision + recall), 0.0)
        number = defined.sum(axis=-1)
        means = [np.where(defined, ratio, 0.0).sum(axis=-1) / number for ratio in (precision, recall, f1)]
    return means[0], means[1], means[2]


def bootstrap_weights(size: int, resamples: int, seed: int, stratum: int = 0) -> Iterator[Array]:
    """Yield how often each of `size` units is drawn, arrays (some resamples, size) that make up `resamples` rows.

    Args:
        size: the number of units; as many are drawn, with replacement.
        resamples: how many times to draw.
        seed: two calls with the same seed, size and stratum draw the same units.
        stratum: the number of the article, each of which has a random stream of its own.
    """
    rng = np.random.default_rng([seed, stratum])
    for start in range(0, resamples if size else 0, _CHUNK):
        rows = min(_CHUNK, resamples - start)
        drawn = rng.integers(0, size, size=(rows, size))
        drawn += np.arange(rows)[:, None] * size
        yield np.bincount(drawn.reshape(-1), minlength=rows * size).reshape(rows, size).astype(float)


def bootstrap_sums(counts: Array, sizes: Sequence[int], resamples: int, seed: int) -> list[Array]:
    """Return the sums of resampled units, an array (resamples, columns) for each article.

    Args:
        counts: (units, columns), the units of an article together, articles in the order of `sizes`.
        sizes: the number of units of each article.
        resamples: how many times to draw.
        seed: two calls with the same seed and sizes draw the same units.
    """
    ends = np.cumsum(sizes)
    return [
        resampled(counts[end - size : end], resamples, seed, article)
        for article, (size, end) in enumerate(zip(sizes, ends, strict=True))
    ]


def resampled(counts: Array, resamples: int, seed: int, stratum: int = 0) -> Array:
    """Return the sums (resamples, columns) of the units of one article, counts (units, columns)."""
    some = np.flatnonzero(counts.any(axis=0))  # most labels do not occur in most articles
    sums = np.zeros((resamples, counts.shape[1]))
    part, row = counts[:, some], 0
    for weights in bootstrap_weights(len(counts), resamples, seed, stratum):
        sums[row : row + len(weights), some] = weights @ part
        row += len(weights)
    return sums


def interval(values: Array) -> tuple[float | None, float | None]:
    """Return the percentile interval of resampled values; undefined ones are left out, none at all gives `None`."""
    low, high = intervals(values[None])
    return (None, None) if np.isnan(low[0]) else (float(low[0]), float(high[0]))


def intervals(values: Array) -> tuple[Array, Array]:
    """Return the percentile intervals of rows of resampled values, nan where none is defined."""
    ordered = np.sort(values, axis=-1)  # nan comes last
    last = (~np.isnan(ordered)).sum(axis=-1) - 1
    tail = (1 - LEVEL) / 2
    low, high = (_quantile(ordered, last, at) for at in (tail, 1 - tail))
    return low, high


def _quantile(ordered: Array, last: Array, at: float) -> Array:
    """Return the quantile of each row's first `last + 1` values, between neighbours in proportion."""
    place = np.maximum(last, 0) * at
    below = np.floor(place).astype(int)
    lower, upper = (
        np.take_along_axis(ordered, np.minimum(index, np.maximum(last, 0))[..., None], axis=-1)[..., 0]
        for index in (below, below + 1)
    )
    found: Array = np.where(last < 0, np.nan, lower + (upper - lower) * (place - below))
    return found
