"""What a score must not hide: stale, merged, unfinished, unchecked or doubtful input is named or refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest

from tripoli_bench import run, score
from tripoli_bench.extractors.crf import Crf
from tripoli_bench.systems import find_systems
from tripoli_loaders import (
    Document,
    FormatError,
    Mention,
    Span,
    UsageError,
    Value,
    Zone,
    annotations_path,
    articles,
    check,
    load_gold,
    read_gold,
    write_documents,
)

KNOWN = b"000_d6beca6479d48766"
TEXT = "Ana Ruiz left Oslo on Monday. She met Shell in Lima."


def own(folder: Path, *documents: Document, name: str = "gold.jsonl") -> Path:
    write_documents(folder / name, documents)
    return folder / name


def test_two_files_of_one_folder_are_not_merged(tmp_path: Path) -> None:
    for name in ("one", "two"):
        own(tmp_path / "both", Document("000_d6beca6479d48766"), name=f"{name}.jsonl")
        own(tmp_path / "deep" / name, Document("000_d6beca6479d48766"), name="x.jsonl")

    for folder in ("both", "deep"):
        with pytest.raises(FormatError, match="repeated-article"):
            score([tmp_path / folder], resamples=0)
    assert [problem.code for problem in check([tmp_path / "both"])] == ["repeated-article"]


def test_run_that_is_not_through_is_named(tmp_path: Path) -> None:
    run(["rules"], tmp_path)
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "predictions.jsonl.part").write_text('{"id": "000_d6beca6479d48766"}\n')

    scores = score(tmp_path, resamples=0)

    assert {row.system for row in scores.rows} == {"rules"}
    assert [(problem.system, problem.code) for problem in scores.problems] == [("slow", "unfinished-run")]


def test_any_folder_of_runs_is_found(tmp_path: Path) -> None:
    run(["rules"], tmp_path / "runs" / "mine")

    for folder in ("", "runs", "runs/mine", "runs/mine/rules", "runs/mine/rules/predictions.jsonl"):
        [(name, _)], _ = find_systems([tmp_path / folder])
        assert name == "rules"
    assert check([tmp_path]) == []  # the manifest is no document


def test_dotted_names_stay_apart(tmp_path: Path) -> None:
    for name in ("gpt-4.1", "gpt-4.5"):
        own(tmp_path / name, name="predictions.jsonl")

    assert [name for name, _ in find_systems([tmp_path])[0]] == ["gpt-4.1", "gpt-4.5"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (Document("a", text=TEXT, mentions=(Mention(10, 0, "PER"),)), "offset-reversed"),
        (Document("a", text=TEXT, mentions=(Mention(-5, 3, "PER"),)), "offset-out-of-range"),
        (Document("a", text=TEXT, mentions=(Mention(100, 200, "PER"),)), "offset-out-of-range"),
        (Document("a", text=TEXT, mentions=(Mention(0, 3, "PER", text="Eva"),)), "text-mismatch"),
        (Document("a", text=TEXT, sha256="0" * 64), "hash-mismatch"),
        (Document("a", text=TEXT, sentences=(Span(5, 9), Span(0, 4))), "overlapping-units"),
        (Document("a", text=TEXT, mentions=(Mention(0, 3, "PER", "name"),)), "unknown-label"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_own_gold_is_checked_before_it_is_used(document: Document, code: str, tmp_path: Path) -> None:
    gold, predictions = own(tmp_path, document), own(tmp_path, name="p.jsonl")

    with pytest.raises(FormatError, match=code):
        score(predictions, gold)
    with pytest.raises(FormatError, match=code):
        run(["rules"], tmp_path / "out", gold)


def test_every_problem_of_own_gold_is_reported(tmp_path: Path) -> None:
    gold = own(tmp_path, Document("a", text=TEXT, mentions=(Mention(9, 2, "PER"),)))
    gold.write_text(gold.read_text() + "{oops\n")

    with pytest.raises(FormatError) as caught:
        load_gold(gold)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [
        (1, "offset-reversed"),
        (2, "bad-json"),
    ]


def test_own_gold_with_one_id_twice_or_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="repeated-article"):
        load_gold(own(tmp_path, Document("a"), Document("a")))
    with pytest.raises(FormatError, match="found no document"):
        load_gold(own(tmp_path))


def test_one_prediction_is_counted_once_whatever_its_levels(tmp_path: Path) -> None:
    twice = Document("a", text=TEXT, mentions=(Mention(0, 8, "PER", "NAM"), Mention(0, 8, "PER", "NOM")))
    once = msgspec.structs.replace(twice, mentions=(Mention(0, 8, "PER"),))

    for gold, predicted in ((twice, once), (once, twice)):
        scores = score(own(tmp_path, predicted, name="p.jsonl"), own(tmp_path, gold), resamples=0)
        row = scores.row("p", "mentions.strict")
        assert (row.tp, row.fp, row.fn) == (1, 0, 0)


@pytest.mark.parametrize("view", ["conll03", "ontonotes", "ace05", "native"])
def test_own_gold_against_itself_is_one_under_any_view(view: str, tmp_path: Path) -> None:
    labels = ("PERSON", "LOCATION", "ORGANIZATION", "LOC", "MISC", "PRODUCT", "FACILITY", "PER")
    mentions = tuple(Mention(2 * n, 2 * n + 1, label, "NAM") for n, label in enumerate(labels))
    values = (Value(20, 21, "DATE"), Value(22, 23, "MONEY"), Value(24, 25, "TIME"), Value(26, 27, "NUM"))
    document = Document("a", text=TEXT, mentions=mentions, values=values)

    row = score(own(tmp_path, document, name="p.jsonl"), own(tmp_path, document), view=view, resamples=0).rows[0]

    assert (row.precision, row.recall, row.f1) == (1, 1, 1)


def test_own_gold_in_boilerplate_is_set_aside_on_both_sides(tmp_path: Path) -> None:
    zones = (Zone(0, 29, "body"), Zone(29, 40, "boilerplate"), Zone(40, len(TEXT), "boilerplate"))
    mentions = (Mention(0, 8, "PER", "NAM"), Mention(38, 43, "ORG", "NAM"))  # the second lies across two zones
    document = Document("a", text=TEXT, zones=zones, mentions=mentions)

    scores = score(own(tmp_path, document, name="p.jsonl"), own(tmp_path, document), resamples=0)

    row = scores.row("p", "ner.strict")
    assert (row.tp, row.fp, row.fn) == (1, 0, 0)
    assert scores.set_aside == {"p": 1}


def test_unknown_level_and_repeated_field_forbid_a_score(tmp_path: Path) -> None:
    name = "000_d6beca6479d48766"
    with pytest.raises(FormatError, match="'Name', expected one of NAM, NOM, PRO"):
        score(own(tmp_path, Document(name, mentions=(Mention(0, 2, "PER", "Name"),))), resamples=0)
    (tmp_path / "twice.jsonl").write_text(f'{{"id": "{name}", "mentions": [], "mentions": []}}\n')
    with pytest.raises(FormatError, match="repeated-field"):
        score(tmp_path / "twice.jsonl", resamples=0)


def test_unknown_labels_are_counted_once_a_label_and_a_view_is_named(tmp_path: Path) -> None:
    mentions = tuple(Mention(n, n + 1, "PERSON", "NAM") for n in range(40))

    scores = score(own(tmp_path, Document("000_d6beca6479d48766", mentions=mentions)), resamples=0)

    [remark] = [problem for problem in scores.problems if problem.code == "unknown-label"]
    assert "40 of label 'PERSON'" in remark.message
    assert "--view conll03 and ontonotes" in remark.message


def test_counted_things_are_no_quantities_for_ontonotes() -> None:
    scores = score(annotations_path() / "gold", tracks=["ner"], view="ontonotes", resamples=0)
    items = {row.type: row.tp for row in scores.rows if row.metric == "ner.strict@ontonotes" and row.type}

    kilometres = sum(value.unit == "kilometre" for document in read_gold() for value in document.values or ())
    assert items["QUANTITY"] == kilometres == 2
    assert items["CARDINAL"] == sum(v.kind == "NUM" for d in read_gold() for v in d.values or ()) - kilometres


def test_heads_of_own_gold_without_tokens_come_from_its_text(tmp_path: Path) -> None:
    gold = Document("a", text="They met with IBM staff.", mentions=(Mention(9, 23, "PER", "NOM"),))
    predicted = Document("a", mentions=(Mention(14, 23, "PER", "NOM"),))

    scores = score(own(tmp_path, predicted, name="p.jsonl"), own(tmp_path, gold), resamples=0)

    assert scores.row("p", "mentions.head").f1 == 1


def test_crf_learns_names_without_level_and_needs_another_article(tmp_path: Path) -> None:
    mentions = tuple(Mention(start, start + 4, "GPE") for start in range(0, 60, 6))
    documents = [Document(name, text="Oslo. " * 10, mentions=mentions) for name in "ab"]
    [first, _] = articles(documents)

    assert {mention.type for mention in Crf(documents).extract(first).mentions or ()} == {"GPE"}
    [manifest] = run(["crf"], tmp_path / "out", own(tmp_path, documents[0]))
    assert "no article to learn from" in manifest.failures["a"]


def test_a_changed_text_is_another_gold(tmp_path: Path) -> None:
    run(["rules"], tmp_path / "out", own(tmp_path, Document("a", text="Ana left Oslo.")))

    with pytest.raises(UsageError, match="holds the run of rules"):
        run(["rules"], tmp_path / "out", own(tmp_path, Document("a", text="Bo stayed in Rome.")))


def test_fresh_run_that_cannot_start_keeps_the_old_one(tmp_path: Path) -> None:
    run(["rules"], tmp_path)
    before = (tmp_path / "rules" / "predictions.jsonl").read_bytes()

    with pytest.raises(Exception, match="has no text"):
        run(["rules"], tmp_path, own(tmp_path, Document("a")), fresh=True)
    assert (tmp_path / "rules" / "predictions.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(b"{}"), "gzip"),
        (b'\xef\xbb\xbf{"id": "a"}', "byte order mark"),
        (b'{"id": "a', "unterminated string starting at column"),
        (b"{\n}\n", "needs a file name that ends in .json"),
        (b'{"id": ' + b"9" * 5000 + b"}", "thousands of digits"),
        (b'{"id": "a", "\\ud800": 1}', '\\ud800"'),
        (
            b'{"id": "000_d6beca6479d48766", "values": [{"start": 0, "end": 2, "kind": "NUM", "number": 1e999}]}',
            "too large",
        ),
    ],
    ids=["gzip", "bom", "string", "pretty", "digits", "surrogate-key", "infinite"],
)
def test_unusual_bytes_are_named_for_what_they_are(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(content)

    assert said in str(check([tmp_path / "x.jsonl"])[0])


@pytest.mark.parametrize("options", [{"resamples": 1}, {"resamples": -1}, {"resamples": 10**7}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(options: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected 0"):
        score(own(tmp_path), **options)  # type: ignore[arg-type]


def test_tracks_are_scored_once_and_in_one_order(tmp_path: Path) -> None:
    predictions = own(tmp_path)

    one = score(predictions, tracks=["mentions", "ner", "ner"], resamples=0)
    assert one.signature == score(predictions, resamples=0).signature
    assert len(one.rows) == len({(row.metric, row.article, row.type) for row in one.rows})
