"""The numbers of other scorers: equal to the reference vectors, and on seeded random tags to the tools themselves.

Where a tool cannot be installed, what the vectors have no case for is written as arithmetic.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from tripoli_bench.like import LIKE, Figure
from tripoli_bench.like.chains import conll2012, corefud, truncated
from tripoli_bench.like.events import textee
from tripoli_bench.like.tagging import conlleval, nervaluate, seqeval

VECTORS = Path(__file__).parent / "vectors"
RANDOM = 2000
"""How many cases are scored by the tool itself as well."""

Tags = list[list[str]]


def vectors(name: str) -> list[dict[str, Any]]:
    with gzip.open(VECTORS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


NER, COREF, EVENTS = vectors("ner"), vectors("coref"), vectors("events")


def table(figures: Iterable[Figure]) -> dict[tuple[str, str | None], Figure]:
    """Return figures by metric, without the name of the tool, and type."""
    listed = list(figures)
    result = {(figure.metric.partition(".")[2], figure.type): figure for figure in listed}
    assert len(result) == len(listed)
    return result


def assert_ratios(figure: Figure, expected: Sequence[float | None], where: object) -> None:
    for value, theirs in zip(figure[2:5], expected, strict=True):
        if value is None or theirs is None:
            assert value is theirs, (where, figure)
        else:
            assert math.isclose(value, theirs, rel_tol=0, abs_tol=1e-9), (where, figure, theirs)


def assert_figure(figure: Figure, expected: dict[str, Any], where: object) -> None:
    """Compare precision, recall and F1, and every count that the vectors have."""
    assert_ratios(figure, [expected[name] for name in "PRF"], where)
    counts = {name: count for name, count in expected.items() if name not in "PRF"}
    assert counts == {name: figure.counts.get(name) for name in counts}, (where, figure)


def test_every_name_has_a_kind_of_input() -> None:
    by_kind = {kind: {name for name in LIKE if LIKE[name] == kind} for kind in LIKE.values()}

    assert by_kind == {
        "tags": {"seqeval", "seqeval-strict", "conlleval", "nervaluate"},
        "events": {"textee"},
        "chains": {"conll2012", "corefud"},
    }


def test_no_tool_is_imported() -> None:
    script = (
        "import sys, tripoli_bench; before = set(sys.modules); "
        "from tripoli_bench.like import chains, events, tagging; "
        "print(sorted({'seqeval', 'nervaluate', 'sklearn', 'scipy'} & (sys.modules.keys() - before)))"
    )
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    found = run([sys.executable, "-c", script], env=path, capture_output=True, check=True)

    assert found.stdout.decode().strip() == "[]"


@pytest.mark.parametrize(("tool", "strict"), [("seqeval_default", False), ("seqeval_strict_iob2", True)])
def test_seqeval_gives_the_vectors(tool: str, strict: bool) -> None:
    for case in NER:
        expected = case["expected"][tool]
        ours = table(seqeval(case["gold"], case["pred"], strict=strict))

        assert_figure(ours.pop(("micro", None)), expected["micro"], case["id"])
        for name in ("macro", "weighted"):
            assert_figure(ours.pop((name, None)), expected[name], case["id"])
        assert ours.keys() == {("micro", type_) for type_ in expected["per_type"]}
        for (_, type_), figure in ours.items():
            assert_figure(figure, expected["per_type"][type_], case["id"])


def test_conlleval_gives_the_vectors() -> None:
    for case in NER:
        expected = case["expected"]["conlleval"]
        total, *by_type = conlleval(case["gold"], case["pred"])
        printed = {"accuracy": total.counts.pop("accuracy")}
        printed.update(zip("PRF", (value or 0.0 for value in total[2:5]), strict=True))

        assert total.counts == {name: expected[name] for name in ("tokens", "n_gold", "n_pred", "tp")}
        assert {name: f"{100 * value:.2f}" for name, value in printed.items()} == expected["printed"], case["id"]
        assert {
            figure.type: {
                "n_pred": figure.counts["n_pred"],
                "printed": {n: f"{100 * (v or 0.0):.2f}" for n, v in zip("PRF", figure[2:5], strict=True)},
            }
            for figure in by_type
        } == expected["per_type"], case["id"]


def test_nervaluate_gives_the_vectors() -> None:
    for case in NER:
        expected = case["expected"]["nervaluate"]
        ours = table(nervaluate(case["gold"], case["pred"], case["tags"]))
        theirs: dict[tuple[str, str | None], Any] = {(s, None): row for s, row in expected["overall"].items()}
        theirs.update({(s, type_): row for type_, rows in expected["per_type"].items() for s, row in rows.items()})

        assert ours.keys() == theirs.keys()
        for key, figure in ours.items():
            assert_figure(figure, theirs[key], case["id"])


@pytest.mark.parametrize(("tool", "score"), [("perl", conll2012), ("corefud", corefud)])
def test_chains_give_the_vectors(tool: str, score: Callable[..., list[Figure]]) -> None:
    failed = []
    for case in COREF:
        expected = case["expected"][tool]
        if "error" in expected:
            failed.append(case["name"])
            continue
        documents = [document for document in case["documents"] if document["gold"] is not None]
        gold, predicted = (
            [[[tuple(mention) for mention in chain] for chain in document[side] or ()] for document in documents]
            for side in ("gold", "pred")
        )
        ours = table(score(gold, predicted))

        conll = ours.pop(("conll", None))
        assert_ratios(conll, (None, None, sum(expected[n]["F"] for n in ("muc", "bcub", "ceafe")) / 3), case["id"])
        assert ours.keys() == {(name, None) for name in expected}
        for (name, _), figure in ours.items():
            row = expected[name]
            assert_ratios(figure, [row[ratio] for ratio in "PRF"], case["id"])
            counts = row.get("counts") or [*row["coref_counts"], *row["noncoref_counts"]]
            assert [*figure.counts.values()] == pytest.approx(counts, abs=1e-9), (case["id"], name)
            for ratio, value in zip("PRF", figure[2:5], strict=True):
                if tool == "perl":
                    # The order of a sum decides its last bit, and a bit what is cut off.
                    about = {truncated((value or 0.0) + error) for error in (-1e-9, 1e-9)}
                    assert truncated(row[ratio]) == row["printed"][ratio], (case["id"], name)
                    assert row["printed"][ratio] in about, (case["id"], name)
    assert (
        failed
        == {
            "perl": ["many_repeated_mentions"],
            "corefud": ["missing_last_doc", "missing_first_doc", "doc_order_differs"],
        }[tool]
    )


def test_counts_of_blanc_are_named() -> None:
    blanc = table(conll2012([[["a", "b"]]], [[["a"], ["b"]]]))["blanc", None]

    assert blanc.counts == {
        "coref_p_num": 0,
        "coref_p_den": 0,
        "coref_r_num": 0,
        "coref_r_den": 1,
        "noncoref_p_num": 0,
        "noncoref_p_den": 1,
        "noncoref_r_num": 0,
        "noncoref_r_den": 0,
    }


def test_conll2012_keeps_a_repeated_mention_that_the_gold_lacks() -> None:
    ours = table(conll2012([[["a", "b"]]], [[["a", "x"], ["a", "b", "x"]]]))

    # a counts in the first chain only, x in both: {a x} and {b x}, each of which has one mention of the gold's chain
    assert ours["bcub", None].counts == {"p_num": 2 * 1 / 2, "p_den": 2 + 2, "r_num": 2 * 1 / 2, "r_den": 2}
    assert ours["ceafm", None].counts == {"p_num": 1, "p_den": 2 + 2, "r_num": 1, "r_den": 2}
    # links: a-x, b-x; between the chains a-b, a-x, x-b, x-x
    assert [*ours["blanc", None].counts.values()] == [0, 2, 0, 1, 0, 4, 0, 0]


def test_textee_gives_the_vectors() -> None:
    for case in EVENTS:
        sides = [
            [
                (
                    (sentence["doc_id"], sentence["wnd_id"]),
                    [(tuple(event["trigger"]), [*map(tuple, event["arguments"])]) for event in sentence[side]],
                )
                for sentence in case["sentences"]
            ]
            for side in ("gold", "pred")
        ]
        expected = case["expected"]["textee"]
        ours = table(textee(*sides))

        assert ours.keys() == {(name, None) for name in expected}
        for (name, _), figure in ours.items():
            row = {key: value / 100 if key in "PRF" else value for key, value in expected[name].items()}
            assert_figure(figure, row, case["id"])


IOB = ("O", "O", "B-PER", "I-PER", "B-ORG", "I-ORG", "I-LOC")
ANY = (
    *IOB,
    *("E-PER", "S-PER", "E-ORG", "S-ORG", "L-PER", "U-PER", "E", "S", "B", "I", "."),
    *("PER", "ORG", "b-PER", "B_PER", "B-", "-PER", "O-PER", "I-a-b", "Ix-PER", "B--PER-", ".-PER"),
)


def draw(rng: random.Random, tags: Sequence[str], odd: Sequence[str] = ()) -> tuple[Tags, Tags]:
    """Return a gold and a prediction that often agree, with empty sentences and in a few cases an odd tag."""
    some = [*rng.sample(tags, rng.randint(1, len(tags))), "O"]
    gold = [rng.choices(some, k=rng.randint(0, 7)) for _ in range(rng.randint(1, 4))]
    agree = rng.random()
    predicted = [[tag if rng.random() < agree else rng.choice(tags) for tag in sentence] for sentence in gold]
    filled = [sentence for sentence in (*gold, *predicted) if sentence]
    if odd and filled and rng.random() < 0.1:
        sentence = rng.choice(filled)
        sentence[rng.randrange(len(sentence))] = rng.choice(odd)
    return gold, predicted


@pytest.mark.parametrize("strict", [False, True], ids=["default", "strict"])
def test_seqeval_is_seqeval(strict: bool) -> None:
    options = {"mode": "strict", "scheme": IOB2} if strict else {}
    refused = empty = 0
    for seed in range(RANDOM):
        tags, odd = ((*IOB, "B", "I", "B--PER-", "O-PER"), ("E-PER", "PER", "", "x")) if strict else (ANY, ("",))
        gold, predicted = draw(random.Random(seed), tags, odd)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tags that are none, and of means of nothing
            try:
                report = classification_report(gold, predicted, output_dict=True, zero_division=0, **options)
            except (ValueError, KeyError, IndexError):
                refused += 1
                with pytest.raises(ValueError, match=r"^sentence [1-4], token [1-7]: "):
                    seqeval(gold, predicted, strict=strict)
                continue
        ours = table(seqeval(gold, predicted, strict=strict))

        empty += len(report) == 3
        assert len(ours) == len(report), seed
        for name, row in report.items():
            figure = ours[(name[: -len(" avg")], None) if name.endswith(" avg") else ("micro", name)]
            ratios = [None if math.isnan(v) else v for v in (row["precision"], row["recall"], row["f1-score"])]
            assert_ratios(figure, ratios, seed)
            assert figure.counts["n_gold"] == row["support"], seed
    assert refused > 0.03 * RANDOM
    assert 0 < empty < 0.2 * RANDOM


def test_nervaluate_is_nervaluate() -> None:
    peer = pytest.importorskip("nervaluate", reason="nervaluate 1.2.1 needs Python 3.11")
    fields = ("correct", "incorrect", "partial", "missed", "spurious", "possible", "actual")
    refused = 0
    for seed in range(RANDOM):
        rng = random.Random(seed)
        gold, predicted = draw(rng, IOB, ("E-PER", "S-ORG", "PER", "xxPER", "B"))
        if seed % 20 == 0:  # one token of more than a hundred is too little to overlap
            size = rng.randint(90, 110)
            gold.append(["B-PER", *["I-PER"] * (size - 1)])
            predicted.append([*rng.choices(IOB, k=5), *["O"] * (size - 5)])
        types = rng.choice((None, ["PER", "ORG"], ["LOC", "GPE"]))
        try:
            theirs = peer.Evaluator(gold, predicted, tags=types or ["PER", "ORG", "LOC"], loader="list").evaluate()
        except ValueError:
            refused += 1
            with pytest.raises(ValueError, match=r"^sentence [1-4], token [1-7]: tag '\w"):
                nervaluate(gold, predicted, types)
            continue
        ours = table(nervaluate(gold, predicted, types))

        rows: dict[tuple[str, str | None], Any] = {(s, None): result for s, result in theirs["overall"].items()}
        rows.update({(s, label): result for label, by in theirs["entities"].items() for s, result in by.items()})
        assert ours.keys() == rows.keys(), seed
        for key, figure in ours.items():
            assert_ratios(figure, (rows[key].precision, rows[key].recall, rows[key].f1), seed)
            assert figure.counts == {field: getattr(rows[key], field) for field in fields}, (seed, key)
    assert 0.01 * RANDOM < refused < 0.2 * RANDOM


def test_seqeval_is_scikit_learn_on_spans() -> None:
    """A span that either side has is a sample, its class the type, or none where only the other side has it."""
    peer = pytest.importorskip("sklearn.metrics")
    compared = 0
    for seed in range(1000):
        rng = random.Random(seed)
        sides: list[dict[tuple[int, int, int], str]] = [{}, {}]
        rows: list[Tags] = [[], []]
        for sentence in range(3):
            for spans, tags in zip(sides, rows, strict=True):
                position, row = 0, []
                while position < 6:
                    size, label = rng.randint(1, 2), rng.choice("XYZ")
                    if rng.random() < 0.6:
                        spans[sentence, position, position + size] = label
                        row += [f"B-{label}", *[f"I-{label}"] * (size - 1)]
                    else:
                        row += ["O"] * size
                    position += size
                tags.append([*row, "O"][:7] if len(row) < 7 else row)
        gold, predicted = sides
        samples, types = sorted({*gold, *predicted}), sorted({*gold.values(), *predicted.values()})
        if not types:
            continue
        classes = [[side.get(sample, "") for sample in samples] for side in sides]
        ours = table(seqeval(*rows))
        for average, name in ((None, "micro"), ("micro", "micro"), ("macro", "macro"), ("weighted", "weighted")):
            theirs = peer.precision_recall_fscore_support(*classes, labels=types, average=average, zero_division=0)
            columns = zip(*theirs[:3], strict=True) if average is None else [theirs[:3]]
            for type_, ratios in zip(types if average is None else [None], columns, strict=True):
                assert_ratios(ours[name, type_], ratios, seed)
        compared += 1
    assert compared > 950


def test_conlleval_reads_what_is_not_iob() -> None:
    total, one = conlleval([["B-X", "E-X", "S-X", "B-X"]], [["B-X", "E-X", "S-X", "B-X"]])

    assert (total.counts["tp"], total.counts["n_gold"]) == (1, 1)  # nothing of these ends a chunk: it knows no S-
    assert one.type == "X"
    assert conlleval([["B-0"]], [["I-0"]])[1].type == ""  # to Perl, "0" is false


def test_nothing_scores_as_the_tool_says() -> None:
    assert [figure[2:5] for figure in seqeval([], [])] == [(0, 0, 0), (None, None, None), (0, 0, 0)]
    assert [figure[2:] for figure in conlleval([[]], [[]])] == [
        (None, None, None, {"tp": 0, "n_pred": 0, "n_gold": 0, "tokens": 0})
    ]
    assert nervaluate([], []) == []
    assert {figure[2:5] for figure in textee([], [])} == {(0, 0, 0)}
    for score in (conll2012, corefud):
        *figures, mean = score([], [])
        assert {figure[2:5] for figure in figures} == {(0, 0, 0)}
        assert mean[2:5] == (None, None, 0)


@pytest.mark.parametrize("score", [seqeval, conlleval, nervaluate])
def test_sides_of_tags_have_one_shape(score: Callable[[Tags, Tags], list[Figure]]) -> None:
    with pytest.raises(ValueError, match=r"^2 gold sentences, 1 predicted"):
        score([["O"], ["O"]], [["O"]])
    with pytest.raises(ValueError, match=r"^sentence 2: 1 gold tags, 2 predicted"):
        score([["O"], ["O"]], [["O"], ["O", "O"]])


@pytest.mark.parametrize("score", [conll2012, corefud])
def test_sides_of_chains_have_one_shape(score: Callable[..., list[Figure]]) -> None:
    with pytest.raises(ValueError, match=r"^1 gold documents, 0 predicted"):
        score([[]], [])
