"""Chains of coreferent items: how well two partitions of items agree."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def b_cubed(gold: Mapping[K, Hashable], predicted: Mapping[K, Hashable]) -> tuple[float, float, float, float]:
    """Return the B³ sums: precision's numerator and denominator, then recall's (Bagga and Baldwin 1998).

    An item that one side lacks adds nothing to the numerators, and one to its own side's denominator.

    Args:
        gold: the chain of each item.
        predicted: the same for the other side; the names of chains mean nothing across sides.
    """
    chains = [_chains(side) for side in (gold, predicted)]
    precision = recall = 0.0
    for item in gold.keys() & predicted.keys():
        ours, theirs = chains[0][gold[item]], chains[1][predicted[item]]
        shared = len(ours & theirs)
        precision += shared / len(theirs)
        recall += shared / len(ours)
    return precision, float(len(predicted)), recall, float(len(gold))


def _chains(side: Mapping[K, Hashable]) -> dict[Hashable, set[K]]:
    chains: dict[Hashable, set[K]] = {}
    for item, chain in side.items():
        chains.setdefault(chain, set()).add(item)
    return chains
