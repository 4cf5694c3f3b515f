"""The making of the gold: two passes, a log of every disagreement, an audit; agreement, claims, what is unmarked."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from strategies import documents
from tripoli_bench.agreement import agree, kappa, missed_by_both
from tripoli_bench.metrics.chains import b_cubed, table
from tripoli_bench.views import load_view, view_names
from tripoli_loaders import (
    Argument,
    Difference,
    Document,
    Event,
    Mention,
    Metadata,
    TripoliError,
    Value,
    annotations_path,
    claims,
    conflicts,
    counts,
    differences,
    ontology,
    read_gold,
    unmarked,
)
from tripoli_loaders.figures import number_range
from tripoli_loaders.model import reading

GOLD = read_gold()
A, B = (read_gold(annotations_path() / "passes" / name) for name in "ab")
LOG: list[dict[str, Any]] = [
    json.loads(line) for line in (annotations_path() / "adjudication.jsonl").read_text(encoding="utf-8").splitlines()
]


def place(entry: dict[str, Any] | Difference) -> tuple[Any, ...]:
    fields = entry if isinstance(entry, dict) else msgspec.structs.asdict(entry)
    filler = (str(fields["a"]), str(fields["b"])) if fields["layer"] == "arguments" and "a" in fields else ()
    return *(fields[name] for name in ("article", "layer", "start", "end", "field")), *filler


def test_every_disagreement_of_the_passes_is_decided_once() -> None:
    decided = [entry for entry in LOG if entry["stage"] == "adjudication"]

    assert Counter(map(place, decided)) == Counter(map(place, differences(A, B)))
    for entry in decided:
        assert entry["decision"] in ("a", "b"), entry
    for entry in LOG:
        assert entry["reason"] in ("slip", "guideline gap", "ambiguity", "world knowledge"), entry
        assert entry["note"], entry


def test_the_gold_is_what_was_decided_and_nothing_else() -> None:
    """Where the gold differs from pass A, B was chosen or the audit changed it; and the other way round."""
    allowed = {side: {place(e)[:5] for e in LOG if e["decision"] in (other, "changed")} for side, other in ("ab", "ba")}
    for side, annotated in (("a", A), ("b", B)):
        for found in differences(annotated, GOLD):
            assert place(found)[:5] in allowed[side], found


# Differences that follow from another one beside them, which has the alternative.
FOLLOW = {("mentions", "putsch leader"), ("mentions", "governments")}


def test_each_ambiguity_stays_as_an_accepted_alternative() -> None:
    held = {(document.id, a.layer, a.start) for document in GOLD for a in document.alternatives or ()}
    ambiguous = {
        (entry["article"], entry["layer"].replace("arguments", "events"), entry["start"])
        for entry in LOG
        if entry["reason"] == "ambiguity" and (entry["layer"], entry["text"]) not in FOLLOW
    }

    assert held == ambiguous


def test_alternatives_differ_from_the_gold() -> None:
    for document in GOLD:
        for alternative in document.alternatives or ():
            items = {(i.start, i.end): i for i in getattr(document, alternative.layer) or ()}
            other = getattr(reading(alternative), alternative.layer)
            assert other is None or items.get((alternative.start, alternative.end)) != other[0]
            assert (alternative.start, alternative.end) in items


def test_every_event_type_and_filler_is_of_the_ontology() -> None:
    known = ontology()
    assert len(known.event_types) == 22
    things = {*known.mention_types, *known.value_kinds}
    for name in known.event_types:
        for fillers in known.roles(name).values():
            assert set(fillers) <= things


def test_crosswalks_cover_the_ontology_and_say_no_fit_openly() -> None:
    crosswalks = json.loads((annotations_path() / "schema" / "crosswalks.json").read_text(encoding="utf-8"))
    known = ontology()
    assert set(crosswalks["event_types"]) == set(known.event_types)
    assert set(crosswalks["mention_types"]) == set(known.mention_types)
    for name, row in crosswalks["event_types"].items():
        assert {"ace2005", "rich_ere", "plover", "acled", "kairos"} <= set(row), name
        assert row["note"] or all(row.values()), name
    for name, roles in crosswalks["roles"].items():
        assert set(roles) <= set(known.roles(name)), name


@pytest.mark.parametrize("name", view_names())
def test_views_name_every_label_of_the_gold(name: str) -> None:
    view, known = load_view(name), ontology()
    assert {*known.mention_types, *known.value_kinds} <= set(view.gold.entities)
    assert set(view.gold.events) == set(known.event_types)
    for ours, theirs in ((view.gold.entities, view.predicted.entities), (view.gold.events, view.predicted.events)):
        assert set(ours.values()) <= set(theirs.values())


@pytest.mark.parametrize(("name", "scheme"), [("ace05", "ace2005"), ("plover", "plover")])
def test_views_of_events_are_those_of_the_crosswalks(name: str, scheme: str) -> None:
    crosswalks = json.loads((annotations_path() / "schema" / "crosswalks.json").read_text(encoding="utf-8"))

    assert load_view(name).gold.events == {label: row[scheme] for label, row in crosswalks["event_types"].items()}


def test_counts_by_layer_and_type() -> None:
    """The gold's size: a change of it is deliberate."""
    found = counts(GOLD)

    assert found == json.loads((Path(__file__).parent / "counts.json").read_text())
    assert set(found["events by type"]) == set(ontology().event_types)


