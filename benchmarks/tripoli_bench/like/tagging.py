"""Tagged sentences as seqeval, conlleval and nervaluate score them.

The tools differ in what they take for an entity. seqeval and conlleval look at pairs of neighbouring tags and so read
something into any tag at all; seqeval's strict mode and nervaluate follow a scheme and refuse what is not in it.
A side is a list of sentences, a sentence a list of tags, and both sides have the same tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from . import Figure, ratios

Sentences = Sequence[Sequence[str]]
Ratios = tuple[float | None, float | None, float | None]


class Entity(NamedTuple):
    """A run of tokens of one type; `last` is inside it."""

    type: str
    first: int
    last: int


def seqeval(gold: Sentences, predicted: Sentences, *, strict: bool = False) -> list[Figure]:
    """Return what seqeval 1.2.2 gives with `zero_division=0`: micro in total and by type, macro and weighted.

    A type that is only predicted lowers the macro average. Without any entity the macro average is `None`. No sentence
    at all, which seqeval refuses, scores like sentences without entities.

    Args:
        gold: the tags of each sentence.
        predicted: the same for the other side.
        strict: as `mode="strict", scheme=IOB2`: an I- that continues nothing of its type is dropped, in the gold too.
            Otherwise, as without a mode, it begins an entity.

    Raises:
        ValueError: where the sides differ in shape, where a tag is empty, and in strict mode where a tag does not
            begin with B, I or O.
    """
    _check_shape(gold, predicted)
    name, read = ("seqeval-strict", _entities_of_iob2) if strict else ("seqeval", _entities_of_any)
    found, wanted = set(read(predicted)), set(read(gold))
    right, n_pred, n_gold = (Counter(entity.type for entity in side) for side in (found & wanted, found, wanted))
    types = sorted(n_pred | n_gold)
    rows = [ratios(right[type_], n_pred[type_], right[type_], n_gold[type_]) for type_ in types]
    support: dict[str, float] = {"n_gold": len(wanted)}
    macro: Ratios = _average(rows, [1] * len(rows)) if rows else (None, None, None)
    weighted = _average(rows, [n_gold[type_] for type_ in types]) if wanted else (0.0, 0.0, 0.0)
    return [
        *_micro(name, right, n_pred, n_gold),
        Figure(f"{name}.macro", None, *macro, support),
        Figure(f"{name}.weighted", None, *weighted, support),
    ]


def conlleval(gold: Sentences, predicted: Sentences) -> list[Figure]:
    """Return what conlleval.pl of 2004-01-26 gives without options: precision, recall and FB1 in total and by type.

    On B-, I- and O its entities are those of seqeval's default mode; elsewhere not, as it knows no S-.
    The total has the counts `tokens` and `accuracy`, the share of tags that are right. Without tokens the tool prints
    neither that nor ratios. It sees an empty line after each sentence here.

    Raises:
        ValueError: where the sides differ in shape.
    """
    _check_shape(gold, predicted)
    right, n_pred, n_gold = Counter[str](), Counter[str](), Counter[str]()
    tokens = same = 0
    before = _BREAK
    agreed = False  # whether both sides are in an entity that they began together, with the same type
    for now in _conlleval_tags(gold, predicted):
        if now is not _BREAK:
            tokens += 1
            same += now[0] == now[1]
        ends = [_conlleval_ends(*pair) for pair in zip(before, now, strict=True)]
        begins = [_conlleval_begins(*pair) for pair in zip(before, now, strict=True)]
        if agreed and all(ends):
            right[before[0].type] += 1
        agreed = now[0].type == now[1].type and (all(begins) or (agreed and not any(ends)))
        n_gold.update([now[0].type] * begins[0])
        n_pred.update([now[1].type] * begins[1])
        before = now
    if agreed:
        right[before[0].type] += 1
    total, *by_type = _micro("conlleval", right, n_pred, n_gold)
    total.counts["tokens"] = tokens
    if not tokens:
        return [Figure(total.metric, None, None, None, None, total.counts)]
    total.counts["accuracy"] = same / tokens
    return [total, *by_type]


def nervaluate(gold: Sentences, predicted: Sentences, types: Sequence[str] | None = None) -> list[Figure]:
    """Return what nervaluate 1.2.1 gives: four schemes, `strict`, `exact`, `partial` and `ent_type`.

    It is its `Evaluator(gold, predicted, tags=types, loader="list")`, which pairs entities greedily in the order of
    the predictions. A type is also evaluated by itself, so that the counts of the types do not add up to the total.
    Where there is no sentence, nervaluate has no results, and there are no figures.

    Args:
        gold: the tags of each sentence, which is nervaluate's document.
        predicted: the same for the other side.
        types: what to score; the rest is ignored. `None` is every type of either side.

    Raises:
        ValueError: where the sides differ in shape, and where an entity begins with a tag other than B- or I-.
    """
    _check_shape(gold, predicted)
    totals: dict[str | None, dict[str, Counter[str]]] = {}
    for sides in zip(_entities_of_sentences(gold), _entities_of_sentences(predicted), strict=True):
        kept = ([entity for entity in side if types is None or entity.type in types] for side in sides)
        for row, near, n_gold in _evaluations(*kept):
            for scheme in _NERVALUATE:
                totals.setdefault(row, {}).setdefault(scheme, Counter()).update(_greedy(near, n_gold, scheme))
    rows = sorted(totals, key=lambda row: (row is not None, row or ""))
    return [_nervaluate_figure(scheme, row, totals[row][scheme]) for scheme in _NERVALUATE for row in rows]


def _check_shape(gold: Sentences, predicted: Sentences) -> None:
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold sentences, {len(predicted)} predicted: expected as many")
    for number, (one, other) in enumerate(zip(gold, predicted, strict=True), 1):
        if len(one) != len(other):
            raise ValueError(f"sentence {number}: {len(one)} gold tags, {len(other)} predicted: expected as many")


def _micro(name: str, right: Counter[str], n_pred: Counter[str], n_gold: Counter[str]) -> list[Figure]:
    """Return the figure of all entities and that of each type."""
    rows: list[tuple[str | None, int, int, int]] = [(None, right.total(), n_pred.total(), n_gold.total())]
    rows += [(type_, right[type_], n_pred[type_], n_gold[type_]) for type_ in sorted(n_pred | n_gold)]
    return [
        Figure(f"{name}.micro", type_, *ratios(tp, pred, tp, gold), {"tp": tp, "n_pred": pred, "n_gold": gold})
        for type_, tp, pred, gold in rows
    ]


def _average(rows: Sequence[tuple[float, float, float]], weights: Sequence[int]) -> tuple[float, float, float]:
    precision, recall, f1 = (
        sum(value * weight for value, weight in zip(column, weights, strict=True)) / sum(weights)
        for column in zip(*rows, strict=True)
    )
    return precision, recall, f1


def _entities_of_any(sentences: Sentences) -> Iterator[Entity]:
    """Yield the entities of seqeval's default mode, in all sentences as one row of tags with an O after each.

    A tag is its first character and a type: what follows the first hyphen, or without one, the first character.
    Only B, I, E, S and O mean something; any other character makes an entity where the type changes.
    """
    first, position, before, type_before = 0, 0, "O", ""
    for number, sentence in enumerate(sentences, 1):
        for token, tag in enumerate((*sentence, "O"), 1):
            if not tag:
                raise ValueError(f"sentence {number}, token {token}: an empty tag")
            letter, type_ = tag[0], tag[1:].split("-", 1)[-1] or "_"
            changed = type_ != type_before
            if before in "ES" or (before in "BI" and letter in "BSO") or (before not in "O." and changed):
                # `first` may be old: an E ends an entity even where nothing began one.
                yield Entity(type_before, first, position - 1)
            if letter in "BS" or (letter in "EI" and before in "ESO") or (letter not in "O." and changed):
                first = position
            position, before, type_before = position + 1, letter, type_


def _entities_of_iob2(sentences: Sentences) -> Iterator[Entity]:
    """Yield the entities of seqeval's strict mode: B- and what follows of I- with the same type."""
    position = 0
    for number, sentence in enumerate(sentences, 1):
        inside: Entity | None = None
        for token, tag in enumerate(sentence, 1):
            if not tag.startswith(("B", "I", "O")):
                raise ValueError(
                    f"sentence {number}, token {token}: tag {tag!r}, expected one that begins with B, I or O (IOB2)"
                )
            type_ = tag[1:].strip("-") or "_"
            if inside and tag[0] == "I" and type_ == inside.type:
                inside = inside._replace(last=position)
            else:
                if inside:
                    yield inside
                inside = Entity(type_, position, position) if tag[0] == "B" else None
            position += 1
        if inside:
            yield inside


