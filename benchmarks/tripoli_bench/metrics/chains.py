"""Chains of coreferent items: how well two partitions of items agree.

Every metric comes from one sparse table: how many items each pair of chains shares, and how large each chain is.
Each gives four sums, precision's numerator and denominator and recall's, which add up over articles;
BLANC gives them for its two classes of links.
A chain is a set, and an item is in one chain of a side; singletons are chains.

Where the reference scorers disagree, the convention is that of the published definition with 0/0 left undefined:
BLANC averages its two classes of links unless one of them is empty on both sides, and an item that one side lacks
stays in the other side's denominator.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
Sums = tuple[float, ...]


class Table(NamedTuple):
    """Sizes of the chains of both sides, by their number, and the items that pairs of them share."""

    gold: list[int]
    predicted: list[int]
    shared: dict[tuple[int, int], int]

    def swapped(self) -> Table:
        """Return the table with its sides changed over."""
        return Table(self.predicted, self.gold, {(j, i): n for (i, j), n in self.shared.items()})


def table(gold: Mapping[K, Hashable], predicted: Mapping[K, Hashable], *, singletons: bool = True) -> Table:
    """Return the table of two partitions.

    Args:
        gold: the chain of each item.
        predicted: the same for the other side; the names of chains mean nothing across sides.
        singletons: whether chains of one item count; without them their items are in no chain.
    """
    if not singletons:
        gold, predicted = map(_without_singletons, (gold, predicted))
    numbers: tuple[dict[Hashable, int], dict[Hashable, int]] = ({}, {})
    sizes: tuple[list[int], list[int]] = ([], [])
    for side, number, size in zip((gold, predicted), numbers, sizes, strict=True):
        for chain in side.values():
            if number.setdefault(chain, len(number)) == len(size):
                size.append(0)
            size[number[chain]] += 1
    shared = Counter(
        (numbers[0][chain], numbers[1][predicted[item]]) for item, chain in gold.items() if item in predicted
    )
    return Table(*sizes, dict(shared))


def _without_singletons(side: Mapping[K, Hashable]) -> dict[K, Hashable]:
    sizes = Counter(side.values())
    return {item: chain for item, chain in side.items() if sizes[chain] > 1}


def muc(chains: Table) -> Sums:
    """Return MUC's sums (Vilain et al. 1995): links that a chain needs, less those it takes to join its parts again."""
    precision, recall = _muc(chains.swapped()), _muc(chains)
    return *precision, *recall


def _muc(chains: Table) -> tuple[float, float]:
    parts, covered = Counter[int](), Counter[int]()
    for (i, _), n in chains.shared.items():
        parts[i] += 1
        covered[i] += n
    found = sum(size - (parts[i] + size - covered[i]) for i, size in enumerate(chains.gold))
    return float(found), float(sum(size - 1 for size in chains.gold))


def b_cubed(chains: Table) -> Sums:
    """Return B³'s sums (Bagga and Baldwin 1998): for each item the share of its chain that is right."""
    precision = sum(n * n / chains.predicted[j] for (_, j), n in chains.shared.items())
    recall = sum(n * n / chains.gold[i] for (i, _), n in chains.shared.items())
    return precision, float(sum(chains.predicted)), recall, float(sum(chains.gold))


def ceaf_m(chains: Table) -> Sums:
    """Return CEAFm's sums (Luo 2005): the items shared under the best one-to-one alignment of chains."""
    best = _aligned(chains, lambda n, _gold, _predicted: n)
    return best, float(sum(chains.predicted)), best, float(sum(chains.gold))


def ceaf_e(chains: Table) -> Sums:
    """Return CEAFe's sums (Luo 2005): the similarity 2n/(|K|+|S|) under the best one-to-one alignment of chains."""
    best = _aligned(chains, lambda n, gold, predicted: 2 * n / (gold + predicted))
    return best, float(len(chains.predicted)), best, float(len(chains.gold))


