"""Is one system better than another on these units? Paired tests over the same units for every pair of systems.

Approximate randomisation (Noreen 1989; Yeh 2000): if two systems were the same, each unit's counts could as well be the
other's; the p-value is the share of random exchanges that give at least the difference that was found.
With few units that differ every exchange is tried, and the p-value is exact.
The other choice is the paired bootstrap, two-sided and shifted to the null hypothesis (Efron and Tibshirani 1993); with
few units it rejects a true null a little too often.
Over several pairs p-values are corrected after Holm (1979).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from .statistics import FEWEST, Array, bootstrap_sums

TESTS = ("randomisation", "bootstrap")
_EXACT = 14  # units that differ: up to 2^14 exchanges are tried one by one
_CHUNK = 500  # resamples at a time: bounds the memory for exchanges
_POWER = 1.959964 + 0.841621  # standard errors that a difference must span to be found at 5 % with a power of 80 %

Score = Callable[[Array], Array]


def micro_columns(counts: Array) -> Array:
    """Return of counts (…, labels, 4) what micro F1 takes: what is right, and how large gold and prediction are."""
    summed = counts.sum(axis=-2)
    return np.stack([summed[..., 0] + summed[..., 1] / 2, summed[..., 2] + summed[..., 3]], axis=-1)


def micro_f1(sums: Array) -> Array:
    """Return F1 of `micro_columns`, in the last axis."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = 2 * sums[..., 0] / sums[..., 1]
    return found


class Outcome(NamedTuple):
    """What a test says of a pair of systems; see `Comparison`."""

    f1_a: float | None
    f1_b: float | None
    difference: float | None
    p: float | None
    p_holm: float | None
    test: str
    units: int
    differing: int
    smallest_p: float
    detectable: float | None


