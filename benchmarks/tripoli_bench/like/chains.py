"""Coreference chains as the CoNLL reference scorer and corefud-scorer score them.

On partitions both give what `metrics.chains` gives, but for the mean of BLANC's two classes of links. They differ
where a mention is listed twice: then precision and recall see different tables, each by the tool's own rules.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TypeVar

from ..metrics.chains import Sums, Table, b_cubed, blanc, ceaf_e, ceaf_m, lea, muc
from . import Figure, ratios

Chains = Sequence[Sequence[Hashable]]
"""The chains of a document, each a list of mentions."""

Span = tuple[int, int]
"""A mention as its first token and the one after its last."""

Side = TypeVar("Side", Chains, Sequence[Sequence[Span]])


def conll2012(gold: Sequence[Chains], predicted: Sequence[Chains]) -> list[Figure]:
    """Return what the CoNLL reference scorer 8.01 gives: MUC, B³, CEAFm, CEAFe, BLANC, and the CoNLL score.

    Counts are pooled over documents, and 0/0 is 0. BLANC leaves out a class of links that the gold lacks, even where
    it was predicted. A predicted mention that is in the gold counts where it comes first, one that is not wherever it
    is; so does what the gold has twice, with which CEAF can exceed 1. Above ten repetitions the tool refuses a
    prediction that is scored here. Chains count in the order given; the tool's is that of their first tokens.

    Args:
        gold: the chains of each document.
        predicted: the same for the other side, the documents in the same order.

    Raises:
        ValueError: where the sides differ in the number of documents.
    """
    return _figures("conll2012", _pooled(_conll2012_sums, gold, predicted), lambda _, r_den: r_den > 0)


def corefud(gold: Sequence[Sequence[Sequence[Span]]], predicted: Sequence[Sequence[Sequence[Span]]]) -> list[Figure]:
    """Return what corefud-scorer 4fd7b0e gives with `-x -s`: exact matching, singletons kept.

    That is MUC, B³, CEAFm, CEAFe, BLANC, LEA, the mention overlap ratio MOR in tokens, and the CoNLL score. Counts
    are pooled over documents, and 0/0 is 0. A mention repeated in one chain is there once. One in several chains
    counts in each, but when the other side looks for its chain, it finds the last. Chains count in the order given;
    the tool's is that of their first tokens.

    Args:
        gold: the chains of each document, their mentions half-open spans of tokens.
        predicted: the same for the other side, the documents in the same order.

    Raises:
        ValueError: where the sides differ in the number of documents.
    """
    return _figures("corefud", _pooled(_corefud_sums, gold, predicted), lambda p_den, r_den: p_den + r_den > 0)


def truncated(value: float) -> str:
    """Return a ratio as the CoNLL reference scorer prints it: percent, cut off after two decimals, not rounded.

    The last bit can decide: 0.275 is 27.5, but 27.49 if perl added it up to 0.27499999999999997.
    """
    return f"{int(value * 10000) / 100:.15g}"


def _pooled(
    sums_of: Callable[[Side, Side], dict[str, Sums]], gold: Sequence[Side], predicted: Sequence[Side]
) -> dict[str, Sums]:
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold documents, {len(predicted)} predicted: expected as many")
    totals = sums_of([], [])
    for one, other in zip(gold, predicted, strict=True):
        for name, sums in sums_of(one, other).items():
            totals[name] = tuple(map(sum, zip(totals[name], sums, strict=True)))
    return totals


def _figures(tool: str, totals: Mapping[str, Sums], counts: Callable[[float, float], bool]) -> list[Figure]:
    """Return a figure for each metric and for the CoNLL score, which is an F1 alone.

    Args:
        tool: what to call them.
        totals: the sums of each metric.
        counts: tells of the two denominators of a class of links whether it is in the mean that is BLANC.
    """
    figures = []
    for name, sums in totals.items():
        classes = [sums[at : at + 4] for at in range(0, len(sums), 4)]
        prefixes = ("",) if len(classes) == 1 else ("coref_", "noncoref_")
        names = [prefix + count for prefix in prefixes for count in ("p_num", "p_den", "r_num", "r_den")]
        used = [ratios(*links) for links in classes if len(classes) == 1 or counts(links[1], links[3])]
        precision, recall, f1 = (sum(column) / len(used) for column in zip(*used, strict=True)) if used else (0.0,) * 3
        figures.append(Figure(f"{tool}.{name}", None, precision, recall, f1, dict(zip(names, sums, strict=True))))
    mean = sum(ratios(*totals[name])[2] for name in ("muc", "bcub", "ceafe")) / 3
    return [*figures, Figure(f"{tool}.conll", None, None, None, mean, {})]


def _conll2012_sums(gold: Chains, predicted: Chains) -> dict[str, Sums]:
    gold = [chain for chain in gold if chain]
    gold_chain = {mention: i for i, chain in enumerate(gold) for mention in chain}
    predicted, predicted_chain = _first_only(predicted, gold_chain)
    sizes = ([len(chain) for chain in gold], [len(chain) for chain in predicted])
    # Of a mention that the gold repeats, CEAF counts each copy, and B³ one in each chain; the mention's own chain is
    # the last.
    copies = Counter((i, predicted_chain[m]) for i, chain in enumerate(gold) for m in chain if m in predicted_chain)
    once = Counter((i, predicted_chain[m]) for i, chain in enumerate(gold) for m in {*chain} if m in predicted_chain)
    last = Counter((gold_chain[mention], j) for mention, j in predicted_chain.items())
    right, predicted_links, _, gold_links = muc(Table(*sizes, last))
    mentions = (len(gold_chain), len({mention for chain in predicted for mention in chain}))
    partitions = mentions == tuple(map(sum, sizes))
    return {
        "muc": (right, predicted_links, right, gold_links),
        "bcub": (
            sum(n * once[i, j] / sizes[1][j] for (i, j), n in last.items()),
            sum(sizes[1]),
            sum(n * once[i, j] / sizes[0][i] for (i, j), n in last.items()),
            sum(sizes[0]),
        ),
        "ceafm": ceaf_m(Table(*sizes, copies)),
        "ceafe": ceaf_e(Table(*sizes, copies)),
        "blanc": blanc(Table(*sizes, last)) if partitions else _blanc_of_links(gold, predicted),
    }


def _first_only(chains: Chains, others: Mapping[Hashable, int]) -> tuple[list[list[Hashable]], dict[Hashable, int]]:
    """Return chains without the repetitions of the other side's mentions, and the chain of each such mention."""
    result: list[list[Hashable]] = []
    chain_of: dict[Hashable, int] = {}
    for chain in chains:
        kept = []
        for mention in chain:
            if mention not in chain_of:
                kept.append(mention)
                if mention in others:
                    chain_of[mention] = len(result)
        if kept:
            result.append(kept)
    return result, chain_of


