"""A metric is a value with a canonical name, `track.measure` or `track.measure@view`, that parses back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tripoli_loaders import UsageError

from ..views import view_names

TRACKS = {
    "ner": ("strict", "span", "type", "partial", "macro"),
    "mentions": ("strict", "head", "span", "type", "partial", "macro"),
}
"""The measures of each track; the first is the headline. All are matching schemes but `macro`, the mean of the
strict F1 of the types."""


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
    def scheme(self) -> str:
        """The matching scheme whose counts the metric is made of."""
        return "strict" if self.measure == "macro" else self.measure

    def __str__(self) -> str:
        view = "" if self.view == "native" else f"@{self.view}"
        return f"{self.track}.{self.measure}{view}"

    @classmethod
    def parse(cls, name: str) -> Metric:
        """Return the metric of this name; `str` of it is the name again, the native view left out."""
        measure, _, view = name.partition("@")
        track, _, measure = measure.partition(".")
        return cls(track, measure, view or "native")


def metrics_of(track: str, view: str = "native") -> list[Metric]:
    """Return a track's metrics under a view, the headline first."""
    _expect("track", track, TRACKS)
    return [Metric(track, measure, view) for measure in TRACKS[track]]


def _expect(what: str, found: str, known: Iterable[str]) -> None:
    if found not in known:
        raise UsageError(f"no {what} {found!r}; expected one of {', '.join(known)}")