class _Tag(NamedTuple):
    """A tag as conlleval reads it: what is before the first hyphen, and after it."""

    chunk: str
    type: str


_BREAK = (_Tag("O", ""), _Tag("O", ""))


def _conlleval_tags(gold: Sentences, predicted: Sentences) -> Iterator[tuple[_Tag, _Tag]]:
    for sentence in zip(gold, predicted, strict=True):
        for one, other in zip(*sentence, strict=True):
            yield _conlleval_tag(one), _conlleval_tag(other)
        yield _BREAK


def _conlleval_tag(tag: str) -> _Tag:
    chunk, _, type_ = tag.partition("-")
    return _Tag(chunk, "" if type_ == "0" else type_)  # to Perl, "0" is false


def _conlleval_ends(before: _Tag, now: _Tag) -> bool:
    if before.chunk in ("[", "]"):
        return True
    if before.chunk in ("B", "I") and now.chunk in ("B", "O"):
        return True
    if before.chunk == "E" and now.chunk in ("E", "I", "O"):
        return True
    return before.chunk not in ("O", ".") and before.type != now.type


def _conlleval_begins(before: _Tag, now: _Tag) -> bool:
    if now.chunk in ("[", "]"):
        return True
    if now.chunk == "B" and before.chunk in ("B", "I", "O"):
        return True
    if now.chunk in ("E", "I") and before.chunk in ("E", "O"):
        return True
    return now.chunk not in ("O", ".") and before.type != now.type


