"""The report of seqeval itself, on the frozen tokens of titles and bodies.

Tags hold one flat layer: where spans overlap the longest is kept (of equal ones the first), and what does not start
and end at token edges, or crosses a sentence, cannot be written as tags. Both
are counted in the report, on either side.
"""

from __future__ import annotations

from collections.abc import Sequence

from seqeval.metrics import classification_report


def seqeval_report(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> str:
    """Return seqeval's default `classification_report` as text, of the tags of both sides' sentences."""
    if not any(tag != "O" for row in [*gold, *predicted] for tag in row):
        return "no named mention or value that tags could hold, on either side\n"  # seqeval fails on this
    return str(classification_report(gold, predicted, digits=4, zero_division=0))
