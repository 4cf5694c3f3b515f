"""Is one system better than another on these sentences? Paired tests over the same units for every pair of systems.

Approximate randomisation (Noreen 1989; Yeh 2000): if two systems were the same, each sentence's counts could as well be
the other's; the p-value is the share of random exchanges that give at least the difference that was found.
With few sentences that differ every exchange is tried, and the p-value is exact.
The other choice is the paired bootstrap, two-sided and shifted to the null hypothesis (Efron and Tibshirani 1993); with
few sentences it rejects a true null a little too often.
Over several pairs p-values are corrected after Holm (1979).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from tripoli_loaders import UsageError

from .defaults import RESAMPLES, SEED
from .metrics import Metric, SpanMeasure
from .scores import count_systems, expect_documents, task_of
from .signing import Conventions, check_numbers, signature, unit_of
from .statistics import Array, bootstrap_sums
from .stream import Gold
from .systems import Remark, find_systems, remarks
from .tally import align_labels
from .views import load_view

TESTS = ("randomisation", "bootstrap")
_EXACT = 14  # units that differ: up to 2^14 exchanges are tried one by one
_CHUNK = 500  # resamples at a time: bounds the memory for exchanges
_POWER = 1.959964 + 0.841621  # standard errors that a difference must span to be found at 5 % with a power of 80 %


class Comparison(msgspec.Struct, frozen=True):
    """One pair of systems on one metric.

    `difference` is F1 of `a` less F1 of `b`; `p` is two-sided, `p_holm` corrected over the pairs.
    `units` are the sentences that enter, `differing` those in which the two differ.
    `smallest_p` is the least p-value that the test could give. `detectable` is the difference that would be found at
    5 % with a power of 80 %, from the bootstrap's standard error.
    """

    a: str
    b: str
    metric: str
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
    resamples: int
    seed: int


class Comparisons(msgspec.Struct, frozen=True):
    """The result of `compare`: what was computed, every pair, and what is to be said of the systems' predictions."""

    signature: str
    comparisons: list[Comparison]
    problems: list[Remark]


