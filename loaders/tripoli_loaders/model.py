"""The one document form, for gold and for predictions.

A document is an article's annotations by layer.
Offsets are Unicode code points, half open, into the article's text, and a span is its own identifier:
an argument, a source and a head name the span they mean.
A layer that is `None` was not annotated or not predicted; an empty layer was, and holds nothing.
The structs fix names and types of fields; what labels may stand in them is the ontology's matter,
because predictions and people's own gold bring labels of their own.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A stretch `[start, end)` of an article, in code points."""

    start: int
    end: int


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A part of an article: title, body or boilerplate. Zones cover the article without gap or overlap."""

    start: int
    end: int
    zone: str


class Mention(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A span that refers to an entity.

    `level` is NAM, NOM or PRO; a prediction may leave it out.
    `entity` is a key that mentions of the same entity share; see `Document.scope` for how far it holds.
    `head` defaults to the last token, for a name to the whole span.
    """

    start: int
    end: int
    type: str
    level: str | None = None
    entity: str | None = None
    head: Span | None = None
    text: str | None = None


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A time or a number.

    TIME carries a TIMEX3 type (`timex`), `value` and modifier (`mod`).
    NUM carries a `comparison`, a `number` and a `unit`.
    """

    start: int
    end: int
    kind: str
    timex: str | None = None
    value: str | None = None
    mod: str | None = None
    comparison: str | None = None
    number: int | float | None = None
    unit: str | None = None
    text: str | None = None


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A mention or value that fills a role of an event."""

    role: str
    start: int
    end: int
    text: str | None = None


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A trigger with its type, realis, polarity, source and arguments.

    `event` is a key that mentions of the same happening share.
    `source` is the span of the mention that is credited with it; `None` is the author of the article.
    """

    start: int
    end: int
    type: str
    realis: str | None = None
    polarity: str | None = None
    event: str | None = None
    source: Span | None = None
    arguments: tuple[Argument, ...] = ()
    text: str | None = None


class Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of the article itself.

    `title`, `publisher` and `url` are as the text shows them; `published` is an ISO date, with how sure it is and why.
    """

    language: str
    published: str
    certainty: Literal["certain", "near certain", "probable"]
    basis: str
    title: str | None = None
    publisher: str | None = None
    url: str | None = None


class Alternative(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another reading that the adjudication accepts beside the gold's.

    `start` and `end` are the span of the gold item it may stand for, or of the reading itself where the gold has none.
    The reading is the one of `mention`, `value` and `event` that belongs to the layer;
    where it is missing, leaving the gold item out is the other reading.
    """

    layer: Literal["mentions", "values", "events"]
    start: int
    end: int
    mention: Mention | None = None
    value: Value | None = None
    event: Event | None = None


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One article's annotations.

    `scope` tells how far entity and event keys hold: within the document (default) or the whole corpus.
    `status` tells how an annotation was made: provisional, one of several passes, or adjudicated between them.
    Predictions leave it out; a document that has it must keep the constraints of the scheme too.
    `sha256` is that of the article's UTF-8 bytes.
    `tokens` are pairs of start and end.
    """

    id: str
    sha256: str | None = None
    status: Literal["provisional", "pass", "adjudicated"] | None = None
    scope: Literal["document", "corpus"] | None = None
    metadata: Metadata | None = None
    text: str | None = None
    zones: tuple[Zone, ...] | None = None
    sentences: tuple[Span, ...] | None = None
    tokens: tuple[tuple[int, int], ...] | None = None
    mentions: tuple[Mention, ...] | None = None
    values: tuple[Value, ...] | None = None
    events: tuple[Event, ...] | None = None
    alternatives: tuple[Alternative, ...] | None = None


def reading(alternative: Alternative) -> Document:
    """Return a nameless document that holds an alternative's reading and nothing else."""
    return Document(
        "",
        mentions=None if alternative.mention is None else (alternative.mention,),
        values=None if alternative.value is None else (alternative.value,),
        events=None if alternative.event is None else (alternative.event,),
    )


class Article(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an extractor is given: an article's id, its text and its frozen units, nothing of the gold."""

    id: str
    text: str
    sentences: tuple[Span, ...]
    tokens: tuple[tuple[int, int], ...]
