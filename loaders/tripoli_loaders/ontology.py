"""The labels of the annotation scheme, read from `annotations/schema/ontology.json`.

Code takes every label from here; what each means is written in that file.
"""

from __future__ import annotations

from functools import cache

import msgspec

from .resources import annotations_path


class EventType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an event type covers and the roles it takes, beside those that every event takes.

    `roles` maps each role to the types of mentions and kinds of values that may fill it.
    """

    covers: str
    roles: dict[str, tuple[str, ...]]


class Ontology(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The labels by the place they stand in, each with its meaning."""

    scheme: str
    zones: dict[str, str]
    mention_types: dict[str, str]
    levels: dict[str, str]
    value_kinds: dict[str, str]
    timex_types: dict[str, str]
    timex_modifiers: dict[str, str]
    comparisons: dict[str, str]
    event_types: dict[str, EventType]
    common_roles: dict[str, tuple[str, ...]]
    realis: dict[str, str]
    polarity: dict[str, str]

    def roles(self, event_type: str) -> dict[str, tuple[str, ...]]:
        """Return the roles an event of this type takes, with their fillers; of an unknown type, all roles."""
        if event_type in self.event_types:
            return {**self.event_types[event_type].roles, **self.common_roles}
        own = {role: fillers for event in self.event_types.values() for role, fillers in event.roles.items()}
        return {**dict(sorted(own.items())), **self.common_roles}


@cache
def ontology() -> Ontology:
    """Return the ontology of the data set's scheme."""
    return msgspec.json.decode((annotations_path() / "schema" / "ontology.json").read_bytes(), type=Ontology)