def test_nothing_is_unmarked_without_a_rule() -> None:
    rules = json.loads((annotations_path() / "schema" / "excuses.json").read_text(encoding="utf-8"))
    found = unmarked(GOLD)

    assert len(found) > 100
    assert {item.rule for item in found} <= set(rules)
    lines = (annotations_path() / "unmarked.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(found)  # no excuse is left over


def test_each_name_pronoun_value_and_event_taken_away_shows_as_unmarked() -> None:
    for document in GOLD:
        for layer in ("mentions", "values", "events"):
            items = getattr(document, layer)
            for item in items:
                if getattr(item, "level", None) == "NOM":
                    continue
                less = msgspec.structs.replace(document, **{layer: tuple(other for other in items if other != item)})
                assert [left for left in unmarked([less]) if left.rule is None], item


def test_what_has_no_text_cannot_be_looked_at() -> None:
    with pytest.raises(TripoliError, match="no text"):
        unmarked([msgspec.structs.replace(GOLD[0], text=None)])


def test_claims_of_december_cannot_all_be_true() -> None:
    found = claims(GOLD)

    tolls = [(c.article[:3], c.source, c.comparison, c.number, c.of) for c in found if c.event == "tripoli-deaths"]
    assert tolls == [
        ("000", "united-nations", ">", 1000, "people"),
        ("001", "united-nations", ">=", 200, "civilians"),
        ("001", "united-nations", ">", 2000, "fighters"),
    ]
    [conflict] = conflicts(found)
    assert (conflict.event, conflict.reading) == ("tripoli-deaths", "usual")
    assert conflict.totals == ((1000, 1500), (200 + 2000, (200 + 2000) * 1.5))


@pytest.mark.parametrize(
    ("comparison", "literal", "usual"),
    [
        ("=", (10, 10), (10, 10)),
        ("~", (9, 11), (9, 11)),
        (">", (10, float("inf")), (10, 15)),
        (">=", (10, float("inf")), (10, 15)),
        ("<", (0, 10), (10 / 1.5, 10)),
    ],
)
def test_range_of_a_figure(comparison: str, literal: tuple[float, float], usual: tuple[float, float]) -> None:
    assert number_range(comparison, 10, "literal") == pytest.approx(literal)
    assert number_range(comparison, 10, "usual") == pytest.approx(usual)


def test_exact_figures_that_differ_conflict_literally() -> None:
    def report(name: str, number: int) -> Document:
        count = Value(0, 2, "NUM", comparison="=", number=number, text=str(number))
        event = Event(3, 7, "Life.Die", event="attack", arguments=(Argument("Count", 0, 2),), text="died")
        return Document(
            name,
            metadata=Metadata("en", "2020-01-01", "certain", "made up"),
            text=f"{number} died",
            values=(count,),
            events=(event,),
        )

    assert [c.reading for c in conflicts(claims([report("x", 11), report("y", 12)]))] == ["literal"]
    assert conflicts(claims([report("x", 11), report("y", 11)])) == []


def test_figures_of_two_triggers_are_not_parts_of_one_sum() -> None:
    def twice(*numbers: int) -> Document:
        values = tuple(Value(10 * i, 10 * i + 2, "NUM", comparison="=", number=n) for i, n in enumerate(numbers))
        events = tuple(
            Event(10 * i + 3, 10 * i + 7, "Life.Die", event="x", arguments=(Argument("Count", 10 * i, 10 * i + 2),))
            for i in range(len(numbers))
        )
        return Document("a", text="-" * 40, values=values, events=events)

    assert conflicts(claims([twice(100, 100)])) == []
    [inside] = conflicts(claims([twice(100, 200)]))
    assert (inside.articles, inside.reading) == (("a", "a"), "literal")


def test_kappa_is_agreement_beyond_chance() -> None:
    # Cohen 1960: observed 7/10; by chance .5·.6 + .5·.4 = .5
    labels = [("x", "x")] * 4 + [("y", "y")] * 3 + [("x", "y")] + [("y", "x")] * 2

    assert kappa(labels) == pytest.approx((0.7 - 0.5) / (1 - 0.5))
    assert kappa([]) is None
    assert kappa([("x", "x")] * 5) is None  # one label alone: chance gives all of it


def test_capture_and_recapture() -> None:
    # Chapman: (20 + 1)(15 + 1) / (10 + 1) - 1 = 29.54… items, of which 20 + 15 - 10 were found
    assert missed_by_both(20, 15, 10) == pytest.approx(21 * 16 / 11 - 1 - 25)
    assert missed_by_both(7, 7, 7) == 0


def test_b_cubed_of_a_split_chain() -> None:
    gold = {"a": 1, "b": 1, "c": 1, "d": 2}
    predicted = {"a": 1, "b": 1, "c": 2, "d": 2}

    # precision: a 2/2, b 2/2, c 1/2, d 1/2; recall: a 2/3, b 2/3, c 1/3, d 1/1
    assert b_cubed(table(gold, predicted)) == pytest.approx((1 + 1 + 1 / 2 + 1 / 2, 4, 2 / 3 + 2 / 3 + 1 / 3 + 1, 4))


@given(documents(), documents())
def test_agreement_does_not_depend_on_which_is_first(one: Document, other: Document) -> None:
    there, back = agree([one], [other]), agree([other], [one])

    for x, y in zip(there, back, strict=True):
        assert x.f1 == pytest.approx(y.f1)
        assert x.kappa == pytest.approx(y.kappa)
        assert (x.a, x.b, x.both) == (y.b, y.a, y.both)


@given(documents())
def test_full_agreement_with_itself(document: Document) -> None:
    for row in agree([document], [document]):
        assert row.f1 in (1.0, None)
        assert row.kappa is None or row.kappa == pytest.approx(1)
    assert differences([document], [document]) == []


def test_agreement_of_the_passes_names_every_layer_by_article() -> None:
    rows = agree(A, B)

    assert {row.layer for row in rows} == {"zones", "mentions", "values", "events", "arguments"}
    for measure in {row.measure for row in rows if "across" not in row.measure}:
        assert {row.article for row in rows if row.measure == measure} == {None, *(document.id for document in GOLD)}


def test_difference_of_chains_names_the_item_that_moved() -> None:
    def chained(*keys: str) -> Document:
        return Document("x", mentions=tuple(Mention(i, i + 1, "PER", "NAM", key) for i, key in enumerate(keys)))

    moved = differences([chained("p", "p", "p", "q")], [chained("r", "r", "s", "s")])

    assert [(found.start, found.field, found.a, found.b) for found in moved] == [(2, "entity", "p", "s")]


def test_a_layer_that_one_side_lacks_is_no_disagreement() -> None:
    bare = [Document(d.id, mentions=tuple(m for m in d.mentions or () if m.level == "NAM")) for d in GOLD]

    rows = agree(GOLD, bare)

    assert {row.layer for row in rows if row.f1 is not None or row.kappa is not None} == {"mentions"}
    [tokens] = [row for row in rows if row.measure == "type of each token" and row.article is None]
    assert tokens.a == sum(len(document.tokens or ()) for document in GOLD)
    assert 0 < (tokens.kappa or 0) < 1
