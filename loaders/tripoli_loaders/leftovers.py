"""What the gold leaves unmarked although it looks like something, each with the rule that excuses it or none.

Looked at is every token outside boilerplate that begins with a capital, is a personal or possessive pronoun, holds a
digit, or is on the list of trigger words (`annotations/schema/trigger-words.txt`), and that no annotation covers.
The excuses are data, `annotations/unmarked.jsonl`: one line a token, with a rule of `annotations/schema/excuses.json`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from .model import Document
from .resources import annotations_path

_PERSONAL = "i me my we us our you your he him his she her it its they them their"
_INDEPENDENT = "mine ours yours hers theirs"
_REFLEXIVE = "myself ourselves yourself himself herself itself themselves"
_PRONOUNS = frozenset(" ".join((_PERSONAL, _INDEPENDENT, _REFLEXIVE)).split())


class Unmarked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A token without annotation; `rule` is what excuses it, `None` where nothing does."""

    article: str
    start: int
    end: int
    text: str
    kind: str
    rule: str | None = None


def unmarked(documents: Iterable[Document]) -> list[Unmarked]:
    """Return the tokens that look like something and are not annotated, in order.

    Documents without text or tokens have none.
    """
    excuses = _excuses()
    return [
        msgspec.structs.replace(item, rule=excuses.get((item.article, item.start, item.end)))
        for document in documents
        for item in _of_document(document)
    ]


def _of_document(document: Document) -> Iterable[Unmarked]:
    text = document.text or ""
    covered: dict[str, set[int]] = {"entity": set(), "trigger": set()}
    for layer, kind in (("mentions", "entity"), ("values", "entity"), ("events", "trigger")):
        for item in getattr(document, layer) or ():
            covered[kind].update(range(item.start, item.end))
    boilerplate = [zone for zone in document.zones or () if zone.zone == "boilerplate"]
    for start, end in document.tokens or () if text else ():
        if any(zone.start <= start < zone.end for zone in boilerplate):
            continue
        looks = _kind(text[start:end], is_entity=start in covered["entity"], is_trigger=start in covered["trigger"])
        if looks is not None:
            yield Unmarked(document.id, start, end, text[start:end], looks)


def _kind(word: str, *, is_entity: bool, is_trigger: bool) -> str | None:
    """Tell what a token looks like that it is not annotated as."""
    if word.lower() in trigger_words():
        # A trigger word inside a name or value is that; a nominal may hold a trigger, but need not.
        return None if is_trigger or is_entity else "trigger word"
    if is_entity or is_trigger:
        return None
    if word.lower() in _PRONOUNS:
        return "pronoun"
    if any(map(str.isdigit, word)):
        return "digit"
    return "capital" if word[0].isupper() else None


@cache
def trigger_words() -> frozenset[str]:
    """Return the words that often are triggers of the scheme's types, in lower case."""
    lines = (annotations_path() / "schema" / "trigger-words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _excuses() -> dict[tuple[str, int, int], str | None]:
    decoder = msgspec.json.Decoder(Unmarked)
    lines = (annotations_path() / "unmarked.jsonl").read_bytes().splitlines()
    items = [decoder.decode(line) for line in lines if line.strip()]
    return {(item.article, item.start, item.end): item.rule for item in items}
