"""Is the data set whole? Checksums of every file, and the gold against its articles.

`annotations/SHA256SUMS` has the form of the `sha256sum` tool, so that `sha256sum -c` reads it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from .checks import check
from .errors import Problem
from .gold import read_gold
from .resources import annotations_path

SUMS = "SHA256SUMS"


def verify() -> list[Problem]:
    """Return every problem of the data set as it is installed; an empty list means that it is whole."""
    folder = annotations_path()
    damaged = list(_sum_problems(folder))
    if damaged:
        return damaged  # what the files say is of no interest when they are not the ones that were released
    return check([folder / "gold"]) + list(_entity_problems(folder))


def _sum_problems(folder: Path) -> Iterator[Problem]:
    sums = folder / SUMS
    if not sums.is_file():
        yield Problem(str(sums), 1, "unreadable-file", "the checksums are missing; install the package again")
        return
    listed = {}
    for number, line in enumerate(sums.read_text(encoding="utf-8").splitlines(), 1):
        digest, _, name = line.partition("  ")
        listed[name.removeprefix("./")] = (digest, number)
    for name, (expected, number) in listed.items():
        file = folder / name
        if not file.is_file():
            yield Problem(str(sums), number, "unreadable-file", f"{name} is listed but missing")
            continue
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != expected:
            yield Problem(str(file), 1, "hash-mismatch", f"found sha256 {found[:12]}…, expected {expected[:12]}…")
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and name not in listed and name != SUMS and "__pycache__" not in name:
            yield Problem(str(file), 1, "hash-mismatch", f"{name} has no checksum in {SUMS}")


def _entity_problems(folder: Path) -> Iterator[Problem]:
    """Hold the entity keys of the gold against `entities.json`: each is known there and has one type."""
    file = folder / "entities.json"
    entities = {entity["key"]: entity for entity in json.loads(file.read_text(encoding="utf-8"))["entities"]}
    used: set[str] = set()
    for document in read_gold():
        for index, mention in enumerate(document.mentions or ()):
            if mention.entity is None:
                continue
            used.add(mention.entity)
            entity = entities.get(mention.entity)
            path = f"$.mentions[{index}].entity"
            if entity is None:
                message = f"found {mention.entity!r}, expected a key of entities.json"
                yield Problem(document.id, 1, "dangling-reference", message, path)
            elif entity["type"] != mention.type:
                message = f"{mention.entity} is {mention.type} here and {entity['type']} in entities.json"
                yield Problem(document.id, 1, "unknown-label", message, path)
    for key in entities.keys() - used:
        yield Problem(str(file), 1, "dangling-reference", f"{key!r} is no entity of any mention")
