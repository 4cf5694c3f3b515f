"""What an entity key means outside the data set: identifiers in Wikidata, Wikipedia and GeoNames.

`annotations/entities.json` says it of the gold's keys. A prediction may use an identifier itself as a mention's entity
key; whatever is neither is an entity that no knowledge base is said to have, NIL.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

from .resources import annotations_path

NIL = "NIL"
"""The link of an entity without identifier."""

_WIKIDATA = re.compile(r"(?:wikidata:|https?://www\.wikidata\.org/(?:entity|wiki)/)?(Q[1-9][0-9]*)")
_WIKIPEDIA = re.compile(r"(?:wikipedia:|https?://en\.wikipedia\.org/wiki/)(.+)")
_GEONAMES = re.compile(r"(?:geonames:|https?://(?:sws|www)\.geonames\.org/)([1-9][0-9]*)(?:/.*)?")


def link(key: str) -> str:
    """Return the identifier that an entity key stands for, or `NIL`.

    Args:
        key: a key of `entities.json`; a Wikidata id (`Q40816`), an English Wikipedia title (`wikipedia:Benghazi`) or a
            GeoNames id (`geonames:88319`), each also as its address; or any other key.

    Identifiers of one entity that `entities.json` has are given alike: the Wikidata id where there is one.
    """
    return _known().get(_short(key) or key) or _short(key) or NIL


def _short(key: str) -> str | None:
    """Return an identifier in its shortest form, `None` for a key that is none."""
    if found := _WIKIDATA.fullmatch(key):
        return found[1]
    if found := _WIKIPEDIA.fullmatch(key):
        return "wikipedia:" + found[1].replace("_", " ")
    if found := _GEONAMES.fullmatch(key):
        return "geonames:" + found[1]
    return None


@cache
def _known() -> dict[str, str]:
    """Return one identifier an entity, by its key and by each of its identifiers."""
    listed = msgspec.json.decode((annotations_path() / "entities.json").read_bytes())["entities"]
    known: dict[str, str] = {}
    for entity in listed:
        identifiers = [entity["wikidata"]["id"]] if "wikidata" in entity else []
        identifiers += ["wikipedia:" + entity["wikipedia"]["title"]] if "wikipedia" in entity else []
        identifiers += [f"geonames:{entity['geonames']['id']}"] if "geonames" in entity else []
        known.update(dict.fromkeys([entity["key"], *identifiers], identifiers[0]) if identifiers else {})
    return known
