"""Scores: expected values are written as the arithmetic that gives them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies import documents
from tripoli_bench import Metric, score
from tripoli_bench.metrics import TRACKS, Context, Counts, SpanMeasure, count_items, select
from tripoli_bench.scores import Row, Scores
from tripoli_bench.systems import find_systems
from tripoli_bench.views import Side, View
from tripoli_loaders import (
    Argument,
    Document,
    Event,
    Mention,
    Span,
    UsageError,
    Value,
    annotations_path,
    read_gold,
    write_documents,
)

TEXT = "Ana Ruiz left Oslo on Monday. She met Shell in Lima."
#       0   4    9    14   19 22      30  34  38    44 47
GOLD = Document(
    "a",
    text=TEXT,
    sentences=(Span(0, 29), Span(30, 52)),
    tokens=(
        (0, 3),
        (4, 8),
        (9, 13),
        (14, 18),
        (19, 21),
        (22, 28),
        (28, 29),
        (30, 33),
        (34, 37),
        (38, 43),
        (44, 46),
        (47, 51),
        (51, 52),
    ),
    mentions=(
        Mention(0, 8, "PER", "NAM", "ana"),
        Mention(14, 18, "GPE", "NAM", "oslo"),
        Mention(30, 33, "PER", "PRO", "ana"),
        Mention(38, 43, "ORG", "NAM", "shell"),
        Mention(47, 51, "GPE", "NAM", "lima"),
    ),
    values=(Value(22, 28, "TIME", timex="DATE"),),
)
PREDICTED = Document(
    "a",
    mentions=(
        Mention(4, 8, "PER"),  # half of a name
        Mention(14, 18, "GPE"),  # right
        Mention(38, 43, "GPE"),  # wrong type
        Mention(34, 37, "PER"),  # not there
    ),
    values=(Value(22, 28, "TIME"),),  # right
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    write_documents(tmp_path / "gold.jsonl", [GOLD])
    write_documents(tmp_path / "system.jsonl", [PREDICTED])
    return tmp_path / "gold.jsonl", tmp_path / "system.jsonl"


def scored(
    gold: Document | list[Document], predicted: Document | list[Document], folder: Path, **options: object
) -> Scores:
    write_documents(folder / "gold.jsonl", gold if isinstance(gold, list) else [gold])
    write_documents(folder / "system.jsonl", predicted if isinstance(predicted, list) else [predicted])
    given: dict[str, Any] = {"resamples": 100, "tracks": ("ner", "mentions"), **options}
    return score([folder / "system.jsonl"], folder / "gold.jsonl", **given)


# gold ner: 0-8 PER, 14-18 GPE, 38-43 ORG, 47-51 GPE, 22-28 TIME = 5; predicted: 5
@pytest.mark.parametrize(
    ("metric", "true"),
    [
        ("ner.strict", 2),  # Oslo, Monday
        ("ner.span", 3),  # and Shell, of whatever type
        ("ner.type", 3),  # Oslo, Monday, and Ruiz in Ana Ruiz
        ("ner.partial", 3 + 1 / 2),  # Oslo, Monday, Shell, and half of Ana Ruiz
    ],
)
def test_measures(files: tuple[Path, Path], metric: str, true: float) -> None:
    gold, system = files
    row = score([system], gold).row("system", metric)

    assert (row.precision, row.recall, row.f1) == (true / 5, true / 5, 2 * true / (5 + 5))
    assert (row.tp, row.fp, row.fn) == (true, 5 - true, 5 - true)


def test_types_and_macro(files: tuple[Path, Path]) -> None:
    gold, system = files
    scores = score([system], gold)
    by_type = {row.type: row.f1 for row in scores.rows if row.metric == "ner.strict" and row.type is not None}

    # GPE: 1 of 2 gold, 1 of 2 predicted. ORG: 0 of 1, none predicted. PER: 0 of 1, 0 of 2. TIME: 1 of 1, 1 of 1.
    assert by_type == {"GPE": 2 * 1 / (2 + 2), "ORG": 0, "PER": 0, "TIME": 1}
    macro = scores.row("system", "ner.macro")
    assert macro.f1 == (1 / 2 + 0 + 0 + 1) / 4
    assert macro.precision == (1 / 2 + 0 + 1) / 3  # ORG was not predicted: its precision is undefined
    assert (macro.tp, macro.fp, macro.fn) == (None, None, None)


def test_mentions_of_all_levels_without_values(files: tuple[Path, Path]) -> None:
    gold, system = files
    row = score([system], gold).row("system", "mentions.strict")

    assert (row.tp, row.fp, row.fn) == (1, 3, 4)  # Oslo; Ruiz, Shell as GPE, met; Ana Ruiz, She, Shell, Lima


def test_head_of_a_nominal_is_its_last_token(tmp_path: Path) -> None:
    gold = msgspec.structs.replace(GOLD, mentions=(Mention(4, 18, "PER", "NOM"),), values=())
    predicted = Document("a", mentions=(Mention(9, 18, "PER", "NOM"),))

    scores = scored(gold, predicted, tmp_path)

    assert scores.row("system", "mentions.head").f1 == 1
    assert scores.row("system", "mentions.strict").f1 == 0


def test_article_rows_and_totals_add_up(files: tuple[Path, Path]) -> None:
    gold, system = files
    scores = score([system], gold)
    for metric in ("ner.strict", "ner.span", "ner.type", "ner.partial", "mentions.head"):
        total = scores.row("system", metric)
        for field in ("tp", "fp", "fn"):
            types = [getattr(r, field) for r in scores.rows if r.metric == metric and r.type is not None]
            articles = [getattr(r, field) for r in scores.rows if r.metric == metric and r.article is not None]
            assert sum(types) == sum(articles) == getattr(total, field)


def test_view_maps_gold_and_model_labels(tmp_path: Path) -> None:
    predicted = Document(
        "a", mentions=(Mention(0, 8, "PER"), Mention(14, 18, "LOC"), Mention(38, 43, "ORG"), Mention(47, 51, "MISC"))
    )

    row = scored(GOLD, predicted, tmp_path, view="conll03").row("system", "ner.strict@conll03")

    assert (row.tp, row.fp, row.fn) == (3, 1, 1)  # GPE is LOC; the date is outside the view, on both sides


def test_label_outside_the_view_counts_and_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "system.jsonl"
    write_documents(file, [Document("000_d6beca6479d48766", mentions=(Mention(0, 2, "WIZARD"),))])

    scores = score([file], resamples=0)

    assert scores.row("system", "ner.strict").fp == 1
    assert "unknown-label" in {problem.code for problem in scores.problems}


def test_repeated_prediction_is_reported_and_scored_once(tmp_path: Path) -> None:
    predicted = Document("a", mentions=(Mention(14, 18, "GPE"),) * 3)

    scores = scored(GOLD, predicted, tmp_path)

    assert scores.row("system", "ner.strict").tp == 1
    assert scores.row("system", "ner.strict").fp == 0
    assert [problem.code for problem in scores.problems] == ["duplicate-span"] * 2


def test_missing_and_unknown_articles_are_named(tmp_path: Path) -> None:
    other = Document("b", mentions=(Mention(0, 3, "PER", "NAM"),))

    scores = scored([GOLD, other], [PREDICTED, Document("c")], tmp_path)

    assert [(problem.code, problem.article) for problem in scores.problems] == [
        ("unknown-article", "c"),
        ("missing-article", "b"),
    ]
    assert scores.row("system", "ner.strict", article="b").fn == 1
    assert scores.row("system", "ner.strict").fn == 3 + 1


def test_predictions_in_boilerplate_are_set_aside_and_counted(tmp_path: Path) -> None:
    article = next(document for document in read_gold() if document.id.startswith("003"))
    text = article.text or ""
    at = text.index("ANI")
    file = tmp_path / "system.jsonl"
    write_documents(file, [Document(article.id, mentions=(Mention(at, at + 3, "ORG", "NAM"),))])

    aside, counted = score([file], resamples=0), score([file], resamples=0, boilerplate=True)

    assert (aside.set_aside, counted.set_aside) == ({"system": 1}, {})
    assert aside.row("system", "ner.strict").fp == 0
    assert counted.row("system", "ner.strict").fp == 1
    assert "zones:title+body" in aside.signature
    assert "zones:all" in counted.signature


def test_gold_against_itself_is_one_wherever_defined() -> None:
    scores = score([annotations_path() / "gold"])

    for row in scores.rows:
        assert row.f1 == 1.0, row
        assert {row.precision, row.recall, row.low, row.high} <= {1.0, None}, row
    assert {row.metric.partition(".")[0] for row in scores.rows} == set(TRACKS)
    assert scores.problems == []


def test_empty_file_is_zero_and_names_the_five_articles(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")

    scores = score([tmp_path / "empty.jsonl"])

    assert {row.f1 for row in scores.rows} == {0.0}
    assert {row.precision for row in scores.rows} == {None}  # nothing was predicted: undefined
    assert [problem.article for problem in scores.problems] == [document.id for document in read_gold()]


def test_nothing_on_both_sides_is_undefined(tmp_path: Path) -> None:
    row = scored(Document("a", text="x"), Document("a"), tmp_path).row("system", "ner.strict")

    assert (row.precision, row.recall, row.f1, row.low, row.high) == (None,) * 5


def rows_of(scores: Scores) -> list[Row]:
    return [msgspec.structs.replace(row, precision=None, recall=None) for row in scores.rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(gold=documents(), predicted=documents())
def test_precision_and_recall_swap_when_sides_swap(tmp_path: Path, gold: Document, predicted: Document) -> None:
    predicted = msgspec.structs.replace(predicted, tokens=gold.tokens)  # heads are taken from the gold's
    one, other = scored(gold, predicted, tmp_path), scored(predicted, gold, tmp_path)
    for metric in ("ner.strict", "ner.span", "ner.type", "ner.partial", "mentions.strict", "mentions.head"):
        there, back = one.row("system", metric), other.row("system", metric)
        assert (there.precision, there.recall, there.f1) == (back.recall, back.precision, back.f1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(gold=documents(), predicted=documents(), random=st.randoms(use_true_random=False))
def test_order_of_predictions_does_not_matter(
    tmp_path: Path, gold: Document, predicted: Document, random: object
) -> None:
    mentions = list(predicted.mentions or ())
    random.shuffle(mentions)  # type: ignore[attr-defined]
    shuffled = msgspec.structs.replace(predicted, mentions=tuple(mentions), values=(predicted.values or ())[::-1])

    assert scored(gold, predicted, tmp_path).rows == scored(gold, shuffled, tmp_path).rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(gold=documents())
def test_any_gold_against_itself_is_one(tmp_path: Path, gold: Document) -> None:
    for row in scored(gold, gold, tmp_path).rows:
        assert row.f1 in (1.0, None)
        assert row.precision == row.recall == row.f1


def test_signature_says_what_was_computed_and_follows_the_gold(tmp_path: Path) -> None:
    gold = annotations_path() / "gold"
    scores = score([gold], tracks=["ner"], view="conll03", resamples=100, seed=3)
    for part in ("tracks:ner|", "view:conll03", "gold:0.2.0-adjudicated#", "95%-bootstrap-sentence-100-seed3"):
        assert part in scores.signature
    again = score([annotations_path() / "passes" / "a"], tracks=["ner"], view="conll03", resamples=100, seed=3)
    assert again.signature == scores.signature  # nothing in it depends on the predictions

    documents = read_gold()
    whole, changed = tmp_path / "whole.jsonl", tmp_path / "changed.jsonl"
    write_documents(whole, documents)
    less = msgspec.structs.replace(documents[0], events=(documents[0].events or ())[1:])
    write_documents(changed, [less, *documents[1:]])
    own = [score(whole, file, tracks=["ner"], resamples=0).signature for file in (whole, changed)]
    assert own[0] != own[1]


@pytest.mark.parametrize("name", ["ner.strict", "ner.partial@conll03", "mentions.head", "mentions.macro@ontonotes"])
def test_metric_names_parse_back(name: str) -> None:
    assert str(Metric.parse(name)) == name


@pytest.mark.parametrize("name", ["ner", "ner.", "nre.strict", "ner.head", "ner.strict@nowhere", ""])
def test_unknown_metric_lists_what_exists(name: str) -> None:
    with pytest.raises(UsageError, match="expected one of"):
        Metric.parse(name)


def test_systems_are_named_for_their_files_and_must_differ(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_documents(tmp_path / "runs" / name / "predictions.jsonl", [])
        write_documents(tmp_path / name / "same.jsonl", [])

    assert [name for name, _ in find_systems([tmp_path / "runs"])[0]] == ["one", "two"]
    assert [name for name, _ in find_systems([tmp_path / "runs" / "one" / "predictions.jsonl"])[0]] == ["one"]
    with pytest.raises(UsageError, match="two systems are called 'same'"):
        find_systems([tmp_path / "one" / "same.jsonl", tmp_path / "two" / "same.jsonl"])


ARGUMENTS = (
    Argument("Theme", 0, 8),
    Argument("Origin", 14, 18),
    Argument("Participant", 30, 33),
    Argument("Participant", 38, 43),
)
EVENTS = msgspec.structs.replace(
    GOLD,
    events=(
        Event(9, 13, "Movement.Transport", "Actual", "Positive", "trip", None, ARGUMENTS[:2]),
        Event(34, 37, "Contact.Meet", "Actual", "Positive", "meeting", Span(0, 8), ARGUMENTS[2:]),
    ),
)
SAID = msgspec.structs.replace(
    EVENTS,
    events=(
        # right type, wrong realis; the Theme by another mention of the same person; one argument missed
        Event(9, 13, "Movement.Transport", "Other", "Positive", "x", arguments=(Argument("Theme", 30, 33),)),
        # right span, wrong type; right source by another mention of the same person
        Event(34, 37, "Contact.Announce", "Actual", "Positive", "y", Span(30, 33), (Argument("Participant", 38, 43),)),
    ),
)


@pytest.mark.parametrize(
    ("metric", "right", "predicted", "gold"),
    [
        ("triggers.i", 2, 2, 2),
        ("triggers.c", 1, 2, 2),
        ("triggers.realis", 0, 2, 2),
        ("triggers.polarity", 1, 2, 2),
        ("arguments.i", 0, 2, 4),
        ("arguments.c+", 0, 2, 4),
        ("arguments.c+@entity", 1, 2, 4),  # "She" is Ana Ruiz
        ("arguments.i+@entity", 1, 2, 4),
        ("sources.entity", 1, 1, 1),
    ],
)
def test_event_measures(metric: str, right: int, predicted: int, gold: int, tmp_path: Path) -> None:
    row = scored(EVENTS, SAID, tmp_path, tracks=["triggers", "arguments", "sources"]).row("system", metric)

    assert (row.tp, row.fp, row.fn) == (right, predicted - right, gold - right)


def test_values_need_their_normalisation(tmp_path: Path) -> None:
    gold = msgspec.structs.replace(GOLD, values=(Value(22, 28, "TIME", timex="DATE", value="2019-04-01"),))
    predicted = msgspec.structs.replace(GOLD, values=(Value(22, 28, "TIME", timex="DATE", value="2019-04-08"),))

    scores = scored(gold, predicted, tmp_path, tracks=["values"])

    assert (scores.row("system", "values.span").f1, scores.row("system", "values.value").f1) == (1, 0)


def test_chains_in_and_across_articles(tmp_path: Path) -> None:
    def article(name: str, *keys: str, scope: Literal["corpus"] | None = "corpus") -> Document:
        mentions = tuple(Mention(i, i + 1, "PER", "NAM", key) for i, key in enumerate(keys))
        return Document(name, scope=scope, text="x" * 9, mentions=mentions)

    gold = [article("a", "p", "p", "q"), article("b", "p", "q", "q")]
    same_within = [article("a", "1", "1", "2"), article("b", "3", "4", "4")]

    scores = scored(gold, same_within, tmp_path, tracks=["coref", "xcoref"])
    assert scores.row("system", "coref.conll").f1 == 1
    # across: gold {a0 a1 b0} {a2 b1 b2}; predicted {a0 a1} {a2} {b0} {b1 b2}: two of four links, none of them wrong
    muc = scores.row("system", "xcoref.muc")
    assert (muc.precision, muc.recall) == (1, 2 / 4)

    local = [article("a", "p", "p", "q", scope=None), article("b", "p", "q", "q", scope=None)]
    undefined = scored(gold, local, tmp_path, tracks=["xcoref"])
    assert undefined.row("system", "xcoref.conll").f1 is None
    assert [problem.code for problem in undefined.problems] == ["no-scope"]


def test_tracks_default_to_what_is_predicted(tmp_path: Path) -> None:
    assert "tracks:ner+mentions|" in scored(EVENTS, Document("a"), tmp_path, tracks=None).signature
    everything = scored(EVENTS, SAID, tmp_path, tracks=None).signature
    assert "tracks:ner+mentions+coref+values+triggers+arguments+events+sources|" in everything  # keys hold in articles


with gzip.open(Path(__file__).parent / "vectors" / "events.jsonl.gz", "rt", encoding="utf-8") as lines:
    TEXTEE: list[dict[str, Any]] = [json.loads(line) for line in lines]


def test_event_counts_equal_textee() -> None:
    names = {
        "Tri-I": "triggers.i",
        "Tri-C": "triggers.c",
        "Arg-I": "arguments.i",
        "Arg-C": "arguments.c",
        "Arg-I+": "arguments.i+",
        "Arg-C+": "arguments.c+",
    }
    view = View("any", "every label as it is", Side({}, {}), Side({}, {}))
    for case in TEXTEE:
        sides: list[dict[tuple[str, str], list[Event]]] = [{}, {}]
        for sentence in case["sentences"]:
            for side, events in zip(sides, (sentence["gold"], sentence["pred"]), strict=True):
                window = side.setdefault((sentence["doc_id"], sentence["wnd_id"]), [])
                for event in events:
                    start, end, label = event["trigger"]
                    arguments = tuple(Argument(role, s, e) for s, e, role in event["arguments"])
                    window.append(Event(start, end, label, arguments=arguments))
        for theirs, ours in names.items():
            means = Metric.parse(ours).means
            assert isinstance(means, SpanMeasure)
            total = Counts()
            for key in sides[0].keys() | sides[1].keys():
                gold, predicted = (Document("x", events=tuple(side.get(key, ()))) for side in sides)
                left = select(gold, Context(view, True, gold), means.select)
                right = select(predicted, Context(view, False, gold), means.select)
                total = sum(count_items(left, right, means.scheme, lambda _: 0).values(), total)
            expected = case["expected"]["textee"][theirs]
            counts = (total.correct, total.predicted, total.gold)
            assert counts == (expected["match"], expected["pred"], expected["gold"]), (case["id"], ours)
