"""Scoring tags: two lists, or two files of any length, of sentences of tags; the units are the sentences.

A tag that continues an entity continues the one before it, or, where there is none of its type, begins one (`lenient`,
as conlleval and seqeval's default do) or is nothing (`strict`, as seqeval's strict mode does). Such tags are counted
and reported.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tripoli_loaders import FormatError, Mention, Problem
from tripoli_loaders.tagged import Block, Sentence, iter_blocks, read_block

from .columns import Ints, Place, Spans, count_columns
from .metrics import Metric, SpanMeasure
from .tally import MANY, Counted, Tally
from .views import load_view

Sentences = Sequence[Sequence[str]]
Codes = NDArray[np.uint32]

DECODINGS = ("lenient", "strict")

_LETTERS = {"U": "S", "L": "E"}  # BILOU's letters for those of BIOES


class TagTask(NamedTuple):
    """What is to be counted: metrics of `ner` under a view, with one of `DECODINGS`."""

    metrics: tuple[Metric, ...]
    view: str
    decoding: str


class Coded(NamedTuple):
    """Sentences of tags as numbers: the number of each tag, 0 for O, the length of each sentence, the tags' names."""

    codes: Codes
    lengths: Ints
    names: list[str]


class _Numbers(dict[str, int]):
    """Numbers tags as they are met; O is 0."""

    def __init__(self) -> None:
        super().__init__(O=0)

    def __missing__(self, tag: str) -> int:
        self[tag] = number = len(self)
        return number


def code(sentences: Sentences) -> Coded:
    """Return sentences of tags as numbers."""
    numbers = _Numbers()
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    found = array("I", map(numbers.__getitem__, chain.from_iterable(sentences)))
    return Coded(np.frombuffer(found, np.uint32), lengths, list(numbers))


def fingerprint(blocks: Iterable[Coded]) -> str:
    """Return eight hexadecimal digits that change with any tag and with the lengths of sentences."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block.codes.tobytes() + block.lengths.tobytes())
        digest.update("\n".join(block.names).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:8]


def count_tags(gold: Coded, predicted: Coded, task: TagTask, first: int = 0) -> Tally:
    """Count sentences of tags.

    Args:
        gold: the tags of each sentence.
        predicted: as many sentences, each with as many tags.
        task: what is counted.
        first: the number of the first sentence.

    Raises:
        ValueError: the sides differ in shape.
    """
    if len(gold.lengths) != len(predicted.lengths) or bool((gold.lengths != predicted.lengths).any()):
        raise ValueError("gold and prediction differ in the number of sentences, or of tags of one")
    tally = Tally()
    view = load_view(task.view)
    sides = []
    for name, side in (("gold", gold), ("predicted", predicted)):
        spans, orphans = _spans(side, strict=task.decoding == "strict")
        sides.append(spans)
        tally.orphans[name] = orphans
    found = np.bincount(sides[1].label, minlength=len(sides[1].raw)).tolist()
    tally.labels.update({str(raw[0]): number for raw, number in zip(sides[1].raw, found, strict=True) if number})
    tally.gold_labels.update(str(raw[0]) for raw in sides[0].raw)
    tally.number = len(gold.lengths)
    rows = (first + np.arange(tally.number)) % MANY
    place = Place(rows, None, MANY)
    wanted = [means.scheme for metric in task.metrics if isinstance(means := metric.means, SpanMeasure)]
    labels = (lambda raw: view.of_gold(_mention(raw)), lambda raw: view.of_predicted(_mention(raw)))
    names, counts = count_columns(sides[0], sides[1], labels, place, dict.fromkeys(wanted))
    for metric in task.metrics:
        if isinstance(means := metric.means, SpanMeasure):
            tally.spans[metric] = Counted(names, counts[means.scheme])
    return tally


def count_sentences(gold: Sentences, predicted: Sentences, task: TagTask) -> tuple[Tally, str]:
    """Count sentences of tags of any number, and return the gold's fingerprint too; see `count_tags`."""
    if len(gold) != len(predicted):
        raise ValueError(f"found {len(predicted)} predicted sentences, expected the gold's {len(gold)}")
    total = Tally()
    blocks = []
    for first in range(0, len(gold), _BLOCK):  # a block at a time stays in the processor's cache
        coded = code(gold[first : first + _BLOCK])
        total.add(count_tags(coded, code(predicted[first : first + _BLOCK]), task, first), pooled=True)
        blocks.append(coded)
    _trim(total, task)
    return total, fingerprint(blocks)


def _trim(total: Tally, task: TagTask) -> None:
    """Leave out groups that no sentence is in: of fewer sentences than groups each is a unit."""
    for metric in task.metrics:
        counted = total.spans.get(metric, Counted([], np.zeros((0, 0, 4))))
        total.spans[metric] = Counted(counted.labels, counted.counts[: total.number])