def paired_tests(
    counts: Array, sizes: Sequence[int], score: Score = micro_f1, *, test: str, resamples: int, seed: int
) -> dict[tuple[int, int], Outcome]:
    """Return the outcome for every pair of systems, by their numbers.

    Args:
        counts: (systems, units, columns), what adds up over units; the units of an article together.
        sizes: the number of units of each article, for the bootstrap.
        score: gives the score of sums, (…, columns) to (…).
        test: one of `TESTS`.
        resamples: random exchanges or bootstrap samples.
        seed: of either.
    """
    f1 = score(counts.sum(axis=1))
    pairs = list(combinations(range(len(counts)), 2))
    drawn = _bootstrapped(counts, sizes, score, resamples, seed)
    p_values: dict[tuple[int, int], tuple[float, float]] = {}
    if test == "bootstrap":
        for a, b in pairs:
            p_values[a, b] = shifted_bootstrap(drawn[a] - drawn[b], float(f1[a] - f1[b])), 1 / (resamples + 1)
    else:
        p_values = _randomised(counts, pairs, score, resamples, seed)
    defined = {pair: not np.isnan(f1[list(pair)]).any() for pair in pairs}
    corrected = holm([p_values[pair][0] if defined[pair] else None for pair in pairs])
    outcomes = {}
    for (a, b), p_holm in zip(pairs, corrected, strict=True):
        differing = int((counts[a] != counts[b]).any(axis=1).sum())
        exact = test == "randomisation" and differing <= _EXACT
        name, units = "exact randomisation" if exact else test, counts.shape[1]
        p, least = p_values[a, b]
        if not defined[a, b]:
            outcomes[a, b] = Outcome(None, None, None, None, None, name, units, differing, least, None)
            continue
        error = float(np.nanstd(drawn[a] - drawn[b], ddof=1)) if units >= FEWEST else None  # of few units it is none
        detectable = None if error is None else _POWER * error
        one, other = float(f1[a]), float(f1[b])
        outcomes[a, b] = Outcome(one, other, one - other, p, p_holm, name, units, differing, least, detectable)
    return outcomes


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values corrected for their number after Holm (1979); undefined ones stay so and do not count."""
    order = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, index) in enumerate(order):
        least = max(least, min(1.0, (len(order) - rank) * p))
        corrected[index] = least
    return corrected


def randomisation(a: Array, b: Array, resamples: int, seed: int) -> tuple[float, float]:
    """Return the p-value of exchanging units between two systems, and the least that it could be.

    Args:
        a: counts (units, 2) of one system, as `micro_columns` gives them.
        b: the same of the other.
        resamples: random exchanges, where there are too many to try all.
        seed: of the exchanges.
    """
    return _randomised(np.stack([a, b]), [(0, 1)], micro_f1, resamples, seed)[0, 1]


def _randomised(
    counts: Array, pairs: Sequence[tuple[int, int]], score: Score, resamples: int, seed: int
) -> dict[tuple[int, int], tuple[float, float]]:
    """Return the p-value of each pair and the least that it could be.

    Args:
        counts: (systems, units, columns).
        pairs: numbers of systems.
        score: of sums of columns.
        resamples: random exchanges; every pair has the same units exchanged.
        seed: of the exchanges.
    """
    total = counts.sum(axis=1)
    found = {}
    by_chance = []
    for a, b in pairs:
        moved = (counts[b] - counts[a])[(counts[a] != counts[b]).any(axis=1)]
        if len(moved) <= _EXACT:
            exchanges = ((np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1).astype(float)
            as_large = _as_large(exchanges @ moved, total[a], total[b], score)
            # None exchanged and all exchanged always give the difference found.
            found[a, b] = (as_large / len(exchanges), 2 / max(2, len(exchanges)))
        else:
            by_chance.append((a, b))
    if by_chance:
        exceeding = dict.fromkeys(by_chance, 0)
        flat = np.moveaxis(counts, 0, 1).reshape(counts.shape[1], -1)
        for exchanges in _exchanges(counts.shape[1], resamples, seed):
            moved = (exchanges @ flat).reshape(len(exchanges), len(counts), -1)
            for a, b in by_chance:
                exceeding[a, b] += _as_large(moved[:, b] - moved[:, a], total[a], total[b], score)
        found |= {pair: ((number + 1) / (resamples + 1), 1 / (resamples + 1)) for pair, number in exceeding.items()}
    return found


def _as_large(moved: Array, a: Array, b: Array, score: Score) -> int:
    """Return how many exchanges, that move counts (exchanges, columns) to `a` from `b`, give what was found or more."""
    differences = np.abs(score(a + moved) - score(b - moved))
    return int((differences >= abs(score(a) - score(b)) - 1e-12).sum())


def _exchanges(units: int, resamples: int, seed: int) -> Iterator[Array]:
    """Yield random choices of units to exchange, arrays (some resamples, units) of 0 and 1."""
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, _CHUNK):
        rows = min(_CHUNK, resamples - start)
        bits = np.frombuffer(rng.bytes(rows * -(-units // 8)), np.uint8).reshape(rows, -1)
        yield np.unpackbits(bits, axis=1, count=units).astype(float)


def shifted_bootstrap(differences: Array, found: float) -> float:
    """Return the two-sided p-value of a difference, from its bootstrap samples shifted to a mean of nothing."""
    differences = differences[~np.isnan(differences)]  # a sample in which nothing is defined says nothing
    as_large = int((np.abs(differences - found) >= abs(found) - 1e-12).sum())
    return (as_large + 1) / (len(differences) + 1)


def _bootstrapped(counts: Array, sizes: Sequence[int], score: Score, resamples: int, seed: int) -> Array:
    """Return the scores (systems, resamples) of resampled units; every system has the same units drawn."""
    flat = np.moveaxis(counts, 0, 1).reshape(counts.shape[1], -1)
    drawn = np.sum(bootstrap_sums(flat, sizes, resamples, seed), axis=0)
    return np.moveaxis(score(drawn.reshape(resamples, len(counts), -1)), 0, 1)
