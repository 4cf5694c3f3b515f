"""Constraints of the annotation scheme, which annotations must keep and predictions need not.

A document is an annotation when it says how it was made (`Document.status`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from .model import Argument, Document, Event, Mention, Value, reading
from .ontology import Ontology

Finding = tuple[tuple[str | int, ...], str, str]
Item = Mention | Value | Event


def scheme_findings(document: Document, labels: Ontology) -> Iterator[Finding]:
    """Yield what breaks the scheme in a document whose form and labels are right, as JSON path, code and message."""
    yield from _field_findings(document)
    yield from _key_findings(document)
    yield from _place_findings(document)
    yield from _argument_findings(document, labels)
    for index, alternative in enumerate(document.alternatives or ()):
        units = {name: getattr(document, name) for name in ("sentences", "tokens", "zones")}
        other = msgspec.structs.replace(reading(alternative), **units)
        for path, code, message in _place_findings(other):
            yield ("alternatives", index, *path[2:]), code, message


def _field_findings(document: Document) -> Iterator[Finding]:
    """A mention has a level and, but for NORP, an entity; a value is normalised; an event says all it should."""
    for index, mention in enumerate(document.mentions or ()):
        path = ("mentions", index)
        if mention.level is None:
            yield path, "missing-annotation", "found no level, expected NAM, NOM or PRO"
        if (mention.type == "NORP") != (mention.entity is None):
            expected = "none, NORP forms no entity" if mention.type == "NORP" else "one"
            yield path, "missing-annotation", f"found entity {mention.entity!r}, expected {expected}"
        if mention.type == "NORP" and mention.level not in ("NAM", None):
            yield path, "missing-annotation", f"found NORP with level {mention.level}, expected NAM"
    wanted = {"TIME": ("timex", "value"), "NUM": ("comparison", "number")}
    for index, value in enumerate(document.values or ()):
        for field in wanted.get(value.kind, ()):
            if getattr(value, field) is None:
                yield ("values", index), "missing-annotation", f"found no {field}, expected one for {value.kind}"
    for index, event in enumerate(document.events or ()):
        for field in ("realis", "polarity", "event"):
            if getattr(event, field) is None:
                yield ("events", index), "missing-annotation", f"found no {field}, expected one"


def _key_findings(document: Document) -> Iterator[Finding]:
    """An entity has one type, and so has an event; a trigger is of one event."""
    keyed = {
        "mentions": [(mention.entity, mention.type) for mention in document.mentions or ()],
        "events": [(event.event, event.type) for event in document.events or ()],
    }
    for layer, pairs in keyed.items():
        types: dict[str | None, str] = {}
        for index, (key, label) in enumerate(pairs):
            first = types.setdefault(key, label)
            if key is not None and first != label:
                yield (layer, index), "mixed-types", f"{key!r} is {label} here and {first} before"
    triggers: dict[tuple[int, int], int] = {}
    for index, event in enumerate(document.events or ()):
        before = triggers.setdefault((event.start, event.end), index)
        if before != index:
            yield (
                ("events", index),
                "duplicate-span",
                f"the trigger is that of events[{before}] too; expected one event",
            )


def _place_findings(document: Document) -> Iterator[Finding]:
    """An annotation starts and ends at token edges, within one sentence, outside boilerplate."""
    starts = {start for start, _ in document.tokens or ()}
    ends = {end for _, end in document.tokens or ()}
    boilerplate = [zone for zone in document.zones or () if zone.zone == "boilerplate"]
    for layer in ("mentions", "values", "events"):
        items: tuple[Item, ...] = getattr(document, layer) or ()
        for index, item in enumerate(items):
            span = f"[{item.start}, {item.end})"
            if document.tokens is not None and not (item.start in starts and item.end in ends):
                yield (layer, index), "off-token", f"{span} does not start and end at token edges"
            sentence = _sentence(document, item)
            if sentence is not None and not sentence[0] <= item.start < item.end <= sentence[1]:
                yield (layer, index), "outside-sentence", f"{span} does not lie in one sentence"
            if any(zone.start < item.end and item.start < zone.end for zone in boilerplate):
                yield (layer, index), "in-boilerplate", f"{span} lies in boilerplate"


def _argument_findings(document: Document, labels: Ontology) -> Iterator[Finding]:
    """An argument stands in its trigger's sentence and is of a type that its role takes."""
    types = {(mention.start, mention.end): mention.type for mention in document.mentions or ()}
    types.update({(value.start, value.end): value.kind for value in document.values or ()})
    for index, event in enumerate(document.events or ()):
        sentence = _sentence(document, event)
        fillers = labels.roles(event.type)
        for number, argument in enumerate(event.arguments):
            path = ("events", index, "arguments", number)
            if sentence is not None and not sentence[0] <= argument.start < argument.end <= sentence[1]:
                yield path, "outside-sentence", f"{argument.role} stands outside its trigger's sentence"
            found, allowed = types.get((argument.start, argument.end)), fillers.get(argument.role, ())
            if found is not None and allowed and found not in allowed:
                yield path, "wrong-filler", f"found {argument.role} of type {found}, expected {', '.join(allowed)}"


def _sentence(document: Document, item: Item | Argument) -> tuple[int, int] | None:
    """Return the span of the sentence that an item starts in; `None` where there are no sentences."""
    sentences = document.sentences or ()
    index = bisect_right([sentence.start for sentence in sentences], item.start) - 1
    return (sentences[index].start, sentences[index].end) if index >= 0 else None
