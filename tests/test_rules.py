"""The rule-based extractor on sentences made up for the purpose; what is expected is quoted from them."""

from __future__ import annotations

import random
import time
from importlib.resources import files
from itertools import pairwise

import pytest

from tripoli_bench.extractors.rule_values import find_values, parse_number
from tripoli_bench.extractors.rules import Rules
from tripoli_loaders.model import Article, Document, Span, Value
from tripoli_loaders.segmentation import split_sentences, tokenize

SHARED = "Kenya's President Daniel Otieno met Olga Petrova in Nairobi."


def article(text: str) -> Article:
    sentences = tuple(Span(start, end) for start, end in split_sentences(text))
    return Article(id="invented", text=text, sentences=sentences, tokens=tuple(tokenize(text)))


def extract(text: str) -> Document:
    return Rules().extract(article(text))


def names(text: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.type) for m in extract(text).mentions or () if m.level == "NAM"]


def values(text: str) -> list[Value]:
    return list(extract(text).values or ())


def times(text: str) -> list[tuple[str, str | None]]:
    return [(text[v.start : v.end], v.timex) for v in values(text) if v.kind == "TIME"]


def numbers(text: str) -> list[str]:
    return [text[v.start : v.end] for v in values(text) if v.kind == "NUM"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Prime Minister Keir Starmer's speech was short.",
            [("Keir Starmer", "PER")],
        ),
        (
            "Lt. Gen. Mateo Quiroga, the army chief, flew to Bogota.",
            [("Mateo Quiroga", "PER"), ("Bogota", "GPE")],
        ),
        (
            "Peruvian Foreign Minister Ana Lucía Vargas met her Chilean counterpart in Lima.",
            [("Peruvian", "NORP"), ("Ana Lucía Vargas", "PER"), ("Chilean", "NORP"), ("Lima", "GPE")],
        ),
        (
            "The Minister of Health and Welfare, Kenji Arakawa, resigned.",
            [("Kenji Arakawa", "PER")],
        ),
        (
            "Critics of Ludwig van der Velde and Omar bin Rashid al-Nouri met Kim Dae-un.",
            [("Ludwig van der Velde", "PER"), ("Omar bin Rashid al-Nouri", "PER"), ("Kim Dae-un", "PER")],
        ),
        ("He phoned Fergus O’Donnell and John F. Maddox.", [("Fergus O’Donnell", "PER"), ("John F. Maddox", "PER")]),
        ("Then Theresa May and Jack London left.", [("Theresa May", "PER"), ("Jack London", "PER")]),
    ],
)
def test_people(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The World Health Organization (WHO) sent doctors. The WHO asked for money.",
            [("World Health Organization", "ORG"), ("WHO", "ORG"), ("WHO", "ORG")],
        ),
        (
            "He joined the Patagonian Growers Alliance (PGA). Later the PGA split.",
            [("Patagonian Growers Alliance", "ORG"), ("PGA", "ORG"), ("PGA", "ORG")],
        ),
        ("The British Medical Association and the Kenyan Red Cross agreed.", None),
        (
            "The Ministry of Foreign Affairs and International Trade and UNICEF paid.",
            [("Ministry of Foreign Affairs and International Trade", "ORG"), ("UNICEF", "ORG")],
        ),
        ("In Dhaka the People's Farmers Party won.", [("Dhaka", "GPE"), ("People's Farmers Party", "ORG")]),
        ("Johnson & Johnson shares rose.", [("Johnson & Johnson", "ORG")]),
        ("The 95th Brigade held the bridge.", [("95th Brigade", "ORG")]),
    ],
)
def test_organisations(text: str, expected: list[tuple[str, str]] | None) -> None:
    expected = expected or [("British Medical Association", "ORG"), ("Kenyan Red Cross", "ORG")]
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US-led talks and pro-Russian groups.", [("US", "GPE"), ("Russian", "NORP")]),
        ("Paris police searched the Zaatari camp.", [("Paris", "GPE"), ("Zaatari camp", "FAC")]),
        ("They crossed Westminster Bridge.", [("Westminster Bridge", "FAC")]),
        ("Rain is rare in the Sahel region.", [("Sahel region", "LOC")]),
        ("A fire broke out near Krevsk, a small town.", [("Krevsk", "GPE")]),
        ("They fled from Krevsk, Oldova and Minsk.", [("Krevsk", "GPE"), ("Oldova", "GPE"), ("Minsk", "GPE")]),
        ("It was shelled in North Kivu and on Lake Tanganyika.", [("North Kivu", "LOC"), ("Lake Tanganyika", "LOC")]),
        ("Two MiG-29 jets and a Su-57 fighter jet crashed.", [("MiG-29", "VEH"), ("Su-57", "VEH")]),
        ("He carried an AK-47.", [("AK-47", "WEA")]),
        ("Brazil lost the World Cup final.", [("Brazil", "GPE"), ("World Cup", "EVENT")]),
        ("Troops began Operation Silver Lantern.", [("Operation Silver Lantern", "EVENT")]),
        ("The French and two Sunnis spoke in French.", [("French", "NORP"), ("Sunnis", "NORP")]),
    ],
)
def test_places_and_things(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


def test_a_surname_repeats_the_full_name() -> None:
    text = "Ingrid Halvorsen won by a mile. Halvorsen's coach, Lincoln Baxter, cried. Baxter hugged her."
    assert names(text) == [
        ("Ingrid Halvorsen", "PER"),
        ("Halvorsen", "PER"),
        ("Lincoln Baxter", "PER"),
        ("Baxter", "PER"),
    ]


def test_ordinary_words_at_the_start_of_a_sentence_are_no_names() -> None:
    assert (
        names("Protesters marched. Police fired tear gas. However, nobody was hurt. Airlines cancelled flights.") == []
    )


def test_a_title_in_capitals_takes_its_names_from_the_text() -> None:
    text = "OKONJO WINS VOTE\nGrace Okonjo, 51, won on Sunday. Rivals congratulated Okonjo."
    assert names(text) == [("OKONJO", "PER"), ("Grace Okonjo", "PER"), ("Okonjo", "PER")]


def test_a_title_in_title_case() -> None:
    text = "Miners Strike Across Zambia as Copper Price Falls\nThe strike began in Kitwe."
    assert names(text) == [("Zambia", "GPE"), ("Kitwe", "GPE")]


def test_months_and_days_are_no_names() -> None:
    assert names("On Friday in March, and again in May, it rained.") == []


def test_pronouns() -> None:
    text = "She told us that Siemens sold its plant. It was his."
    found = [(text[m.start : m.end], m.type) for m in extract(text).mentions or () if m.level == "PRO"]
    assert found == [("She", "PER"), ("us", "PER"), ("its", "ORG"), ("his", "PER")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He died on Friday morning.", [("Friday morning", "TIME")]),
        ("It began more than two years ago.", [("more than two years ago", "DATE")]),
        ("It took less than a week.", [("less than a week", "DURATION")]),
        ("Since 2011 and last April, and on 5 May.", [("2011", "DATE"), ("last April", "DATE"), ("5 May", "DATE")]),
        ("For the past three weeks they met every day.", [("past three weeks", "DURATION"), ("every day", "SET")]),
        ("A three-day truce ended at 10:30pm GMT.", [("three-day", "DURATION"), ("10:30pm GMT", "TIME")]),
        ("In the early 1990s, or late last year.", [("early 1990s", "DATE"), ("late last year", "DATE")]),
        ("May may march in March, then walk for hours.", [("March", "DATE")]),
        ("Now he recently ran 2000 metres.", []),
    ],
)
def test_times(text: str, expected: list[tuple[str, str]]) -> None:
    assert times(text) == expected


