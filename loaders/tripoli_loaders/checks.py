"""Every problem of a file, not the first alone.

Structure comes first (`structure.decode`); what is well-formed is then held against the article's text, the labels
and itself: offsets, quoted texts, references, repeated spans and ids.
The same check serves gold and predictions, for the data set and for gold of one's own.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .documents import iter_records
from .errors import FormatError, Problem
from .gold import read_gold, with_units
from .model import Document, Event, Mention, Value, reading
from .ontology import Ontology, ontology
from .scheme import scheme_findings
from .structure import Path as JsonPath
from .structure import Record, decode
from .tagged import check_tagged, is_tagged

Finding = tuple[JsonPath, str, str]

LONGEST = 2**31 - 1
"""The largest offset, in code points: no article is longer, and counting in columns has no room for more."""

_LARGEST = sys.float_info.max


class Corpus(NamedTuple):
    """What documents are held against.

    `texts` maps the known article ids to their text, or to `None` where only the id is known.
    `labels` is the ontology whose labels are allowed, or `None` to allow any.
    `entity_labels` replaces its mention types and value kinds, for predictions that are read under a view.
    """

    texts: Mapping[str, str | None]
    labels: Ontology | None
    entity_labels: Collection[str] | None = None


class Checked(NamedTuple):
    """A record after checking; `document` holds the items that could be read, or is `None`."""

    document: Document | None
    problems: list[Problem]


def corpus(gold: Iterable[Document] | None = None) -> Corpus:
    """Return what to check against: the data set, or gold of one's own, whose labels are those that it holds."""
    if gold is None:
        return Corpus({document.id: document.text for document in read_gold()}, ontology())
    documents = list(gold)
    labels = {mention.type for document in documents for mention in document.mentions or ()}
    labels |= {value.kind for document in documents for value in document.values or ()}
    return Corpus({document.id: document.text for document in documents}, None, labels)


def check(paths: Iterable[str | Path], against: Corpus | None = None) -> list[Problem]:
    """Return every problem of these files and folders, in the order of the files.

    Args:
        paths: gold or predictions, `.json`, JSON Lines or folders of them, or files of tags.
        against: articles and labels; by default the data set's.
    """
    problems: list[Problem] = []
    for path in paths:
        if is_tagged(path):
            problems += check_tagged(path)[1]
        else:
            problems += [problem for checked in iter_checked(path, against) for problem in checked.problems]
    return problems


def load_gold(path: str | Path | None = None) -> list[Document]:
    """Return gold whose form was checked, with text where it is known, and sentences and tokens.

    Args:
        path: gold of one's own; by default the data set's, which `verify` checks.

    Raises:
        FormatError: with every problem of the gold; there is no document in it.
    """
    if path is None:
        documents = read_gold()
    else:
        decoded = [decode(record).document for record in iter_records(path)]
        documents = [document for document in decoded if document is not None]
        found = [problem for checked in iter_checked(path, corpus(documents)) for problem in checked.problems]
        # Gold of one's own may give one span several types, and chains matter to those who score them.
        problems = [problem for problem in found if problem.code not in ("duplicate-span", "two-chains")]
        if problems:
            raise FormatError(problems)
    if not documents:
        raise FormatError([Problem(str(path), 1, "unreadable-file", "found no document, expected at least one")])
    return [with_units(document) for document in documents]


def iter_checked(path: str | Path, against: Corpus | None = None) -> Iterator[Checked]:
    """Yield each record of a file or folder with its problems; a file that cannot be read is one problem."""
    against = corpus() if against is None else against
    seen: dict[tuple[str, str], str] = {}
    try:
        for record in iter_records(path):
            document, problems = find_problems(record, against)
            if document is not None:
                scope = str(Path(record.file).parent)  # gold and passes stand in one tree, in folders of their own
                first = seen.setdefault((scope, document.id), f"{record.file}:{record.line}")
                if first != f"{record.file}:{record.line}":
                    message = f"{document.id!r} was there before, in {first}"
                    problems.insert(0, record.problem(("id",), "repeated-article", message))
            yield Checked(document, problems)
    except FormatError as error:
        yield Checked(None, error.problems)


