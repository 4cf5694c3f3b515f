"""A metric is a value with a canonical name, `track.measure` or `track.measure@view`, that parses back.

The table `TRACKS` says what each name means; a row in it is all that a new measure of a known kind needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tripoli_loaders import UsageError, ontology

from ..views import view_names
from . import items
from .items import Select


@dataclass(frozen=True, slots=True)
class SpanMeasure:
    """Items of both sides are matched, and what matches is counted.

    Attributes:
        select: what is compared.
        scheme: what counts as a match, a key of `matching.SCHEMES`.
        macro: the mean over labels, instead of the sum.
    """

    select: Select
    scheme: str = "strict"
    macro: bool = False


@dataclass(frozen=True, slots=True)
class ChainMeasure:
    """Chains of items with the same key are compared, in each article or across all.

    Attributes:
        layer: `mentions` or `events`.
        key: the field that names the chain.
        parts: keys of `chains.CHAIN_METRICS`, whose mean it is.
        across: whether chains run across articles.
    """

    layer: str
    key: str
    parts: tuple[str, ...]
    across: bool = False


Measure = SpanMeasure | ChainMeasure


def _matching(select: Select, *schemes: str) -> dict[str, Measure]:
    measures: dict[str, Measure] = {scheme: SpanMeasure(select, scheme) for scheme in schemes}
    return {**measures, "macro": SpanMeasure(select, macro=True)}


def _chains(layer: str, key: str, *, across: bool = False) -> dict[str, Measure]:
    conll = ("muc", "b3", "ceafe")
    names = ("muc", "b3", "ceafe", "ceafm", "blanc", "lea")
    singles: dict[str, Measure] = {name: ChainMeasure(layer, key, (name,), across) for name in names}
    return {"conll": ChainMeasure(layer, key, conll, across), **singles}


def _arguments() -> dict[str, Measure]:
    """Return the argument measures: the headline first, then with other ways to compare fillers."""
    kinds = {"c+": (True, True), "i+": (False, True), "c": (True, False), "i": (False, False)}
    measures: dict[str, Measure] = {}
    for by in items.FILLERS:
        for name, (classified, attached) in kinds.items():
            select = items.arguments(classified=classified, attached=attached, by=by)
            measures[name if by == "span" else f"{name}@{by}"] = SpanMeasure(select)
            if (by, name) == ("span", "c+"):
                measures["macro"] = SpanMeasure(select, macro=True)
    return measures


TRACKS: Mapping[str, Mapping[str, Measure]] = {
    "ner": _matching(items.names_and_values, "strict", "span", "type", "partial"),
    "mentions": {
        **_matching(items.mentions, "strict", "head", "span", "type", "partial"),
        "level": SpanMeasure(items.mentions_with_level),
        **{level.lower(): SpanMeasure(items.mentions_of(level)) for level in ontology().levels},
    },
    "coref": {**_chains("mentions", "entity"), "antecedent": SpanMeasure(items.antecedents)},
    "xcoref": _chains("mentions", "entity", across=True),
    "linking": {
        "strong": SpanMeasure(items.linked(nil=False)),
        "nil": SpanMeasure(items.linked(nil=True)),
        "all": SpanMeasure(items.linked(nil=None)),
        "accuracy": SpanMeasure(items.linked(nil=None), "shared"),
    },
    "values": {
        "span": SpanMeasure(items.value_spans),
        "value": SpanMeasure(items.values),
        "partial": SpanMeasure(items.value_spans, "partial"),
        "macro": SpanMeasure(items.value_spans, macro=True),
    },
    "triggers": {
        "c": SpanMeasure(items.triggers),
        "i": SpanMeasure(items.trigger_spans),
        "realis": SpanMeasure(items.triggers_with_realis),
        "polarity": SpanMeasure(items.triggers_with_polarity),
        "macro": SpanMeasure(items.triggers, macro=True),
    },
    "arguments": _arguments(),
    "events": _chains("events", "event"),
    "xevents": _chains("events", "event", across=True),
    "sources": {"entity": SpanMeasure(items.sources)},
}
"""The measures of each track; the first is the headline."""

LAYERS = {
    "ner": ("mentions", "values"),
    "mentions": ("mentions",),
    "coref": ("mentions",),
    "xcoref": ("mentions",),
    "linking": ("mentions",),
    "values": ("values",),
    "triggers": ("events",),
    "arguments": ("events",),
    "events": ("events",),
    "xevents": ("events",),
    "sources": ("events",),
}
"""The layers of a document that each track looks at."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A track's measure under a label view.

    Raises:
        UsageError: there is no such track, measure or view; the message lists those there are.
    """

    track: str
    measure: str
    view: str = "native"

    def __post_init__(self) -> None:
        _expect("track", self.track, TRACKS)
        _expect(f"measure of {self.track}", self.measure, TRACKS[self.track])
        _expect("view", self.view, view_names())

    @property
    def means(self) -> Measure:
        """What the metric compares and counts."""
        return TRACKS[self.track][self.measure]

    def __str__(self) -> str:
        view = "" if self.view == "native" else f"@{self.view}"
        return f"{self.track}.{self.measure}{view}"

    @classmethod
    def parse(cls, name: str) -> Metric:
        """Return the metric of this name; `str` of it is the name again, the native view left out."""
        track, _, rest = name.partition(".")
        rest = rest.replace("@span", "", 1) if track == "arguments" else rest  # how fillers are compared if not said
        measure, view = rest, "native"
        if rest not in TRACKS.get(track, {}) and "@" in rest:  # `c+@entity` is a measure, `strict@conll03` a view
            measure, _, view = rest.rpartition("@")
        return cls(track, measure, view)


def metrics_of(track: str, view: str = "native") -> list[Metric]:
    """Return a track's metrics under a view, the headline first."""
    _expect("track", track, TRACKS)
    return [Metric(track, measure, view) for measure in TRACKS[track]]


def _expect(what: str, found: str, known: Iterable[str]) -> None:
    if found not in known:
        raise UsageError(f"no {what} {found!r}; expected one of {', '.join(known)}")
