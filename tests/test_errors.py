"""Error analysis: each reason once by hand, and the law that findings sum to the strict counts."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import LENGTH, TYPES, documents
from tripoli_bench import Metric
from tripoli_bench.analysis import ANALYSED, REASONS, Finding, Gain, confusion, find_errors, gains
from tripoli_bench.metrics import Context, Counts, SpanMeasure, count_items, select
from tripoli_bench.views import load_view
from tripoli_loaders import Argument, Document, Event, Mention, Span, UsageError, Value, annotations_path, load_gold

TEXT = "Ana Ruiz left Oslo on Monday. She met Shell in Lima."
#       0   4    9    14   19 22      30  34  38    44 47
ANA, OSLO, SHE, SHELL = (
    Mention(0, 8, "PER", "NAM", "ana"),
    Mention(14, 18, "GPE", "NAM", "Q585"),
    Mention(30, 33, "PER", "PRO", "ana"),
    Mention(38, 43, "ORG", "NAM", "shell"),
)
MONDAY = Value(22, 28, "TIME", "DATE", "2019-04-01")
LEFT = Event(9, 13, "Movement.Transport", "Actual", source=Span(38, 43), arguments=(Argument("Theme", 0, 8),))
MET = Event(34, 37, "Contact.Meet", "Actual")
GOLD = Document("a", text=TEXT, mentions=(ANA, OSLO, SHE, SHELL), values=(MONDAY,), events=(LEFT, MET))

Side = tuple[str, str] | None  # text and label


def errors(gold: Document, predicted: Document, name: str) -> list[Finding]:
    metric = Metric.parse(name)
    return find_errors(gold, predicted, metric, load_view(metric.view))


def wrong(gold: Document, predicted: Document, name: str) -> list[tuple[str, Side, Side, str | None]]:
    """The findings that are not correct, in short."""
    return [
        (
            finding.reason,
            None if finding.gold_label is None else (finding.gold_text or "", finding.gold_label),
            None if finding.predicted_label is None else (finding.predicted_text or "", finding.predicted_label),
            finding.note,
        )
        for finding in errors(gold, predicted, name)
        if finding.reason != "correct"
    ]


def mentions(*items: Mention) -> Document:
    return msgspec.structs.replace(GOLD, mentions=items)


def events(*items: Event) -> Document:
    return msgspec.structs.replace(GOLD, events=items)


def left(**changes: object) -> Event:
    return msgspec.structs.replace(LEFT, **changes)


def hangs(role: str, start: int, end: int) -> dict[str, object]:
    return {"arguments": (Argument(role, start, end),)}


@pytest.mark.parametrize(
    ("metric", "predicted", "expected"),
    [
        (
            "ner.strict",
            mentions(Mention(4, 8, "PER"), OSLO, SHELL),
            ("boundary", ("Ana Ruiz", "PER"), ("Ruiz", "PER"), None),
        ),
        (
            "ner.strict",
            mentions(ANA, OSLO, Mention(38, 43, "GPE")),
            ("type", ("Shell", "ORG"), ("Shell", "GPE"), None),
        ),
        (
            "ner.strict",
            mentions(ANA, OSLO, Mention(34, 43, "GPE")),
            ("boundary-and-type", ("Shell", "ORG"), ("met Shell", "GPE"), None),
        ),
        ("ner.strict", mentions(ANA, OSLO), ("missed", ("Shell", "ORG"), None, None)),
        (
            "ner.strict",
            mentions(ANA, OSLO, SHELL, Mention(47, 51, "GPE", "NAM")),
            ("spurious", None, ("Lima", "GPE"), None),
        ),
        (
            "ner.strict",
            mentions(ANA, OSLO, Mention(38, 43, "ORG", "NOM")),
            ("level", ("Shell", "ORG"), None, "level NOM in the prediction"),
        ),
        (
            "ner.strict",
            mentions(ANA, OSLO, Mention(30, 33, "PER"), SHELL),  # without a level it passes for a name
            ("level", None, ("She", "PER"), "level PRO in the gold"),
        ),
        (
            "mentions.strict",
            mentions(ANA, OSLO, Mention(30, 33, "ORG", "NOM"), Mention(38, 43, "ORG", "NOM")),
            ("type", ("She", "PER"), ("She", "ORG"), None),  # of the levels nothing is asked
        ),
        (
            "values.value",
            msgspec.structs.replace(GOLD, values=(Value(22, 28, "TIME", "DATE", "2019-04", "APPROX"),)),
            ("value", ("Monday", "TIME"), ("Monday", "TIME"), "gold: DATE 2019-04-01; predicted: DATE 2019-04 APPROX"),
        ),
        (
            "values.value",
            msgspec.structs.replace(GOLD, values=(Value(22, 28, "NUM", comparison="=", number=1_234_567.0),)),
            ("type", ("Monday", "TIME"), ("Monday", "NUM"), "gold: DATE 2019-04-01; predicted: = 1234567"),
        ),
        (
            "values.value",
            msgspec.structs.replace(GOLD, values=(Value(19, 28, "TIME"),)),
            (
                "boundary",
                ("Monday", "TIME"),
                ("on Monday", "TIME"),
                "gold: DATE 2019-04-01; predicted: not normalised",
            ),
        ),
        (
            "triggers.realis",
            events(left(realis="Other"), MET),
            (
                "realis",
                ("left", "Movement.Transport"),
                ("left", "Movement.Transport"),
                "gold: Actual; predicted: Other",
            ),
        ),
        (
            "triggers.realis",
            events(left(type="Life.Die"), MET),
            ("type", ("left", "Movement.Transport"), ("left", "Life.Die"), "both: Actual"),
        ),
        (
            "triggers.realis",
            events(LEFT),
            ("missed", ("met", "Contact.Meet"), None, "gold: Actual"),
        ),
        (
            "arguments.c+",
            events(left(arguments=()), msgspec.structs.replace(MET, arguments=LEFT.arguments)),
            (
                "wrong-trigger",
                ("Ana Ruiz", "Theme"),
                ("Ana Ruiz", "Theme"),
                "gold: Movement.Transport “left” (9-13); predicted: Contact.Meet “met” (34-37)",
            ),
        ),
        (
            "arguments.c+",
            events(left(**hangs("Agent", 0, 8))),
            ("wrong-role", ("Ana Ruiz", "Theme"), ("Ana Ruiz", "Agent"), "both: Movement.Transport “left” (9-13)"),
        ),
        (
            "arguments.c+",
            events(left(**hangs("Theme", 4, 8))),
            ("boundary", ("Ana Ruiz", "Theme"), ("Ruiz", "Theme"), "both: Movement.Transport “left” (9-13)"),
        ),
        (
            "arguments.c+",
            events(left(type="Life.Die")),
            (
                "type",
                ("Ana Ruiz", "Theme"),
                ("Ana Ruiz", "Theme"),
                "gold: Movement.Transport “left” (9-13); predicted: Life.Die “left” (9-13)",
            ),
        ),
        (
            "sources.entity",
            events(left(source=Span(14, 18))),
            (
                "wrong-source",
                ("left", "source"),
                ("left", "source"),
                "gold: “Shell” (38-43); predicted: “Oslo” (14-18)",
            ),
        ),
        (
            "sources.entity",
            events(left(source=Span(30, 33))),  # She, whose name is Ana Ruiz
            (
                "wrong-source",
                ("left", "source"),
                ("left", "source"),
                "gold: “Shell” (38-43); predicted: “Ana Ruiz” (0-8)",
            ),
        ),
        (
            "sources.entity",
            events(left(source=Span(34, 37))),  # no mention in the gold
            ("wrong-source", ("left", "source"), ("left", "source"), "gold: “Shell” (38-43); predicted: “met” (34-37)"),
        ),
        (
            "sources.entity",
            events(left(start=4)),
            ("boundary", ("left", "source"), ("Ruiz left", "source"), "both: “Shell” (38-43)"),
        ),
        (
            "sources.entity",
            events(LEFT, msgspec.structs.replace(MET, source=Span(47, 51))),
            ("spurious", None, ("met", "source"), "predicted: “Lima” (47-51)"),
        ),
        (
            "coref.antecedent",
            mentions(ANA, Mention(14, 18, "GPE", "NAM", "x"), Mention(30, 33, "PER", "PRO", "x")),
            (
                "wrong-antecedent",
                ("She", "antecedent"),
                ("She", "antecedent"),
                "gold: “Ana Ruiz” (0-8), chain ana; predicted: “Oslo” (14-18), chain Q585",
            ),
        ),
        (
            "coref.antecedent",
            mentions(Mention(9, 13, "PER", "NOM", "x"), Mention(30, 33, "PER", "PRO", "x")),
            (
                "wrong-antecedent",
                ("She", "antecedent"),
                ("She", "antecedent"),
                "gold: “Ana Ruiz” (0-8), chain ana; predicted: “left” (9-13), no gold mention",
            ),
        ),
        (
            "coref.antecedent",
            mentions(ANA),
            ("missed", ("She", "antecedent"), None, "gold: “Ana Ruiz” (0-8), chain ana"),
        ),
        (
            "coref.antecedent",
            mentions(ANA, SHE, Mention(38, 43, "ORG", "NAM", "ana")),
            ("spurious", None, ("Shell", "antecedent"), "predicted: “She” (30-33), chain ana"),
        ),
        (
            "linking.all",
            mentions(ANA, Mention(14, 18, "GPE", "NAM", "Q64"), SHE, SHELL),
            ("link", ("Oslo", "link"), ("Oslo", "link"), "gold: Q585; predicted: Q64"),
        ),
        (
            "linking.all",
            mentions(ANA, Mention(9, 18, "GPE", "NAM", "Q585"), SHE, SHELL),
            ("boundary", ("Oslo", "link"), ("left Oslo", "link"), "both: Q585"),
        ),
    ],
)
def test_each_reason(metric: str, predicted: Document, expected: tuple[str, Side, Side, str | None]) -> None:
    assert wrong(GOLD, predicted, metric) == [expected]


def test_fields_of_a_finding() -> None:
    gold = mentions(OSLO)

    [found, _] = errors(gold, mentions(Mention(9, 18, "ORG")), "ner.strict")
    [unknown, _] = errors(msgspec.structs.replace(gold, text=None), mentions(), "ner.strict")

    expected = Finding("ner.strict", "a", "boundary-and-type", 14, 18, "GPE", "Oslo", 9, 18, "ORG", "left Oslo")
    assert found == expected
    assert unknown == Finding("ner.strict", "a", "missed", 14, 18, "GPE")


def test_without_text_places_stand_alone() -> None:
    gold = msgspec.structs.replace(GOLD, text=None)

    [finding, *_] = errors(gold, events(), "arguments.c+")

    assert (finding.gold_text, finding.note) == (None, "gold: Movement.Transport 9-13")


def test_same_span_comes_before_same_label_before_overlap() -> None:
    gold = mentions(Mention(0, 8, "PER", "NAM"), Mention(9, 18, "ORG", "NAM"), Mention(34, 43, "ORG", "NAM"))
    predicted = mentions(
        Mention(0, 8, "ORG", "NAM"),
        Mention(4, 8, "PER", "NAM"),  # a boundary error of Ana Ruiz, had she no better partner
        Mention(9, 13, "PER", "NAM"),
        Mention(14, 18, "ORG", "NAM"),
        Mention(30, 37, "PER", "NAM"),
    )

    assert wrong(gold, predicted, "mentions.strict") == [
        ("type", ("Ana Ruiz", "PER"), ("Ana Ruiz", "ORG"), None),
        ("spurious", None, ("Ruiz", "PER"), None),
        ("spurious", None, ("left", "PER"), None),
        ("boundary", ("left Oslo", "ORG"), ("Oslo", "ORG"), None),
        ("boundary-and-type", ("met Shell", "ORG"), ("She met", "PER"), None),
    ]


def test_as_many_are_paired_as_can_be_then_those_that_overlap_most() -> None:
    gold = mentions(Mention(0, 8, "PER", "NAM"), Mention(4, 13, "PER", "NAM"))
    both = mentions(Mention(0, 13, "PER", "NAM"), Mention(0, 3, "PER", "NAM"))

    assert [(one and one[0], other and other[0]) for _, one, other, _ in wrong(gold, both, "mentions.strict")] == [
        ("Ana Ruiz", "Ana"),  # though the longer one overlaps it more
        ("Ruiz left", "Ana Ruiz left"),
    ]
    [first, second] = wrong(gold, mentions(Mention(0, 13, "PER", "NAM")), "mentions.strict")
    assert (first[0], second[0]) == ("missed", "boundary")  # 8 characters in common against 9


def test_a_source_is_called_by_its_name() -> None:
    gold = msgspec.structs.replace(
        events(left(source=Span(0, 8))), mentions=(Mention(0, 8, "PER", "NOM", "x"), Mention(38, 43, "PER", "NAM", "x"))
    )

    [(_, _, _, note)] = wrong(gold, events(MET), "sources.entity")

    assert note == "gold: “Shell” (38-43)"


def test_level_is_known_before_anything_is_paired() -> None:
    gold = mentions(Mention(0, 8, "PER", "NOM"), Mention(4, 8, "PER", "NAM"))

    assert wrong(gold, mentions(Mention(0, 8, "PER", "NAM")), "ner.strict") == [
        ("level", None, ("Ana Ruiz", "PER"), "level NOM in the gold"),
        ("missed", ("Ruiz", "PER"), None, None),
    ]


def test_arguments_are_paired_by_how_much_agrees() -> None:
    """Two of the gold's arguments could be the one predicted; the one that shares more is."""
    oslo, lima = (Argument("Place", start, start + 4) for start in (14, 47))
    there = msgspec.structs.replace(MET, arguments=(oslo,))

    def partner(*gold: Event) -> tuple[str, str | None]:
        [finding] = [f for f in errors(events(*gold), events(there), "arguments.c+") if f.predicted_label]
        return finding.reason, finding.note

    same_type = Event(44, 46, "Contact.Meet", arguments=(oslo,))
    other_type = Event(9, 13, "Movement.Transport", arguments=(oslo,))
    other_role = msgspec.structs.replace(MET, arguments=(Argument("Time", 14, 18), lima))
    other_span = msgspec.structs.replace(MET, arguments=(Argument("Time", 14, 18), Argument("Place", 9, 18)))
    after = msgspec.structs.replace(other_type, start=47, end=51)
    said = "gold: Contact.Meet “in” (44-46); predicted: Contact.Meet “met” (34-37)"
    assert partner(other_type, same_type) == partner(after, same_type) == ("wrong-trigger", said)
    same_place = msgspec.structs.replace(MET, type="Contact.Request", arguments=(Argument("Time", 14, 18),))
    said = "gold: Contact.Request “met” (34-37); predicted: Contact.Meet “met” (34-37)"
    assert partner(other_type, after, same_place) == ("wrong-role", said)
    assert partner(other_type, same_type, same_place)[0] == "wrong-trigger"
    assert partner(other_type, same_type, other_role)[0] == "wrong-role"
    assert partner(other_type, same_type, other_span)[0] == "boundary"


