"""The guideline's examples say what the articles and the gold say, and leave no label and no decision out.

An example is a list item that starts with ✓ or ✗. A label's entry is the paragraph and list that start with its name
in bold; in it stand the examples of the label, or the words "no example in these articles".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest

from tripoli_loaders import Document, Event, Mention, Value, annotations_path, ontology, read_gold

LINES = (annotations_path() / "GUIDELINES.md").read_text(encoding="utf-8").splitlines()
GOLD = {document.id[:3]: document for document in read_gold()}
LABELS = ontology()
ROLES = {role for kind in LABELS.event_types for role in LABELS.roles(kind)}
REALIS = set(LABELS.realis)
NONE = "no example in these articles"

Key = tuple[str, int, int]
Item = Mention | Value | Event

SPAN = r"(?:(?P<{0}_article>\d{{3}}):)?(?P<{0}_start>\d+)-(?P<{0}_end>\d+) “(?P<{0}_text>.+?)”"
REST = r"(?: \(D\d\d(?:, D\d\d)*\))?(?: — \S.*)?"
WORD = r"[\w.]+"
CLAIM = "|".join(
    [
        rf"(?P<role>{'|'.join(sorted(ROLES))}) {SPAN.format('filler')}",
        rf"not (?P<no_role>{'|'.join(sorted(ROLES))}) {SPAN.format('no_filler')}",
        r"no (?P<none>mention|value|event)",
        r"not TIME (?P<no_timex>[A-Z]+)",
        rf"not (?P<no_label>{WORD})",
        r"TIME (?P<timex>[A-Z]+) (?P<value>[\w-]+)(?: mod=(?P<mod>\w+))?",
        r"NUM (?P<comparison>=|>=|>|<|~) (?P<number>\d+)(?: unit=(?P<unit>\w+))?",
        rf"(?P<event>{WORD}) (?P<realis>{'|'.join(sorted(REALIS))})"
        rf"(?: source=(?:(?P<author>author)|{SPAN.format('source')}))?",
        rf"(?P<mention>[A-Z]+) (?P<level>{'|'.join(sorted(LABELS.levels))})",
    ]
)
EXAMPLE = re.compile(
    rf"- (?P<mark>[✓✗]) {SPAN.format('span')} (?:→ (?:{CLAIM})|(?P<sign>[=≠]) {SPAN.format('other')}){REST}"
)


@dataclass(frozen=True)
class Example:
    line: int
    entry: str | None
    match: re.Match[str]

    def __getitem__(self, name: str) -> str | None:
        value = self.match[name]
        return None if value is None else str(value)

    def span(self, name: str) -> Key:
        return (self[f"{name}_article"] or str(self["span_article"]), int(self[f"{name}_start"] or 0), self.end(name))

    def end(self, name: str) -> int:
        return int(self[f"{name}_end"] or 0)

    def __str__(self) -> str:
        return f"GUIDELINES.md:{self.line}: {self.match[0]}"


def examples() -> list[Example]:
    found = []
    entry: str | None = None
    for number, line in enumerate(LINES, 1):
        if line.startswith("#"):
            entry = None
        elif start := re.match(r"\*\*([\w.]+)\*\*", line):
            entry = start[1]
        if (match := EXAMPLE.fullmatch(line)) is not None and match["span_article"] is not None:
            found.append(Example(number, entry, match))
    return found


EXAMPLES = examples()
POSITIVE = [example for example in EXAMPLES if example["mark"] == "✓"]
NEGATIVE = [example for example in EXAMPLES if example["mark"] == "✗"]


def entry_of(label: str) -> str:
    """Return the text of all entries of a label; some labels, such as TIME and Target, are of two kinds."""
    text, inside = [], False
    for line in LINES:
        if line.startswith(("**", "#")):
            inside = line.startswith(f"**{label}**")
        if inside:
            text.append(line)
    return "\n".join(text)


def items_at(key: Key) -> list[Item]:
    document = GOLD[key[0]]
    layers: list[Item] = [*(document.mentions or ()), *(document.values or ()), *(document.events or ())]
    return [item for item in layers if (item.start, item.end) == key[1:]]


def mention_at(key: Key) -> Mention | None:
    return next((item for item in items_at(key) if isinstance(item, Mention)), None)


def value_at(key: Key) -> Value | None:
    return next((item for item in items_at(key) if isinstance(item, Value)), None)


def event_at(key: Key) -> Event | None:
    return next((item for item in items_at(key) if isinstance(item, Event)), None)


def fillers_at(key: Key, role: str) -> set[Key]:
    event = event_at(key)
    assert event is not None, "the first span is no trigger"
    assert role in LABELS.roles(event.type)
    return {(key[0], argument.start, argument.end) for argument in event.arguments if argument.role == role}


def keys_at(key: Key) -> dict[str, str]:
    mention, event = mention_at(key), event_at(key)
    found = {}
    if mention is not None and mention.entity is not None:
        found["mention"] = mention.entity
    if event is not None and event.event is not None:
        found["event"] = event.event
    return found


def text_of(document: Document) -> str:
    assert document.text is not None
    return document.text


def check_identity(example: Example) -> None:
    ours, theirs = keys_at(example.span("span")), keys_at(example.span("other"))
    [layer] = set(ours) & set(theirs)
    assert (ours[layer] == theirs[layer]) == (example["sign"] == "=")


def check_positive(example: Example) -> None:
    key = example.span("span")
    mention, value, event = mention_at(key), value_at(key), event_at(key)
    if example["sign"]:
        check_identity(example)
    elif example["role"]:
        assert example.span("filler") in fillers_at(key, str(example["role"]))
    elif example["timex"]:
        assert value is not None
        assert (value.kind, value.timex, value.value, value.mod) == (
            "TIME",
            example["timex"],
            example["value"],
            example["mod"],
        )
    elif example["comparison"]:
        assert value is not None
        assert (value.kind, value.comparison, str(value.number), value.unit) == (
            "NUM",
            example["comparison"],
            example["number"],
            example["unit"],
        )
    elif example["event"]:
        assert event is not None
        assert (event.type, event.realis) == (example["event"], example["realis"])
        if example["author"]:
            assert event.source is None
        elif example["source_text"]:
            assert event.source is not None
            assert (key[0], event.source.start, event.source.end) == example.span("source")
    else:
        assert example["mention"], "a ✓ cannot deny"
        assert mention is not None
        assert (mention.type, mention.level) == (example["mention"], example["level"])


def check_negative(example: Example) -> None:
    key = example.span("span")
    mention, value, event = mention_at(key), value_at(key), event_at(key)
    if example["none"]:
        assert {"mention": mention, "value": value, "event": event}[str(example["none"])] is None
    elif example["no_role"]:
        assert example.span("no_filler") not in fillers_at(key, str(example["no_role"]))
    elif example["no_timex"]:
        assert example["no_timex"] in LABELS.timex_types
        assert value is not None
        assert value.timex != example["no_timex"]
    else:
        label = example["no_label"]
        assert label is not None, "a ✗ must deny"
        if label in LABELS.mention_types or label in LABELS.levels:
            assert mention is not None
            assert label not in (mention.type, mention.level)
        elif label in LABELS.value_kinds:
            assert value is not None
            assert label != value.kind
        else:
            assert label in {*LABELS.event_types, *LABELS.realis, *LABELS.polarity}
            assert event is not None
            assert label not in (event.type, event.realis, event.polarity)


def stated(example: Example) -> set[str]:
    """Return the labels that a line asserts or, if it is a near-miss, denies by name."""
    names = ("role", "no_role", "no_timex", "no_label", "timex", "event", "realis", "mention", "level")
    kinds = {"TIME"} if example["timex"] else {"NUM"} if example["comparison"] else set()
    return kinds | {str(example[name]) for name in names if example[name]}


def test_every_example_line_parses() -> None:
    parsed = {example.line for example in EXAMPLES}
    wrong = [
        f"GUIDELINES.md:{number}: {line}"
        for number, line in enumerate(LINES, 1)
        if re.match(r"\s*[-*+] *[✓✗]", line) and number not in parsed
    ]

    assert EXAMPLES
    assert wrong == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line {example.line}")
def test_example_holds(example: Example) -> None:
    for name in ("span", "other", "filler", "no_filler", "source"):
        if example[f"{name}_text"]:
            article, start, end = example.span(name)
            assert text_of(GOLD[article])[start:end] == example[f"{name}_text"], str(example)
    if example["mark"] == "✓":
        check_positive(example)
    else:
        check_negative(example)


ENTRIES = sorted(
    {
        *LABELS.mention_types,
        *LABELS.levels,
        *LABELS.value_kinds,
        *LABELS.timex_types,
        *LABELS.event_types,
        *LABELS.realis,
        *LABELS.polarity,
        *ROLES,
    }
)


def used() -> set[str]:
    """Return the labels and comparisons that the gold uses."""
    labels: set[str | None] = set()
    for document in GOLD.values():
        for mention in document.mentions or ():
            labels |= {mention.type, mention.level}
        for value in document.values or ():
            labels |= {value.kind, value.timex, value.comparison}
        for event in document.events or ():
            labels |= {event.type, event.realis, event.polarity, *(argument.role for argument in event.arguments)}
    return {label for label in labels if label is not None}


@pytest.mark.parametrize("label", ENTRIES)
def test_every_label_has_an_example_and_a_near_miss_or_the_gold_has_none(label: str) -> None:
    shown = {example["mark"] for example in EXAMPLES if label in stated(example)}
    shown |= {example["mark"] for example in NEGATIVE if example.entry == label and example["none"]}

    assert entry_of(label), f"{label} has no entry"
    if label not in used():
        assert NONE in entry_of(label)
    elif label != "Positive":  # without a Negative there is no near-miss
        assert shown == {"✓", "✗"}


def test_comparisons_the_gold_lacks_are_named() -> None:
    lacking = set(re.findall(rf'For "(\S+)": {NONE}', entry_of("NUM")))

    assert lacking == set(LABELS.comparisons) - used()
    assert {example["comparison"] for example in POSITIVE} - {None} == set(LABELS.comparisons) & used()


@pytest.mark.parametrize("kind", LABELS.event_types)
def test_roles_of_a_type_are_listed_with_those_the_gold_lacks(kind: str) -> None:
    [line] = [line for line in entry_of(kind).splitlines() if line.startswith("Roles: ")]
    listed, _, lacking = line.removeprefix("Roles: ").removesuffix(".").partition(f". {NONE.capitalize()}: ")
    events = [event for document in GOLD.values() for event in document.events or () if event.type == kind]
    filled = {argument.role for event in events for argument in event.arguments}

    assert listed.split(", ") == list(LABELS.event_types[kind].roles)
    assert lacking.split(", ") == ([role for role in LABELS.event_types[kind].roles if role not in filled] or [""])


def test_every_decision_is_referred_to_and_no_other() -> None:
    log = (annotations_path() / "adjudication.jsonl").read_text(encoding="utf-8").splitlines()

    assert set(re.findall(r"\bD\d+\b", "\n".join(LINES))) == {json.loads(line)["id"] for line in log}
