"""Is one system better than another on these sentences? Paired tests over the same units for every pair of systems.

Approximate randomisation (Noreen 1989; Yeh 2000): if two systems were the same, each sentence's counts could as well be
the other's; the p-value is the share of random exchanges that give at least the difference that was found.
With few sentences that differ every exchange is tried, and the p-value is exact.
The other choice is the paired bootstrap, two-sided and shifted to the null hypothesis (Efron and Tibshirani 1993); with
few sentences it rejects a true null a little too often.
Over several pairs p-values are corrected after Holm (1979).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import msgspec
import numpy as np

from tripoli_loaders import UsageError, load_gold

from .defaults import RESAMPLES, SEED
from .metrics import Metric, SpanMeasure
from .scores import align_types, check_numbers, signature, tabulate
from .statistics import Array, bootstrap_sums, precision_recall_f1
from .systems import Remark, System, corpus_of, find_systems, load_system, without_boilerplate
from .views import load_view

TESTS = ("randomisation", "bootstrap")
_EXACT = 14  # units that differ: up to 2^14 exchanges are tried one by one
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
    resamples: int
    seed: int
    smallest_p: float
    detectable: float | None


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
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Comparisons:
    """Compare every pair of systems on one metric.

    Args:
        predictions: as for `score`; two systems or more.
        gold: gold of one's own; by default the data set's.
        metric: the name of a metric whose counts add up over sentences.
        test: one of `TESTS`.
        resamples: random exchanges or bootstrap samples.
        seed: of either.

    Raises:
        FormatError: gold or predictions break the document form.
        UsageError: no such metric or test, a metric that does not add up, fewer than two systems.
    """
    check_numbers(resamples, seed)
    if test not in TESTS:
        raise UsageError(f"no test {test!r}; expected one of {', '.join(TESTS)}")
    if not resamples:
        raise UsageError("found 0 resamples; a test needs some")
    parsed = Metric.parse(metric)
    means = parsed.means
    if not isinstance(means, SpanMeasure) or means.macro:
        raise UsageError(f"the counts of {metric} do not add up over sentences, so no paired test compares it")
    view = load_view(parsed.view)
    documents = sorted(load_gold(gold), key=lambda document: document.id)
    against = corpus_of(documents, view, own=gold is not None)
    paths = [predictions] if isinstance(predictions, str | Path) else predictions
    found, problems = find_systems(paths)
    if len(found) < 2:
        raise UsageError(f"found {len(found)} system, expected two or more to compare")
    systems = [load_system(name, path, documents, against, view) for name, path in found]
    problems += [problem for system in systems for problem in system.problems]
    signed = signature(documents, [parsed.track], parsed.view, own=gold is not None, resamples=0)
    documents, _ = without_boilerplate(systems, documents, [parsed.track], view)
    tables = [tabulate(system, means, documents, view) for system in systems]
    sizes = tables[0][1]
    counts = [table.sum(axis=1) for table in align_types(tables)]
    pairs = [
        _compare(systems[i], systems[j], str(parsed), counts[i], counts[j], sizes, test, resamples, seed)
        for i, j in combinations(range(len(systems)), 2)
    ]
    corrected = holm([pair.p for pair in pairs])
    compared = [msgspec.structs.replace(pair, p_holm=p) for pair, p in zip(pairs, corrected, strict=True)]
    unit = "sentence" if any(document.sentences for document in documents) else "article"
    signed = signed.replace("interval:none", f"metric:{parsed}|test:{test}-{unit}-{resamples}-seed{seed}-holm")
    return Comparisons(signed, compared, problems)


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
    moved = (b - a)[(a != b).any(axis=1)]
    units = len(moved)
    if not units:
        return 1.0, 1.0
    if units <= _EXACT:
        exchanges = ((np.arange(2**units)[:, None] >> np.arange(units)) & 1).astype(float)
        extra, least = 0, 2 / 2**units  # none exchanged and all exchanged always give the difference found
    else:
        exchanges = np.random.default_rng(seed).integers(0, 2, size=(resamples, units)).astype(float)
        extra, least = 1, 1 / (resamples + 1)
    total = a.sum(axis=0) + b.sum(axis=0)
    one = a.sum(axis=0) + exchanges @ moved
    differences = np.abs(_f1(one) - _f1(total - one))
    found = abs(_f1(a.sum(axis=0)) - _f1(b.sum(axis=0)))
    as_large = int((differences >= found - 1e-12).sum())
    return (as_large + extra) / (len(exchanges) + extra), least


def shifted_bootstrap(differences: Array, found: float) -> float:
    """Return the two-sided p-value of a difference, from its bootstrap samples shifted to a mean of nothing."""
    as_large = int((np.abs(differences - found) >= abs(found) - 1e-12).sum())
    return (as_large + 1) / (len(differences) + 1)


def _compare(
    one: System,
    other: System,
    metric: str,
    a: Array,
    b: Array,
    sizes: Sequence[int],
    test: str,
    resamples: int,
    seed: int,
) -> Comparison:
    f1_a, f1_b = (float(_f1(counts.sum(axis=0))) for counts in (a, b))
    drawn = [np.sum(bootstrap_sums(counts, sizes, resamples, seed), axis=0) for counts in (a, b)]
    differences = _f1(drawn[0]) - _f1(drawn[1])
    differing = int((a != b).any(axis=1).sum())
    defined = not (np.isnan(f1_a) or np.isnan(f1_b))
    if test == "bootstrap":
        p, least = shifted_bootstrap(differences, f1_a - f1_b), 1 / (resamples + 1)
    else:
        p, least = randomisation(a, b, resamples, seed)
    return Comparison(
        one.name,
        other.name,
        metric,
        f1_a if defined else None,
        f1_b if defined else None,
        f1_a - f1_b if defined else None,
        p if defined else None,
        None,
        "exact randomisation" if test == "randomisation" and differing <= _EXACT else test,
        len(a),
        differing,
        resamples,
        seed,
        least,
        _POWER * float(np.std(differences, ddof=1)) if defined else None,
    )


def _f1(counts: Array) -> Array:
    return precision_recall_f1(counts)[2]
