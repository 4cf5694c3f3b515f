"""The report of seqeval itself, on the frozen tokens of titles and bodies.

Tags hold one flat layer: where spans overlap the longest is kept (of equal ones the first), and what does not start
and end at token edges, or crosses a sentence, cannot be written as tags. Both
are counted in the report, on either side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqeval.metrics import classification_report

from tripoli_loaders import Document

from .matching import Item
from .metrics import Context, select
from .metrics.items import names_and_values
from .scores import SeqevalReport
from .views import View


def seqeval_report(gold: Sequence[Document], predicted: Mapping[str, Document], view: View) -> SeqevalReport:
    """Return seqeval's default `classification_report` as text, and how many spans its tags could not hold.

    Args:
        gold: the gold documents, with tokens and sentences.
        predicted: the predictions by article id; a missing one counts as empty.
        view: the label view of the track `ner`.
    """
    gold_tags: list[list[str]] = []
    predicted_tags: list[list[str]] = []
    lost = {"gold": 0, "predicted": 0}
    for document in gold:
        for side, source, tags in (
            ("gold", document, gold_tags),
            ("predicted", predicted.get(document.id, Document(document.id)), predicted_tags),
        ):
            items = select(source, Context(view, side == "gold", document), names_and_values)
            rows, left_out = to_iob2(items, document)
            tags += rows
            lost[side] += left_out
    if not any(tag != "O" for row in gold_tags + predicted_tags for tag in row):
        text = "no named mention or value that tags could hold, on either side\n"  # seqeval fails on this
    else:
        text = str(classification_report(gold_tags, predicted_tags, digits=4, zero_division=0))
    return {"report": text, "not_in_tags": lost}


def to_iob2(items: Sequence[Item], document: Document) -> tuple[list[list[str]], int]:
    """Return the IOB2 tags of a document's sentences outside boilerplate, and the number of items left out."""
    tokens = document.tokens or ()
    boilerplate = [zone for zone in document.zones or () if zone.zone == "boilerplate"]
    tags = ["O"] * len(tokens)
    starts = {start: index for index, (start, _) in enumerate(tokens)}
    ends = {end: index for index, (_, end) in enumerate(tokens)}
    sentence_of = [0] * len(tokens)
    rows: list[tuple[int, int]] = []
    for sentence in document.sentences or ():
        inside = [index for index, (start, _) in enumerate(tokens) if sentence.start <= start < sentence.end]
        if inside and not any(zone.start <= sentence.start < zone.end for zone in boilerplate):
            rows.append((inside[0], inside[-1] + 1))
            for index in inside:
                sentence_of[index] = len(rows)
    left_out = 0
    for item in sorted(items, key=lambda item: (item.start - item.end, item)):
        first, last = starts.get(item.start), ends.get(item.end)
        fits = first is not None and last is not None and sentence_of[first] == sentence_of[last] != 0
        if first is None or last is None or not fits or any(tag != "O" for tag in tags[first : last + 1]):
            left_out += 1
            continue
        tags[first : last + 1] = [f"B-{item.type}", *[f"I-{item.type}"] * (last - first)]
    return [tags[first:end] for first, end in rows], left_out
