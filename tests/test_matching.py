"""Laws of matching: they hold for spans of any nesting, crossing and order."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import items
from tripoli_bench.matching import SCHEMES, Alignment, Item, align

schemes = st.sampled_from(sorted(SCHEMES))


def item(start: int, end: int, type: str = "PER") -> Item:
    return Item(start, end, type, (start, end))


def credit(alignment: Alignment) -> float:
    return sum(1.0 if pair.exact else 0.5 for pair in alignment.pairs)


@given(items(), schemes)
def test_everything_matches_itself(gold: list[Item], scheme: str) -> None:
    alignment = align(gold, gold, scheme)

    assert all(pair.gold == pair.predicted and pair.exact for pair in alignment.pairs)
    assert len(alignment.pairs) == len(gold)


@given(items(), items(), schemes, st.randoms(use_true_random=False))
def test_order_does_not_matter(gold: list[Item], predicted: list[Item], scheme: str, random: Random) -> None:
    shuffled_gold, shuffled = list(gold), list(predicted)
    random.shuffle(shuffled_gold)
    random.shuffle(shuffled)

    one, other = align(gold, predicted, scheme), align(shuffled_gold, shuffled, scheme)

    assert set(one.pairs) == set(other.pairs)
    assert (set(one.missed), set(one.spurious)) == (set(other.missed), set(other.spurious))


@given(items(), items(), schemes)
def test_every_item_is_used_once(gold: list[Item], predicted: list[Item], scheme: str) -> None:
    alignment = align(gold, predicted, scheme)
    if scheme == "shared":  # it looks at no other spans
        both = {item[:2] for item in gold} & {item[:2] for item in predicted}
        gold, predicted = ([item for item in side if item[:2] in both] for side in (gold, predicted))

    assert Counter([*(pair.gold for pair in alignment.pairs), *alignment.missed]) == Counter(gold)
    assert Counter([*(pair.predicted for pair in alignment.pairs), *alignment.spurious]) == Counter(predicted)


@given(items(), items(), schemes)
def test_swapping_sides_gives_the_same_credit(gold: list[Item], predicted: list[Item], scheme: str) -> None:
    assert credit(align(gold, predicted, scheme)) == credit(align(predicted, gold, scheme))


@given(items(), items(), schemes, st.integers(0, 10_000))
def test_shifting_every_offset_changes_nothing(gold: list[Item], predicted: list[Item], scheme: str, by: int) -> None:
    def shift(side: list[Item]) -> list[Item]:
        return [Item(i.start + by, i.end + by, i.type, (i.head[0] + by, i.head[1] + by)) for i in side]

    one, other = align(gold, predicted, scheme), align(shift(gold), shift(predicted), scheme)

    assert [shift([pair.gold, pair.predicted]) for pair in one.pairs] == [[p.gold, p.predicted] for p in other.pairs]


@given(items(), items())
def test_lenient_schemes_give_no_less_than_strict(gold: list[Item], predicted: list[Item]) -> None:
    strict = credit(align(gold, predicted, "strict"))

    for scheme in ("span", "type", "partial", "head"):
        assert credit(align(gold, predicted, scheme)) >= strict


@given(items(max_size=5), items(max_size=5), schemes)
def test_assignment_is_optimal_among_those_that_keep_identical_pairs(
    gold: list[Item], predicted: list[Item], scheme: str
) -> None:
    relation = SCHEMES[scheme]
    identical = [one for one in gold if one in predicted]

    def best(rest: list[Item], free: list[Item]) -> float:
        """Try every way to pair what is not identical."""
        if not rest:
            return 0.0
        first, others = rest[0], rest[1:]
        options = [best(others, free)]
        for index, other in enumerate(free):
            allowed = relation(first, other) if relation is not None else None
            if allowed is not None:
                options.append((1.0 if allowed else 0.5) + best(others, free[:index] + free[index + 1 :]))
        return max(options)

    expected = len(identical) + best(
        [one for one in gold if one not in identical], [one for one in predicted if one not in identical]
    )

    assert credit(align(gold, predicted, scheme)) == expected


@pytest.mark.parametrize("swap", [False, True])
def test_an_exact_match_is_not_lost_to_an_overlap_that_comes_first(swap: bool) -> None:
    predicted = [item(0, 2), item(0, 10)]

    alignment = align([item(0, 10)], predicted[::-1] if swap else predicted, "partial")

    assert [(pair.predicted, pair.exact) for pair in alignment.pairs] == [(item(0, 10), True)]


def test_touching_spans_do_not_overlap() -> None:
    assert align([item(0, 5)], [item(5, 9)], "partial").pairs == []


def test_two_types_on_one_span_are_two_items() -> None:
    alignment = align([item(0, 5, "PER")], [item(0, 5, "ORG"), item(0, 5, "PER")], "span")

    assert [(pair.gold.type, pair.predicted.type) for pair in alignment.pairs] == [("PER", "PER")]
    assert [one.type for one in alignment.spurious] == ["ORG"]


def test_head_needs_the_same_type() -> None:
    gold = Item(0, 10, "ORG", (6, 10))

    assert align([gold], [Item(4, 10, "ORG", (6, 10))], "head").missed == []
    assert align([gold], [Item(4, 10, "PER", (6, 10))], "head").missed == [gold]