@pytest.mark.parametrize(
    ("text", "value", "mod"),
    [
        ("In 2011 it rained.", "2011", None),
        ("On 5 May 2011 it rained.", "2011-05-05", None),
        ("In June 1987 it rained.", "1987-06", None),
        ("It rained for three days.", "P3D", None),
        ("It rained for at least 48 hours.", "PT48H", "EQUAL_OR_MORE"),
        ("In late 2015 it rained.", "2015", "END"),
        ("Last Tuesday it rained.", None, None),
    ],
)
def test_values_of_times(text: str, value: str | None, mod: str | None) -> None:
    (time_value,) = values(text)
    assert (time_value.value, time_value.mod) == (value, mod)


@pytest.mark.parametrize(
    ("text", "quote", "comparison", "number", "unit"),
    [
        ("They sold more than a thousand cows.", "more than a thousand", ">", 1000, None),
        ("At least 200 cows fled.", "At least 200", ">=", 200, None),
        ("The road is 50 kilometres long.", "50 kilometres", "=", 50, "km"),
        ("It has two doors.", "two", "=", 2, None),
        ("Sales rose by about 3.5%.", "about 3.5%", "~", 3.5, "%"),
        ("It cost $1.5 billion.", "$1.5 billion", "=", 1_500_000_000, "USD"),
        ("Fewer than 140,000 people voted.", "Fewer than 140,000", "<", 140_000, None),
        ("Thirty or more guests came.", "Thirty or more", ">=", 30, None),
    ],
)
def test_numbers(text: str, quote: str, comparison: str, number: float, unit: str | None) -> None:
    (value,) = values(text)
    assert text[value.start : value.end] == quote
    assert (value.kind, value.comparison, value.number, value.unit) == ("NUM", comparison, number, unit)


