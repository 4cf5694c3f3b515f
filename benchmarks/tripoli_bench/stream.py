"""Counting a system's files against the gold, a batch of articles at a time, here or in several processes."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, starmap
from pathlib import Path
from typing import Any

import msgspec

from tripoli_loaders import Document, FormatError, Problem, gold_version, read_documents
from tripoli_loaders.documents import files_of, iter_records
from tripoli_loaders.gold import fingerprint, read_gold, with_units
from tripoli_loaders.resources import annotations_path
from tripoli_loaders.structure import Record

from .batches import count_batch
from .pairing import Pair, Side, pair
from .tally import MANY, Tally, Task

_ARTICLES = 256  # a batch has at most so many, and
_BYTES = 2**20  # no more bytes than this and one record


class Gold:
    """The gold that predictions are held against: the data set's, or a file or folder of one's own.

    Attributes:
        own: whether it is one's own.
        place: where it is.
        many: whether it has more articles than keep their sentences as units.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._path = path
        self.own = path is not None
        self.place = "the gold" if path is None else str(path)
        self._documents = [] if path is not None else sorted(map(with_units, read_gold()), key=lambda d: d.id)
        self.many = path is not None and sum(1 for _ in islice(iter_records(path), MANY + 1)) > MANY

    def sides(self) -> Iterable[Side]:
        """Return the articles: documents of the data set, undecoded records of one's own."""
        return self._documents if self._path is None else iter_records(self._path)

    def name(self) -> str:
        """Return the gold's version with a fingerprint: of its content, for one's own of its bytes."""
        if self._path is None:
            status = sorted({document.status for document in self._documents if document.status is not None})
            return f"{'-'.join([gold_version(), *status])}#{fingerprint(self._documents)}"
        return f"own#{digest_of(self._path)}"

    def passes(self) -> list[Pair]:
        """Return the two annotation passes of the data set as gold and prediction; none for gold of one's own."""
        if self.own:
            return []
        texts = {document.id: document for document in self._documents}
        sides: list[dict[str, Document]] = []
        for name in ("a", "b"):
            read = read_documents(annotations_path() / "passes" / name)
            units = [msgspec.structs.replace(d, text=texts[d.id].text, zones=texts[d.id].zones) for d in read]
            sides.append({document.id: with_units(document) for document in units})
        return [Pair(sides[0][name], sides[1][name]) for name in sorted(sides[0])]


def digest_of(path: str | Path) -> str:
    """Return eight hexadecimal digits of the bytes of a file, or of the files of documents in a folder."""
    digest = hashlib.sha256()
    for file in files_of(Path(path)):
        with file.open("rb") as data:
            while block := data.read(2**20):
                digest.update(block)
    return digest.hexdigest()[:8]


def count_system(path: str | Path, gold: Gold, task: Task, *, jobs: int = 1) -> Tally:
    """Count a system's predictions.

    Args:
        path: its file, or a folder of files.
        gold: what they are held against.
        task: what is counted.
        jobs: processes that count; the counts do not depend on it.

    Raises:
        FormatError: a file cannot be read, or the gold is not in order.
    """
    total = Tally()
    batches = _batches(pair(gold.sides(), iter_records(path)))
    for tally in in_processes(count_batch, ((batch, task) for batch in batches), jobs):
        total.add(tally, pooled=not task.sentences)
    if not total.number and not total.fatal_gold:
        raise FormatError([Problem(gold.place, 1, "unreadable-file", "found no document, expected at least one")])
    total.sort()
    return total


def count_pairs(pairs: list[Pair], task: Task) -> Tally:
    """Count articles that are in memory."""
    tally = count_batch(pairs, task)
    tally.sort()
    return tally


def _batches(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    batch: list[Pair] = []
    size = 0
    for one in pairs:
        batch.append(one)
        if isinstance(one.predicted, Record):
            size += len(one.predicted.raw)
        if isinstance(one.gold, Record):
            size += len(one.gold.raw)
        if len(batch) == _ARTICLES or size > _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def in_processes(count: Callable[..., Tally], tasks: Iterable[tuple[Any, ...]], jobs: int) -> Iterator[Tally]:
    """Yield `count(*task)` for each task in their order, from so many processes; 1 is this one.

    No more tasks wait than keep every process busy.
    """
    if jobs == 1:
        yield from starmap(count, tasks)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[Tally]] = deque()
        for task in tasks:
            waiting.append(pool.submit(count, *task))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