def test_views_map_labels_before_they_are_compared() -> None:
    predicted = mentions(ANA, Mention(14, 18, "LOC"), Mention(38, 43, "LOC"))

    assert wrong(GOLD, predicted, "ner.strict@conll03") == [("type", ("Shell", "ORG"), ("Shell", "LOC"), None)]


def test_keys_may_hold_colons() -> None:
    key = "wikipedia:Royal Dutch Shell"
    gold = mentions(Mention(38, 43, "ORG", "NAM", key), Mention(47, 51, "ORG", "NAM", key))

    assert wrong(gold, mentions(), "coref.antecedent") == [
        ("missed", ("Lima", "antecedent"), None, f"gold: “Shell” (38-43), chain {key}")
    ]


def test_an_antecedent_outside_the_view_is_none() -> None:
    chain = mentions(ANA, Mention(22, 28, "DATE", "NAM", "ana"), Mention(30, 33, "PER", "PRO", "ana"))

    assert wrong(GOLD, chain, "coref.antecedent@conll03") == []


@pytest.mark.parametrize("name", ["ner.partial", "coref.conll", "xcoref.muc", "arguments.c+@head"])
def test_other_metrics_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"no analysis of .*; expected one of ner\.strict, mentions\.strict"):
        errors(GOLD, GOLD, name)