@pytest.mark.parametrize(
    "text",
    [
        "Several men and many women came.",
        "A man left. One of them stayed, and this one too.",
        "They won 3-1 under Resolution 2259 on page 3.",
        "He came in 10th, flew a Boeing 737 and read https://example.org/12/34.",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert numbers(text) == []


@pytest.mark.parametrize(
    ("phrase", "number"),
    [("half a million", 500_000), ("two hundred and six", 206), ("1.2m", 1_200_000), ("a dozen", 12), ("cows", None)],
)
def test_parse_number(phrase: str, number: float | None) -> None:
    assert parse_number(phrase) == number


def test_a_number_in_a_name_is_no_number() -> None:
    text = "Channel 4 paid."
    assert find_values(article(text), [Span(0, 9)]) == []


def test_odd_text_raises_nothing_and_spans_keep_to_tokens() -> None:
    parts = ["", "😀", "\r\n", "مرحبا", "al-", "Al-", "’s", "'", "-", "(", ")", "ABC", "O’", "U.S.", "I", "of", "the"]
    parts += [
        "Ministry",
        "President",
        "Lima",
        "Hassan",
        "van",
        "May",
        "10",
        "%",
        "$",
        "3-1",
        "…",
        "said",
        ",",
        ".",
        "&",
    ]
    rng = random.Random(20)
    for _ in range(300):
        page = article("".join(rng.choice(parts) + rng.choice(["", " "]) for _ in range(rng.randrange(20))))
        document = Rules().extract(page)
        spans = [(m.start, m.end) for m in document.mentions or ()]
        times_and_numbers = [(v.start, v.end) for v in document.values or ()]
        for found in (spans, times_and_numbers):
            assert all(left[1] <= right[0] for left, right in pairwise(found))
            assert {start for start, _ in found} <= {start for start, _ in page.tokens}
            assert {end for _, end in found} <= {end for _, end in page.tokens}


def test_it_is_quick_and_repeatable() -> None:
    page = article(f"{SHARED} " * 66)
    assert len(page.text) > 4000 - len(SHARED)
    first = Rules().extract(page)
    start = time.perf_counter()
    assert Rules().extract(page) == first
    # Ten times what it takes on an idle machine of today.
    assert time.perf_counter() - start < 0.5


def test_lists_say_what_they_are() -> None:
    folder = files("tripoli_bench.extractors") / "data"
    lists = [entry for entry in folder.iterdir() if entry.name.endswith(".txt")]
    assert len(lists) > 20
    for entry in lists:
        remarks = " ".join(line for line in entry.read_text(encoding="utf-8").splitlines() if line.startswith("# "))
        assert all(word in remarks for word in ("Rule:", "Source", "icence")), entry.name
