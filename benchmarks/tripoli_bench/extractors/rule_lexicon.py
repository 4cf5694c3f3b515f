"""The word lists of the rule-based extractor, and an article seen as words.

The lists are the files in `data/`, read once when they are first needed.
An article becomes a `Page`: its words in the form the lists have them, and for each word whether its capital tells
something, which it does not at the start of a sentence or quotation or in a title.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from tripoli_loaders.model import Article
from tripoli_loaders.segmentation import tokenize

# Lists of names, the label of their entries and how much a listing weighs; a later list overrides an earlier one.
NAME_LISTS = (
    ("cities", "CITY", 3.5),
    ("weapons", "WEA", 5.0),
    ("vehicles", "VEH", 5.0),
    ("facilities", "FAC", 6.0),
    ("events", "EVENT", 6.0),
    ("regions", "LOC", 6.0),
    ("organisations", "ORG", 6.0),
    ("places", "CITY", 4.5),
    ("countries", "COUNTRY", 9.0),
    ("demonyms", "NORP", 9.0),
    ("acronyms", "OTHER", 9.0),
)
COMMON = 4000  # as many words are too common to be taken for a surname where a sentence starts
OPENING_MARKS = frozenset("\"'“‘«:")


@cache
def read_list(name: str) -> list[list[str]]:
    """Return the entries of `data/NAME.txt`, each as its columns; lines that open with # are remarks.

    The list is kept for the next caller, so it must not be changed.
    """
    text = (files(__name__.rpartition(".")[0]) / "data" / f"{name}.txt").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@cache
def word_set(name: str) -> frozenset[str]:
    """Return the first column of a list."""
    return frozenset(row[0] for row in read_list(name))


class Trie:
    """Entries of one or more words, found longest first."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[tuple[str, ...], str]] = {}
        self.lengths: dict[str, list[int]] = {}

    def add(self, words: tuple[str, ...], label: str) -> None:
        """Add an entry; one with the same words is overridden."""
        self.entries.setdefault(words[0], {})[words] = label
        lengths = self.lengths.setdefault(words[0], [])
        if len(words) not in lengths:
            lengths.append(len(words))
            lengths.sort(reverse=True)

    def longest(self, words: Sequence[str], at: int, end: int) -> tuple[int, str] | None:
        """Return the end and label of the longest entry that starts at a word and ends by `end`."""
        for length in self.lengths.get(words[at], ()):
            label = self.entries[words[at]].get(tuple(words[at : at + length]))
            if at + length <= end and label is not None:
                return at + length, label
        return None

    def label(self, *words: str) -> str | None:
        """Return the label of an entry, or None."""
        return self.entries.get(words[0], {}).get(words) if words else None


class Lexicon:
    """All lists for names."""

    def __init__(self) -> None:
        self.names, self.titles = Trie(), Trie()
        self.weights: dict[tuple[str, ...], float] = {}
        for name, label, weight in NAME_LISTS:
            for entry in word_set(name):
                for form in _spellings(entry, label):
                    words = tuple(form[start:end] for start, end in tokenize(form))
                    self.names.add(words, label)
                    self.weights[words] = weight
        for entry in word_set("titles"):
            self.titles.add(tuple(entry[start:end] for start, end in tokenize(entry)), "TITLE")
        heads = read_list("heads")
        self.heads = {row[0]: row[1] for row in heads}
        self.openers = {row[0] for row in heads if len(row) > 2}
        self.prefixes = {row[0]: row[1] for row in read_list("prefixes")}
        self.classes = {row[0]: (row[1], row[2]) for row in read_list("class_nouns")}
        self.particles = {row[0]: row[1] for row in read_list("particles")}
        self.opening = {row[0] for row in read_list("particles") if row[2] == "open"}
        self.places = {row[0]: float(row[1]) for row in read_list("place_cues")}
        self.given = word_set("given_names")
        self.stop = word_set("stopwords")
        self.speech = word_set("speech_verbs")
        self.ordinary = word_set("words") | word_set("words_more") | self.stop
        # words.txt is in order of frequency.
        self.common = {row[0] for row in read_list("words")[:COMMON]} | word_set("words_more") | self.stop
        self.suffixes = tuple(word_set("suffixes"))


