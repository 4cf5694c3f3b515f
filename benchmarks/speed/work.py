"""Generated work to measure on: sentences of tags, the same spans as documents, chains, counts. Seeded throughout."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

Tags = list[list[str]]
Entities = list[tuple[int, int, str]]

SEED = 20190404


def tag_sentences(tokens: int, types: int) -> tuple[Tags, Tags]:
    """Return gold and predicted IOB2 tags of about so many tokens; about one prediction in seven is wrong.

    Sentences have 5 to 35 tokens, one entity in about eight, of 1 to 4 tokens.
    """
    rng = random.Random(SEED)
    names = [f"TYPE{number}" for number in range(types)]
    gold: Tags = []
    predicted: Tags = []
    made = 0
    while made < tokens:
        length = rng.randint(5, 35)
        entities = _entities(rng, length, names)
        gold.append(_tags(entities, length))
        predicted.append(_tags(_disturbed(rng, entities, length, names), length))
        made += length
    return gold, predicted


def _entities(rng: random.Random, length: int, names: list[str]) -> Entities:
    entities = []
    at = rng.randint(0, 7)
    while at < length:
        end = min(length, at + rng.choice((1, 1, 2, 2, 3, 4)))
        entities.append((at, end, names[int(len(names) * rng.random())]))
        at = end + rng.randint(1, 11)
    return entities


def _disturbed(rng: random.Random, entities: Entities, length: int, names: list[str]) -> Entities:
    found: Entities = []
    for start, end, name in entities:
        draw = rng.random()
        if draw < 0.04:
            continue
        if draw < 0.08:
            name = rng.choice(names)
        elif draw < 0.11 and end - start > 1:
            end -= 1
        elif draw < 0.14 and end < length:
            end += 1
        if not found or found[-1][1] <= start:
            found.append((start, end, name))
    return found


def _tags(entities: Entities, length: int) -> list[str]:
    tags = ["O"] * length
    for start, end, name in entities:
        tags[start:end] = ["B-" + name] + ["I-" + name] * (end - start - 1)
    return tags


def write_documents(path: Path, sentences: Tags, per_article: int = 20) -> None:
    """Write tags as JSON Lines, an article of so many sentences a line; a token is two code points long."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(0, len(sentences), per_article):
            spans, at = [], 0
            for tags in sentences[number : number + per_article]:
                for start, end, name in entities_of(tags):
                    spans.append(f'{{"start":{2 * (at + start)},"end":{2 * (at + end)},"type":"{name}"}}')
                at += len(tags)
            file.write(f'{{"id":"article{number}","mentions":[{",".join(spans)}]}}\n')


def entities_of(tags: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the entities of well-formed IOB2 tags."""
    start = None
    for index, tag in enumerate([*tags, "O"]):
        if start is not None and not tag.startswith("I-"):
            yield start, index, tags[start][2:]
            start = None
        if tag.startswith("B-"):
            start = index


def write_chains(gold: Path, predicted: Path, articles: int, mentions: int) -> None:
    """Write gold and predicted chains: so many mentions an article, in chains of four on average."""
    rng = random.Random(SEED)
    with gold.open("w", encoding="utf-8") as one, predicted.open("w", encoding="utf-8") as other:
        for article in range(articles):
            sides: tuple[list[str], list[str]] = ([], [])
            at, chains = 0, max(2, mentions // 4)
            for _ in range(mentions):
                start = at + rng.randint(1, 10)
                at = start + rng.randint(1, 6)
                chain = int(chains * rng.random() ** 2)
                span = f'{{"start":{start},"end":{at},"type":"PER","entity":'
                sides[0].append(f'{span}"e{chain}"}}')
                if rng.random() < 0.92:
                    guess = chain if rng.random() < 0.85 else rng.randrange(chains)
                    sides[1].append(f'{span}"p{guess}"}}')
            for file, spans in zip((one, other), sides, strict=True):
                file.write(f'{{"id":"article{article}","mentions":[{",".join(spans)}]}}\n')


def counts(systems: int, units: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """Return counts (systems, units, 4) of equally good systems over the same gold."""
    rng = np.random.default_rng(SEED)
    gold = rng.integers(5, 60, size=units)
    right = rng.binomial(gold, 0.8, size=(systems, units))
    predicted = right + rng.poisson(gold * 0.2, size=(systems, units))
    return np.stack([right, np.zeros_like(right), np.broadcast_to(gold, right.shape), predicted], axis=2).astype(float)
