"""Who reports which figure for which event: a table derived from the gold, not annotated apart.

Every event with a Count gives a claim for each Count.
The Counts of one trigger count parts and are summed ("200 civilians and 2,000 fighters"). The sums that different
triggers give for one event, in one article or several, are held against each other: where the ranges they allow have
no number in common, they cannot both be true.
A bound is open as it stands ("more than a thousand" allows any larger number), so a
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
    `of` quotes the victims that the figure counts, where the sentence names them beside it.
    """

    article: str
    published: str | None
    event: str
    type: str
    trigger: str
    trigger_start: int
    source: str | None
    figure: str
    comparison: str
    number: float
    unit: str | None
    of: str | None
    start: int
    end: int


class Conflict(msgspec.Struct, frozen=True):
    """Two reports of one event whose figures cannot both be true, under a reading of bounds.

    `totals` are the ranges that each report's figures sum to; `None` is without limit.
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
    """Return the pairs of reports of one event that cannot both be true, literally or else in the usual reading.

    A report is what one trigger gives in one unit.
    """
    by_event: dict[tuple[str, str, str | None], dict[tuple[str, int], list[Claim]]] = {}
    for claim in found:
        same = by_event.setdefault((claim.event, claim.type, claim.unit), {})
        same.setdefault((claim.article, claim.trigger_start), []).append(claim)
    result = []
    for (event, event_type, _), reports in by_event.items():
        for one, other in combinations(reports, 2):
            readings: tuple[Reading, ...] = ("literal", "usual")
            for reading in readings:
                a, b = _total(reports[one], reading), _total(reports[other], reading)
                if a[0] > b[1] or b[0] > a[1]:
                    totals = ((a[0], _limit(a[1])), (b[0], _limit(b[1])))
                    result.append(Conflict(event, event_type, reading, (one[0], other[0]), totals))
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
            trigger_start=event.start,
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
    """Quote the victim that follows a Count before the next one."""
    end = min((other.start for other in counted if other.start > count.start), default=math.inf)
    for argument in sorted(event.arguments, key=lambda argument: argument.start):
        if argument.role == "Victim" and count.end <= argument.start < end:
            return _quote(document, argument)
    return None


def _quote(document: Document, item: Argument | Event | Value) -> str:
    """Quote an item; without the article's text, its offsets."""
    return item.text or (document.text or "")[item.start : item.end] or f"[{item.start}, {item.end})"


def _total(parts: Sequence[Claim], reading: Reading) -> tuple[float, float]:
    """Sum the figures of one report."""
    ranges = [number_range(claim.comparison, claim.number, reading) for claim in parts]
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)


def _limit(value: float) -> float | None:
    return None if math.isinf(value) else value


def claims_table(found: Iterable[Claim]) -> str:
    """Return the claims as the Markdown table that stands in the data set card."""
    lines = ["| article | event | credited to | figure | of | means |", "|---|---|---|---|---|---|"]
    for claim in found:
        cells = (
            claim.article[:3],
            claim.event,
            claim.source or "the author",
            claim.figure,
            claim.of or "",
            means(claim),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def means(claim: Claim) -> str:
    """Return a claim's comparison and number."""
    return f"{claim.comparison} {claim.number:,.10g}"