PLACES = st.builds(
    lambda start, size: Span(start, start + size), st.sampled_from((0, 2, 5, 20)), st.sampled_from((3, 5, 8))
)
ARGUMENTS = st.builds(
    lambda place, role: Argument(role, place.start, place.end), PLACES, st.sampled_from(("Victim", "Place"))
)
VALUES = st.builds(
    lambda place, kind, value, number: Value(place.start, place.end, kind, value=value, number=number),
    PLACES,
    st.sampled_from(("TIME", "NUM")),
    st.sampled_from((None, "2019", "2020")),
    st.sampled_from((None, 1, 1.0, 2)),
)
EVENTS = st.builds(
    lambda place, name, realis, source, arguments: Event(
        place.start, place.end, name, realis, source=source, arguments=tuple(arguments)
    ),
    PLACES,
    st.sampled_from(("Life.Die", "Contact.Meet")),
    st.sampled_from((None, "Actual", "Other")),
    st.none() | PLACES,
    st.lists(ARGUMENTS, max_size=4),
)
MENTIONS = st.builds(
    lambda place, name, level, key: Mention(place.start, place.end, name, level, key),
    PLACES,
    st.sampled_from((*TYPES, "DATE")),  # DATE is outside the view of CoNLL 2003
    st.sampled_from((None, "NAM", "NOM", "PRO")),
    st.sampled_from((None, "Q1", "Q2", "p", "q")),
)


