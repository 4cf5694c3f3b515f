"""Gold and predictions as streams, brought together by article.

Both sides are read a record at a time and in step, so that two files in the same order need no more memory than a
record each, however long they are; what has to wait for its partner waits as bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

import msgspec

from tripoli_loaders import Document
from tripoli_loaders.structure import Record

Side = Record | Document


class Pair(NamedTuple):
    """The two sides of an article; one of them may be missing, and a record without a readable id is alone.

    `repeated` says that the article was there before on this side.
    """

    gold: Side | None
    predicted: Side | None
    repeated: bool = False


class _Named(msgspec.Struct):
    id: str


_NAME = msgspec.json.Decoder(_Named)


def pair(gold: Iterable[Side], predicted: Iterable[Side]) -> Iterator[Pair]:
    """Yield the articles of both sides, gold and prediction together where both have the article.

    A record whose article was there before on its side is yielded alone, as is what has no partner in the end.
    """
    waiting: tuple[dict[str, Side], dict[str, Side]] = ({}, {})
    seen: tuple[set[str], set[str]] = (set(), set())
    for items in zip_longest(gold, predicted):
        names = [None if item is None else article_of(item) for item in items]
        if names[0] is not None and names[0] == names[1] and names[0] not in seen[0] and names[0] not in seen[1]:
            seen[0].add(names[0])
            seen[1].add(names[0])
            yield Pair(*items)
            continue
        for number, (item, name) in enumerate(zip(items, names, strict=True)):
            if item is None:
                continue
            if name is None or name in seen[number]:
                again = name is not None
                yield Pair(None, item, again) if number else Pair(item, None, again)
                continue
            seen[number].add(name)
            partner = waiting[1 - number].pop(name, None)
            if partner is None:
                waiting[number][name] = item
            else:
                yield Pair(partner, item) if number else Pair(item, partner)
    for item in waiting[0].values():
        yield Pair(item, None)
    for item in waiting[1].values():
        yield Pair(None, item)


def article_of(item: Side) -> str | None:
    """Return the id of a record's article, `None` where it cannot be read."""
    if isinstance(item, Document):
        return item.id
    raw = item.raw
    if raw.startswith(b'{"id":"') and b"\\" not in raw:  # as most files have it; what is wrong is found in decoding
        return raw[7 : raw.find(b'"', 7)].decode("utf-8", "replace")
    try:
        return _NAME.decode(raw).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
