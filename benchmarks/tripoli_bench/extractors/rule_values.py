"""Times and numbers in English news, found by patterns whose words all come from the lists in `data/`.

Each sentence is searched with a handful of patterns for times; the longest match wins where they overlap.
Numbers are sought in what is left, outside names.
A match counts only where it starts and ends at token edges, so that nothing is cut out of "10th" or an address.
A value is filled in where no other date is needed to know it: a year, a full date, a measured duration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from tripoli_loaders.model import Article, Span, Value

from .rule_lexicon import read_list, word_set


def find_values(article: Article, names: Sequence[Span]) -> list[Value]:
    """Return the times and numbers of an article in order; a number inside one of `names` is no quantity."""
    edges = _Edges(article)
    taken = [(name.start, name.end) for name in names]
    values: list[Value] = []
    for sentence in article.sentences:
        times = _times(article.text, sentence, edges)
        # A day or month inside a name ("Black Friday") is no date of its own.
        times = [time for time in times if not _inside((time.start, time.end), taken)]
        spans = [(time.start, time.end) for time in times]
        values += times
        values += _numbers(article.text, sentence, edges, spans + taken)
    return sorted(values, key=lambda value: (value.start, value.end))


class _Edges:
    """Where tokens start and end."""

    def __init__(self, article: Article) -> None:
        self.starts = {start for start, _ in article.tokens}
        self.ends = {end for _, end in article.tokens}

    def fit(self, start: int, end: int) -> bool:
        return start in self.starts and end in self.ends


def _inside(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _overlaps(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _any(words: Iterable[str]) -> str:
    """A pattern for any of the words, longest first, with any space where they have one."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s") for word in ordered) + ")"


