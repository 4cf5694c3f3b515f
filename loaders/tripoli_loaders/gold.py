"""The data set: its articles, its gold, its version.

The gold is stand-off: `annotations/gold/` holds documents without text, `annotations/articles/` the texts,
and `read_gold` joins the two.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from .documents import read_documents
from .errors import TripoliError
from .model import Article, Document, Span
from .resources import annotations_path
from .segmentation import split_sentences, tokenize


def read_gold(path: str | Path | None = None) -> list[Document]:
    """Return the gold documents, with their text where it is known.

    Args:
        path: gold of one's own, a file or folder; by default the data set's.

    Raises:
        FormatError: a document breaks the document form.
    """
    texts = {} if path is not None else read_texts()
    documents = read_documents(annotations_path() / "gold" if path is None else path)
    return [
        document if document.text is not None else msgspec.structs.replace(document, text=texts.get(document.id))
        for document in documents
    ]


@cache
def read_texts() -> dict[str, str]:
    """Return the texts of the data set's articles by article id, exactly as their bytes decode."""
    folder = annotations_path() / "articles"
    return {file.stem: file.read_bytes().decode("utf-8") for file in sorted(folder.glob("*.txt"))}


def articles(documents: list[Document]) -> list[Article]:
    """Return what extractors are given of these documents: text and frozen units, nothing of the annotations.

    Raises:
        TripoliError: a document has no text.
    """
    return [_article(document) for document in documents]


def with_units(document: Document) -> Document:
    """Return the document with sentences and tokens; those it lacks are made from its text, if that is known."""
    text = document.text
    if text is None:
        return document
    sentences = document.sentences
    if sentences is None:
        sentences = tuple(Span(*span) for span in split_sentences(text))
    tokens = document.tokens if document.tokens is not None else tuple(tokenize(text))
    return msgspec.structs.replace(document, sentences=sentences, tokens=tokens)


def _article(document: Document) -> Article:
    if document.text is None:
        raise TripoliError(f"article {document.id} has no text: extractors need it; put it into the field `text`")
    document = with_units(document)
    return Article(document.id, document.text or "", document.sentences or (), document.tokens or ())


def gold_version() -> str:
    """Return the version of the data set's gold."""
    return (annotations_path() / "VERSION").read_text(encoding="utf-8").strip()


def fingerprint(documents: list[Document]) -> str:
    """Return eight hexadecimal digits that change with any annotation or text of these documents."""
    digest = hashlib.sha256()
    for document in sorted(documents, key=lambda document: document.id):
        text = document.text and hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
        digest.update(msgspec.json.encode(msgspec.structs.replace(document, text=text), order="sorted"))
    return digest.hexdigest()[:8]