def compare(
    predictions: str | Path | Iterable[str | Path],
    gold: str | Path | None = None,
    metric: str = "ner.strict",
    *,
    test: str = "randomisation",
    alternatives: bool = False,
    skip_invalid: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    jobs: int = 1,
) -> Comparisons:
    """Compare every pair of systems on one metric.

    Args:
        predictions: as for `score`; two systems or more.
        gold: gold of one's own; by default the data set's.
        metric: the name of a metric whose counts add up over sentences.
        test: one of `TESTS`.
        alternatives: credit the readings that the adjudication accepts beside the gold's.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.
        resamples: random exchanges or bootstrap samples.
        seed: of either.
        jobs: processes that count.

    Raises:
        FormatError: gold or predictions break the document form.
        UsageError: no such metric or test, a metric that does not add up, fewer than two systems.
    """
    check_numbers(resamples, seed, jobs)
    if test not in TESTS:
        raise UsageError(f"no test {test!r}; expected one of {', '.join(TESTS)}")
    if not resamples:
        raise UsageError("found 0 resamples; a test needs some")
    parsed = Metric.parse(metric)
    means = parsed.means
    if not isinstance(means, SpanMeasure) or means.macro:
        raise UsageError(f"the counts of {metric} do not add up over sentences, so no paired test compares it")
    source = Gold(gold)
    conventions = Conventions(skip_invalid=skip_invalid, alternatives=alternatives)
    found, problems = find_systems(predictions)
    if len(found) < 2:
        raise UsageError(f"found {len(found)} system, expected two or more to compare")
    expect_documents(found, gold, "compare")
    tallies = count_systems(found, source, task_of([parsed], parsed.view, source, conventions), conventions, jobs)
    for name, tally in tallies.items():
        problems += remarks(name, tally, load_view(parsed.view), own=source.own, across=False)
    tables = align_labels([tally.spans[parsed] for tally in tallies.values()])[1]
    counts = np.stack([table.sum(axis=1) for table in tables])
    sizes = [len(article.zones) for article in next(iter(tallies.values())).articles] or [counts.shape[1]]
    tests = paired_tests(counts, sizes, test=test, resamples=resamples, seed=seed)
    names = list(tallies)
    compared = [
        Comparison(names[one], names[other], str(parsed), *outcome, resamples=resamples, seed=seed)
        for (one, other), outcome in tests.items()
    ]
    unit = unit_of(source, tallies)
    tested = {"metric": str(parsed), "test": f"{test}-{unit}-{resamples}-seed{seed}-holm"}
    signed = signature(source.name(), [parsed.track], parsed.view, conventions, tallies, tested)
    return Comparisons(signed, compared, problems)


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
    counts: Array, sizes: Sequence[int], *, test: str, resamples: int, seed: int
) -> dict[tuple[int, int], Outcome]:
    """Return the outcome for every pair of systems, by their numbers.

    Args:
        counts: (systems, units, 4), as `metrics.Counts`; the units of an article together.
        sizes: the number of units of each article, for the bootstrap.
        test: one of `TESTS`.
        resamples: random exchanges or bootstrap samples.
        seed: of either.
    """
    sides = _sides(counts)
    f1 = _f1(sides.sum(axis=1))
    pairs = list(combinations(range(len(counts)), 2))
    drawn = _bootstrapped(sides, sizes, resamples, seed)
    p_values: dict[tuple[int, int], tuple[float, float]] = {}
    if test == "bootstrap":
        for a, b in pairs:
            p_values[a, b] = shifted_bootstrap(drawn[a] - drawn[b], float(f1[a] - f1[b])), 1 / (resamples + 1)
    else:
        p_values = _randomised(sides, pairs, resamples, seed)
    defined = {pair: not np.isnan(f1[list(pair)]).any() for pair in pairs}
    corrected = holm([p_values[pair][0] if defined[pair] else None for pair in pairs])
    outcomes = {}
    for (a, b), p_holm in zip(pairs, corrected, strict=True):
        differing = int((sides[a] != sides[b]).any(axis=1).sum())
        exact = test == "randomisation" and differing <= _EXACT
        name, units = "exact randomisation" if exact else test, counts.shape[1]
        p, least = p_values[a, b]
        if not defined[a, b]:
            outcomes[a, b] = Outcome(None, None, None, None, None, name, units, differing, least, None)
            continue
        detectable = _POWER * float(np.std(drawn[a] - drawn[b], ddof=1))
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
        a: counts (units, 4) of one system.
        b: the same of the other.
        resamples: random exchanges, where there are too many to try all.
        seed: of the exchanges.
    """
    return _randomised(_sides(np.stack([a, b])), [(0, 1)], resamples, seed)[0, 1]


def _randomised(
    sides: Array, pairs: Sequence[tuple[int, int]], resamples: int, seed: int
) -> dict[tuple[int, int], tuple[float, float]]:
    """Return the p-value of each pair and the least that it could be.

    Args:
        sides: (systems, units, 2), what is right and how large gold and prediction are.
        pairs: numbers of systems.
        resamples: random exchanges; every pair has the same units exchanged.
        seed: of the exchanges.
    """
    total = sides.sum(axis=1)
    found = {}
    by_chance = []
    for a, b in pairs:
        moved = (sides[b] - sides[a])[(sides[a] != sides[b]).any(axis=1)]
        if len(moved) <= _EXACT:
            exchanges = ((np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1).astype(float)
            as_large = _as_large(exchanges @ moved, total[a], total[b])
            # None exchanged and all exchanged always give the difference found.
            found[a, b] = (as_large / len(exchanges), 2 / max(2, len(exchanges)))
        else:
            by_chance.append((a, b))
    if by_chance:
        exceeding = dict.fromkeys(by_chance, 0)
        flat = np.moveaxis(sides, 0, 1).reshape(sides.shape[1], -1)
        for exchanges in _exchanges(sides.shape[1], resamples, seed):
            moved = (exchanges @ flat).reshape(len(exchanges), len(sides), 2)
            for a, b in by_chance:
                exceeding[a, b] += _as_large(moved[:, b] - moved[:, a], total[a], total[b])
        found |= {pair: ((number + 1) / (resamples + 1), 1 / (resamples + 1)) for pair, number in exceeding.items()}
    return found


def _as_large(moved: Array, a: Array, b: Array) -> int:
    """Return how many exchanges, that move counts (exchanges, 2) to `a` from `b`, give the difference found or more."""
    differences = np.abs(_f1(a + moved) - _f1(b - moved))
    return int((differences >= abs(_f1(a) - _f1(b)) - 1e-12).sum())


def _exchanges(units: int, resamples: int, seed: int) -> Iterator[Array]:
    """Yield random choices of units to exchange, arrays (some resamples, units) of 0 and 1."""
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, _CHUNK):
        rows = min(_CHUNK, resamples - start)
        bits = np.frombuffer(rng.bytes(rows * -(-units // 8)), np.uint8).reshape(rows, -1)
        yield np.unpackbits(bits, axis=1, count=units).astype(float)


def shifted_bootstrap(differences: Array, found: float) -> float:
    """Return the two-sided p-value of a difference, from its bootstrap samples shifted to a mean of nothing."""
    as_large = int((np.abs(differences - found) >= abs(found) - 1e-12).sum())
    return (as_large + 1) / (len(differences) + 1)


def _sides(counts: Array) -> Array:
    """Return of counts (…, 4) what F1 takes: what is right, and how large gold and prediction are together."""
    return np.stack([counts[..., 0] + counts[..., 1] / 2, counts[..., 2] + counts[..., 3]], axis=-1)


def _bootstrapped(sides: Array, sizes: Sequence[int], resamples: int, seed: int) -> Array:
    """Return the F1 (systems, resamples) of resampled units; every system has the same units drawn."""
    flat = np.moveaxis(sides, 0, 1).reshape(sides.shape[1], -1)
    drawn = np.sum(bootstrap_sums(flat, sizes, resamples, seed), axis=0)
    return np.moveaxis(_f1(drawn.reshape(resamples, len(sides), 2)), 0, 1)


def _f1(sides: Array) -> Array:
    """Return F1 of what is right and the size of both sides, in the last axis."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = 2 * sides[..., 0] / sides[..., 1]
    return found