class _Grammar:
    """The patterns, put together from the lists once."""

    def __init__(self) -> None:
        calendar = read_list("calendar")
        self.months = {row[0].lower(): int(row[2]) for row in calendar if row[1].endswith("month")}
        self.days = {row[0].lower() for row in calendar if row[1] == "day"}
        self.calendar = self.days | self.months.keys()
        self.phrases = dict(read_list("time_phrases"))
        self.time_units = {row[0]: (row[1], int(row[2])) for row in read_list("time_units")}
        self.edges = {row[0]: row[1] for row in read_list("time_relatives") if row[1] != "relative"}
        self.numbers = {row[0]: int(row[1]) for row in read_list("number_words") if row[1] != "vague"}
        self.modifiers = {row[0]: (row[1], row[2]) for row in read_list("number_modifiers")}
        self.units = dict(read_list("number_units"))
        self._number_parts()
        self._time_parts(calendar)
        flags = re.IGNORECASE
        self.number = re.compile(self._number_pattern(), flags)
        self.times = [(re.compile(pattern, flags), kind) for pattern, kind in self._time_patterns()]

    def _number_parts(self) -> None:
        self.scale = scale = _any(
            word for word, value in self.numbers.items() if value >= 1000 or word in {"hundred", "dozen"}
        )
        plain = _any(word for word in self.numbers if len(word) > 2)
        digits = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
        words = rf"{plain}(?:(?:-|\s(?:and\s)?){plain})*(?:\sand\sa\shalf)?"
        self.cardinal = rf"(?:{digits}(?:[\s-]?{scale}\b)?|(?:half\s)?an?\s{scale}\b|\b{words}\b)"
        self.modifier = _any(self.modifiers)

    def _number_pattern(self) -> str:
        vague = _any(row[0] for row in read_list("number_words") if row[1] == "vague")
        money = _any(sign for sign in self.units if not sign[-1].isalpha() and sign != "%")
        units = _any(unit for unit in self.units if unit[-1].isalpha())
        return (
            rf"(?:(?<!\w)(?P<mod>{self.modifier})\s)?(?P<money>{money}\s?)?"
            rf"(?:(?<![\w.,/])(?P<low>{self.cardinal})(?:(?:\s?[-–]\s?|\sto\s)(?P<high>{self.cardinal}))?"
            rf"(?P<unit>\s?%|[\s-]?{units}\b)?(?P<more>\sor\s(?:more|so)\b)?"
            rf"|\b(?P<vague>{vague}(?:\sof\s{vague})?|(?:several|many|a\sfew|a\scouple\sof)\s{self.scale})\b)"
        )

    def _time_parts(self, calendar: list[list[str]]) -> None:
        kinds: dict[str, list[str]] = {}
        for row in calendar:
            kinds.setdefault(row[1], []).append(row[0])
        self.month = rf"(?:{_any(kinds['month'])}|{_any(kinds['short month'])}\b\.?)"
        self.day = _any(kinds["day"])
        self.parts = frozenset(kinds["part"])
        self.part = _any(self.parts)
        self.season = _any(kinds["season"])
        self.feast = _any(kinds["feast"])
        self.unit = _any(self.time_units)
        self.plural = _any([f"{unit}s" for unit in self.time_units] + ["centuries"])
        self.relative = _any(row[0] for row in read_list("time_relatives") if row[1] == "relative")
        self.edge = rf"(?:{_any(self.edges)}(?:\sthe)?[\s-])"

    def _time_patterns(self) -> list[tuple[str, str]]:
        year, dom = r"(?:1[1-9]\d\d|20\d\d)", r"\d{1,2}(?:st|nd|rd|th)?"
        date = rf"(?:{dom}(?:\s?[-–]\s?{dom})?\s(?:of\s)?{self.month}|{self.month}\s{dom}\b(?!:))"
        clock_end = r"(?:\s?(?:GMT|UTC|BST|EST|EDT|ET|local\stime)\b)?"
        half_day = r"\s?(?:am\b|pm\b|a\.m\.|p\.m\.)"
        few = r"(?:a\sfew|several|many|a\scouple\sof|half\san?|an?|few)"
        amount = rf"(?:(?:{self.modifier})\s)?(?:{self.cardinal}(?:(?:\s?[-–]\s?|\s(?:to|or)\s){self.cardinal})?|{few})"
        kind_of = r"(?:\s(?:consecutive|straight|full|whole|more|long|working|calendar))?"
        measure = rf"(?<![\w.,]){amount}{kind_of}\s(?:{self.plural}|{self.unit})\b(?:\sand\sa\shalf)?"
        numbered = rf"(?<![\w.,]){self.cardinal}-(?:{self.plural}|{self.unit})(?:-(?:old|long))?s?\b"
        ranks = r"(?:first|final|opening)"
        placed = rf"(?:{self.relative}|{ranks})\s(?:few\s|several\s|couple\sof\s|{self.cardinal}\s){self.plural}\b"
        near = rf"\b{self.edge}?{self.relative}\s(?:{self.unit}|{self.part}|{self.season}|{self.month}|{self.day})\b"
        return [
            (rf"\b{self.edge}?(?:{self.day},?\s)?{date}(?:,?\s{year}\b)?", "DATE"),
            (rf"\b{self.edge}?{self.month},?\s(?:of\s)?{year}\b", "DATE"),
            (r"\b\d{4}-\d{2}-\d{2}\b|(?<![\d/])\d{1,2}/\d{1,2}/\d{2,4}\b(?!/)", "DATE"),
            (rf"\b{self.edge}?{self.month}\b(?:\s(?:last|this|next)\syear)?", "DATE"),
            (rf"\b(?:{self.relative}\s|{self.edge})?{self.day}(?:s?\b|\s{self.part}s?\b)", "DATE"),
            (rf"{near}(?:\s{self.part}\b)?", "DATE"),
            (rf"\b(?:this|last|yesterday|tomorrow|{self.edge}?{self.day})\s{self.part}\b", "TIME"),
            (rf"\b{self.edge}(?:{self.unit}|{self.season})\b", "DATE"),
            (rf"\b{_any(self.phrases)}\b", ""),
            (rf"\b{self.feast}\b(?:\s{year}\b)?", "DATE"),
            (
                rf"\b{self.edge}?(?:{year}|(?<!\d)\d0)s\b|\b{self.edge}?(?:\d{{1,2}}(?:st|nd|rd|th))[\s-]century\b",
                "DATE",
            ),
            (rf"(?<![\w.,/$£€]){self.edge}?(?:{self.season}\s(?:of\s)?)?{year}(?:[-–/]\d\d)?(?![\w%]|[.,]\d)", "DATE"),
            (rf"\b{placed}", "DURATION"),
            (rf"{measure}\s(?:ago|earlier|later)\b", "DATE"),
            (rf"{measure}(?:\sold\b)?", "DURATION"),
            (numbered, "DURATION"),
            (rf"\b\d{{1,2}}[:.]\d\d{half_day}{clock_end}|\b\d{{1,2}}{half_day}{clock_end}", "TIME"),
            (rf"\b\d{{1,2}}:\d\d{clock_end}|\b\d{{4}}\s(?:GMT|UTC)\b|\b\d{{1,2}}\so['’]clock\b", "TIME"),
            (
                rf"\b(?:every|each)\s(?:other\s|{self.cardinal}\s)?(?:{self.plural}|{self.unit}|{self.day}|{self.part})\b",
                "SET",
            ),
            (rf"\b(?:once|twice|{self.cardinal}\stimes)\s(?:a|an|per|every|each)\s{self.unit}\b", "SET"),
        ]


