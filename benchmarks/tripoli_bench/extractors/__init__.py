"""Extractors: article in, document out.

`load_extractor` finds one by its name; each is loaded only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from tripoli_loaders import Article, Document, TripoliError, UsageError

from ..defaults import TIMEOUT


@runtime_checkable
class Extractor(Protocol):
    """Anything with a name and a method `extract`.

    `extract` gets an article (id, text, frozen sentences and tokens) and returns a document with that id and the
    layers it predicts. What it raises is recorded as the failure of that one article.
    """

    @property
    def name(self) -> str:
        """What the system is called in tables and file names."""

    def extract(self, article: Article) -> Document:
        """Return the predictions for one article."""


class ExtractionError(TripoliError):
    """An extractor failed on an article; the text says how."""


def load_extractor(spec: str, gold: Sequence[Document], timeout: float = TIMEOUT) -> Extractor:
    """Return the extractor that a name on the command line stands for.

    Args:
        spec: `rules`, `crf`, or `cmd:COMMAND`.
        gold: what trainable extractors learn from; they leave out the article they are asked about.
        timeout: seconds a command may take for an article.

    Raises:
        UsageError: there is no such extractor; the message lists those there are.
    """
    if spec.startswith("cmd:"):
        from .command import Command

        return Command(spec.removeprefix("cmd:"), timeout)
    if spec not in BUILT_IN:
        raise UsageError(f"no extractor {spec!r}; expected one of {', '.join(BUILT_IN)}, or cmd:COMMAND")
    return BUILT_IN[spec](gold)


def _rules(_: Sequence[Document]) -> Extractor:
    from .rules import Rules

    return Rules()


def _crf(gold: Sequence[Document]) -> Extractor:
    from .crf import Crf

    return Crf(gold)


BUILT_IN: dict[str, Callable[[Sequence[Document]], Extractor]] = {"rules": _rules, "crf": _crf}
"""The extractors that come with the package, by name."""
