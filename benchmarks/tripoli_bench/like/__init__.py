"""The numbers of other scorers, by their names: what a paper's script prints, computed here from plain data.

Each function follows one tool and version to the last digit, its odd cases included, without importing it;
what is wrong in a tool stays wrong here. For how this benchmark itself scores, see `metrics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple


class Figure(NamedTuple):
    """One result of a tool: fractions from 0 to 1, whatever the tool prints, and the counts they come from.

    `type` is `None` in a total. A ratio is `None` only where the tool gives none.
    """

    metric: str
    type: str | None
    precision: float | None
    recall: float | None
    f1: float | None
    counts: dict[str, float]


LIKE: Mapping[str, Literal["tags", "events", "chains"]] = MappingProxyType(
    {
        "seqeval": "tags",
        "seqeval-strict": "tags",
        "conlleval": "tags",
        "nervaluate": "tags",
        "textee": "events",
        "conll2012": "chains",
        "corefud": "chains",
    }
)
"""What kind of input each tool takes: it is scored by the module of that name, `tags` by `tagging`."""


def ratios(p_num: float, p_den: float, r_num: float, r_den: float) -> tuple[float, float, float]:
    """Return precision, recall and F1, their harmonic mean, where 0/0 is 0."""
    precision, recall = p_num / p_den if p_den else 0.0, r_num / r_den if r_den else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0
