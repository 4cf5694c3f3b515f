"""Files of tags: a token a line with its tag in the last column, a blank line after each sentence.

IOB2 and its kin (BIOES, BILOU) are read. Sentences have no names, so two files are paired by position, and both must
have as many sentences, of as many tags each. Reading is lazy, a block of sentences at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .errors import FormatError, Problem

SUFFIXES = (".bio", ".bioes", ".bilou", ".conll", ".iob", ".iob2", ".tags")
"""The endings of files of tags."""

_TAG = re.compile(r"O|[BIESLU]-.+")


class Block(NamedTuple):
    """The bytes of some sentences, and the line in the file of the first byte, counted from 1."""

    file: str
    line: int
    raw: bytes


class Sentence(NamedTuple):
    """The tags of a sentence, and the line in the file of the first."""

    line: int
    tags: list[str]


def is_tagged(path: str | Path) -> bool:
    """Tell a file of tags by its ending."""
    return Path(path).suffix.lower() in SUFFIXES


def iter_blocks(path: str | Path, sentences: int = 5000) -> Iterator[Block]:
    """Yield a file in blocks of so many sentences; the last may have fewer.

    Raises:
        FormatError: the file cannot be read.
    """
    lines: list[bytes] = []
    first, number, inside = 1, 0, False
    try:
        with Path(path).open("rb") as file:
            for count, line in enumerate(file, 1):
                blank = not line.strip()
                if inside and blank:
                    number += 1
                inside = not blank
                lines.append(line)
                if number == sentences:
                    yield Block(str(path), first, b"".join(lines))
                    lines, first, number = [], count + 1, 0
    except OSError as error:
        message = f"{error.strerror or error}; expected a file of tags"
        raise FormatError([Problem(str(path), 1, "unreadable-file", message)]) from None
    if lines:
        yield Block(str(path), first, b"".join(lines))


def read_block(block: Block) -> tuple[list[Sentence], list[Problem]]:
    """Return a block's sentences, and every line whose tag is none."""
    try:
        text = block.raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = block.line + block.raw.count(b"\n", 0, error.start)
        message = f"found byte 0x{block.raw[error.start]:02x}, expected UTF-8"
        return [], [Problem(block.file, line, "bad-encoding", message)]
    tags = [match.rpartition("\t")[2].rpartition(" ")[2] for match in map(str.rstrip, text.split("\n"))]
    known = {tag for tag in set(tags) if tag and _TAG.fullmatch(tag)} | {""}
    problems = [
        Problem(block.file, block.line + at, "bad-tag", f"found {tag[:40]!r}, expected O, or B-, I-, E-, S- and a type")
        for at, tag in enumerate(tags)
        if tag not in known
    ]
    sentences: list[Sentence] = []
    first = 0
    for at in [index for index, tag in enumerate(tags) if not tag] + [len(tags)]:
        if at > first:
            sentences.append(Sentence(block.line + first, tags[first:at]))
        first = at + 1
    return sentences, problems


def check_tagged(path: str | Path) -> tuple[int, list[Problem]]:
    """Return how many sentences a file of tags has, and every problem of it."""
    number, problems = 0, []
    for block in iter_blocks(path):
        sentences, found = read_block(block)
        number += len(sentences)
        problems += found
    return number, problems