@st.composite
def annotated(draw: st.DrawFn, *, repeated: bool = True) -> Document:
    """Documents whose items crowd on few spans, with all that the tracks look at; several mentions a span or one."""

    def place(mention: Mention) -> tuple[int, int]:
        return mention.start, mention.end

    mentions = st.lists(MENTIONS, max_size=8, unique_by=None if repeated else place)
    return msgspec.structs.replace(
        draw(documents()),
        text=draw(st.sampled_from((None, "abcdefgh " * LENGTH))),
        mentions=draw(st.none() | mentions.map(tuple)),
        values=draw(st.none() | st.lists(VALUES, max_size=6).map(tuple)),
        events=draw(st.none() | st.lists(EVENTS, max_size=5).map(tuple)),
    )


def strict_counts(gold: Document, predicted: Document, metric: Metric) -> Counts:
    means, view = metric.means, load_view(metric.view)
    assert isinstance(means, SpanMeasure)
    left = select(gold, Context(view, True, gold), means.select)
    right = select(predicted, Context(view, False, gold), means.select)
    return sum(count_items(left, right, "strict", lambda _: 0).values(), Counts())


def summed(findings: list[Finding]) -> Counts:
    sides = [(finding.gold_start is not None, finding.predicted_start is not None) for finding in findings]
    true = sum(finding.reason == "correct" for finding in findings)
    return Counts(true, 0, sum(gold for gold, _ in sides), sum(predicted for _, predicted in sides))