def _spellings(entry: str, label: str) -> Iterator[str]:
    """The entry and its common variants: plural of a demonym, capital or space after an Arabic article."""
    yield entry
    if label == "NORP" and entry[-1] not in "sh" and not entry.endswith(("ese", "man", "woman")):
        yield f"{entry}s"
    if entry.startswith("al-"):
        yield from (f"Al-{entry[3:]}", f"Al {entry[3:]}", f"al {entry[3:]}", f"el-{entry[3:]}")


@cache
def lexicon() -> Lexicon:
    """Return the lists, read on the first call."""
    return Lexicon()


class Page:
    """An article as words.

    Attributes:
        words: the tokens with straight apostrophes, and without the capitals of shouted words.
        starts: where each token starts in the text.
        ends: where it ends.
        sentences: pairs of first and last token.
        telling: for each token, whether a capital there tells something.
        titles: places of the tokens in title case.
        small: the words that the article has in lower case.
    """

    def __init__(self, article: Article) -> None:
        self.starts = [start for start, _ in article.tokens]
        self.ends = [end for _, end in article.tokens]
        self.words = [article.text[start:end].replace("’", "'") for start, end in article.tokens]
        self.small = {word for word in self.words if word.islower()}
        self.telling = [False] * len(self.words)
        self.titles: set[int] = set()
        self.sentences: list[tuple[int, int]] = []
        first = 0
        for sentence in article.sentences:
            while first < len(self.words) and self.starts[first] < sentence.start:
                first += 1
            last = first
            while last < len(self.words) and self.ends[last] <= sentence.end:
                last += 1
            if first < last:
                self._add(first, last)
            first = last

    def word(self, at: int) -> str:
        """Return a word, or nothing outside the article."""
        return self.words[at] if 0 <= at < len(self.words) else ""

    def glued(self, at: int) -> bool:
        """Whether a word stands directly after the one before, without a space."""
        return 0 < at < len(self.words) and self.starts[at] == self.ends[at - 1]

    def capital(self, at: int) -> bool:
        """Whether a word starts with a capital letter."""
        return self.word(at)[:1].isupper()

    def acronym(self, at: int) -> bool:
        """Whether a word is written in capitals throughout."""
        return len(self.word(at)) > 1 and self.words[at].isupper()

    def ordinary(self, at: int) -> bool:
        """Whether a word is one of the common English ones; for a doubtful capital, or looks or is used like one."""
        word = self.words[at].lower()
        if self.acronym(at):
            return False
        if word in lexicon().ordinary:
            return True
        doubtful = not self.telling[at] and lexicon().names.label(self.words[at]) is None
        inflected = word.endswith("s") and word[:-1] in lexicon().ordinary
        return doubtful and (inflected or word in self.small or word.endswith(lexicon().suffixes))

    def _add(self, first: int, last: int) -> None:
        self.sentences.append((first, last))
        self._soften(first, last)
        if _title_case(self.words[first:last]):
            self.titles.update(range(first, last))
            return
        opening = True
        for at in range(first, last):
            self.telling[at] = not opening
            word = self.words[at]
            # Marks keep what follows at the opening of something; any word or number ends that.
            opening = not word[0].isalnum() if opening else word in OPENING_MARKS and not self.glued(at)

    def _soften(self, first: int, last: int) -> None:
        """Give shouted words the form they have in running text, where all are shouted or the lists know them so."""
        names = lexicon().names
        words = [word for word in self.words[first:last] if word.isalpha()]
        shouted = len(words) > 2 and all(word.isupper() for word in words)
        for at in range(first, last):
            word = self.words[at]
            if word == "S" and self.glued(at) and self.word(at - 1) == "'":
                self.words[at] = "s"
            if not word.isupper() or names.label(word) or (len(word) < 4 and not shouted):
                continue
            if shouted or names.label(word.capitalize()):
                self.words[at] = word.capitalize()


def _title_case(words: Sequence[str]) -> bool:
    """Whether a sentence is set like a title: nearly all longer words with a capital, and no full stop."""
    longer = [word for word in words if word.isalpha() and len(word) > 3]
    capitals = sum(word[0].isupper() for word in longer)
    return len(longer) > 2 and words[-1] not in {".", "?", "!", '"', "”"} and capitals >= 0.75 * len(longer)
