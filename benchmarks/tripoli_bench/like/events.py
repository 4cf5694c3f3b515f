"""Events as TextEE's scorer counts them: sets of tuples over a whole corpus, exact spans, no partial credit."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from . import Figure, ratios

Part = tuple[int, int, str]
"""Start and end, and the type of a trigger or the role of an argument."""

Event = tuple[Part, Sequence[Part]]
"""A trigger and its arguments."""

Windows = Sequence[tuple[Hashable, Sequence[Event]]]
"""The events of each window, by its id: of TextEE's `doc_id` and `wnd_id`, the pair."""


def textee(gold: Windows, predicted: Windows) -> list[Figure]:
    """Return what TextEE's `compute_scores(..., "E2E")` gives at commit 25d5dca, in totals only.

    Arg-I and Arg-C ask for the right type of event but not for its trigger; Arg-I+ and Arg-C+ for both. As the tuples
    are in sets, what is predicted twice counts once, and windows with the same id are one. TextEE asserts that both
    sides have the same windows in the same order; here a window that one side lacks is empty.
    """
    wanted, found = _tuples(gold), _tuples(predicted)
    figures = []
    for metric in wanted:
        match, pred, total = len(wanted[metric] & found[metric]), len(found[metric]), len(wanted[metric])
        counts: dict[str, float] = {"match": match, "pred": pred, "gold": total}
        figures.append(Figure(f"textee.{metric}", None, *ratios(match, pred, match, total), counts))
    return figures


def _tuples(windows: Windows) -> dict[str, set[tuple[Any, ...]]]:
    """Return the tuples that each metric compares."""
    result: dict[str, set[tuple[Any, ...]]] = {
        metric: set() for metric in ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "Arg-I+", "Arg-C+")
    }
    for window, events in windows:
        for (start, end, type_), arguments in events:
            result["Tri-I"].add((window, start, end))
            result["Tri-C"].add((window, start, end, type_))
            for first, last, role in arguments:
                result["Arg-I"].add((window, type_, first, last))
                result["Arg-C"].add((window, type_, first, last, role))
                result["Arg-I+"].add((window, start, end, type_, first, last))
                result["Arg-C+"].add((window, start, end, type_, first, last, role))
    return result
