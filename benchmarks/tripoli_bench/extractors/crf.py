"""A linear-chain conditional random field, trained on the gold of the other articles.

Two layers are tagged apart, because they nest: names with values, and nominals with pronouns.
Within a layer the longest of nested spans is learned.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tripoli_loaders import Article, Document, Mention, Span, Value
from tripoli_loaders.gold import articles

from . import ExtractionError

_PARAMETERS = {
    "c1": 0.05,  # L1 and L2 penalties and iterations: fixed before the first score was seen, never tuned on the gold
    "c2": 0.05,
    "max_iterations": 200,
    "feature.possible_transitions": True,
}


class _Label(NamedTuple):
    """A span with the tag it is learned as: `NAM-PER`, `NOM-PER`, `VALUE-TIME.DATE`."""

    start: int
    end: int
    tag: str


Layer = Callable[[Document], Iterator[_Label]]


class Crf:
    """The extractor `crf`: python-crfsuite, leave one article out.

    For an article of the gold it is trained on the other articles, for any other article on all.
    Each sentence is a sequence of the frozen tokens with IOB2 tags.
    Training is by L-BFGS, which has no random step, over sentences in the order of the articles: two runs are equal.

    Features of a token, for itself and for the two before and after it:
    the word in lower case; its shape (letters X and x, digits 9, runs shortened); whether it begins with a capital,
    is all capitals or has a digit. For itself alone: prefixes and suffixes of one to three letters, whether it begins
    or ends the sentence, whether it is in quotation marks, and pairs of the word with its neighbours.

    Args:
        gold: what to learn from.
    """

    name = "crf"

    def __init__(self, gold: Sequence[Document]) -> None:
        try:
            import pycrfsuite
        except ImportError:
            raise ExtractionError(
                "the extractor crf needs python-crfsuite; install it with: pip install python-crfsuite"
            ) from None
        self._crfsuite = pycrfsuite
        self._gold = list(gold)

    def extract(self, article: Article) -> Document:
        """Return names, values, nominals and pronouns, as learned from the other articles."""
        training = [document for document in self._gold if document.id != article.id]
        if not training:
            raise ExtractionError("found no article to learn from beside the one asked about; crf needs two or more")
        layers = [list(self._tag(article, training, layer)) for layer in (_names_and_values, _nominals_and_pronouns)]
        mentions, values = [], []
        for start, end, tag in sorted(label for layer in layers for label in layer):
            level, _, name = tag.partition("-")
            if level == "VALUE":
                kind, _, timex = name.partition(".")
                values.append(Value(start, end, kind, timex=timex or None))
            else:
                mentions.append(Mention(start, end, name, level))
        return Document(article.id, mentions=tuple(_unique(mentions)), values=tuple(values))

    def _tag(self, article: Article, training: Sequence[Document], layer: Layer) -> Iterator[_Label]:
        """Train on one layer of these documents and yield the spans it finds in the article."""
        trainer = self._crfsuite.Trainer(algorithm="lbfgs", params=_PARAMETERS, verbose=False)
        for document, source in zip(training, articles(list(training)), strict=True):
            labels = list(layer(document))
            for tokens in _sentences(source):
                trainer.append(_features(tokens, source.text), _encode(tokens, labels))
        with tempfile.TemporaryDirectory() as folder:
            model = str(Path(folder) / "model")
            trainer.train(model)
            tagger = self._crfsuite.Tagger()
            tagger.open(model)
            for tokens in _sentences(article):
                yield from _decode(tokens, tagger.tag(_features(tokens, article.text)))
            tagger.close()


def _names_and_values(document: Document) -> Iterator[_Label]:
    for mention in document.mentions or ():
        if mention.level in ("NAM", None):
            yield _Label(mention.start, mention.end, f"NAM-{mention.type}")
    for value in document.values or ():
        yield _Label(value.start, value.end, f"VALUE-{value.kind}" + (f".{value.timex}" if value.timex else ""))


def _nominals_and_pronouns(document: Document) -> Iterator[_Label]:
    for mention in document.mentions or ():
        if mention.level in ("NOM", "PRO"):
            yield _Label(mention.start, mention.end, f"{mention.level}-{mention.type}")


def _sentences(article: Article) -> Iterator[list[tuple[int, int]]]:
    """Yield the tokens of each sentence."""

    def of(sentence: Span) -> list[tuple[int, int]]:
        return [token for token in article.tokens if sentence.start <= token[0] < sentence.end]

    return filter(None, map(of, article.sentences))


def _encode(tokens: Sequence[tuple[int, int]], labels: Iterable[_Label]) -> list[str]:
    tags = ["O"] * len(tokens)
    for start, end, tag in sorted(labels, key=lambda label: label.start - label.end):
        inside = [index for index, token in enumerate(tokens) if start <= token[0] and token[1] <= end]
        if inside and all(tags[index] == "O" for index in inside):
            tags[inside[0] : inside[-1] + 1] = [f"B-{tag}", *[f"I-{tag}"] * (len(inside) - 1)]
    return tags


def _decode(tokens: Sequence[tuple[int, int]], tags: Sequence[str]) -> Iterator[_Label]:
    start: int | None = None
    for index, tag in enumerate([*tags, "O"]):
        if start is not None and tag != f"I-{tags[start][2:]}":
            yield _Label(tokens[start][0], tokens[index - 1][1], tags[start][2:])
            start = None
        if start is None and tag != "O":
            start = index


def _unique(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield one mention a span: where both layers found it, the name."""
    order = ["NAM", "NOM", "PRO"]
    by_span = sorted(mentions, key=lambda mention: (mention.start, mention.end, order.index(mention.level or "PRO")))
    for _, same in groupby(by_span, key=lambda mention: (mention.start, mention.end)):
        yield next(same)


def _features(tokens: Sequence[tuple[int, int]], text: str) -> list[list[str]]:
    words = [text[start:end] for start, end in tokens]
    quoted = _quoted(words)
    return [_token_features(words, index, quoted[index]) for index in range(len(words))]


def _token_features(words: Sequence[str], index: int, quoted: bool) -> list[str]:
    word = words[index]
    lower = word.lower()
    features = ["bias", f"quoted={quoted}"]
    features += [f"prefix={lower[:n]}" for n in (1, 2, 3)] + [f"suffix={lower[-n:]}" for n in (1, 2, 3)]
    for offset in (-2, -1, 0, 1, 2):
        at = index + offset
        if not 0 <= at < len(words):
            features.append(f"{offset}:edge")
            continue
        other = words[at]
        features += [f"{offset}:word={other.lower()}", f"{offset}:shape={_shape(other)}"]
        features += [f"{offset}:capital"] * other[0].isupper() + [f"{offset}:capitals"] * other.isupper()
        features += [f"{offset}:digit"] * any(map(str.isdigit, other))
    for offset in (-1, 1):
        if 0 <= index + offset < len(words):
            features.append(f"pair{offset}={lower}|{words[index + offset].lower()}")
    return features


def _quoted(words: Sequence[str]) -> list[bool]:
    inside, result = False, []
    for word in words:
        if word in ('"', "“", "”", "‘"):
            inside = word in ("“", "‘") or (word == '"' and not inside)
        result.append(inside)
    return result


def _shape(word: str) -> str:
    """Return the word with capitals as X, other letters as x and digits as 9, runs cut to two."""
    kinds = ("9" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in word)
    return "".join("".join(list(same)[:2]) for _, same in groupby(kinds))