@cache
def _grammar() -> _Grammar:
    return _Grammar()


def _times(text: str, sentence: Span, edges: _Edges) -> list[Value]:
    grammar = _grammar()
    found: list[tuple[int, int, str]] = []
    for pattern, kind in grammar.times:
        for match in pattern.finditer(text, sentence.start, sentence.end):
            start, end = match.span()
            if edges.fit(start, end) and _is_time(text, start, end, sentence):
                found.append((start, end, kind or grammar.phrases[_squash(match.group())]))
    # The longest wins; of two equal ones the pattern that stands first.
    found.sort(key=lambda item: item[0] - item[1])
    chosen: list[tuple[int, int, str]] = []
    for start, end, kind in found:
        if not _overlaps((start, end), [(a, b) for a, b, _ in chosen]):
            chosen.append((start, end, kind))
    return [_time(text, *item) for item in chosen]


def _squash(phrase: str) -> str:
    return " ".join(phrase.lower().split())


@cache
def _cues(kind: str) -> frozenset[str]:
    return frozenset(row[0] for row in read_list("time_cues") if row[1] == kind)


_ARTICLED = re.compile(r"an?\s\w+", re.IGNORECASE)


def _is_time(text: str, start: int, end: int, sentence: Span) -> bool:
    """Whether a match is a time indeed and not a look-alike."""
    grammar, phrase = _grammar(), text[start:end]
    before = text[sentence.start : start].split()
    previous = before[-1].lower().strip("(“\"'") if before else ""
    calendar = [word for word in re.findall(r"[^\W\d_]+", phrase) if word.lower() in grammar.calendar]
    if any(word[0].islower() for word in calendar):
        return False
    if phrase in {"May", "March"} or phrase.lower() in {"mar", "sun", "sat", "jan"}:
        return previous in _cues("month")
    if _ARTICLED.fullmatch(phrase):
        return previous in _cues("measure")
    if re.fullmatch(r"\d{4}", phrase):
        return _is_year(text, start, end, previous, sentence)
    return True


def _is_year(text: str, start: int, end: int, previous: str, sentence: Span) -> bool:
    """A bare number of four digits is a year unless it counts or names something."""
    if previous in _cues("year") or text[:start].endswith("("):
        return True
    following = re.match(r"\s([a-z]+)", text[end : sentence.end])
    counted = following is not None and following[1].endswith("s") and following[1] not in {"was", "is", "has", "as"}
    counted = counted or (following is not None and following[1] in {"people", "men", "women", "children"})
    return not counted and previous not in word_set("number_labels") and 1900 <= int(text[start:end]) < 2100


def _time(text: str, start: int, end: int, kind: str) -> Value:
    phrase = _squash(text[start:end])
    if phrase.endswith("days") and phrase[:-1] in _grammar().days:
        kind = "SET"
    if kind == "DATE" and phrase.rpartition(" ")[2] in _grammar().parts:
        kind = "TIME"
    value, mod = _normal(phrase, kind)
    return Value(start=start, end=end, kind="TIME", timex=kind, value=value, mod=mod)


def _normal(phrase: str, kind: str) -> tuple[str | None, str | None]:
    """The TIMEX3 value and modifier, as far as they are certain without another date."""
    grammar = _grammar()
    edge = re.match(_any(grammar.edges) + r"\b", phrase)
    mod = grammar.edges[edge.group()] if edge else None
    less = re.match(grammar.modifier + r"\s", phrase)
    if less:
        mod = grammar.modifiers[less.group().strip()][1] or None
        phrase = phrase[less.end() :]
    value = _duration(phrase) if kind == "DURATION" else _date(phrase) if kind == "DATE" else None
    return value, mod


def _duration(phrase: str) -> str | None:
    grammar = _grammar()
    match = re.fullmatch(rf"({grammar.cardinal}|an?)[\s-]({grammar.unit})s?(?:[\s-]old|-long)?", phrase)
    if not match:
        return None
    amount = 1 if match[1] in {"a", "an"} else parse_number(match[1])
    letter, factor = grammar.time_units[match[2]]
    if amount is None:
        return None
    return f"P{'T' if letter[0] == 'T' else ''}{amount * factor}{letter[-1]}"


