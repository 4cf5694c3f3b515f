"""From a pair of records to a pair of documents, or to every problem that forbids counting them.

What cannot be wrong in a plain prediction, spans with a type, is decoded into less than a document and held against
the rules many articles at a time; whatever looks odd there, and everything else, is decoded and checked in full.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import msgspec

from tripoli_loaders import Corpus, Document, Ontology, Problem
from tripoli_loaders.checks import LONGEST, find_problems
from tripoli_loaders.gold import with_units

from .pairing import Pair, Side

TOLERATED = frozenset({"unknown-article", "duplicate-span", "unknown-label", "two-chains"})
"""Codes of problems that a prediction may have and still be scored; each is remarked on. A level must be known, though:
it decides what a track compares."""


class Rules(NamedTuple):
    """What documents are held against, but for the article's text.

    `labels` is the ontology of the data set, `None` for gold of one's own, which may have any labels.
    `chains` holds the layers in which an item may be in one chain only.
    """

    labels: Ontology | None
    chains: frozenset[str]


class Read(NamedTuple):
    """A pair after reading: `gold` is `None` for what is not scored, a prediction that is missing is empty."""

    gold: Document | None
    predicted: Document | None
    problems: list[Problem]
    """Those of the prediction that are tolerated."""
    fatal: list[Problem]
    """Those of the prediction that are not."""
    fatal_gold: list[Problem]


def read(pair: Pair, rules: Rules) -> Read:
    """Decode and check both sides of an article."""
    gold, fatal_gold = _read_gold(pair, rules)
    if pair.predicted is None:
        return Read(gold, None, [], [], fatal_gold)
    if isinstance(pair.predicted, Document):
        return Read(gold, pair.predicted, [], [], fatal_gold)
    texts = {} if gold is None else {gold.id: gold.text}
    document, found = find_problems(pair.predicted, Corpus(texts, rules.labels))
    if pair.repeated and document is not None:
        found = [problem for problem in found if problem.code != "unknown-article"]
        message = f"{document.id!r} was there before; expected one prediction an article"
        found.append(pair.predicted.problem(("id",), "repeated-article", message))
    fatal = [problem for problem in found if is_fatal(problem, rules)]
    return Read(gold, None if fatal else document, [p for p in found if not is_fatal(p, rules)], fatal, fatal_gold)


def is_fatal(problem: Problem, rules: Rules) -> bool:
    """Tell whether a problem of a prediction forbids an honest score."""
    if problem.code == "two-chains":
        return problem.path[2:].partition("[")[0] in rules.chains
    return problem.code not in TOLERATED or (problem.code == "unknown-label" and problem.path.endswith(".level"))


def _read_gold(pair: Pair, rules: Rules) -> tuple[Document | None, list[Problem]]:
    if pair.gold is None or isinstance(pair.gold, Document):
        return pair.gold, []
    document, found = find_problems(pair.gold, Corpus(Anything(), None))
    if pair.repeated and document is not None:
        message = f"{document.id!r} was there before; expected one document an article"
        found.append(pair.gold.problem(("id",), "repeated-article", message))
    # Gold of one's own may give one span several types.
    harmless = {"duplicate-span"} | ({"two-chains"} - {p.code for p in found if is_fatal(p, rules)})
    fatal = [problem for problem in found if problem.code not in harmless]
    return None if document is None or fatal else with_units(document), fatal


class Anything(dict[str, None]):
    """Article ids of which every one is known, without a text."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, name: str) -> None:
        return None


Offset = Annotated[int, msgspec.Meta(ge=0, le=LONGEST)]


Label = TypeVar("Label", bound=str)


class PlainSpan(msgspec.Struct, Generic[Label], forbid_unknown_fields=True, gc=False):
    """A mention that is a span with a type and nothing else."""

    start: Offset
    end: Offset
    type: Label


class Plain(msgspec.Struct, Generic[Label], forbid_unknown_fields=True, gc=False):
    """A document of nothing but such mentions."""

    id: str
    mentions: list[PlainSpan[Label]]


class _PlainDecoder:
    """Decodes plain documents; a label that was met before is the same string again, which is quick to look up."""

    _MOST = 256  # labels; more are no labels

    def __init__(self) -> None:
        self._any = msgspec.json.Decoder(Plain[str])
        self._known: set[str] = set()
        self._of_known: msgspec.json.Decoder[Plain[str]] | None = None

    def decode(self, raw: bytes) -> Plain[str]:
        """Return a plain document; MsgspecError if these bytes are none."""
        if self._of_known is not None:
            try:
                return self._of_known.decode(raw)
            except msgspec.ValidationError:
                pass
        plain = self._any.decode(raw)
        self._known |= {mention.type for mention in plain.mentions}
        if 0 < len(self._known) <= self._MOST:
            labels: Any = Literal[tuple(sorted(self._known))]
            self._of_known = msgspec.json.Decoder(Plain[labels])
        return plain


_PLAIN = _PlainDecoder()
_APART = re.compile(rb'"\s+:')  # a field's name apart from its colon, which counting would miss


def read_plain(record: Side) -> Plain[str] | None:
    """Return a record as a plain document, `None` for one that has more or may have a field twice."""
    if isinstance(record, Document):
        return None
    raw = record.raw
    if b"\\" in raw:  # a name or string with escapes could hide a field
        return None
    try:
        plain = _PLAIN.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    # Each field is given once if there are as many colons as that takes: none is left for a field given twice.
    fields = 2 + 3 * len(plain.mentions)
    return plain if raw.count(b":") == fields or (raw.count(b'":') == fields and not _APART.search(raw)) else None