def find_problems(record: Record, against: Corpus) -> Checked:
    """Return a record's document, without the items that cannot be read, and every problem in the order of lines."""
    document, problems, kept = decode(record, thorough=True)
    if document is not None:
        findings = iter_findings(document, against, partial=bool(problems))
        problems += [record.problem(_original(path, kept), code, text) for path, code, text in findings]
    return Checked(document, sorted(problems, key=lambda problem: problem.line))


def check_document(document: Document, against: Corpus, place: str) -> list[Problem]:
    """Return the problems of a document that does not come from a file; `place` names it in their stead."""
    record = Record(place, 1, b"")
    return [record.problem(*finding) for finding in iter_findings(document, against)]


def iter_findings(document: Document, against: Corpus, *, partial: bool = False) -> Iterator[Finding]:
    """Yield what is wrong in a well-formed document, as JSON path, code and message.

    Args:
        document: the document.
        against: known articles and labels.
        partial: items were left out, so that a reference to one of them is no finding.
    """
    text = document.text
    if document.id not in against.texts:
        expected = f"one of {_some(against.texts)}" if against.texts else "an article of the gold"
        yield ("id",), "unknown-article", f"found {document.id!r}, expected {expected}"
    else:
        text = against.texts[document.id] if against.texts[document.id] is not None else text
        yield from _article_findings(document, text)
    yield from _span_findings(document, text)
    yield from _unit_findings(document, text)
    yield from _duplicate_findings(document)
    if not partial:
        yield from _reference_findings(document)
    for index, value in enumerate(document.values or ()):
        if value.number is not None and not -_LARGEST <= value.number <= _LARGEST:
            yield ("values", index, "number"), "wrong-type", "found a number too large, expected a finite one"
    if against.labels is None:
        yield from _own_findings(document, ontology(), against.entity_labels)
    else:
        yield from _label_findings(document, against.labels, against.entity_labels)
        if document.status is not None and not partial:
            yield from scheme_findings(document, against.labels)


def _some(names: Iterable[str], most: int = 5) -> str:
    shown = list(names)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def _original(path: JsonPath, kept: dict[str, list[int]]) -> JsonPath:
    """Give an item the index that it has in the file, where items before it were left out."""
    if len(path) > 1 and isinstance(path[0], str) and isinstance(path[1], int) and path[0] in kept:
        return (path[0], kept[path[0]][path[1]], *path[2:])
    return path


def _article_findings(document: Document, text: str | None) -> Iterator[Finding]:
    if text is None:
        return
    if document.text is not None and document.text != text:
        at = next((i for i, (a, b) in enumerate(zip(document.text, text, strict=False)) if a != b), None)
        at = min(len(document.text), len(text)) if at is None else at
        found, expected = document.text[at : at + 20], text[at : at + 20]
        yield ("text",), "text-mismatch", f"differs at {at}: found {found!r}, expected {expected!r}"
    if document.sha256 is not None:
        expected = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if document.sha256 != expected:
            yield ("sha256",), "hash-mismatch", f"found {document.sha256[:12]}…, expected {expected[:12]}…"


def _spans(document: Document) -> Iterator[tuple[JsonPath, int, int, str | None]]:
    """Yield every span of the document with its path and its quoted text."""
    for name in ("zones", "sentences"):
        for index, unit in enumerate(getattr(document, name) or ()):
            yield (name, index), unit.start, unit.end, None
    for index, (start, end) in enumerate(document.tokens or ()):
        yield ("tokens", index), start, end, None
    for index, mention in enumerate(document.mentions or ()):
        yield ("mentions", index), mention.start, mention.end, mention.text
        if mention.head is not None:
            yield ("mentions", index, "head"), mention.head.start, mention.head.end, None
    for index, value in enumerate(document.values or ()):
        yield ("values", index), value.start, value.end, value.text
    for index, event in enumerate(document.events or ()):
        yield ("events", index), event.start, event.end, event.text
        if event.source is not None:
            yield ("events", index, "source"), event.source.start, event.source.end, None
        for number, argument in enumerate(event.arguments):
            yield ("events", index, "arguments", number), argument.start, argument.end, argument.text
    for index, alternative in enumerate(document.alternatives or ()):
        yield ("alternatives", index), alternative.start, alternative.end, None
        for path, start, end, quoted in _spans(reading(alternative)):
            yield ("alternatives", index, path[0], *path[2:]), start, end, quoted