def _date(phrase: str) -> str | None:
    grammar = _grammar()
    year = re.search(r"\b(1[1-9]\d\d|20\d\d)(s?)$", phrase)
    if not year or "/" in phrase:
        return phrase if re.fullmatch(r"\d{4}-\d\d-\d\d", phrase) else None
    if year[2]:
        return year[1][:3]
    rest = re.findall(r"[a-z]+|\d+", phrase[: year.start()])
    month = next((grammar.months[word] for word in rest if word in grammar.months), None)
    days = [int(word) for word in rest if word.isdigit()]
    if month is None:
        return year[1] if not re.search(grammar.season, phrase) else None
    if len(days) > 1:
        return None
    return f"{year[1]}-{month:02d}" + (f"-{days[0]:02d}" if days else "")


def _numbers(text: str, sentence: Span, edges: _Edges, taken: list[tuple[int, int]]) -> list[Value]:
    found = []
    position = sentence.start
    pattern = _grammar().number
    while match := pattern.search(text, position, sentence.end):
        span = _number_span(match, edges, taken)
        if span is None or not _is_quantity(text, match, sentence):
            position = max(match.end("mod") if match["mod"] else match.end(), match.start() + 1)
            continue
        found.append(_number(match, *span))
        position = span[1]
    return found


def _number_span(match: re.Match[str], edges: _Edges, taken: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The longest part of the match that lies between token edges and outside times and names."""
    core = "vague" if match["vague"] else "low"
    starts = [match.start(), match.start("money") if match["money"] else match.start(core), match.start(core)]
    ends = [match.end(), match.end("unit") if match["unit"] else -1, match.end("high") if match["high"] else -1]
    for end in [*ends, match.end(core)]:
        for start in starts:
            if edges.fit(start, end) and not _overlaps((start, end), taken):
                return start, end
    return None


_SCORE = re.compile(r"(\d{1,2})\s?[-–]\s?(\d{1,2})")


def _is_quantity(text: str, match: re.Match[str], sentence: Span) -> bool:
    """Whether the number counts or measures, rather than names, orders or scores."""
    core = match.start("vague" if match["vague"] else "low")
    before, after = text[sentence.start : core], text[match.end() : sentence.end]
    previous = re.search(r"(\w+)[\s.]*(-?)$", before)
    if before.endswith(("#", "/")) or re.match(r"/|-(?:third|quarter|fifth)", after):
        return False
    if previous and not match["mod"] and not match["money"]:
        word = previous[1]
        initial = not before[: previous.start()].strip(" \"“'‘([")
        if word.lower() in word_set("number_labels") or (word[0].isupper() and not initial):
            return False
    score = _SCORE.fullmatch(match.group())
    if score and int(score[1]) >= int(score[2]):
        return False
    return (match["low"] or "").lower() != "one" or _counts_one(match, before, after)


def _counts_one(match: re.Match[str], before: str, after: str) -> bool:
    """'One' counts before a noun; before a function word or after a determiner it is a pronoun."""
    if match["mod"] or match["unit"]:
        return True
    last = before.split()[-1].lower() if before.split() else ""
    noun = re.match(r"[\s-]([a-z]{2,})", after)
    return noun is not None and noun[1] not in word_set("stopwords") and last not in _cues("pronoun")


def _number(match: re.Match[str], start: int, end: int) -> Value:
    grammar = _grammar()
    comparison = "="
    if match["mod"] and start == match.start():
        comparison = grammar.modifiers[_squash(match["mod"])][0]
    elif match["vague"]:
        comparison = "~"
    if match["more"] and end == match.end():
        comparison = ">=" if match["more"].endswith("more") else "~"
    sign = (match["money"] or match["unit"] or "").strip(" -")
    unit = grammar.units.get(sign) or grammar.units.get(_squash(sign))
    number = None if match["vague"] or match["high"] else parse_number(match["low"])
    return Value(start=start, end=end, kind="NUM", comparison=comparison, number=number, unit=unit)


def parse_number(phrase: str) -> int | float | None:
    """Return the number that digits, words or both stand for, or None."""
    words = _grammar().numbers
    total, current = 0.0, 0.0
    seen = False
    for part in re.findall(r"\d[\d,]*(?:\.\d+)?|[a-z]+", phrase.lower()):
        if part[0].isdigit():
            current += float(part.replace(",", ""))
        elif part == "half":
            current += 0.5
        elif part not in words:
            continue
        elif (value := words[part]) < 100 and part != "dozen":
            current += value
        elif value < 1000:
            current = (current if seen else 1) * value
        else:
            total, current = total + (current if seen else 1) * value, 0.0
        seen = True
    return _plain(total + current) if seen else None


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number
