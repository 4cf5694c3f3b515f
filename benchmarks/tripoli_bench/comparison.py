"""The comparison of systems: every pair of them tested on one metric, over the units that its counts add up over."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from tripoli_loaders import UsageError

from .defaults import RESAMPLES, SEED
from .metrics import ChainMeasure, Metric, SpanMeasure
from .paired import TESTS, Score, micro_columns, micro_f1, paired_tests
from .rows import chain_f1, mean
from .scores import count_systems, expect_documents, task_of
from .signing import Conventions, check_numbers, signature, unit_of
from .statistics import Array
from .stream import Gold
from .systems import Remark, find_systems, remarks
from .tally import Tally, align_labels
from .views import load_view


class Comparison(msgspec.Struct, frozen=True):
    """One pair of systems on one metric.

    `difference` is F1 of `a` less F1 of `b`; `p` is two-sided, `p_holm` corrected over the pairs.
    `units` are the sentences or articles that enter, `differing` those in which the two differ.
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
    """The result of `compare`: what was computed, every pair, and what is to be said of the systems' predictions.

    `unit` is what the counts add up over and what is exchanged: sentences, articles, or groups of articles.
    """

    signature: str
    unit: str
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
        metric: the name of a metric; that of chains across articles alone cannot be tested.
        test: one of `TESTS`.
        alternatives: credit the readings that the adjudication accepts beside the gold's.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.
        resamples: random exchanges or bootstrap samples.
        seed: of either.
        jobs: processes that count.

    Raises:
        FormatError: gold or predictions break the document form.
        UsageError: no such metric or test, a metric that does not add up over articles, fewer than two systems.
    """
    check_numbers(resamples, seed, jobs)
    if test not in TESTS:
        raise UsageError(f"no test {test!r}; expected one of {', '.join(TESTS)}")
    if not resamples:
        raise UsageError("found 0 resamples; a test needs some")
    parsed = Metric.parse(metric)
    means = parsed.means
    if isinstance(means, ChainMeasure) and means.across:
        raise UsageError(f"{metric} does not add up over articles, so no paired test compares it")
    source = Gold(gold)
    conventions = Conventions(skip_invalid=skip_invalid, alternatives=alternatives)
    found, problems = find_systems(predictions)
    if len(found) < 2:
        raise UsageError(f"found {len(found)} system, expected two or more to compare")
    expect_documents(found, gold, "compare")
    tallies = count_systems(found, source, task_of([parsed], parsed.view, source, conventions), conventions, jobs)
    for name, tally in tallies.items():
        problems += remarks(name, tally, load_view(parsed.view), [parsed.track], own=source.own)
    counts, sizes, score = _columns(parsed, means, list(tallies.values()))
    tests = paired_tests(counts, sizes, score, test=test, resamples=resamples, seed=seed)
    names = list(tallies)
    compared = [
        Comparison(names[one], names[other], str(parsed), *outcome, resamples=resamples, seed=seed)
        for (one, other), outcome in tests.items()
    ]
    unit = unit_of(source, tallies) if isinstance(means, SpanMeasure) or source.many else "article"
    tested = {"metric": str(parsed), "test": f"{test}-{unit}-{resamples}-seed{seed}-holm"}
    signed = signature(source.name(), [parsed.track], parsed.view, conventions, tallies, tested)
    return Comparisons(signed, unit, compared, problems)


def _columns(metric: Metric, means: SpanMeasure | ChainMeasure, tallies: list[Tally]) -> tuple[Array, list[int], Score]:
    """Return what a metric adds up over units, by system, how many units each article has, and the score of sums."""
    if isinstance(means, ChainMeasure):  # chains cross sentences: the unit is the article
        sums = np.stack([tally.chains[metric] for tally in tallies])
        return sums, [sums.shape[1]], partial(chain_f1, parts=means.parts)
    labels, tables = align_labels([tally.spans[metric] for tally in tallies])
    sizes = tallies[0].strata()
    if not means.macro:
        return np.stack([micro_columns(table) for table in tables]), sizes, micro_f1
    by_label = np.stack([micro_columns(table[:, :, None]).reshape(len(table), -1) for table in tables])
    return by_label, sizes, lambda sums: mean(micro_f1(sums.reshape(*sums.shape[:-1], len(labels), 2)))
