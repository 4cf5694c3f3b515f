"""Who reports which figure for which event: a table derived from the gold, not annotated apart.

Every event with a Count gives a claim for each Count.
Claims on one event in several articles are held against each other: where the ranges they allow have no number in
common, they cannot all be true. A bound is open as it stands ("more than a thousand" allows any larger number), so a
second, usual reading closes it as news does: "more than N" is taken as N to one and a half times N, "about N" as within
a tenth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from .model import Argument, Document, Event, Value

_OPEN = 1.5  # how far a bound reaches in the usual reading
_ABOUT = 0.1  # how far "about" reaches, as a share

Reading = Literal["literal", "usual"]


class Claim(msgspec.Struct, frozen=True):
    """A figure that an article gives for an event.

    `source` is the entity key of who is credited, `None` for the author.
    `of` quotes the victims or things that the figure counts, where the sentence names them beside it.
    """

    article: str
    published: str | None
    event: str
    type: str
    trigger: str
    source: str | None
    figure: str
    comparison: str
    number: float
    unit: str | None
    of: str | None
    start: int
    end: int


class Conflict(msgspec.Struct, frozen=True):
    """Two articles whose figures for one event cannot both be true, under a reading of bounds.

    `totals` are the ranges that each article's figures for the event sum to; `None` is without limit.
    """

    event: str
    type: str
    reading: Reading
    articles: tuple[str, str]
    totals: tuple[tuple[float, float | None], tuple[float, float | None]]


def claims(documents: Iterable[Document]) -> list[Claim]:
    """Return the claims of these documents, in the order of the text."""
    return [claim for document in documents for event in document.events or () for claim in _of_event(document, event)]


def conflicts(found: Sequence[Claim]) -> list[Conflict]:
    """Return the pairs of articles whose claims on one event cannot both be true, literally or in the usual reading.

    What is impossible literally is not listed a second time.
    """
    by_event: dict[tuple[str, str], dict[str, list[Claim]]] = {}
    for claim in found:
        by_event.setdefault((claim.event, claim.type), {}).setdefault(claim.article, []).append(claim)
    result = []
    for (event, event_type), articles in by_event.items():
        for one, other in combinations(articles, 2):
            readings: tuple[Reading, ...] = ("literal", "usual")
            for reading in readings:
                a, b = _total(articles[one], reading), _total(articles[other], reading)
                if a[0] > b[1] or b[0] > a[1]:
                    totals = ((a[0], _limit(a[1])), (b[0], _limit(b[1])))
                    result.append(Conflict(event, event_type, reading, (one, other), totals))
                    break
    return result


def number_range(comparison: str, number: float, reading: Reading) -> tuple[float, float]:
    """Return the least and greatest number that a figure allows under a reading."""
    if comparison == "~":
        return number * (1 - _ABOUT), number * (1 + _ABOUT)
    if comparison in (">", ">="):
        return number, math.inf if reading == "literal" else number * _OPEN
    if comparison == "<":
        return 0 if reading == "literal" else number / _OPEN, number
    return number, number


def _of_event(document: Document, event: Event) -> Iterable[Claim]:
    values = {(value.start, value.end): value for value in document.values or ()}
    entities = {(mention.start, mention.end): mention.entity for mention in document.mentions or ()}
    counted = [argument for argument in event.arguments if argument.role == "Count"]
    source = None if event.source is None else entities.get((event.source.start, event.source.end))
    published = document.metadata.published if document.metadata is not None else None
    for argument in counted:
        value = values.get((argument.start, argument.end))
        if value is None or value.number is None or event.event is None:
            continue
        yield Claim(
            article=document.id,
            published=published,
            event=event.event,
            type=event.type,
            trigger=_quote(document, event),
            source=source,
            figure=_quote(document, value),
            comparison=value.comparison or "=",
            number=float(value.number),
            unit=value.unit,
            of=_of(document, event, argument, counted),
            start=argument.start,
            end=argument.end,
        )


def _of(document: Document, event: Event, count: Argument, counted: Sequence[Argument]) -> str | None:
    """Quote the argument that follows a Count before the next one."""
    end = min((other.start for other in counted if other.start > count.start), default=math.inf)
    for argument in sorted(event.arguments, key=lambda argument: argument.start):
        if argument.role in ("Victim", "Artifact", "Theme") and count.end <= argument.start < end:
            return _quote(document, argument)
    return None


def _quote(document: Document, item: Argument | Event | Value) -> str:
    """Quote an item; without the article's text, its offsets."""
    return item.text or (document.text or "")[item.start : item.end] or f"[{item.start}, {item.end})"


def _total(parts: Sequence[Claim], reading: Reading) -> tuple[float, float]:
    """Sum the figures of one article: of several in one sentence each counts a part."""
    ranges = [number_range(claim.comparison, claim.number, reading) for claim in parts]
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)


def _limit(value: float) -> float | None:
    return None if math.isinf(value) else value
