"""JSON Schema of the document form, generated from the model and the ontology.

`annotations/schema/document.schema.json` is what `tripoli data schema` prints; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any

import msgspec

from .model import Document
from .ontology import ontology


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a document whose labels are the data set's."""
    schema = msgspec.json.schema(Document)
    labels = ontology()
    definitions = schema["$defs"]
    closed: dict[tuple[str, str], Iterable[str]] = {
        ("Zone", "zone"): labels.zones,
        ("Mention", "type"): labels.mention_types,
        ("Mention", "level"): labels.levels,
        ("Value", "kind"): labels.value_kinds,
        ("Value", "timex"): labels.timex_types,
        ("Value", "mod"): labels.timex_modifiers,
        ("Value", "comparison"): labels.comparisons,
        ("Event", "type"): labels.event_types,
        ("Event", "realis"): labels.realis,
        ("Event", "polarity"): labels.polarity,
    }
    for (struct, field), allowed in closed.items():
        place = definitions[struct]["properties"][field]
        options = place.get("anyOf", [place])
        next(option for option in options if option["type"] == "string")["enum"] = list(allowed)
    definitions["Argument"]["properties"]["role"]["enum"] = sorted(
        {role for name in labels.event_types for role in labels.roles(name)}
    )
    for definition in definitions.values():  # Python 3.13 strips the indentation of docstrings, earlier ones do not
        definition["description"] = cleandoc(definition["description"])
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "tripoli-bench document", **schema}
    return msgspec.json.decode(msgspec.json.encode(schema), type=dict[str, Any])  # plain JSON: lists, no tuples
