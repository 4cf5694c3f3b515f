"""A rule-based extractor of names, times and numbers: the offline baseline.

The strategy is the old one of name recognition before training data.
Capitalised words in a row are a run; titles, listed names and head nouns cut the run into pieces and type them.
What the lists do not know is typed by evidence: a title or a speech verb beside it, a preposition of place before it,
a class noun after it, the types of what it is coordinated with, its own shape.
The evidence is summed over the whole article, one sense for each name, and full names and bracketed acronyms pass
their type on to surnames and short forms; only then are mentions written out.
Where capitals say little, in titles and at the start of sentences, a word counts as a name only if the lists,
the rest of the article, or its absence from a list of common English words says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from tripoli_loaders.model import Article, Document, Mention, Span

from .rule_lexicon import Page, Trie, lexicon, read_list, word_set
from .rule_pieces import Piece, Reader, Weights
from .rule_values import find_values

Name = tuple[int, int, str]
# How much a full name says of a surname, a bracket of what stands before it, and what a plain word needs to be a name.
ALIAS, BRACKETED, ENOUGH = 4.0, 6.0, 3.0


class Rules:
    """Names, pronouns, times and numbers by rules and word lists; needs no training and no network.

    It finds names of people, organisations, places, buildings, vehicles, weapons, events and nationalities,
    pronouns that refer to people or, for "its", to the organisation or place just named, times and numbers.
    The lists are in `data/`: cities and countries of GeoNames, common English words, and hand-written ones of
    demonyms, titles, given names, well-known organisations, head nouns and the like; each file tells its source.

    It can't find common nouns that refer (no NOM mentions), events or coreference; it can't tell a town from
    the club or the government it stands for; and it guesses at names that are neither listed nor in telling company.
    Plural pronouns are given as PER, because in news they mostly stand for people; "it" and "you" are left out.
    """

    name = "rules"

    def extract(self, article: Article) -> Document:
        """Return the mentions and values found in an article, sorted by start."""
        page = Page(article)
        names = sorted(set(_Decision(page, Reader(page).pieces()).names()))
        spans = [Span(page.starts[start], page.ends[end - 1]) for start, end, _ in names]
        mentions = [
            Mention(start=span.start, end=span.end, type=kind, level="NAM")
            for span, (_, _, kind) in zip(spans, names, strict=True)
        ]
        mentions += _pronouns(page, names)
        mentions.sort(key=lambda mention: (mention.start, mention.end))
        return Document(id=article.id, mentions=tuple(mentions), values=tuple(find_values(article, spans)))


class _Decision:
    """Weighs the evidence of a whole article and settles one type for each name."""

    def __init__(self, page: Page, pieces: Sequence[Piece]) -> None:
        self.page = page
        self.pieces = pieces
        self.scores: dict[tuple[str, ...], Weights] = defaultdict(lambda: Weights(float))
        for piece in pieces:
            # What a name is by itself counts once, what its neighbours say counts each time.
            score = self.scores[self._key(piece)]
            for kind, weight in piece.base.items():
                score[kind] = max(score[kind], weight)
        for piece in pieces:
            for kind, weight in piece.cues.items():
                self.scores[self._key(piece)][kind] += weight
        self._acronyms()
        self.known = self._aliases()

    def _key(self, piece: Piece) -> tuple[str, ...]:
        words = self.page.words[piece.start : piece.end]
        return (words[0].lower() if words[0] in {"Al", "El"} else words[0], *words[1:])

    def _best(self, key: tuple[str, ...]) -> tuple[str, float]:
        return max(self.scores[key].items(), key=lambda item: item[1])

    def _acronyms(self) -> None:
        """A short form in brackets is of the type of the long form before it, and shows that this is a name."""
        for long, short in pairwise(self.pieces):
            if self.page.words[long.end : short.start] != ["("] or self.page.word(short.end) != ")":
                continue
            initials = [word[0] for word in self._key(long) if word[0].isupper()]
            if short.label is None and self.page.acronym(short.start) and self.page.words[short.start][0] in initials:
                kind = "ORG" if long.label is None else self._best(self._key(long))[0]
                self.scores[self._key(long)][kind] += BRACKETED
                self.scores[self._key(short)][kind] += BRACKETED

    def _aliases(self) -> Trie:
        """Give surnames the type of full names, and return all names that are sure enough to be found again."""
        full = [key for key in self.scores if len(key) > 1 and self._best(key)[0] == "PER"]
        aliases = {alias for key in full for alias in _surnames(key)}
        for alias in aliases & self.scores.keys():
            self.scores[alias]["PER"] += ALIAS
        known = Trie()
        for alias in aliases:
            known.add(alias, "PER")
        for piece in self.pieces:
            name = self._write(piece)
            # Demonyms are left out, because only where they stand shows whether they mean a language.
            if name and name[2] != "NORP" and (self.page.telling[piece.start] or piece.end > piece.start + 1):
                known.add(self._key(piece), self._best(self._key(piece))[0])
        return known

    def names(self) -> list[Name]:
        """Return the names, those of running text first, then what of them is found elsewhere, then the rest."""
        found: list[Name] = []
        covered: set[int] = set()

        def take(names: Iterable[Name]) -> None:
            for start, end, kind in names:
                if not covered.intersection(range(start, end)):
                    found.append((start, end, kind))
                    covered.update(range(start, end))

        written = [name for piece in self.pieces if (name := self._write(piece)) is not None]
        take(name for name in written if name[0] not in self.page.titles)
        take(self._again())
        take(name for name in written if name[0] in self.page.titles)
        return found

    def _write(self, piece: Piece) -> Name | None:
        kind, score = self._best(self._key(piece))
        if piece.label is None:
            plain = piece.end == piece.start + 1 and self.page.ordinary(piece.start)
            least = ENOUGH if plain else 1.0 if piece.start in self.page.titles else 0.0
            if score <= 0 or score < least or set(self._key(piece)) <= set("IVX"):
                return None
            if piece.end == piece.start + 1 and self.page.words[piece.start] in lexicon().heads and plain:
                return None
        if kind == "NORP" and self._language(piece):
            return None
        if piece.grown is not None and kind != "PER":
            return piece.start, piece.grown[0], piece.grown[1]
        return piece.start, piece.end, kind

    def _language(self, piece: Piece) -> bool:
        """'In French' without a noun is a language."""
        following = self.page.word(piece.end)
        cued = self.page.word(piece.start - 1).lower() in word_set("language_cues")
        return cued and (not following.isalpha() or following in lexicon().stop)

    def _again(self) -> Iterator[Name]:
        """Find names known from elsewhere in titles and where a sentence starts with an ordinary word."""
        page = self.page
        for first, last in page.sentences:
            at = first
            while at < last:
                found = self.known.longest(page.words, at, last)
                if found and (found[0] > at + 1 or self._sure(at)):
                    yield at, found[0], found[1]
                at = found[0] if found else at + 1

    def _sure(self, at: int) -> bool:
        """Whether a single word that is a name elsewhere is one here too."""
        word, following = self.page.word(at).lower(), self.page.word(at + 1)
        if not self.page.capital(at):
            return False
        if following in lexicon().speech or following in {"'s", ",", "has", "had", "is", "was", "will", "who"}:
            return True
        return not self.page.ordinary(at) or not (word in lexicon().common or word in self.page.small)


def _surnames(key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The last word of a full name, and with its particles: 'Assad' and 'al-Assad'."""
    particles = lexicon().particles
    last = len(key) - 1
    if key[last][0].isupper() and not set(key[last]) <= set("IVX"):
        yield key[last:]
    start = last
    while start > 0 and (key[start - 1] in particles or key[start - 1] == "-"):
        start -= 1
    if 0 < start < last and key[start] != "-":
        yield key[start:]


def _pronouns(page: Page, names: Sequence[Name]) -> list[Mention]:
    """Pronouns outside names; 'its' takes the type of the organisation or place named last in the sentence."""
    types = {row[0]: row[1] for row in read_list("pronouns")}
    covered = {at for start, end, _ in names for at in range(start, end)}
    found = []
    for first, last in page.sentences:
        for at in range(first, last):
            word = page.words[at]
            kind = types.get(word) or (
                types.get(word.lower()) if not page.acronym(at) and not page.telling[at] else None
            )
            if word == "its":
                near = [name for name in names if first <= name[0] < at and name[2] in {"ORG", "GPE"}]
                kind = near[-1][2] if near else None
            if kind is not None and at not in covered:
                found.append(Mention(start=page.starts[at], end=page.ends[at], type=kind, level="PRO"))
    return found
