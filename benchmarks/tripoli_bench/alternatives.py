"""The gold as a prediction would have it, wherever the adjudication accepts that reading too.

An alternative is taken when the prediction holds its reading and not the gold's; leaving an item out is a reading too.
What is taken changes the gold that this one prediction is held against, before anything is counted, so that every
metric sees the same gold.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tripoli_loaders import Alternative, Document, Event, Mention, Span, Value
from tripoli_loaders.model import reading

Item = Mention | Value | Event

_DECIDING = {
    "mentions": ("start", "end", "type", "level"),
    "values": ("start", "end", "kind", "timex", "value", "mod", "comparison", "number"),
    "events": ("start", "end", "type", "realis", "polarity", "source", "arguments"),
}
"""The fields by which a prediction holds one reading or the other."""


def credited(gold: Document, predicted: Document) -> Document:
    """Return the gold with those of its alternatives taken that the prediction agrees with better."""
    taken = gold
    offers: dict[tuple[str, int, int], list[Alternative]] = {}
    for alternative in gold.alternatives or ():
        offers.setdefault((alternative.layer, alternative.start, alternative.end), []).append(alternative)
    for place in sorted(offers, key=lambda place: (place[0] == "mentions", place)):  # what moves mentions comes last
        alternatives = sorted(offers[place], key=str)
        layer = getattr(predicted, place[0])
        if layer is None:  # a layer that is not predicted agrees with nothing
            continue
        mine = [item for item in getattr(taken, place[0]) or () if (item.start, item.end) == place[1:]]
        readings = [getattr(reading(alternative), place[0]) or () for alternative in alternatives]
        agreements = [_agreement(offered, layer, place) for offered in readings]
        best = max(range(len(alternatives)), key=agreements.__getitem__)
        if agreements[best] > _agreement(mine, layer, place):
            taken = _take(taken, alternatives[best], mine, readings[best])
    return taken


def _agreement(readings: Sequence[Item], layer: Sequence[Item], place: tuple[str, int, int]) -> float:
    """Return how well a prediction holds a reading: the share of its fields that are right; 1 if both are empty.

    A field that the prediction leaves out is neither right nor wrong.
    """
    spans = {(item.start, item.end) for item in readings}
    if not readings:
        return float(all((item.start, item.end) != place[1:] for item in layer))
    best = 0.0
    for item in readings:
        for other in layer:
            if (other.start, other.end) in spans and _label(other) == _label(item):
                fields = _DECIDING[place[0]]
                given = [name for name in fields if getattr(other, name) not in (None, ())]
                right = sum(_bare(getattr(other, name)) == _bare(getattr(item, name)) for name in given)
                best = max(best, (1 + right) / (1 + len(fields)))
    return best


def _label(item: Item) -> str:
    return item.kind if isinstance(item, Value) else item.type


def _bare(value: object) -> object:
    """Return a field without quoted text; the order of arguments says nothing."""
    if isinstance(value, tuple):
        return {(argument.role, argument.start, argument.end) for argument in value}
    return value


def _take(gold: Document, alternative: Alternative, mine: Sequence[Item], offered: Sequence[Item]) -> Document:
    """Return the gold with an item replaced, added or left out; whatever named a moved mention names its new span."""
    kept = [item for item in getattr(gold, alternative.layer) or () if item not in mine]
    items = tuple(sorted([*kept, *offered], key=lambda item: (item.start, item.end)))
    changed = msgspec.structs.replace(gold, **{alternative.layer: items})
    if alternative.layer != "mentions" or not mine or not offered:
        return changed
    old, new = (mine[0].start, mine[0].end), Span(offered[0].start, offered[0].end)
    if old == (new.start, new.end):
        return changed
    return msgspec.structs.replace(changed, events=tuple(_moved(event, old, new) for event in gold.events or ()))


def _moved(event: Event, old: tuple[int, int], new: Span) -> Event:
    arguments = tuple(
        msgspec.structs.replace(a, start=new.start, end=new.end, text=None) if (a.start, a.end) == old else a
        for a in event.arguments
    )
    source = event.source
    if source is not None and (source.start, source.end) == old:
        source = new
    return msgspec.structs.replace(event, arguments=arguments, source=source)
