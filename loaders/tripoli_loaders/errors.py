"""Errors are part of the product: each says where, which code, what was found, what was expected.

A `Problem` is one finding with its place; its code is a stable kebab-case word that programs may rely on.
`TripoliError` is what the command line shows without a traceback: `FormatError` carries problems of the data
(exit status 1), `UsageError` is a wrong name or option (exit status 2).
"""

from __future__ import annotations

from typing import NamedTuple

CODES = {
    "unreadable-file": "the file cannot be opened or is of a kind that is not read",
    "bad-encoding": "the bytes are not UTF-8",
    "bad-json": "the line or file is no JSON",
    "repeated-field": "a JSON object names a field twice",
    "unknown-field": "a field that the document form does not have",
    "missing-field": "a field that must be there is not",
    "wrong-type": "a value of another JSON type than the field takes",
    "offset-not-integer": "an offset that is no whole number",
    "offset-out-of-range": "an offset before the article's start or after its end",
    "offset-reversed": "a span that ends before or where it starts",
    "text-mismatch": "a text that differs from the article's",
    "hash-mismatch": "a sha256 that differs from the article's",
    "unknown-label": "a label that the ontology does not have in this place",
    "duplicate-span": "a mention, or a value, that is there twice; in the gold, two on one span",
    "two-chains": "a span with two entity or two event keys: chains share no mention",
    "bad-tag": "a last column that is no tag",
    "unequal-length": "two files of tags that differ in sentences, or in the length of one",
    "dangling-reference": "a span that is named but not annotated",
    "overlapping-units": "zones, sentences or tokens out of order, overlapping or, for zones, with a gap",
    "wrong-filler": "an argument of a type that its role does not take",
    "mixed-types": "an entity or event key with two types",
    "missing-annotation": "an annotation without a field that the scheme asks for, or with one that it forbids",
    "off-token": "an annotation that does not start and end at token edges",
    "outside-sentence": "an annotation that crosses a sentence, or an argument outside its trigger's",
    "in-boilerplate": "an annotation in boilerplate, which carries none",
    "unknown-article": "an article id that the data set does not have",
    "repeated-article": "an article id that was there before",
    "lone-surrogate": "half a surrogate pair, which is no character",
    "nul-character": "a NUL character",
}
"""Every code of `tripoli check` with its meaning."""


class Problem(NamedTuple):
    """One finding: `file:line: code: message`, with the JSON path of the place where there is one."""

    file: str
    line: int
    code: str
    message: str
    path: str = "$"

    def __str__(self) -> str:
        where = "" if self.path == "$" else f"{self.path}: "
        return f"{self.file}:{self.line}: {self.code}: {where}{self.message}"


class TripoliError(Exception):
    """Something the user can act on; its text says what was found, what was expected and what to do."""


class UsageError(TripoliError):
    """A name or option that does not exist; the text lists those that do."""


class FormatError(TripoliError):
    """Input that breaks the document form.

    Attributes:
        problems: every problem found, in the order of the file; at least one.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))