@settings(deadline=None, max_examples=60)
@given(gold=documents() | annotated(), predicted=documents() | annotated(), view=st.sampled_from(("native", "conll03")))
def test_findings_sum_to_the_strict_counts(gold: Document, predicted: Document, view: str) -> None:
    for analysed in ANALYSED.values():
        metric = Metric(analysed.track, analysed.measure, view)
        findings = find_errors(gold, predicted, metric, load_view(view))

        assert summed(findings) == strict_counts(gold, predicted, metric)
        assert {finding.reason for finding in findings} <= set(REASONS)
        rows = Counter[str | None]()
        for (label, _), number in confusion(findings).items():
            rows[label] += number
        del rows[None]
        assert rows == Counter(finding.gold_label for finding in findings if finding.gold_label is not None)


@settings(deadline=None, max_examples=60)
@given(gold=annotated(), predicted=annotated())
def test_nothing_stays_alone_that_has_a_partner(gold: Document, predicted: Document) -> None:
    for name in ("ner.strict", "mentions.strict", "values.value", "triggers.realis"):
        findings = errors(gold, predicted, name)
        missed = [(f.gold_start or 0, f.gold_end or 0) for f in findings if f.reason == "missed"]
        spurious = [(f.predicted_start or 0, f.predicted_end or 0) for f in findings if f.reason == "spurious"]
        assert not [(one, other) for one in missed for other in spurious if one[0] < other[1] and other[0] < one[1]]