def _mention(raw: tuple[str | None, ...]) -> Mention:
    return Mention(0, 1, raw[0] or "")


def _spans(coded: Coded, *, strict: bool) -> tuple[Spans, int]:
    """Return the entities of sentences of tags, and how many tags continue nothing."""
    letters = [_LETTERS.get(tag[:1], tag[:1]) for tag in coded.names]
    types = {tag[2:]: 0 for tag in coded.names[1:]}
    types = {name: index for index, name in enumerate(types)}
    type_of = np.array([0, *(types[tag[2:]] for tag in coded.names[1:])])
    more_of, ends_of = (np.array([letter in of for letter in letters]) for of in ("IE", "ES"))
    at = np.flatnonzero(coded.codes)  # where a tag is not O
    tags = coded.codes[at]
    ends = np.cumsum(coded.lengths)
    sentence = np.searchsorted(ends, at, side="right")
    kind, more, last = type_of[tags], more_of[tags], ends_of[tags]
    continues = more.copy()
    continues[:1] = False
    continues[1:] &= (at[1:] == at[:-1] + 1) & (sentence[1:] == sentence[:-1]) & (kind[1:] == kind[:-1]) & ~last[:-1]
    heads = np.flatnonzero(~continues)
    orphans = int(more[heads].sum())
    stops = at[np.append(heads[1:], len(at)) - 1] + 1 if len(heads) else heads
    if strict:
        kept = ~more[heads]
        heads, stops = heads[kept], stops[kept]
    offset = (ends - coded.lengths)[sentence[heads]]
    names: list[tuple[str | None, ...]] = [(name, None) for name in types]
    return Spans(sentence[heads], at[heads] - offset, stops - offset, kind[heads], names), orphans


def count_tag_files(gold: str, predicted: str, task: TagTask, *, jobs: int = 1) -> Tally:
    """Count two files of tags, paired by position; see `count_tags`.

    Raises:
        FormatError: a file cannot be read, or the gold has no sentence.
    """
    from .stream import in_processes

    total = Tally()
    blocks = enumerate(zip_longest(iter_blocks(gold, _BLOCK), iter_blocks(predicted, _BLOCK)))
    tasks = ((number, one, other, task) for number, (one, other) in blocks)
    for tally in in_processes(_count_blocks, tasks, jobs):
        total.add(tally, pooled=True)
    if not total.number:
        raise FormatError([Problem(gold, 1, "unreadable-file", "found no sentence, expected at least one")])
    if total.number != total.predicted:
        # What is paired by position cannot be paired any more, so that leaving something out does not help.
        hint = f", and the first that differ in length at line {total.fatal[0].line}" if total.fatal else ""
        message = f"found {total.predicted} sentences, expected the {total.number} of {gold}{hint}"
        total.refused.append(Problem(predicted, 1, "unequal-length", message))
        total.fatal = [problem for problem in total.fatal if problem.code != "unequal-length"]
    _trim(total, task)
    return total


_BLOCK = 5000  # sentences


def _count_blocks(number: int, gold: Block | None, predicted: Block | None, task: TagTask) -> Tally:
    (one, wrong_gold), (other, wrong) = (([], []) if b is None else read_block(b) for b in (gold, predicted))
    if gold is not None and predicted is not None:
        wrong += _unequal(gold, predicted, one, other)
    bad = {problem.line for problem in wrong}
    tags, left_out = [], 0
    for mine, theirs in zip(one, other, strict=False):
        lines = range(theirs.line, theirs.line + len(theirs.tags))
        fine = len(lines) == len(mine.tags) and bad.isdisjoint(lines)
        tags.append(theirs.tags if fine else ["O"] * len(mine.tags))
        left_out += not fine
    tally = Tally()
    if not wrong_gold and len(tags) == len(one):
        tally = count_tags(code([sentence.tags for sentence in one]), code(tags), task, number * _BLOCK)
    tally.number, tally.predicted = len(one), len(other)
    tally.fatal_gold, tally.fatal, tally.left_out = wrong_gold, wrong, left_out
    return tally


def _unequal(gold: Block, predicted: Block, one: Sequence[Sentence], other: Sequence[Sentence]) -> Iterator[Problem]:
    """Yield the sentences of two blocks that differ in length."""
    for mine, theirs in zip(one, other, strict=False):
        if len(mine.tags) != len(theirs.tags):
            message = f"found {len(theirs.tags)} tags, expected the {len(mine.tags)} of {gold.file}:{mine.line}"
            yield Problem(predicted.file, theirs.line, "unequal-length", message)


__all__ = ["DECODINGS", "TagTask", "count_sentences", "count_tag_files"]
