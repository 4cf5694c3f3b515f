"""Is the data set whole? Checksums of every file, and the gold against its articles, its scheme and itself.

`annotations/SHA256SUMS` has the form of the `sha256sum` tool, so that `sha256sum -c` reads it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from .checks import check
from .counting import counts_table
from .errors import Problem
from .gold import read_gold
from .leftovers import unmarked
from .model import Document
from .resources import annotations_path
from .schema import json_schema

SUMS = "SHA256SUMS"


def verify() -> list[Problem]:
    """Return every problem of the data set as it is installed; an empty list means that it is whole.

    Looked at are the checksums, the form, spans, references and scheme of gold and passes, keys across articles, what
    stands in generated files, and in a checkout the counts in the data set card.
    """
    folder = annotations_path()
    damaged = list(_sum_problems(folder))
    if damaged:
        return damaged  # what the files say is of no interest when they are not the ones that were released
    gold = read_gold()
    return [
        *check([folder / "gold", *sorted((folder / "passes").iterdir())]),
        *_key_problems(folder, gold),
        *_entity_problems(folder, gold),
        *_derived_problems(folder, gold),
    ]


def _sum_problems(folder: Path) -> Iterator[Problem]:
    sums = folder / SUMS
    if not sums.is_file():
        yield Problem(str(sums), 1, "unreadable-file", "the checksums are missing; install the package again")
        return
    listed = {}
    for number, line in enumerate(sums.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
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


def _key_problems(folder: Path, gold: list[Document]) -> Iterator[Problem]:
    """Yield entity and event keys that have two types across the articles."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for document in gold:
        keyed = [(f"mentions[{n}]", m.entity, m.type) for n, m in enumerate(document.mentions or ())]
        keyed += [(f"events[{n}]", e.event, e.type) for n, e in enumerate(document.events or ())]
        for path, key, label in keyed:
            first, where = seen.setdefault((path.partition("[")[0], key or ""), (label, document.id))
            if key is not None and first != label:
                message = f"{key!r} is {label} here, {first} in {where}"
                yield Problem(_file(folder, document), 1, "mixed-types", message, f"$.{path}")


def _entity_problems(folder: Path, gold: list[Document]) -> Iterator[Problem]:
    """Hold the entity keys of the gold against `entities.json`: the same keys, with the same types."""
    file = folder / "entities.json"
    entities = {entity["key"]: entity for entity in json.loads(file.read_text(encoding="utf-8"))["entities"]}
    used: set[str] = set()
    for document in gold:
        for index, mention in enumerate(document.mentions or ()):
            if mention.entity is None:
                continue
            used.add(mention.entity)
            entity, path = entities.get(mention.entity), f"$.mentions[{index}].entity"
            if entity is None:
                message = f"found {mention.entity!r}, expected a key of entities.json"
                yield Problem(_file(folder, document), 1, "dangling-reference", message, path)
            elif entity["type"] != mention.type:
                message = f"{mention.entity!r} is {mention.type} here, {entity['type']} in entities.json"
                yield Problem(_file(folder, document), 1, "mixed-types", message, path)
    for key in sorted(entities.keys() - used):
        yield Problem(str(file), 1, "dangling-reference", f"{key!r} is the entity of no mention")


def _derived_problems(folder: Path, gold: list[Document]) -> Iterator[Problem]:
    """Hold what is generated against what it is generated from."""
    schema = folder / "schema" / "document.schema.json"
    if json.loads(schema.read_text(encoding="utf-8")) != json_schema():
        yield Problem(str(schema), 1, "text-mismatch", "is not the schema of the model; run make freeze")
    card = folder.parent / "DATASET_CARD.md"  # in a checkout; the wheel is without it
    if card.is_file() and counts_table(gold) not in card.read_text(encoding="utf-8"):
        yield Problem(str(card), 1, "text-mismatch", "the counts are not those of the gold; run make docs")
    for item in unmarked(gold):
        if item.rule is None:
            message = f"{item.kind} {item.text!r} at {item.start} is unmarked without a rule"
            yield Problem(str(folder / "gold" / f"{item.article}.json"), 1, "missing-annotation", message)


def _file(folder: Path, document: Document) -> str:
    return str(folder / "gold" / f"{document.id}.json")