def _span_findings(document: Document, text: str | None) -> Iterator[Finding]:
    length = None if text is None else len(text)
    for path, start, end, quoted in _spans(document):
        if end <= start:
            yield path, "offset-reversed", f"found [{start}, {end}), expected an end after the start"
        elif start < 0 or end > (LONGEST if length is None else length):
            limit = LONGEST if length is None else f"{length}, the length of the article"
            yield path, "offset-out-of-range", f"found [{start}, {end}), expected offsets from 0 to {limit}"
        elif quoted is not None and text is not None and text[start:end] != quoted:
            yield path, "text-mismatch", f"found {quoted!r}, expected {text[start:end]!r} at [{start}, {end})"


def _unit_findings(document: Document, text: str | None) -> Iterator[Finding]:
    units: dict[str, Sequence[tuple[int, int]]] = {
        "zones": [(zone.start, zone.end) for zone in document.zones or ()],
        "sentences": [(sentence.start, sentence.end) for sentence in document.sentences or ()],
        "tokens": document.tokens or (),
    }
    for name, spans in units.items():
        end = 0
        for index, (start, next_end) in enumerate(spans):
            if start < end or (name == "zones" and start != end):
                relation = "at" if name == "zones" else "at or after"
                yield (name, index), "overlapping-units", f"found start {start}, expected it {relation} {end}"
            end = next_end
        if name == "zones" and spans and text is not None and end != len(text):
            yield (name, len(spans) - 1), "overlapping-units", f"found end {end}, expected the article's, {len(text)}"


def _duplicate_findings(document: Document) -> Iterator[Finding]:
    layers: dict[str, Sequence[Mention | Value]] = {
        "mentions": document.mentions or (),
        "values": document.values or (),
    }
    for name, items in layers.items():
        seen: dict[tuple[int, int, str], int] = {}
        for index, item in enumerate(items):
            # The scheme has one item a span; predictions and gold of one's own may give a span several labels.
            label = "" if document.status is not None else item.kind if isinstance(item, Value) else item.type
            first = seen.setdefault((item.start, item.end, label), index)
            if first != index:
                once = "one item a span" if document.status is not None else "a span once with a label"
                message = f"[{item.start}, {item.end}) is the span of {name}[{first}] too; expected {once}"
                yield (name, index), "duplicate-span", message
    yield from _chain_findings(document)


def _chain_findings(document: Document) -> Iterator[Finding]:
    """Yield spans whose items have two keys: chains must share none, or no coreference metric is defined."""
    for name, key in (("mentions", "entity"), ("events", "event")):
        chains: dict[tuple[int, int], str] = {}
        for index, item in enumerate(getattr(document, name) or ()):
            chain = getattr(item, key)
            first = chain if chain is None else chains.setdefault((item.start, item.end), chain)
            if first != chain:
                message = f"[{item.start}, {item.end}) is in the chains {first!r} and {chain!r}; expected it in one"
                yield (name, index), "two-chains", message


def _reference_findings(document: Document) -> Iterator[Finding]:
    """Yield references to spans that are not annotated; a document without mentions may refer to the gold's."""
    yield from _alternative_findings(document)
    if document.mentions is None:
        return
    mentions = {(mention.start, mention.end) for mention in document.mentions}
    fillers = mentions | {(value.start, value.end) for value in document.values or ()}
    for index, mention in enumerate(document.mentions):
        head = mention.head
        if head is not None and not (mention.start <= head.start and head.end <= mention.end):
            message = f"head [{head.start}, {head.end}) lies outside its mention [{mention.start}, {mention.end})"
            yield ("mentions", index, "head"), "dangling-reference", message
    for index, event in enumerate(document.events or ()):
        source = event.source
        if source is not None and (source.start, source.end) not in mentions:
            message = f"source [{source.start}, {source.end}) is the span of no mention"
            yield ("events", index, "source"), "dangling-reference", message
        for number, argument in enumerate(event.arguments):
            if (argument.start, argument.end) not in fillers:
                span = f"[{argument.start}, {argument.end})"
                message = f"{argument.role} {span} is the span of no mention or value"
                yield ("events", index, "arguments", number), "dangling-reference", message


