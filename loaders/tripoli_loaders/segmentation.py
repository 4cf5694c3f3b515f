"""Frozen units of an article: sentences and tokens, as half-open code point spans.

A sentence is a stretch of one line; a line may hold several.
A line ends a sentence always, so titles, subheadings and link lines are sentences of their own.
Tokens are letters and digits in a run; hyphens, apostrophes, brackets and quotation marks stand alone,
so that "UN-backed" is three tokens and "Haftar's" is "Haftar" and "'s".
"""

from __future__ import annotations

import re

# Order matters: the first alternative that matches wins.
_TOKEN = re.compile(
    r"""
      https?://\S+                        # an address is one token
    | (?:[^\W\d_]\.){2,}                  # U.S.
    | \d+(?:[.,:]\d+)+                    # 140,000  3.5  20:46
    | ['’]s\b                             # possessive
    | [^\W_](?:[^\W_]|[\u0300-\u036f\u064b-\u065f])*  # letters and digits, with their combining marks
    | \.{2,}                              # ellipsis
    | \S                                  # any other mark alone
    """,
    re.VERBOSE,
)

_BOUNDARY = re.compile(r"""[.!?]["'”’)\]]*\s+(?=["'“‘(\[]?[^\W_a-z])""")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Col|Maj|Lt|Capt|Sgt|St|No|vs)|\b[A-Z](?:\.[A-Z])*)\.$")


def tokenize(text: str) -> list[tuple[int, int]]:
    """Return the spans of the tokens of `text`, in order."""
    return [match.span() for match in _TOKEN.finditer(text)]


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences of `text`, in order, without surrounding white space."""
    spans = []
    for line in re.finditer(r"[^\r\n]+", text):
        start = line.start()
        for match in _BOUNDARY.finditer(line.group()):
            end = line.start() + len(match.group().rstrip()) + match.start()
            if _ABBREVIATION.search(text[start:end]):
                continue
            spans.append((start, end))
            start = line.start() + match.end()
        spans.append((start, line.end()))
    return [stripped for span in spans if (stripped := _strip(text, *span))[0] < stripped[1]]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
