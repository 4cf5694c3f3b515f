"""Scoring tags: two lists, or two files of any length, of sentences of tags; the units are the sentences.

A tag that continues an entity continues the one before it, or, where there is none of its type, begins one (`lenient`,
as conlleval and seqeval's default do) or is nothing (`strict`, as seqeval's strict mode does). Such tags are counted
and reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np

from tripoli_loaders import Mention, Problem
from tripoli_loaders.tagged import Block, Sentence, iter_blocks, read_block

from .columns import Ints, Place, Spans, count_columns
from .metrics import Metric, SpanMeasure, metrics_of
from .tally import MANY, Counted, Tally
from .views import View, load_view

Sentences = Sequence[Sequence[str]]

DECODINGS = ("lenient", "strict")

_LETTERS = {"U": "S", "L": "E"}  # BILOU's letters for those of BIOES


class TagTask(NamedTuple):
    """What is to be counted: metrics of `ner` under a view, with one of `DECODINGS`."""

    metrics: tuple[Metric, ...]
    view: str
    decoding: str
    left_out: bool


def metrics_of_tags(view: str) -> list[Metric]:
    """Return the metrics that tags can be scored by."""
    return metrics_of("ner", view)


def count_tags(gold: Sentences, predicted: Sentences, task: TagTask, first: int = 0) -> Tally:
    """Count sentences of tags.

    Args:
        gold: the tags of each sentence.
        predicted: as many sentences, each with as many tags.
        task: what is counted.
        first: the number of the first sentence.

    Raises:
        ValueError: the sides differ in shape.
    """
    lengths = [np.fromiter(map(len, side), np.int64, len(side)) for side in (gold, predicted)]
    if len(lengths[0]) != len(lengths[1]) or bool((lengths[0] != lengths[1]).any()):
        raise ValueError("gold and prediction differ in the number of sentences, or of tags of one")
    tally = Tally()
    view = load_view(task.view)
    sides = []
    for name, side in (("gold", gold), ("predicted", predicted)):
        spans, orphans = _spans(side, lengths[0], strict=task.decoding == "strict")
        sides.append(spans)
        tally.orphans[name] = orphans
    found = np.bincount(sides[1].label, minlength=len(sides[1].raw)).tolist()
    tally.labels.update({str(raw[0]): number for raw, number in zip(sides[1].raw, found, strict=True) if number})
    tally.gold_labels.update(str(raw[0]) for raw in sides[0].raw)
    tally.number = len(gold)
    rows = (first + np.arange(len(gold))) % MANY
    place = Place(rows, None, MANY)
    wanted = [means.scheme for metric in task.metrics if isinstance(means := metric.means, SpanMeasure)]
    labels = (lambda raw: view.of_gold(_mention(raw)), lambda raw: view.of_predicted(_mention(raw)))
    names, counts = count_columns(sides[0], sides[1], labels, place, dict.fromkeys(wanted))
    for metric in task.metrics:
        if isinstance(means := metric.means, SpanMeasure):
            tally.spans[metric] = Counted(names, counts[means.scheme].astype(float))
    return tally


def _mention(raw: tuple[str | None, ...]) -> Mention:
    return Mention(0, 1, raw[0] or "")


def _spans(sentences: Sentences, lengths: Ints, *, strict: bool) -> tuple[Spans, int]:
    """Return the entities of sentences of tags, and how many tags continue nothing."""
    number: dict[str, int] = {}
    flat = list(chain.from_iterable(sentences))
    for tag in set(flat):
        number[tag] = len(number)
    codes = np.fromiter(map(number.__getitem__, flat), np.int64, len(flat))
    letters = [_LETTERS.get(tag[:1], tag[:1]) for tag in number]
    types = ["" if tag[:1] == "O" else tag[2:] for tag in number]
    type_number = {name: index for index, name in enumerate(dict.fromkeys(types))}
    kind = np.array([type_number[name] for name in types] or [0])[codes]
    inside, more, ends = (
        np.array([letter in of for letter in letters] or [False])[codes] for of in ("BIES", "IE", "ES")
    )
    ends_of_sentences = np.cumsum(lengths)
    first = np.zeros(len(codes), bool)
    first[(ends_of_sentences - lengths)[lengths > 0]] = True
    continues = more.copy()
    continues[:1] = False
    continues[1:] &= inside[:-1] & (kind[1:] == kind[:-1]) & ~ends[:-1] & ~first[1:]
    heads = inside & ~continues
    orphans = int((heads & more).sum())
    starts = np.flatnonzero(heads)
    breaks = np.append(np.flatnonzero(~continues), len(codes))
    stops = breaks[np.searchsorted(breaks, starts, side="right")]
    if strict:
        kept = ~more[starts]
        starts, stops = starts[kept], stops[kept]
    sentence = np.searchsorted(ends_of_sentences, starts, side="right")
    offset = (ends_of_sentences - lengths)[sentence]
    names: list[tuple[str | None, ...]] = [(name, None) for name in type_number]
    return Spans(sentence, starts - offset, stops - offset, kind[starts], names), orphans


def count_tag_files(gold: str, predicted: str, task: TagTask, *, jobs: int = 1) -> Tally:
    """Count two files of tags, paired by position; see `count_tags`.

    Raises:
        FormatError: a file cannot be read.
    """
    from .stream import in_processes

    total = Tally()
    blocks = enumerate(zip_longest(iter_blocks(gold, _BLOCK), iter_blocks(predicted, _BLOCK)))
    tasks = ((number, one, other, task) for number, (one, other) in blocks)
    for tally in in_processes(_count_blocks, tasks, jobs):
        total.add(tally, pooled=True)
    for metric, counted in total.spans.items():  # fewer sentences than groups are a unit each
        total.spans[metric] = Counted(counted.labels, counted.counts[: total.number])
    return total


_BLOCK = 5000  # sentences


def _count_blocks(number: int, gold: Block | None, predicted: Block | None, task: TagTask) -> Tally:
    (one, wrong_gold), (other, wrong) = (([], []) if b is None else read_block(b) for b in (gold, predicted))
    if gold is not None and predicted is not None:
        wrong += _unequal(gold, predicted, one, other)
    elif gold is not None:
        wrong.append(Problem("", 1, "unequal-length", f"the prediction ends where {gold.file}:{gold.line} goes on"))
    elif predicted is not None:
        message = "found more sentences than the gold has"
        wrong.append(Problem(predicted.file, predicted.line, "unequal-length", message))
    if wrong_gold or (wrong and not task.left_out):
        tally = Tally()
    else:
        bad = {problem.line for problem in wrong}
        tags = [_tags(sentence, length, bad) for sentence, length in zip(other, map(_length, one), strict=False)]
        tags += [["O"] * len(sentence.tags) for sentence in one[len(tags) :]]
        tally = count_tags([sentence.tags for sentence in one], tags, task, number * _BLOCK)
    tally.fatal_gold, tally.fatal, tally.left_out = wrong_gold, wrong, len(wrong)
    return tally


def _length(sentence: Sentence) -> int:
    return len(sentence.tags)


def _tags(sentence: Sentence, length: int, bad: set[int]) -> list[str]:
    """Return the tags of a predicted sentence, of one with a bad line or of wrong length none."""
    lines = range(sentence.line, sentence.line + len(sentence.tags))
    return ["O"] * length if len(lines) != length or not bad.isdisjoint(lines) else sentence.tags


def _unequal(gold: Block, predicted: Block, one: Sequence[Sentence], other: Sequence[Sentence]) -> Iterator[Problem]:
    """Yield where two blocks differ in shape."""
    for mine, theirs in zip(one, other, strict=False):
        if len(mine.tags) != len(theirs.tags):
            message = f"found {len(theirs.tags)} tags, expected the {len(mine.tags)} of {gold.file}:{mine.line}"
            yield Problem(predicted.file, theirs.line, "unequal-length", message)
    if len(one) > len(other):
        message = f"the prediction ends where {gold.file}:{one[len(other)].line} goes on"
        yield Problem(predicted.file, other[-1].line if other else predicted.line, "unequal-length", message)
    elif len(other) > len(one):
        message = f"found more sentences than the {len(one)} of the gold's last block"
        yield Problem(predicted.file, other[len(one)].line, "unequal-length", message)


__all__ = ["DECODINGS", "TagTask", "View", "count_tag_files", "count_tags", "metrics_of_tags"]