def _alternative_findings(document: Document) -> Iterator[Finding]:
    """Yield alternatives to nothing, and references of their readings to spans that nobody annotated."""
    alternatives = document.alternatives or ()
    readings = [a.mention for a in alternatives if a.mention is not None]
    known: dict[str, set[tuple[int, int]]] = {
        layer: {(item.start, item.end) for item in getattr(document, layer) or ()} for layer in _LAYERS
    }
    fillers = known["mentions"] | known["values"] | {(mention.start, mention.end) for mention in readings}
    for index, alternative in enumerate(alternatives):
        span = (alternative.start, alternative.end)
        own = {(item.start, item.end) for item in getattr(reading(alternative), alternative.layer) or ()}
        if span not in known[alternative.layer] and span not in own:
            message = f"[{span[0]}, {span[1]}) is the span of no item of {alternative.layer}"
            yield ("alternatives", index), "dangling-reference", message
        for number, argument in enumerate(alternative.event.arguments if alternative.event is not None else ()):
            if (argument.start, argument.end) not in fillers:
                message = f"{argument.role} [{argument.start}, {argument.end}) is the span of no mention or value"
                yield ("alternatives", index, "event", "arguments", number), "dangling-reference", message


_ENTITY_LABELS = {("mentions", "type"), ("values", "kind")}
_LAYERS = ("mentions", "values", "events")
_FIELDS: tuple[tuple[str, str, Callable[[Ontology], Collection[str]]], ...] = (
    ("zones", "zone", lambda labels: labels.zones),
    ("mentions", "type", lambda labels: labels.mention_types),
    ("mentions", "level", lambda labels: labels.levels),
    ("values", "kind", lambda labels: labels.value_kinds),
    ("values", "timex", lambda labels: labels.timex_types),
    ("values", "mod", lambda labels: labels.timex_modifiers),
    ("values", "comparison", lambda labels: labels.comparisons),
    ("events", "type", lambda labels: labels.event_types),
    ("events", "realis", lambda labels: labels.realis),
    ("events", "polarity", lambda labels: labels.polarity),
)


def _label_findings(document: Document, labels: Ontology, types: Collection[str] | None) -> Iterator[Finding]:
    for layer, field, allowed_by in _FIELDS:
        viewed = types is not None and (layer, field) in _ENTITY_LABELS
        allowed = types if viewed and types is not None else allowed_by(labels)
        items: tuple[Any, ...] = getattr(document, layer) or ()
        for index, item in enumerate(items):
            label = getattr(item, field)
            if label is not None and label not in allowed:
                yield (layer, index, field), "unknown-label", f"found {label!r}, expected one of {', '.join(allowed)}"
    for index, event in enumerate(document.events or ()):
        yield from _role_findings(event, index, labels)
    for index, alternative in enumerate(document.alternatives or ()):
        if any(getattr(alternative, layer[:-1]) is not None for layer in _LAYERS if layer != alternative.layer):
            message = f"the reading is of another layer than {alternative.layer}, which it names"
            yield ("alternatives", index), "dangling-reference", message
        for path, code, message in _label_findings(reading(alternative), labels, types):
            yield ("alternatives", index, path[0], *path[2:]), code, message


def _own_findings(document: Document, labels: Ontology, types: Collection[str] | None) -> Iterator[Finding]:
    """Yield labels that gold of one's own does not hold, and levels that the scorer does not know."""
    for index, mention in enumerate(document.mentions or ()):
        if mention.level is not None and mention.level not in labels.levels:
            message = f"found {mention.level!r}, expected one of {', '.join(labels.levels)}"
            yield ("mentions", index, "level"), "unknown-label", message
        if types is not None and mention.type not in types:
            message = f"found {mention.type!r}, expected one of the gold's: {_some(sorted(types))}"
            yield ("mentions", index, "type"), "unknown-label", message
    for index, value in enumerate(document.values or ()):
        if types is not None and value.kind not in types:
            message = f"found {value.kind!r}, expected one of the gold's: {_some(sorted(types))}"
            yield ("values", index, "kind"), "unknown-label", message


def _role_findings(event: Event, index: int, labels: Ontology) -> Iterator[Finding]:
    roles = labels.roles(event.type)
    for number, argument in enumerate(event.arguments):
        if argument.role not in roles:
            message = f"found {argument.role!r}, expected a role of {event.type}: {', '.join(roles)}"
            yield ("events", index, "arguments", number, "role"), "unknown-label", message


__all__ = ["Checked", "Corpus", "check", "check_document", "corpus", "iter_checked", "iter_findings", "load_gold"]
