"""The gold contract: what anyone may rely on in the data set."""

from __future__ import annotations

import hashlib
import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from tripoli_loaders import (
    Document,
    Event,
    Mention,
    Value,
    annotations_path,
    json_schema,
    read_gold,
    split_sentences,
    tokenize,
    verify,
)
from tripoli_loaders.documents import format_document, iter_documents, write_document

GOLD = read_gold()
IDS = [document.id for document in GOLD]
# The sums of the articles as they were received.
SUMS = {
    "000_d6beca6479d48766": "2c3976e90d2464e77aed9113b80b820507653b9196dae8f23defa431e3bddbe8",
    "001_ae61ff59087aa783": "93b8bb0ef7c5560e5a2ff6b2769a8f4a4f1220150ba62c8e0e3bc3fb9440af18",
    "002_cce714069143a072": "3a87e138707715ee32002ed88404ed8a9618c7ae96a26d875a6fc5703e8bb332",
    "003_0918c7b9446dc388": "ec6369fed85f90f6a8b1add90e983f6995b5affee71542c3e87e0ed591b51314",
    "004_ccd8c022bdf48c30": "88d24f3658e6dda70feeca23cd4a553f8d5c56e745e06485a5bfd93a33840639",
}

each_document = pytest.mark.parametrize("document", GOLD, ids=IDS)


def items_of(document: Document) -> list[Mention | Value | Event]:
    return [*(document.mentions or ()), *(document.values or ()), *(document.events or ())]


def text_of(document: Document) -> str:
    assert document.text is not None
    return document.text


def test_the_five_articles_are_the_bytes_received() -> None:
    files = (annotations_path() / "articles").glob("*.txt")

    assert {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in files} == SUMS
    assert {document.id: document.sha256 for document in GOLD} == SUMS


@each_document
def test_every_span_quotes_the_text(document: Document) -> None:
    text = text_of(document)
    for item in items_of(document):
        assert item.text == text[item.start : item.end]


@each_document
def test_every_span_starts_and_ends_at_a_token_edge(document: Document) -> None:
    starts = {start for start, _ in document.tokens or ()}
    ends = {end for _, end in document.tokens or ()}
    for item in items_of(document):
        assert item.start in starts, item
        assert item.end in ends, item


@each_document
def test_every_span_lies_in_one_sentence_outside_boilerplate(document: Document) -> None:
    boilerplate = [zone for zone in document.zones or () if zone.zone == "boilerplate"]
    for item in items_of(document):
        around = [s for s in document.sentences or () if s.start <= item.start and item.end <= s.end]
        assert len(around) == 1, item
        assert not any(zone.start < item.end and item.start < zone.end for zone in boilerplate), item


@each_document
def test_frozen_units_are_those_of_the_segmentation(document: Document) -> None:
    assert list(document.tokens or ()) == tokenize(text_of(document))
    assert [(s.start, s.end) for s in document.sentences or ()] == split_sentences(text_of(document))


@each_document
def test_zones_cover_the_article(document: Document) -> None:
    zones = document.zones or ()
    assert [zones[0].start, *(zone.end for zone in zones)] == [*(zone.start for zone in zones), len(text_of(document))]


@each_document
def test_names_do_not_nest_in_names(document: Document) -> None:
    names = [(mention.start, mention.end) for mention in document.mentions or () if mention.level == "NAM"]
    spans = sorted([*names, *((value.start, value.end) for value in document.values or ())])
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@each_document
def test_gold_is_marked_for_what_it_is(document: Document) -> None:
    assert document.status == "adjudicated"
    assert document.scope == "corpus"


def test_gold_files_are_in_canonical_form() -> None:
    for file in sorted([*annotations_path().glob("gold/*.json"), *annotations_path().glob("passes/*/*.json")]):
        [document] = iter_documents(file)
        assert file.read_text(encoding="utf-8") == format_document(document)
        assert file.stem == document.id


def test_writing_and_reading_a_document_is_lossless(tmp_path: Path) -> None:
    write_document(tmp_path / "x.json", GOLD[0])

    assert list(iter_documents(tmp_path / "x.json")) == [GOLD[0]]


def test_identifiers_have_sources() -> None:
    entities = json.loads((annotations_path() / "entities.json").read_text(encoding="utf-8"))["entities"]
    assert len({entity["key"] for entity in entities}) == len(entities)
    for entity in entities:
        for base in ("wikidata", "wikipedia", "geonames"):
            assert base not in entity or entity[base]["sources"], entity


def test_schema_file_is_generated_from_the_model() -> None:
    file = annotations_path() / "schema" / "document.schema.json"

    assert json.loads(file.read_text(encoding="utf-8")) == json_schema()


def test_data_set_is_whole() -> None:
    assert verify() == []


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "annotations"
    shutil.copytree(annotations_path(), folder)
    shutil.copy(annotations_path().parent / "DATASET_CARD.md", tmp_path)
    monkeypatch.setattr("tripoli_loaders.integrity.annotations_path", lambda: folder)
    return folder


def test_one_changed_byte_is_found_in_any_file(copy: Path) -> None:
    for file in sorted(file for file in copy.rglob("*") if file.is_file() and file.name != "SHA256SUMS"):
        content = file.read_bytes()
        changed = bytearray(content)
        changed[len(changed) // 2] ^= 1
        file.write_bytes(changed)
        assert [(problem.file, problem.code) for problem in verify()] == [(str(file), "hash-mismatch")]
        file.write_bytes(content)


def test_a_changed_byte_of_the_checksums_is_found(copy: Path) -> None:
    sums = copy / "SHA256SUMS"
    content = sums.read_bytes()
    for at in range(0, len(content), 37):
        sums.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert verify(), at


def test_counts_in_the_card_are_verified(copy: Path) -> None:
    card = copy.parent / "DATASET_CARD.md"
    card.write_text(card.read_text().replace("WEA 2", "WEA 3"))

    assert [(problem.file, problem.code) for problem in verify()] == [(str(card), "text-mismatch")]


def test_missing_and_additional_files_are_found(copy: Path) -> None:
    (copy / "entities.json").unlink()
    (copy / "gold" / "more.json").write_text("{}")

    assert [problem.code for problem in verify()] == ["unreadable-file", "hash-mismatch"]
    assert "entities.json" in verify()[0].message
