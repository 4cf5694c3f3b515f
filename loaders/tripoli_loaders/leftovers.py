"""What the gold leaves unmarked although it looks like something, each with the rule that excuses it or none.

Looked at is every token outside boilerplate that begins with a capital, is a personal or possessive pronoun, holds a
digit, or is on the lists of calendar and number words and of trigger words (`annotations/schema/*-words.txt`), and that
no name, pronoun, value or trigger covers; a nominal around it is no cover, because it may hold any of them.
The excuses are data, `annotations/unmarked.jsonl`: one line a token, with a rule of `annotations/schema/excuses.json`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from .errors import TripoliError
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

    Raises:
        TripoliError: a document has no text or no tokens to look at.
    """
    excuses = _excuses()
    return [
        msgspec.structs.replace(item, rule=excuses.get((item.article, item.start, item.end)))
        for document in documents
        for item in _of_document(document)
    ]


def _of_document(document: Document) -> Iterable[Unmarked]:
    text = document.text
    if text is None or document.tokens is None:
        raise TripoliError(f"article {document.id} has no text or tokens to look at; hydrate the data set first")
    covered: dict[str, set[int]] = {"entity": set(), "trigger": set()}
    for mention in document.mentions or ():
        if mention.level != "NOM":
            covered["entity"].update(range(mention.start, mention.end))
    for value in document.values or ():
        covered["entity"].update(range(value.start, value.end))
    for event in document.events or ():
        covered["trigger"].update(range(event.start, event.end))
    boilerplate = [zone for zone in document.zones or () if zone.zone == "boilerplate"]
    for start, end in document.tokens:
        if any(zone.start <= start < zone.end for zone in boilerplate):
            continue
        looks = _kind(text[start:end], is_entity=start in covered["entity"], is_trigger=start in covered["trigger"])
        if looks is not None:
            yield Unmarked(document.id, start, end, text[start:end], looks)


def _kind(word: str, *, is_entity: bool, is_trigger: bool) -> str | None:
    """Tell what a token looks like that it is not annotated as."""
    if is_entity:
        return None
    if word.lower() in listed_words("trigger"):
        return None if is_trigger else "trigger word"
    if is_trigger:
        return None
    if word.lower() in _PRONOUNS:
        return "pronoun"
    if any(map(str.isdigit, word)) or word.lower() in listed_words("calendar"):
        return "calendar or number word"
    return "capital" if word[0].isupper() else None


@cache
def listed_words(kind: str) -> frozenset[str]:
    """Return the words of a list, `trigger` or `calendar`, in lower case."""
    file = annotations_path() / "schema" / f"{kind}-words.txt"
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _excuses() -> dict[tuple[str, int, int], str | None]:
    decoder = msgspec.json.Decoder(Unmarked)
    lines = (annotations_path() / "unmarked.jsonl").read_bytes().splitlines()
    items = [decoder.decode(line) for line in lines if line.strip()]
    return {(item.article, item.start, item.end): item.rule for item in items}
