"""Label views: the gold and a model's output brought to one set of labels.

A view is a file in `annotations/schema/views/`.
It maps the gold's labels and the labels that common models give; `null` means outside the view, on either side.
A label that a prediction has and the view does not name is kept as it is, so that it counts and can be reported.
"""

from __future__ import annotations

from functools import cache

import msgspec

from tripoli_loaders import Event, Mention, UsageError, Value, annotations_path

Labels = dict[str, str | None]


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a view makes of the labels of one side.

    `entities` maps a mention's type or a value's kind, `events` an event's type, to a label of the view, or to `None`
    where the view does not have it. A value's kind may be given more closely, as `KIND.TIMEX` or `KIND.UNIT`, and
    `KIND.*` tells it from a mention type of the same name.
    """

    entities: Labels
    events: Labels


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named mapping of the labels of gold and predictions."""

    name: str
    description: str
    gold: Side
    predicted: Side

    def of_gold(self, item: Mention | Value | Event) -> str | None:
        """Return the view's label of a gold item; gold of one's own may have the labels of common models too."""
        if isinstance(item, Event):
            return {**self.predicted.events, **self.gold.events}.get(item.type, item.type)
        return _map({**self.predicted.entities, **self.gold.entities}, item)

    def of_predicted(self, item: Mention | Value | Event) -> str | None:
        """Return the view's label of a predicted item."""
        if isinstance(item, Event):
            return self.predicted.events.get(item.type, item.type)
        return _map(self.predicted.entities, item)


@cache
def load_view(name: str) -> View:
    """Return the view of this name.

    Raises:
        UsageError: there is no such view; the message lists those there are.
    """
    folder = annotations_path() / "schema" / "views"
    names = view_names()
    if name not in names:
        raise UsageError(f"no view {name!r}; expected one of {', '.join(names)}")
    return msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=View)


@cache
def view_names() -> list[str]:
    """Return the names of the views there are."""
    return sorted(file.stem for file in (annotations_path() / "schema" / "views").glob("*.json"))


def _map(labels: Labels, item: Mention | Value) -> str | None:
    if isinstance(item, Mention):
        return labels.get(item.type, item.type)
    for closer in (f"{item.kind}.{item.timex or item.unit}", f"{item.kind}.*"):
        if closer in labels:
            return labels[closer]
    return labels.get(item.kind, item.kind)
