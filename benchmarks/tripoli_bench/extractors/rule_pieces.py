"""From the words of a page to pieces: stretches that may be names, with the evidence for each type.

Three steps for each sentence. Words that may belong to names become units: listed names, titles, other capitalised
words. Units that stand together, or are joined by a hyphen, a particle or an 'of', become runs.
Runs are cut where a title or a listed name ends one thing and starts another.
Each piece then carries two kinds of weights: what it is by itself, and what its neighbours say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from .rule_lexicon import Page, lexicon, word_set

Weights = defaultdict[str, float]
LABEL_TYPES = {"CITY": "GPE", "COUNTRY": "GPE"}
TITLE, OTHER, OF = "TITLE", "OTHER", "OF:"
# How much each kind of evidence weighs, beside what the lists themselves say.
HEADED, TITLED, CLASSED, SPOKE = 5.0, 4.0, 3.0, 1.5


def _weights(**weights: float) -> Weights:
    return Weights(float, weights)


class Unit(NamedTuple):
    """A word of a run, or several that the lists or their joints make one."""

    start: int
    end: int
    label: str | None


@dataclass
class Piece:
    """A stretch of words that may be a name, with what speaks for each type."""

    start: int
    end: int
    label: str | None
    base: Weights
    cues: Weights = field(default_factory=lambda: Weights(float))
    grown: tuple[int, str] | None = None  # where a class noun that belongs to the name ends, and its type

    def best(self) -> tuple[str, float]:
        """Return the type most speaks for here, and how much."""
        kinds = [*self.base, *self.cues]
        return max(
            ((kind, self.base.get(kind, 0.0) + self.cues.get(kind, 0.0)) for kind in kinds), key=lambda item: item[1]
        )


class Reader:
    """Reads the pieces off a page, sentence by sentence."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lexicon = lexicon()

    def pieces(self) -> list[Piece]:
        """Return the pieces of all sentences in order."""
        return [piece for first, last in self.page.sentences for piece in self._sentence(first, last)]

    def _sentence(self, first: int, last: int) -> list[Piece]:
        pieces = [piece for run in self._runs(first, last) for piece in self._cut(run)]
        for left, right in pairwise(pieces):
            between = self.page.words[left.end : right.start]
            if 0 < len(between) < 3 and set(between) <= {",", "and", "or", "&"}:
                # What is coordinated is mostly of one kind.
                for one, other in ((left, right), (right, left)):
                    kind, weight = one.best()
                    if kind != "NORP" and weight >= 1.0 and other.label is None:
                        other.cues[kind] += SPOKE
        return pieces

    # From words to units

    def _units(self, first: int, last: int) -> Iterator[Unit]:
        at = first
        while at < last:
            unit = self._unit(at, last)
            if unit is not None:
                yield unit
            at = unit.end if unit is not None else at + 1

    def _unit(self, at: int, last: int) -> Unit | None:
        page = self.page
        if page.word(at - 1) in {"@", "#"} and page.glued(at):
            return None
        listed = self.lexicon.names.longest(page.words, at, last)
        if listed and not self._allowed(at, listed[0]):
            listed = None
        title = self._title(at, last) if page.capital(at) else None
        if title and title > (listed[0] if listed else at):
            return Unit(at, title, TITLE)
        if listed:
            return Unit(at, *listed)
        if self._named(at):
            return Unit(at, min(self._word_end(at), last), None)
        after = self._after_particles(at, last) if page.words[at] in self.lexicon.opening else None
        return Unit(at, after + 1, None) if after is not None else None

    def _allowed(self, at: int, end: int) -> bool:
        """A listed name that is also an ordinary word needs a capital that tells something, or telling company."""
        following = self.page.word(end)
        company = following in self.lexicon.speech or following in {"'s", "shares"}
        group = self.lexicon.names.label(self.page.words[at]) == "NORP" and word_set("words_more").isdisjoint(
            {self.page.words[at].lower(), self.page.words[at].lower().removesuffix("s")}
        )
        return self.page.telling[at] or end > at + 1 or not self.page.ordinary(at) or company or group

    def _named(self, at: int) -> bool:
        """Whether a word may be part of a name by its capital."""
        page, word = self.page, self.page.words[at]
        if word[0].isdigit():
            # "95th Brigade": an ordinal with a head noun soon after.
            soon = [page.word(place) for place in range(at + 1, at + 4) if page.capital(place) and page.telling[place]]
            return (
                word[-2:] in {"st", "nd", "rd", "th"}
                and page.capital(at + 1)
                and any(w in self.lexicon.heads for w in soon)
            )
        if not page.capital(at) or word == "I":
            return False
        if len(word) == 1 and not (page.glued(at + 1) and page.word(at + 1) in {".", "'"}) and not page.capital(at - 1):
            return False
        if word.lower() in self.lexicon.stop and not page.acronym(at):
            # "Theresa May": a function word only after a given name.
            return page.telling[at] and page.word(at - 1) in self.lexicon.given and not page.glued(at)
        if at not in page.titles or not page.ordinary(at):
            return True
        # In a title an ordinary word counts if it is a given name or completes the name of a place.
        kind = self.lexicon.heads.get(word)
        return word in self.lexicon.given or (kind in {"FAC", "LOC"} and page.capital(at - 1))

    def _word_end(self, at: int) -> int:
        """Where a word ends with what is glued to it: 'F.', 'Sana'a', 'Jong-un', 'Su-57'."""
        page, end = self.page, at + 1
        if len(page.words[at]) == 1 and page.word(end) == "." and page.glued(end) and page.capital(end + 1):
            return end + 1
        while page.word(end) == "'" and page.glued(end) and page.glued(end + 1) and page.word(end + 1)[0].isalpha():
            end += 2
        if page.word(end) == "-" and page.glued(end) and page.glued(end + 1):
            tail = page.word(end + 1)
            foreign = not page.ordinary(at) and self.lexicon.names.label(page.words[at]) is None
            short = len(tail) < 3 or (len(tail) < 6 and tail not in self.lexicon.ordinary)
            if (tail.islower() and foreign and short and page.capital(at - 1)) or (
                tail.isdigit() and len(page.words[at]) < 5
            ):
                end += 2
        return end

    def _title(self, at: int, last: int) -> int | None:
        """Return the end of a title with a capital, with its full stop and the field it is 'of'."""
        page = self.page
        lowered = [word.lower() for word in page.words[at : min(last, at + 8)]]
        found = self.lexicon.titles.longest(lowered, 0, len(lowered))
        if not found:
            return None
        end = at + found[0]
        if page.word(end) == "." and page.glued(end) and end + 1 < last:
            return end + 1
        while end + 1 < last and page.word(end) in {"of", "for", "and"} and self._is_field(end + 1):
            end += 2
            while end < last and self._is_field(end):
                end += 1
        return end

    def _is_field(self, at: int) -> bool:
        """Whether a word names a minister's field, as in 'Minister of Foreign Affairs and Trade'."""
        return self.page.capital(at) and self.page.ordinary(at) and not self.lexicon.names.label(self.page.words[at])

    def _after_particles(self, at: int, last: int) -> int | None:
        """Return the place of the capitalised word that one or more particles lead to."""
        page, start = self.page, at
        while at + 1 < last:
            joint = self.lexicon.particles.get(page.words[at])
            if joint is None:
                break
            hyphen = page.words[at + 1] == "-" and page.glued(at + 1)
            if (hyphen and joint == "_") or (not hyphen and joint == "-"):
                return None
            at += 2 if hyphen else 1
        return at if start < at < last and self._named(at) else None

    # From units to runs

    def _runs(self, first: int, last: int) -> Iterator[list[Unit]]:
        run: list[Unit] = []
        for unit in self._units(first, last):
            joined = self._joined(run, unit, last) if run else None
            if joined is None:
                yield from self._clean(run)
            run = joined or [unit]
        yield from self._clean(run)

    def _joined(self, run: list[Unit], unit: Unit, last: int) -> list[Unit] | None:
        """Return the run with the unit added, or None if they do not belong together."""
        page, left = self.page, run[-1]
        between = page.words[left.end : unit.start]
        label, merged = left.label or "", [*run[:-1], Unit(left.start, unit.end, left.label)]
        free = left.label is None or page.words[left.start] in self.lexicon.given
        if OTHER in {left.label, unit.label}:
            return None
        if not between:
            return merged if label.startswith(OF) and unit.label is None else [*run, unit]
        if between == ["-"] and page.glued(unit.start) and page.glued(left.end):
            return merged if left.label is None and unit.label is None else None
        if between == ["&"]:
            return [*run[:-1], Unit(left.start, unit.end, None)]
        if free and self._after_particles(left.end, last) == unit.start:
            return [*run, Unit(left.end, unit.end, None)]
        opener = page.words[left.end - 1]
        opens = opener in self.lexicon.openers and (left.label is None or label.startswith(OF))
        if opens and unit.label != TITLE and between in (["of"], ["for"], ["of", "the"], ["for", "the"]):
            return [*run[:-1], Unit(left.start, unit.end, OF + opener)]
        if label.startswith(OF) and between == ["and"] and unit.label is None and self._is_field(unit.start):
            return merged
        possessed = page.telling[left.start] and self._is_field(left.end - 1) and opener not in self.lexicon.heads
        if left.label is None and between in (["'s"], ["'"]) and possessed:
            # "People's Front", "Workers' Union".
            return [*run, Unit(left.end, unit.end, unit.label)]
        return None

    def _clean(self, run: list[Unit]) -> Iterator[list[Unit]]:
        """Take ordinary words off the start of a run where their capital says nothing."""
        while run and (run[0].label == OTHER or self._doubtful(run)):
            run = run[1:]
        if run:
            yield run

    def _doubtful(self, run: list[Unit]) -> bool:
        first, word = run[0], self.page.words[run[0].start]
        if (
            first.label is not None
            or first.end > first.start + 1
            or self.page.telling[first.start]
            or not self.page.ordinary(first.start)
        ):
            return False
        if len(run) == 1:
            return True
        if (
            word in self.lexicon.given
            and run[1].label is None
            and self.page.words[run[1].start] not in self.lexicon.heads
        ):
            return False
        return word not in self.lexicon.prefixes and self._headed(run, 0) is None

    # From runs to pieces

    def _cut(self, run: list[Unit]) -> Iterator[Piece]:
        pending: list[Unit] = []
        at = 0
        while at < len(run):
            unit = run[at]
            if (unit.label or "").startswith(OF) or unit.label == TITLE:
                yield from self._flush(pending)
                pending = []
            head = self._headed(run, at) if not pending else None
            if head is not None:
                yield self._piece(unit.start, run[head[0]].end, None, head[1])
                at = head[0] + 1
                continue
            at += 1
            if unit.label is None or self._bends(run, at - 1, pending):
                pending.append(unit)
            elif unit.label != TITLE:
                start = self._direction(pending)
                yield from self._flush(pending)
                pending = []
                yield self._listed(unit, start)
        yield from self._flush(pending)

    def _direction(self, pending: list[Unit]) -> int | None:
        """Take a word such as 'North' off the end of what is pending, and return its place."""
        if pending and self.page.words[pending[-1].start].lower() in word_set("directions"):
            return pending.pop().start
        return None

    def _listed(self, unit: Unit, direction: int | None) -> Piece:
        if direction is None or unit.label not in {*LABEL_TYPES, "LOC"}:
            return self._piece(unit.start, unit.end, unit.label)
        # A part of a country is a region, a part of a town is still the town.
        return self._piece(direction, unit.end, None, "GPE" if unit.label == "CITY" else "LOC")

    def _bends(self, run: list[Unit], at: int, pending: list[Unit]) -> bool:
        """Whether a listed name is here part of an unlisted one: 'Jack London', 'Paris Hilton', 'China Mobile'."""
        unit, word = run[at], self.page.words[run[at].start]
        if unit.label in {"NORP", OTHER} or (unit.label or "").startswith(OF) or self.page.acronym(unit.start):
            return False
        single = unit.end == unit.start + 1
        if pending:
            return single and self.page.words[pending[0].start] in self.lexicon.given
        follows = at + 1 < len(run) and run[at + 1].label is None
        if not follows or unit.label not in LABEL_TYPES or unit.start in self.page.titles:
            return single and follows and word in self.lexicon.given
        return word in self.lexicon.given or self.page.words[run[at + 1].start] not in self.lexicon.given

    def _headed(self, run: list[Unit], at: int) -> tuple[int, str] | None:
        """Return the place in the run of the last head noun of a name that starts at `at`, and its type."""
        best = None
        for place in range(at, len(run)):
            unit = run[place]
            word = self.page.words[unit.end - 1]
            if unit.label == TITLE:
                # "General Command" is no officer.
                after = run[place + 1] if place + 1 < len(run) else None
                if place > at or word != "General" or after is None or not self._is_field(after.start):
                    return best
            elif place > at and unit.label in {None, "ORG", "EVENT"} and self._heads(unit):
                best = place, unit.label or self.lexicon.heads[word]
            elif (unit.label or "").startswith(OF):
                best = place, self.lexicon.heads[(unit.label or "")[len(OF) :]]
        return best

    def _heads(self, unit: Unit) -> bool:
        """Whether a unit completes what stands before it: a head noun, or a listed name of ordinary words.

        So "Kenyan Red Cross" and "US Senate" are one name, but "German Siemens" is not.
        """
        capitals = [at for at in range(unit.start, unit.end) if self.page.capital(at)]
        if unit.label is None:
            return self.page.words[unit.end - 1] in self.lexicon.heads
        if len(capitals) == 1:
            return self.page.words[unit.start] in self.lexicon.heads
        return all(self.page.ordinary(at) for at in capitals)

    def _flush(self, pending: list[Unit]) -> Iterator[Piece]:
        if not pending:
            return
        start, end = pending[0].start, pending[-1].end
        prefix = self.lexicon.prefixes.get(self.page.words[start]) if end > start + 1 else None
        yield self._piece(start, end, None, prefix)

    # From pieces to evidence

    def _piece(self, start: int, end: int, label: str | None, kind: str | None = None) -> Piece:
        if kind is not None:
            return Piece(start, end, kind, _weights(**{kind: HEADED}))
        if label is not None:
            weight = self.lexicon.weights.get(tuple(self.page.words[start:end]), HEADED)
            base = _weights(**{LABEL_TYPES.get(label, label): weight})
        else:
            base = self._shape(start, end)
        piece = Piece(start, end, label, base)
        if label not in {"NORP", "COUNTRY"}:
            self._before(piece)
            self._after(piece)
        self._grow(piece)
        return piece

    def _shape(self, start: int, end: int) -> Weights:
        """What the form of an unlisted name says."""
        words = self.page.words[start:end]
        capitals = [at for at in range(start, end) if self.page.capital(at)]
        plain = [at for at in capitals if self.page.ordinary(at)]
        if words[0] in self.lexicon.given:
            return _weights(PER=2.5 if len(capitals) > 1 else 2.0)
        if len(capitals) == 1 and self.page.acronym(start):
            return _weights(ORG=2.0)
        if len(words) > 1 and words[-1].isdigit():
            return _weights(VEH=1.0)
        if any(word in self.lexicon.particles for word in words) or "." in words[:-1]:
            return _weights(PER=2.0 if len(capitals) > 1 else 1.0)
        if len(capitals) > 1:
            return _weights(ORG=1.0) if len(plain) == len(capitals) else _weights(PER=1.0)
        camel = any(letter.isupper() for letter in words[0][1:]) and not words[0].startswith(("Mc", "Mac", "De", "O'"))
        return _weights(ORG=1.0) if camel else _weights(PER=0.3)

    def _before(self, piece: Piece) -> None:
        page, start = self.page, piece.start
        lowered = [page.word(at).lower() for at in range(max(0, start - 4), start)]
        if any(self.lexicon.titles.label(*lowered[at:]) for at in range(len(lowered))) or (
            lowered[-1:] == ["."] and self.lexicon.titles.label(*lowered[-2:-1]) and page.glued(start - 1)
        ):
            piece.cues["PER"] += TITLED
            return
        if lowered[-1:] == [","] and self.lexicon.titles.label(*lowered[-2:-1]):
            piece.cues["PER"] += SPOKE
        places = self.lexicon.places
        piece.cues["GPE"] += max(places.get(" ".join(lowered[-2:]), 0.0), places.get(" ".join(lowered[-1:]), 0.0))
        if lowered[-1:] == ["the"]:
            piece.cues["ORG"] += 1.0
            piece.cues["PER"] -= 2.0
        kind = self.lexicon.classes.get(lowered[-1] if lowered else "")
        if kind and not page.capital(start - 1):
            piece.cues[kind[0]] += 2.0

    def _after(self, piece: Piece) -> None:
        page, end = self.page, piece.end
        following = page.word(end)
        if following in self.lexicon.speech:
            piece.cues["ORG" if page.acronym(piece.start) else "PER"] += SPOKE
        elif following == "who":
            piece.cues["PER"] += SPOKE
        elif following == ",":
            second = page.word(end + 1)
            if second.isdigit() and len(second) < 3 and page.word(end + 2) in {",", ".", "and"}:
                piece.cues["PER"] += TITLED
            elif second == "who":
                piece.cues["PER"] += CLASSED
            elif second == "where" or self.lexicon.names.label(second) == "COUNTRY":
                piece.cues["GPE"] += 2.0
            elif second in {"a", "an", "the"}:
                self._apposed(piece, end + 2)

    def _apposed(self, piece: Piece, at: int) -> None:
        """'..., the finance minister', '..., a small town': the first telling noun counts."""
        for place in range(at, at + 4):
            word = self.page.word(place)
            if self.lexicon.titles.label(word):
                piece.cues["PER"] += SPOKE
                return
            if word in self.lexicon.classes:
                piece.cues[self.lexicon.classes[word][0]] += 2.0
                return

    def _grow(self, piece: Piece) -> None:
        """Take a class noun that follows as evidence, and into the name where it completes it."""
        end = piece.end
        noun = self.lexicon.classes.get(self.page.word(end))
        if noun is None:
            end += 1
            noun = self.lexicon.classes.get(f"{self.page.word(end - 1)} {self.page.word(end)}")
        closed = piece.label in {"NORP", "COUNTRY"} or (piece.label is not None and self.page.acronym(piece.start))
        if noun is None or self.page.glued(end) or closed:
            return
        kind, joins = noun
        if piece.label is None:
            piece.cues[kind] += CLASSED
        if joins == "always" or (joins == "unknown" and piece.label is None):
            piece.grown = end + 1, kind
