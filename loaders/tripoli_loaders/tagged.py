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

_TAG = re.compile(r"O|[BIESLU]-[^\0\r]+")
_NO_UTF8 = re.compile("[\udc80-\udcff]")  # what bytes that are no UTF-8 are decoded to
_BLANK = " \t\n\r\v\f"  # what bytes.isspace knows


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
                blank = line.isspace()
                if not blank and not inside:
                    if number == sentences:
                        yield Block(str(path), first, b"".join(lines))
                        lines, first, number = [], count, 0
                    number += 1
                inside = not blank
                lines.append(line)
    except OSError as error:
        message = f"{error.strerror or error}; expected a file of tags"
        raise FormatError([Problem(str(path), 1, "unreadable-file", message)]) from None
    if number:
        yield Block(str(path), first, b"".join(lines))


def read_block(block: Block) -> tuple[list[Sentence], list[Problem]]:
    """Return a block's sentences, and every line that is not UTF-8 or whose tag is none."""
    rows = [row.rstrip(_BLANK) for row in block.raw.decode("utf-8", "surrogateescape").split("\n")]
    tags = [row.rpartition("\t")[2].rpartition(" ")[2] for row in rows]
    known = {tag for tag in set(tags) if tag and _TAG.fullmatch(tag)} | {""}
    problems: list[Problem] = []
    for at, (row, tag) in enumerate(zip(rows, tags, strict=True)):
        if tag not in known or "\r" in row:
            found = "a carriage return in the line" if "\r" in row else repr(tag[:40])
            message = f"found {found}, expected O, or B-, I-, E-, S- and a type"
            problems.append(Problem(block.file, block.line + at, "bad-tag", message))
    if not block.raw.isascii():
        bad = (at for at, row in enumerate(rows) if _NO_UTF8.search(row))
        problems += [Problem(block.file, block.line + at, "bad-encoding", "found no UTF-8") for at in bad]
    sentences: list[Sentence] = []
    first = 0
    for at in [index for index, tag in enumerate(tags) if not tag] + [len(tags)]:
        if at > first:
            sentences.append(Sentence(block.line + first, tags[first:at]))
        first = at + 1
    return sentences, sorted(problems, key=lambda problem: problem.line)


def check_tagged(path: str | Path) -> tuple[int, list[Problem]]:
    """Return how many sentences a file of tags has, and every problem of it."""
    number, problems = 0, []
    for block in iter_blocks(path):
        sentences, found = read_block(block)
        number += len(sentences)
        problems += found
    return number, problems