def _blanc_of_links(gold: Chains, predicted: Chains) -> Sums:
    """Return BLANC's sums over sets of links, which a table does not give where a mention is listed twice."""
    sums: list[float] = []
    for wanted, found in zip(_links(gold), _links(predicted), strict=True):
        right = len(wanted & found)
        sums += [right, len(found), right, len(wanted)]
    return tuple(sums)


def _links(chains: Chains) -> Iterator[set[frozenset[Hashable]]]:
    """Yield the links within chains, then those between; two copies of a mention are linked as well."""
    yield {frozenset(link) for chain in chains for link in combinations(chain, 2)}
    yield {frozenset(link) for one, other in combinations(chains, 2) for link in product(one, other)}


def _corefud_sums(gold: Sequence[Sequence[Span]], predicted: Sequence[Sequence[Span]]) -> dict[str, Sums]:
    gold, predicted = ([list(dict.fromkeys(chain)) for chain in side if chain] for side in (gold, predicted))
    sizes = ([len(chain) for chain in gold], [len(chain) for chain in predicted])
    gold_chain, predicted_chain = (
        {mention: number for number, chain in enumerate(side) for mention in chain} for side in (gold, predicted)
    )
    predicted_chains = defaultdict(list)
    for j, chain in enumerate(predicted):
        for mention in chain:
            predicted_chains[mention].append(j)
    shared = Counter((i, j) for i, chain in enumerate(gold) for m in chain for j in predicted_chains.get(m, ()))
    found = Counter((gold_chain[m], j) for j, chain in enumerate(predicted) for m in chain if m in gold_chain)
    wanted = Counter((i, predicted_chain[m]) for i, chain in enumerate(gold) for m in chain if m in predicted_chain)
    both, by_predicted, by_gold = (Table(*sizes, counts) for counts in (shared, found, wanted))
    return {
        "muc": muc(by_predicted)[:2] + muc(by_gold)[2:],
        "bcub": b_cubed(by_predicted)[:2] + b_cubed(by_gold)[2:],
        "ceafm": ceaf_m(both),
        "ceafe": ceaf_e(both),
        "blanc": blanc(by_gold),
        "lea": lea(by_predicted)[:2] + lea(by_gold)[2:],
        # MOR aligns mentions by the tokens they share, as CEAFm does chains by their mentions.
        "mor": ceaf_m(_tokens(gold, predicted)),
    }


def _tokens(gold: Sequence[Sequence[Span]], predicted: Sequence[Sequence[Span]]) -> Table:
    """Return how many tokens each two mentions share, a mention being there once for each of its chains."""
    wanted, found = (sorted(mention for chain in side for mention in chain) for side in (gold, predicted))
    shared: dict[tuple[int, int], int] = {}
    open_mentions: list[int] = []
    at = 0
    for i, (start, end) in enumerate(wanted):
        while at < len(found) and found[at][0] < end:
            open_mentions.append(at)
            at += 1
        # A later mention starts no earlier, so what ends before this one is done with.
        open_mentions = [j for j in open_mentions if found[j][1] > start]
        for j in open_mentions:
            tokens = min(end, found[j][1]) - max(start, found[j][0])
            if tokens > 0:
                shared[i, j] = tokens
    return Table([end - start for start, end in wanted], [end - start for start, end in found], shared)
