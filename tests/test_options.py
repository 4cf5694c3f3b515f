"""What a score can be computed with or without: alternatives, singletons, zones; linking, the ceiling, peers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tripoli_bench import score, score_like
from tripoli_bench.like import LIKE
from tripoli_bench.scores import Scores
from tripoli_bench.stream import Gold
from tripoli_loaders import (
    Alternative,
    Argument,
    Document,
    Event,
    FormatError,
    Mention,
    Span,
    UsageError,
    Value,
    Zone,
    annotations_path,
    write_documents,
)
from tripoli_loaders.knowledge import NIL, link

PASSES = annotations_path() / "passes"


def scored(gold: Document, predicted: Document, folder: Path, **options: Any) -> Scores:
    write_documents(folder / "gold.jsonl", [gold])
    write_documents(folder / "system.jsonl", [predicted])
    return score(folder / "system.jsonl", folder / "gold.jsonl", **{"resamples": 0, **options})


ALTERNATIVES = Document(
    "a",
    mentions=(Mention(0, 8, "PER", "NAM"), Mention(10, 14, "ORG", "NOM")),
    values=(Value(20, 24, "TIME", timex="DATE", value="2019"),),
    events=(
        Event(30, 36, "Life.Die", "Actual", arguments=(Argument("Victim", 0, 8),), source=Span(0, 8)),
        Event(40, 44, "Contact.Meet", "Actual"),
    ),
    alternatives=(
        Alternative("mentions", 0, 8, mention=Mention(4, 8, "PER", "NAM")),  # the span may be shorter
        Alternative("mentions", 16, 18, mention=Mention(16, 18, "PER", "PRO")),  # there may be one more
        Alternative("values", 20, 24, value=Value(20, 24, "TIME", timex="DATE", value="2020")),
        Alternative("events", 40, 44),  # there may be none
    ),
)
OTHER = Document(
    "a",
    mentions=(Mention(4, 8, "PER", "NAM"), Mention(10, 14, "ORG", "NOM"), Mention(16, 18, "PER", "PRO")),
    values=(Value(20, 24, "TIME", timex="DATE", value="2020"),),
    events=(Event(30, 36, "Life.Die", "Actual", arguments=(Argument("Victim", 4, 8),), source=Span(4, 8)),),
)


def test_alternatives_are_credited_on_request(tmp_path: Path) -> None:
    plain = scored(ALTERNATIVES, OTHER, tmp_path)
    credited = scored(ALTERNATIVES, OTHER, tmp_path, alternatives=True)

    assert plain.row("system", "mentions.strict").f1 == 2 * 1 / (2 + 3)
    assert plain.row("system", "values.value").f1 == 0
    assert plain.row("system", "triggers.c").f1 == 2 * 1 / (2 + 1)
    for metric in ("mentions.strict", "values.value", "triggers.c", "arguments.c+", "sources.entity"):
        assert credited.row("system", metric).f1 == 1, metric
    assert "alternatives" not in plain.signature
    assert "|alternatives:credited|" in credited.signature


def test_alternatives_change_nothing_for_the_golds_own_reading(tmp_path: Path) -> None:
    bare = msgspec.structs.replace(ALTERNATIVES, alternatives=None)
    credited = scored(ALTERNATIVES, bare, tmp_path, alternatives=True)
    assert {row.f1 for row in credited.rows} <= {1.0, None}


def test_every_alternative_of_the_gold_can_be_credited() -> None:
    plain, credited = (score([PASSES / "a", PASSES / "b"], alternatives=a, resamples=0) for a in (False, True))
    better = 0
    for row, other in zip(plain.rows, credited.rows, strict=True):
        if row.article is None and row.type is None and row.metric in ("triggers.c", "arguments.c+", "mentions.strict"):
            assert (other.f1 or 0) >= (row.f1 or 0)
            better += (other.f1 or 0) > (row.f1 or 0)
    assert better >= 4  # the passes are where the alternatives come from


CHAINED = Document(
    "a",
    scope="corpus",
    mentions=tuple(Mention(n, n + 1, "PER", "NAM", key) for n, key in enumerate(("x", "x", "y", "z"))),
)


def test_singletons_are_kept_or_dropped(tmp_path: Path) -> None:
    wrong = msgspec.structs.replace(CHAINED, mentions=(CHAINED.mentions or ())[:3])  # z is missing

    kept = scored(CHAINED, wrong, tmp_path, tracks=["coref", "xcoref"])
    dropped = scored(CHAINED, wrong, tmp_path, tracks=["coref", "xcoref"], singletons=False)

    for track in ("coref", "xcoref"):
        assert kept.row("system", f"{track}.b3").recall == 3 / 4
        assert dropped.row("system", f"{track}.b3").f1 == 1
    assert "singletons-kept" in kept.signature
    assert "singletons-dropped" in dropped.signature


def test_a_mention_in_two_chains_is_refused_or_taken_for_the_first(tmp_path: Path) -> None:
    twice = msgspec.structs.replace(CHAINED, mentions=(*(CHAINED.mentions or ()), Mention(2, 3, "PER", "NAM", "x")))

    with pytest.raises(FormatError, match=r"two-chains: \$.mentions\[4\]: \[2, 3\) is in the chains 'y' and 'x'"):
        scored(CHAINED, twice, tmp_path)
    with pytest.raises(FormatError, match="two-chains"):
        scored(twice, CHAINED, tmp_path)
    found = scored(CHAINED, twice, tmp_path, keep_first=True)
    assert found.row("system", "coref.conll").f1 == 1
    assert "repeats-first" in found.signature
    assert scored(CHAINED, twice, tmp_path, tracks=["mentions"]).row("system", "mentions.strict").f1 == 1


def test_antecedents_by_hand(tmp_path: Path) -> None:
    gold = Document("a", mentions=tuple(Mention(n, n + 1, "PER", "NAM", k) for n, k in enumerate("xyxxy")))
    # 0 x, 1 y, 2 x, 3 x, 4 y: the gold refers back at 2, 3, 4. Predicted: 2 to 1, which is wrong; 3 to 0, which is
    # right, though the nearest would be 2; 4 to nothing.
    predicted = Document("a", mentions=tuple(Mention(n, n + 1, "PER", "NAM", k) for n, k in enumerate("pqqpr")))

    row = scored(gold, predicted, tmp_path, metrics=["coref.antecedent"]).row("system", "coref.antecedent")

    assert (row.tp, row.fp, row.fn) == (1, 1, 2)


def test_linking_by_hand(tmp_path: Path) -> None:
    keys = ("benghazi", "canada", "nobody", "chad", "another")
    gold = Document("a", mentions=tuple(Mention(n, n + 1, "GPE", "NAM", key) for n, key in enumerate(keys)))
    said = ("Q40816", "geonames:6251999", "my-key", "Q16", "Q657")  # right, right, NIL, Canada for Chad, Chad for NIL
    mentions = (
        *(Mention(n, n + 1, "GPE", "NAM", key) for n, key in enumerate(said)),
        Mention(9, 10, "GPE", "NAM", "Q1"),
    )
    scores = scored(gold, Document("a", mentions=mentions), tmp_path, tracks=["linking"])

    strong, nil, accuracy = (scores.row("system", f"linking.{name}") for name in ("strong", "nil", "accuracy"))
    assert (strong.tp, strong.fp, strong.fn) == (2, 3, 1)  # of three in the gold, five predicted
    assert (nil.tp, nil.fp, nil.fn) == (1, 0, 1)
    assert accuracy.f1 == 3 / 5  # of the five spans that both have


@pytest.mark.parametrize(
    ("key", "identifier"),
    [
        ("benghazi", "Q40816"),
        ("wikidata:Q40816", "Q40816"),
        ("http://www.wikidata.org/entity/Q40816", "Q40816"),
        ("wikipedia:Benghazi", "Q40816"),
        ("https://en.wikipedia.org/wiki/Benghazi", "Q40816"),
        ("geonames:88319", "Q40816"),
        ("https://www.geonames.org/88319/benghazi.html", "Q40816"),
        ("Q987654321", "Q987654321"),
        ("wikipedia:Some_Page", "wikipedia:Some Page"),
        ("000-diplomats", NIL),
        ("Q0", NIL),
    ],
)
def test_identifiers_of_one_entity_are_one(key: str, identifier: str) -> None:
    assert link(key) == identifier


def test_zones_add_up_to_the_total(tmp_path: Path) -> None:
    gold = Document(
        "a",
        zones=(Zone(0, 10, "title"), Zone(10, 40, "body")),
        sentences=(Span(0, 10), Span(10, 25), Span(25, 40)),
        mentions=(Mention(0, 4, "PER", "NAM"), Mention(12, 15, "ORG", "NAM"), Mention(30, 33, "PER", "NAM")),
    )
    predicted = Document("a", mentions=(Mention(0, 4, "PER"), Mention(12, 15, "PER")))

    scores = scored(gold, predicted, tmp_path, resamples=100)

    title, body = (scores.row("system", "ner.strict", zone=zone) for zone in ("title", "body"))
    assert (title.tp, title.fp, title.fn, title.low, title.high) == (1, 0, 0, 1, 1)
    assert (body.tp, body.fp, body.fn) == (0, 1, 2)
    assert all(row.zone is msgspec.UNSET for row in scores.rows)


def test_the_ceiling_is_one_pass_against_the_other(tmp_path: Path) -> None:
    scores = score(PASSES / "a", resamples=0)
    # The same by hand: pass A as gold of one's own, with the texts and zones of the data set.
    pairs = Gold().passes()
    write_documents(tmp_path / "gold.jsonl", [pair.gold for pair in pairs if isinstance(pair.gold, Document)])
    write_documents(tmp_path / "b.jsonl", [p.predicted for p in pairs if isinstance(p.predicted, Document)])
    direct = score(tmp_path / "b.jsonl", tmp_path / "gold.jsonl", resamples=0)

    compared = 0
    for row in scores.rows:
        try:
            other = direct.row("b", row.metric, row.article, row.type)
        except KeyError:
            continue
        assert row.ceiling == other.f1, row
        compared += 1
    assert compared > 500
    assert scores.row("a", "arguments.c+").ceiling != 1


def test_gold_of_ones_own_has_no_ceiling(tmp_path: Path) -> None:
    assert {row.ceiling for row in scored(CHAINED, CHAINED, tmp_path).rows} == {None}


def test_metrics_can_be_named_alone(tmp_path: Path) -> None:
    found = scored(ALTERNATIVES, OTHER, tmp_path, metrics=["values.value", "mentions.head"])
    assert list(dict.fromkeys(row.metric for row in found.rows)) == ["mentions.head", "values.value"]
    with pytest.raises(UsageError, match="tracks and metrics"):
        scored(ALTERNATIVES, OTHER, tmp_path, metrics=["ner.strict"], tracks=["ner"])
    with pytest.raises(UsageError, match="expected one"):
        scored(ALTERNATIVES, OTHER, tmp_path, metrics=["ner.strict@conll03", "ner.span@ace05"])
    assert scored(ALTERNATIVES, OTHER, tmp_path, metrics=["ner.strict@conll03"]).row("system", "ner.strict@conll03")


@pytest.mark.parametrize("like", LIKE)
def test_peers_give_the_gold_itself_full_marks(like: str) -> None:
    scores = score_like(annotations_path() / "gold", like=like)
    assert {row.f1 for row in scores.rows} == {1.0}
    assert scores.signature.startswith(f"like:{like}-")


def test_peers_and_this_scorer_agree_on_the_passes() -> None:
    ours = score(PASSES / "b", resamples=0)
    pairs = {
        "textee": {"textee.Tri-C": "triggers.c", "textee.Arg-C+": "arguments.c+", "textee.Arg-I": "arguments.i"},
        "conll2012": {"conll2012.conll": "coref.conll", "conll2012.bcub": "coref.b3"},
        "corefud": {"corefud.lea": "coref.lea", "corefud.ceafm": "coref.ceafm"},
    }
    for like, names in pairs.items():
        theirs = score_like(PASSES / "b", like=like)
        for name, metric in names.items():
            assert theirs.row("b", name).f1 == pytest.approx(ours.row("b", metric).f1, abs=1e-12), name


def test_what_tags_cannot_hold_is_counted_beside_a_peers_numbers(tmp_path: Path) -> None:
    gold = Document("a", text="Ana Ruiz left", mentions=(Mention(0, 8, "PER", "NAM"),))
    predicted = Document("a", mentions=(Mention(0, 8, "PER"), Mention(4, 8, "PER"), Mention(9, 12, "ORG")))
    write_documents(tmp_path / "gold.jsonl", [gold])
    write_documents(tmp_path / "system.jsonl", [predicted])
    found = score_like(tmp_path / "system.jsonl", tmp_path / "gold.jsonl", "seqeval")
    assert found.row("system", "seqeval.micro").fp == 0
    assert found.not_in_tags == {"system": {"gold": 0, "predicted": 2}}


def test_alternatives_may_stand_in_any_order(tmp_path: Path) -> None:
    event = Event(30, 36, "Life.Die", "Other", arguments=(Argument("Victim", 0, 8),), source=Span(0, 8))
    listed = (*(ALTERNATIVES.alternatives or ()), Alternative("events", 30, 36, event=event))
    predicted = msgspec.structs.replace(
        OTHER, events=(Event(30, 36, "Life.Die", "Other", arguments=(Argument("Victim", 4, 8),), source=Span(4, 8)),)
    )
    for order in (listed, listed[::-1], (*listed[2:], *listed[:2])):
        gold = msgspec.structs.replace(ALTERNATIVES, alternatives=order)
        found = scored(gold, predicted, tmp_path, alternatives=True)
        for metric in ("mentions.strict", "triggers.realis", "arguments.c+", "sources.entity"):
            row = found.row("system", metric)
            assert (row.f1, row.fn) == (1, 0), metric


@pytest.mark.parametrize("sentences", [1, 2])
def test_short_articles_vary_as_much_as_their_sentences_do(tmp_path: Path, sentences: int) -> None:
    """400 sentences, three of four right: with 400 binary units the interval is about 1.96·√(.75·.25/400) each way."""
    gold, predicted = [], []
    for article in range(400 // sentences):
        spans = [(30 * n, 30 * n + 5) for n in range(sentences)]
        units = tuple(Span(start, start + 30) for start, _ in spans)
        right = [Mention(*span, "PER", "NAM") for span in spans]
        found = [
            Mention(start, end, "PER" if (article * sentences + n) % 4 else "ORG", "NAM")
            for n, (start, end) in enumerate(spans)
        ]
        gold.append(Document(f"a{article}", sentences=units, mentions=tuple(right)))
        predicted.append(Document(f"a{article}", mentions=tuple(found)))
    write_documents(tmp_path / "gold.jsonl", gold)
    write_documents(tmp_path / "system.jsonl", predicted)
    scores = score(tmp_path / "system.jsonl", tmp_path / "gold.jsonl", metrics=["ner.strict"])
    row = scores.row("system", "ner.strict")

    assert row.f1 == 0.75
    assert row.low is not None
    assert row.high is not None
    half = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert (row.high - row.low) / 2 == pytest.approx(half, rel=0.1)
    assert f"bootstrap-{'article' if sentences == 1 else 'sentence-of-all-articles'}-2000" in scores.signature
    assert (scores.row("system", "ner.strict", "a0").low is None) is (sentences == 1)


def test_views_of_named_metrics_are_not_mixed(tmp_path: Path) -> None:
    for names in (["ner.strict", "ner.strict@conll03"], ["mentions.strict", "ner.strict@ace05"]):
        with pytest.raises(UsageError, match="the same for all metrics"):
            scored(ALTERNATIVES, OTHER, tmp_path, metrics=names)
    assert scored(ALTERNATIVES, OTHER, tmp_path, metrics=["arguments.c+@span"]).row("system", "arguments.c+").f1 == 0


def test_a_span_may_have_several_labels(tmp_path: Path) -> None:
    both = Document("a", mentions=(Mention(0, 4, "PER", "NAM"), Mention(0, 4, "ORG", "NAM")))
    found = scored(both, both, tmp_path, tracks=["ner"])
    assert (found.row("system", "ner.strict").tp, found.problems) == (2, [])
    twice = msgspec.structs.replace(both, mentions=(*(both.mentions or ()), Mention(0, 4, "ORG", "NAM")))
    again = scored(both, twice, tmp_path, tracks=["ner"])
    assert (again.row("system", "ner.strict").fp, [p.code for p in again.problems]) == (0, ["duplicate-span"])


def test_no_digit_depends_on_the_order_of_the_file(tmp_path: Path) -> None:
    gold = [msgspec.structs.replace(pair.gold, alternatives=None) for pair in Gold().passes()]  # type: ignore[type-var]
    predicted = [pair.predicted for pair in Gold().passes() if isinstance(pair.predicted, Document)]
    write_documents(tmp_path / "gold.jsonl", gold)  # type: ignore[arg-type]
    rows = []
    for step in (1, -1):
        turned = [
            msgspec.structs.replace(one, mentions=(one.mentions or ())[::step], events=(one.events or ())[::step])
            for one in predicted[::step]
        ]
        write_documents(tmp_path / "system.jsonl", turned)
        rows.append(score(tmp_path / "system.jsonl", tmp_path / "gold.jsonl", resamples=0).rows)
    assert rows[0] == rows[1]