def lea(chains: Table) -> Sums:
    """Return LEA's sums (Moosavi and Strube 2016): chains weighed by size, by the share of their links that are right.

    A singleton has one link, to itself, which is right when it is a singleton on the other side.
    """
    precision, recall = _lea(chains.swapped()), _lea(chains)
    return *precision, *recall


def _lea(chains: Table) -> tuple[float, float]:
    right = Counter[int]()
    for (i, j), n in chains.shared.items():
        right[i] += int(chains.predicted[j] == 1) if chains.gold[i] == 1 else _links(n)
    found = sum(size * right[i] / max(1, _links(size)) for i, size in enumerate(chains.gold))
    return found, float(sum(chains.gold))


def blanc(chains: Table) -> Sums:
    """Return BLANC's sums (Recasens and Hovy 2011; Luo et al. 2014) for coreferent, then for other links."""
    right = sum(map(_links, chains.shared.values()))
    gold, predicted = sum(map(_links, chains.gold)), sum(map(_links, chains.predicted))
    by_gold, by_predicted = Counter[int](), Counter[int]()
    for (i, j), n in chains.shared.items():
        by_gold[i] += n
        by_predicted[j] += n
    common = sum(chains.shared.values())
    # Of the links among items that both sides have: those that neither side calls coreferent.
    other = _links(common) - sum(map(_links, by_gold.values())) - sum(map(_links, by_predicted.values())) + right
    others = (_links(sum(side)) - links for side, links in ((chains.predicted, predicted), (chains.gold, gold)))
    other_predicted, other_gold = others
    return right, predicted, right, gold, other, other_predicted, other, other_gold


def _links(size: int) -> int:
    return size * (size - 1) // 2


def _aligned(chains: Table, similarity: Callable[[int, int, int], float]) -> float:
    """Return the similarity of the best one-to-one alignment, separately in each connected component of chains."""
    total = 0.0
    for group in _components(chains):
        weights = {(i, j): similarity(chains.shared[i, j], chains.gold[i], chains.predicted[j]) for i, j in group}
        rows, columns = sorted({i for i, _ in group}), sorted({j for _, j in group})
        if min(len(rows), len(columns)) == 1:
            total += max(weights.values())
            continue
        import numpy as np
        from scipy.optimize import linear_sum_assignment  # 0.2 s to load, and most components are one chain to one

        matrix = np.zeros((len(rows), len(columns)))
        row_of, column_of = ({name: n for n, name in enumerate(names)} for names in (rows, columns))
        for (i, j), weight in weights.items():
            matrix[row_of[i], column_of[j]] = weight
        total += float(matrix[linear_sum_assignment(matrix, maximize=True)].sum())
    return total


def _components(chains: Table) -> list[list[tuple[int, int]]]:
    """Split the pairs of chains that share items into groups that share no chain."""
    by_gold, by_predicted = defaultdict(list), defaultdict(list)
    for i, j in chains.shared:
        by_gold[i].append(j)
        by_predicted[j].append(i)
    groups, seen = [], set()
    for first in by_gold:
        if first in seen:
            continue
        seen.add(first)
        waiting, group, columns = [first], [], set[int]()
        while waiting:
            i = waiting.pop()
            for j in by_gold[i]:
                group.append((i, j))
                if j not in columns:
                    columns.add(j)
                    fresh = [other for other in by_predicted[j] if other not in seen]
                    seen.update(fresh)
                    waiting += fresh
        groups.append(group)
    return groups


CHAIN_METRICS: dict[str, Callable[[Table], Sums]] = {
    "muc": muc,
    "b3": b_cubed,
    "ceafe": ceaf_e,
    "ceafm": ceaf_m,
    "blanc": blanc,
    "lea": lea,
}
"""The coreference metrics by name. The CoNLL score is the mean of the F1 of the first three (Pradhan et al. 2012)."""
