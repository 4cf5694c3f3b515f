"""Spans as tags, one a token, and tags as spans."""

from __future__ import annotations

from collections.abc import Sequence

from tripoli_loaders import Document

from .matching import Item


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