def _entities_of_sentences(sentences: Sentences) -> Iterator[list[Entity]]:
    """Yield the entities of each sentence as nervaluate's list loader reads them.

    B- and I- begin an entity; a tag of the same type goes on with it, whatever two characters it begins with, but
    for a B.
    """
    for number, sentence in enumerate(sentences, 1):
        entities: list[Entity] = []
        inside = False
        for position, tag in enumerate(sentence):
            if tag == "O":
                inside = False
            elif inside and tag[2:] == entities[-1].type and not tag.startswith("B"):
                entities[-1] = entities[-1]._replace(last=position)
            elif tag.startswith(("B-", "I-")):
                inside = True
                entities.append(Entity(tag[2:], position, position))
            else:
                raise ValueError(
                    f"sentence {number}, token {position + 1}: tag {tag!r}, expected O, B- or I-, or a tag that goes "
                    "on with an entity"
                )
        yield entities


_Near = Sequence[tuple[Entity, Sequence[Entity]]]
"""Each predicted entity with the gold ones that it overlaps, in their order."""


def _evaluations(gold: list[Entity], predicted: list[Entity]) -> Iterator[tuple[str | None, _Near, int]]:
    """Yield what is to be paired, and how many gold entities there are: of all types together, then of each alone."""
    near, n_gold = list(_near(gold, predicted)), Counter(entity.type for entity in gold)
    yield None, near, len(gold)
    for type_ in {entity.type for side in (gold, predicted) for entity in side}:
        alone = [(one, [other for other in others if other.type == type_]) for one, others in near if one.type == type_]
        yield type_, alone, n_gold[type_]


def _near(gold: Sequence[Entity], predicted: Sequence[Entity]) -> Iterator[tuple[Entity, list[Entity]]]:
    at = 0
    for entity in predicted:
        while at < len(gold) and gold[at].last < entity.first:
            at += 1
        end = at
        while end < len(gold) and gold[end].first <= entity.last:
            end += 1
        yield entity, [other for other in gold[at:end] if _overlap_counts(other, entity)]


def _overlap_counts(gold: Entity, predicted: Entity) -> bool:
    """Tell whether the overlap is one percent of the gold entity, nervaluate's least."""
    shared = min(gold.last, predicted.last) - max(gold.first, predicted.first) + 1
    return shared / (gold.last - gold.first + 1) * 100.0 >= 1.0


_NERVALUATE: dict[str, Callable[[Entity, Entity], bool]] = {
    "strict": lambda gold, predicted: gold == predicted,
    "exact": lambda gold, predicted: gold[1:] == predicted[1:],
    "partial": lambda gold, predicted: gold[1:] == predicted[1:],
    "ent_type": lambda gold, predicted: gold.type == predicted.type,
}
"""What is correct under each scheme, of two entities that overlap."""


def _greedy(near: _Near, n_gold: int, scheme: str) -> Counter[str]:
    """Count what becomes of each entity when predictions are paired one after the other.

    Of the gold entities that are still free each takes the nearest correct one, or else the first.
    """
    counts = Counter[str]()
    taken = set[Entity]()
    for entity, others in near:
        free = [other for other in others if other not in taken]
        correct = [other for other in free if _NERVALUATE[scheme](other, entity)]
        if correct:
            counts["correct"] += 1
            taken.add(min(correct, key=partial(_distance, entity)))
        elif free:
            counts["partial" if scheme == "partial" else "incorrect"] += 1
            taken.add(free[0])
        else:
            counts["spurious"] += 1
    counts["missed"] = n_gold - len(taken)
    return counts


def _distance(one: Entity, other: Entity) -> int:
    return abs(one.first - other.first) + abs(one.last - other.last)


def _nervaluate_figure(scheme: str, type_: str | None, found: Counter[str]) -> Figure:
    paired = found["correct"] + found["incorrect"] + found["partial"]
    counts: dict[str, float] = {name: found[name] for name in ("correct", "incorrect", "partial", "missed", "spurious")}
    counts["possible"], counts["actual"] = paired + found["missed"], paired + found["spurious"]
    right = found["correct"] + found["partial"] / 2
    return Figure(f"nervaluate.{scheme}", type_, *ratios(right, counts["actual"], right, counts["possible"]), counts)