@settings(deadline=None, max_examples=60)
@given(gold=annotated(repeated=False), predicted=annotated(repeated=False), random=st.randoms(use_true_random=False))
def test_order_does_not_matter(gold: Document, predicted: Document, random: Random) -> None:
    def shuffled(document: Document) -> Document:
        layers = {}
        for layer in ("mentions", "values", "events"):
            items = list(getattr(document, layer) or ())
            if layer == "events":
                items = [msgspec.structs.replace(event, arguments=event.arguments[::-1]) for event in items]
            random.shuffle(items)
            layers[layer] = tuple(items)
        return msgspec.structs.replace(document, **layers)

    for metric in ANALYSED.values():
        assert errors(gold, predicted, str(metric)) == errors(shuffled(gold), shuffled(predicted), str(metric))


@settings(deadline=None, max_examples=30)
@given(gold=annotated())
def test_anything_against_itself_is_correct(gold: Document) -> None:
    for metric in ANALYSED.values():
        findings = errors(gold, gold, str(metric))
        assert all(finding.reason == "correct" and finding.note is None for finding in findings)
        assert all(one == other for one, other in confusion(findings))


@pytest.mark.parametrize("metric", ANALYSED.values(), ids=str)
def test_real_passes_sum_to_their_counts(metric: Metric) -> None:
    gold = {document.id: document for document in load_gold()}
    for name in ("a", "b"):
        for predicted in load_gold(annotations_path() / "passes" / name):
            findings = errors(gold[predicted.id], predicted, str(metric))
            assert summed(findings) == strict_counts(gold[predicted.id], predicted, metric)
            assert {finding.article for finding in findings} == {predicted.id}
    for document in gold.values():
        assert {finding.reason for finding in errors(document, document, str(metric))} == {"correct"}


def test_findings_are_in_the_order_of_the_text() -> None:
    findings = errors(GOLD, mentions(Mention(4, 8, "PER"), SHELL, Mention(47, 51, "GPE")), "ner.strict")

    assert [finding.gold_text or finding.predicted_text for finding in findings] == [
        "Ana Ruiz",
        "Oslo",
        "Monday",
        "Shell",
        "Lima",
    ]


def some(reason: str, number: int, gold: str | None = "PER", predicted: str | None = "PER") -> list[Finding]:
    return [Finding("ner.strict", "a", reason, gold_label=gold, predicted_label=predicted)] * number


def test_confusion_by_hand() -> None:
    findings = [*some("correct", 3), *some("type", 2, "PER", "ORG"), *some("missed", 1, "PER", None)]
    findings += [*some("spurious", 4, None, "ORG"), *some("boundary", 1)]

    assert confusion(findings) == {("PER", "PER"): 3 + 1, ("PER", "ORG"): 2, ("PER", None): 1, (None, "ORG"): 4}


def test_gains_by_arithmetic() -> None:
    findings = [*some("correct", 5), *some("type", 2), *some("missed", 3, predicted=None)]
    findings += [*some("spurious", 1, gold=None), *some("level", 1, predicted=None), *some("level", 2, gold=None)]
    # gold 5 + 2 + 3 + 1 = 11, predicted 5 + 2 + 1 + 2 = 10
    now = 2 * 5 / (11 + 10)

    assert gains(findings) == [
        Gain("type", 2, 2 * (5 + 2) / (11 + 10) - now),
        Gain("missed", 3, 2 * (5 + 3) / (11 + 10 + 3) - now),
        Gain("level", 3, 2 * (5 + 1) / (11 + 10 + 1 - 2) - now),
        Gain("spurious", 1, 2 * 5 / (11 + 10 - 1) - now),
    ]


def test_gains_are_undefined_where_f1_is() -> None:
    assert gains([]) == gains(some("correct", 2)) == []
    assert gains(some("spurious", 2, gold=None)) == [Gain("spurious", 2, None)]  # without them there is nothing
    assert gains(some("missed", 2, predicted=None)) == [Gain("missed", 2, 2 * 2 / (2 + 2) - 0)]


@settings(deadline=None, max_examples=30)
@given(gold=annotated(), predicted=annotated())
def test_no_gain_is_a_loss(gold: Document, predicted: Document) -> None:
    for metric in ANALYSED.values():
        found = [gain.f1 for gain in gains(errors(gold, predicted, str(metric)))]
        assert all(f1 is None or f1 >= 0 for f1 in found)
