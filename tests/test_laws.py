"""Laws of scoring: each holds for every metric of `TRACKS`, and for any that is added, or the metric is an exception.

The exceptions stand in constants with their reasons, and examples show of each that it is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from math import isclose
from pathlib import Path
from random import Random
from string import ascii_uppercase
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tripoli_bench import Metric, Scores, score
from tripoli_bench.batches import _COLUMNS
from tripoli_bench.columns import COUNTED
from tripoli_bench.metrics import TRACKS, Context, SpanMeasure, count_items, metrics_of, select
from tripoli_bench.pairing import Pair
from tripoli_bench.reading import read_plain
from tripoli_bench.rows import Bootstrap, Row, rows_of
from tripoli_bench.stream import count_pairs
from tripoli_bench.tally import MANY, Tally, Task
from tripoli_bench.views import load_view
from tripoli_loaders import Argument, Document, Event, FormatError, Mention, Span, Value, load_gold, write_documents
from tripoli_loaders.documents import iter_records
from tripoli_loaders.model import Zone, reading

Pick = Callable[[Sequence[Any]], Any]
"""Takes one of several: as Hypothesis draws, or at random."""
Sides = tuple[Document, Document]
Key = tuple[str, "str | None", "str | None", object]
"""What a row is of: metric, article, type, zone."""
Rows = dict[Key, Row]

METRICS = tuple(metric for track in TRACKS for metric in metrics_of(track))
COUNTING = [str(metric) for metric in METRICS if isinstance(metric.means, SpanMeasure)]
ITEMS = ("mentions", "values", "events")


def _arguments(by: str, reason: str) -> dict[str, str]:
    return {f"arguments.{kind}@{by}": reason for kind in ("c+", "i+", "c", "i")}


_GOLD_ENTITIES = "fillers are told apart by the entities of the gold alone"
_OWN_HEADS = "heads are those of a side's own mentions, and the gold's for what is no mention of its own"
ASYMMETRIC = {
    "coref.antecedent": "any antecedent of the right chain is right, and the chains are the gold's",
    "sources.entity": _GOLD_ENTITIES,
    **_arguments("entity", _GOLD_ENTITIES),
    **_arguments("head", _OWN_HEADS),
}
"""Metrics whose precision and recall do not swap when the sides do."""

_TAKEN = "the gold item may have its credit already, from another prediction, which is spurious then"
_LENIENT = {str(m): _TAKEN for m in METRICS if getattr(m.means, "scheme", "") in ("span", "type", "partial", "head")}
NOT_MONOTONE = {
    **_LENIENT,
    **_arguments("head", _OWN_HEADS),
    "coref.antecedent": "what is counted is a mention and the one before it, so that one more changes the next",
}
"""Metrics of counts that may fall when a missed item is added to the prediction."""

# Documents: items crowd on few spans, nested and crossing; a span may have several items, but one chain.

LENGTH = 40
TENS = tuple(Span(start, start + 10) for start in range(0, LENGTH, 10))
TWOS = tuple((start, start + 2) for start in range(0, LENGTH, 2))
ZONES = (Zone(0, 10, "title"), Zone(10, 30, "body"), Zone(30, LENGTH, "boilerplate"))
PLACES = ((0, 3), (2, 8), (2, 5), (5, 8), (9, 14), (12, 18), (14, 18), (20, 28), (22, 25), (31, 36), (33, 36))
KINDS = (("TIME", "DATE"), ("TIME", "TIME"), ("TIME", None), ("NUM", None))


KEYS = ("Q1", "wikidata:Q1", "Q2", "p", "q", "x", "y", "z")


def document(pick: Pick, name: str, **units: Any) -> Document:
    def places(most: int) -> list[tuple[int, int]]:
        return [pick(PLACES) for _ in range(pick(range(most + 1)))]

    entity, happening = ({place: pick(keys) for place in PLACES} for keys in (KEYS[:5], KEYS[5:]))
    mentions, values, events = [], [], []
    for start, end in places(6):
        level, key = pick(("NAM", None, "NOM", "PRO")), pick((None, entity[start, end], entity[start, end]))
        head = pick((None, None, Span(end - 2, end)))
        mentions.append(Mention(start, end, pick(("PER", "ORG", "GPE")), level, key, head))
    for start, end in places(3):
        normal = {"value": pick((None, "2019")), "number": pick((None, 1, 1.0, 2)), "unit": pick((None, "km", "EUR"))}
        values.append(Value(start, end, *pick(KINDS), **normal))
    named = [(item.start, item.end) for item in mentions]
    fillers = named + [(item.start, item.end) for item in values]
    for start, end in places(4):
        label, realis, polarity = pick(("Life.Die", "Contact.Meet")), pick((None, "Actual")), pick((None, "Negative"))
        key, source = pick((None, happening[start, end])), Span(*pick(named)) if named and pick((True, False)) else None
        arguments = [Argument(pick(("Agent", "Place")), *pick(fillers)) for _ in places(2) if fillers]
        events.append(Event(start, end, label, realis, polarity, key, source, tuple(arguments)))
    layers: dict[str, Any] = {"mentions": tuple(mentions), "values": tuple(values), "events": tuple(events)}
    given = {layer: items for layer, items in layers.items() if items or pick((True, False))}
    return Document(name, scope="corpus", **units, **given)


def article(pick: Pick, name: str) -> Sides:
    """Return gold and prediction of an article; some predictions are the gold."""
    units = {"sentences": pick((TENS, TENS[1:], None)), "tokens": pick((TWOS, None)), "zones": pick((None, ZONES))}
    gold = document(pick, name, **units)
    return gold, gold if pick((False, False, False, True)) else document(pick, name, **units)


@st.composite
def articles(draw: st.DrawFn, names: str = "ab") -> list[Sides]:
    return [article(lambda options: draw(st.sampled_from(options)), name) for name in names]


def corpus(number: int, seed: int) -> list[Sides]:
    random = Random(seed)
    return [article(random.choice, f"{index:04}") for index in range(number)]


# Scores in memory.


def counted(pairs: Sequence[Sides], metrics: Iterable[Metric] = METRICS, **options: Any) -> Tally:
    task = {"view": "native", "own": True, "sentences": True, **options}
    return count_pairs([Pair(*sides) for sides in pairs], Task(tuple(metrics), **task))


def rows(pairs: Sequence[Sides], resamples: int = 0, *, singletons: bool = True, **options: Any) -> Rows:
    tally = counted(pairs, singletons=singletons, **options)
    return keyed(rows_of("s", tally, METRICS, Bootstrap(resamples, 0), None, singletons=singletons))


def keyed(found: Iterable[Row]) -> Rows:
    return {(row.metric, row.article, row.type, row.zone): row for row in found}


def totals(pairs: Sequence[Sides], **options: Any) -> dict[str, Row]:
    return {key[0]: row for key, row in rows(pairs, **options).items() if key[1:] == (None, None, msgspec.UNSET)}


def near(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and isclose(one, other, abs_tol=1e-9))


def differing(one: Rows, other: Rows) -> set[str]:
    """Return the metrics whose rows differ by more than the order of a sum."""
    fields = ("precision", "recall", "f1", "tp", "fp", "fn", "low", "high")
    return {key[0] for key in one.keys() ^ other.keys()} | {
        key[0]
        for key in one.keys() & other.keys()
        if not all(near(getattr(one[key], field), getattr(other[key], field)) for field in fields)
    }


def compared(document: Document, gold: Document, metric: Metric) -> set[tuple[int, int, str, str]]:
    """Return what a metric of counts compares of a document."""
    means = metric.means
    assert isinstance(means, SpanMeasure)
    return {item.key for item in select(document, Context(load_view("native"), document is gold, gold), means.select)}


def changed(document: Document, **change: Callable[[Any], Any]) -> Document:
    """Return the document with functions applied to its items, by layer."""
    layers = {layer: items for layer in change if (items := getattr(document, layer)) is not None}
    return replace(document, **{layer: tuple(map(change[layer], items)) for layer, items in layers.items()})


def law(examples: int) -> settings:
    return settings(deadline=None, max_examples=examples, suppress_health_check=[HealthCheck.function_scoped_fixture])


@law(20)
@given(articles(), st.booleans())
def test_identity(pairs: list[Sides], singletons: bool) -> None:
    golds = [gold for gold, _ in pairs]
    found = rows([(gold, gold) for gold in golds], singletons=singletons, boilerplate=True)

    assert [key for key, row in found.items() if not {row.precision, row.recall, row.f1} <= {1.0, None}] == []
    assert [key for key, row in found.items() if row.fp or row.fn] == []
    undefined = {key[0] for key, row in found.items() if key[1:] == (None, None, msgspec.UNSET) and row.f1 is None}
    for metric in METRICS:
        means = metric.means
        if isinstance(means, SpanMeasure):
            assert any(compared(gold, gold, metric) for gold in golds) is (str(metric) not in undefined), metric
            continue
        chains: dict[object, set[object]] = {}
        for gold in golds:
            for item in getattr(gold, means.layer) or ():
                if (chain := getattr(item, means.key)) is not None:
                    name = chain if means.across else (gold.id, chain)
                    chains.setdefault(name, set()).add((gold.id, item.start, item.end))
        # MUC and BLANC are made of links, of which one item alone has none.
        least = 2 if not singletons or set(means.parts) <= {"muc", "blanc"} else 1
        if any(len(chain) >= least for chain in chains.values()):
            assert str(metric) not in undefined, metric


@law(10)
@given(articles())
def test_bounds(pairs: list[Sides]) -> None:
    for key, row in rows(pairs, resamples=100).items():
        assert all(ratio is None or 0 <= ratio <= 1 for ratio in (row.precision, row.recall, row.f1)), key
        assert (row.low is None) is (row.high is None), key
        assert row.low is None or row.high is None or 0 <= row.low <= row.high <= 1, key
        if row.tp is not None and row.fp is not None and row.fn is not None:
            assert min(row.tp, row.fp, row.fn) >= 0, key  # what is right is on both sides
            assert row.f1 is None or near(row.f1, 2 * row.tp / (2 * row.tp + row.fp + row.fn)), key


def not_swapped(pairs: Sequence[Sides], **options: Any) -> set[str]:
    """Return the metrics whose precision and recall do not swap with the sides, in total or of an article."""
    there, back = rows(pairs, **options), rows([(predicted, gold) for gold, predicted in pairs], **options)
    ratios = {
        key: (row.precision, row.recall, row.f1, back[key].recall, back[key].precision, back[key].f1)
        for key, row in there.items()
        if key[2:] == (None, msgspec.UNSET)  # a pair counts under the type and in the zone of its gold item
    }
    return {key[0] for key, (*one, a, b, c) in ratios.items() if not all(map(near, one, (a, b, c)))}


@law(25)
@given(articles(), st.booleans())
def test_symmetry(pairs: list[Sides], singletons: bool) -> None:
    assert not_swapped(pairs, singletons=singletons) <= set(ASYMMETRIC)


def test_what_is_not_symmetric() -> None:
    one, other, third, long = (0, 3), (5, 8), (9, 14), (20, 28)
    chain = tuple(Mention(*place, "PER", "NAM", "p") for place in (one, other, third))
    parts = (chain[0], replace(chain[1], entity="r"), chain[2])
    said = [Event(31, 36, "Life.Die", source=Span(*at), arguments=(Argument("Agent", *at),)) for at in (one, other)]
    filled = (Event(31, 36, "Life.Die", arguments=(Argument("Agent", *long),)),)
    mention, value = (Mention(*long, "PER", "NOM", head=Span(26, 28)),), (Value(*long, "NUM"),)
    pairs = [
        (Document("a", mentions=chain, events=(said[0],)), Document("a", mentions=parts, events=(said[1],))),
        (Document("b", mentions=mention, events=filled), Document("b", mentions=(), values=value, events=filled)),
    ]
    assert not_swapped(pairs) == set(ASYMMETRIC)


def shuffled(document: Document, random: Random) -> Document:
    turned = changed(document, events=lambda event: replace(event, arguments=event.arguments[::-1]))
    layers = {layer: items for layer in ITEMS if (items := getattr(turned, layer))}
    return replace(turned, **{layer: tuple(random.sample(items, len(items))) for layer, items in layers.items()})


@law(15)
@given(articles(), st.randoms(use_true_random=False))
def test_order_changes_nothing(pairs: list[Sides], random: Random) -> None:
    def moved(pairs: list[Sides]) -> list[Sides]:
        return [(shuffled(gold, random), shuffled(predicted, random)) for gold, predicted in pairs[::-1]]

    assert differing(rows(pairs, 100), rows(moved(pairs), 100)) == set()


def test_order_of_mentions_on_one_span_changes_nothing() -> None:
    heads = tuple(Mention(2, 8, "PER", "NOM", head=head) for head in (Span(2, 4), Span(6, 8)))
    chain = tuple(Mention(*place, "PER", "NAM", "p") for place in ((2, 8), (12, 18)))
    events = (Event(20, 28, "Life.Die", arguments=(Argument("Agent", 2, 8),)),)
    pairs = [
        (Document("a", mentions=heads), Document("a", mentions=(Mention(5, 8, "PER", head=Span(6, 8)),))),
        (Document("b", mentions=heads, events=events), Document("b", mentions=heads[:1], events=events)),
        # In the rows of zones; where there are several arguments, in the intervals too.
        (Document("c", sentences=TENS, zones=ZONES, mentions=chain, events=events), Document("c", events=events)),
    ]
    turned = [(replace(gold, mentions=(gold.mentions or ())[::-1]), predicted) for gold, predicted in pairs]

    assert differing(rows(pairs), rows(turned)) == set()


@law(15)
@given(articles(), st.permutations(KEYS))
def test_keys_of_the_prediction_are_names(pairs: list[Sides], names: list[str]) -> None:
    of: dict[str | None, str | None] = {None: None, **dict(zip(KEYS, names, strict=True))}
    rename = {"mentions": lambda m: replace(m, entity=of[m.entity]), "events": lambda e: replace(e, event=of[e.event])}
    renamed = [(gold, changed(predicted, **rename)) for gold, predicted in pairs]
    linking = {str(metric) for metric in METRICS if metric.track == "linking"}  # to it alone a key says something

    assert differing(rows(pairs), rows(renamed)) <= linking


@law(10)
@given(articles("abc"), st.permutations("abc"))
def test_ids_of_articles_are_names(pairs: list[Sides], names: list[str]) -> None:
    of: dict[str | None, str | None] = {None: None, **dict(zip("abc", names, strict=True))}
    renamed = [(replace(gold, id=of[gold.id]), replace(predicted, id=of[gold.id])) for gold, predicted in pairs]
    expected = {(key[0], of[key[1]], *key[2:]): row for key, row in rows(pairs).items()}

    assert differing(expected, rows(renamed)) == set()


@law(12)
@given(articles())
def test_repetitions_change_nothing(pairs: list[Sides]) -> None:
    def twice(document: Document) -> Document:
        more = changed(document, events=lambda event: replace(event, arguments=event.arguments * 2))
        return replace(more, **{layer: (items := getattr(more, layer)) and items * 2 for layer in ITEMS})

    once = rows(pairs)
    assert differing(once, rows([(gold, twice(predicted)) for gold, predicted in pairs])) == set()
    assert differing(once, rows([(twice(gold), predicted) for gold, predicted in pairs])) == set()


def lowered(gold: Document, before: Document, after: Document) -> set[str]:
    """Return the metrics of counts whose F1 falls; undefined it says nothing against the prediction."""
    one, other = totals([(gold, before)]), totals([(gold, after)])
    ratios = {name: (one[name].f1, other[name].f1) for name in COUNTING}
    return {name for name, (old, new) in ratios.items() if old is not None and new is not None and new < old - 1e-9}


def with_item(document: Document, layer: str, item: object) -> Document:
    return replace(document, **{layer: (*(getattr(document, layer) or ()), item)})


@law(15)
@given(articles("a"), st.data())
def test_a_correction_lowers_nothing(pairs: list[Sides], data: st.DataObject) -> None:
    [(gold, predicted)] = pairs
    assert lowered(gold, predicted, gold) == set()
    for layer in ITEMS:
        if missed := getattr(gold, layer):
            better = with_item(predicted, layer, data.draw(st.sampled_from(missed)))
            assert lowered(gold, predicted, better) <= set(NOT_MONOTONE)
        if found := getattr(predicted, layer):
            at = data.draw(st.integers(0, len(found) - 1))
            better = replace(predicted, **{layer: found[:at] + found[at + 1 :]})
            alone = replace(predicted, **{**dict.fromkeys(ITEMS), layer: found[at : at + 1]})
            for name in lowered(gold, predicted, better) - set(NOT_MONOTONE):
                metric = Metric.parse(name)
                assert compared(alone, gold, metric) & compared(gold, gold, metric), name  # it was not spurious


def test_what_is_not_monotone() -> None:
    mention, value, first, long = Mention(2, 8, "PER", "NAM"), Value(2, 8, "TIME"), (9, 14), (20, 28)
    chain = [Mention(*place, "PER", "NAM", key) for place, key in ((first, "p"), ((15, 18), "q"), (long, "p"))]
    events = [Event(31, 36, label, arguments=(Argument("Agent", *at),)) for label, at in (("A", first), ("B", long))]
    heads = [Mention(*long, "PER", "NOM", head=Span(*at)) for at in ((20, 22), (26, 28))]
    examples: list[tuple[str, Sequence[object], Sequence[object], object]] = [
        ("mentions", (mention,), (replace(mention, type="ORG"),), mention),
        ("mentions", (mention,), (Mention(5, 8, "PER", head=Span(2, 8)),), mention),
        ("values", (value,), (replace(value, kind="NUM"),), value),
        ("mentions", chain, [replace(one, entity="q") for one in chain[::2]], chain[1]),
        ("events", events, events[:1], events[1]),
    ]
    fell = []
    for layer, found, predicted, missed in examples:
        gold = replace(Document("a", mentions=tuple(heads[:1])), **{layer: tuple(found)})
        before = replace(Document("a", mentions=tuple(heads[1:])), **{layer: tuple(predicted)})
        fell.append(lowered(gold, before, with_item(before, layer, missed)))

    assert set().union(*fell) == set(NOT_MONOTONE)


def unequal(whole: Tally, parts: Sequence[Tally]) -> list[str]:
    """Return the metrics whose counts by label, or sums within articles, are not those of the parts together."""

    def by_label(tally: Tally, metric: Metric) -> Counter[tuple[str, int]]:
        labels, counts = tally.spans[metric]
        return +Counter({(labels[i], at): int(n) for (i, at), n in np.ndenumerate(counts.sum(axis=0))})

    wrong = [m for m in whole.spans if by_label(whole, m) != sum((by_label(part, m) for part in parts), Counter())]
    for metric, sums in whole.chains.items():
        if not np.allclose(sums.sum(axis=0), sum(part.chains[metric].sum(axis=0) for part in parts)):
            wrong.append(metric)
    return [str(metric) for metric in wrong]


@law(15)
@given(articles("abc"), st.booleans())
def test_counts_add_up(pairs: list[Sides], sentences: bool) -> None:
    tally, found = counted(pairs, sentences=sentences), rows(pairs)
    assert unequal(tally, [counted([sides], sentences=sentences) for sides in pairs]) == []
    by_batch = Tally()
    for sides in (pairs[:2], pairs[2:]):
        by_batch.add(counted(sides, sentences=sentences), pooled=not sentences)
    assert unequal(tally, [by_batch]) == []

    sums: tuple[Counter[tuple[str, str]], ...] = (Counter(), Counter(), Counter())
    for (name, article, label, zone), row in found.items():
        if row.tp is not None and zone is msgspec.UNSET:
            for field in ("tp", "fp", "fn"):
                sums[0 if article is label is None else 1 if label is None else 2][name, field] += getattr(row, field)
    assert sums[0] == sums[1] == sums[2]
    assert sums[0].keys() == {(name, field) for name in COUNTING for field in ("tp", "fp", "fn") if "macro" not in name}


@law(30)
@given(articles("abcd"), st.sampled_from(("native", "conll03", "ontonotes")))
def test_columns_count_as_items_do(pairs: list[Sides], name: str) -> None:
    metrics = [metric for track in TRACKS for metric in metrics_of(track, name)]
    tally, view, number = counted(pairs, metrics, view=name, boilerplate=True), load_view(name), 0
    for metric in metrics:
        means = metric.means
        if not isinstance(means, SpanMeasure) or means.select not in _COLUMNS or means.scheme not in COUNTED:
            continue
        first, expected = 0, dict[tuple[int, str], tuple[float, ...]]()
        for gold, predicted in pairs:
            one, other = (select(side, Context(view, side is gold, gold), means.select) for side in (gold, predicted))
            starts = [sentence.start for sentence in gold.sentences or ()]
            rows_of_starts = [max(0, sum(start <= at for start in starts) - 1) for at in range(LENGTH)]
            found = count_items(one, other, means.scheme, lambda item, of=rows_of_starts: of[item.start])  # type: ignore[misc]
            expected |= {(first + row, label): tuple(counts) for (row, label), counts in found.items()}
            first += max(1, len(starts))
        labels, counts = tally.spans[metric]
        cells = {(row, labels[i]): tuple(counts[row, i]) for row, i in np.argwhere(counts.any(axis=2)).tolist()}
        assert (cells, len(counts)) == (expected, first), metric
        number += 1
    assert number >= 10


def write_spans(path: Path, documents: Iterable[Document], *, plain: bool, levels: bool, repeated: bool) -> Path:
    """Write documents as spans with types; if not plain, with a field that says nothing."""
    silent: dict[str, None] = {} if plain else {"events": None}
    lines = []
    for one in documents:
        mentions = [Mention(m.start, m.end, m.type, m.level if levels else None) for m in one.mentions or ()]
        bare = mentions if repeated else {(mention.start, mention.end): mention for mention in mentions}.values()
        lines.append(msgspec.json.encode(msgspec.to_builtins(Document(one.id, mentions=tuple(bare))) | silent))
    path.write_bytes(b"\n".join(lines))
    for record in iter_records(path):
        assert levels or (read_plain(record) is not None) is plain  # otherwise the law says nothing
    return path


def both_ways(
    folder: Path,
    pairs: Sequence[Sides],
    number: int,
    view: str = "native",
    levels: bool = False,
    repeated: bool = False,
) -> list[Scores]:
    """Score articles, some of them predicted, as plain records and as documents."""
    golds, predicted = [gold for gold, _ in pairs], [predicted for _, predicted in pairs[:number]]
    results = []
    for plain in (True, False):
        gold = write_spans(folder / "gold.jsonl", golds, plain=plain, levels=levels, repeated=repeated)
        system = write_spans(folder / "s.jsonl", predicted, plain=plain, levels=levels, repeated=repeated)
        results.append(score(system, gold, ["ner"], view, resamples=100))
    return results


@law(20)
@given(
    articles("abc"),
    st.fixed_dictionaries({"levels": st.sampled_from((False, False, True)), "repeated": st.booleans()}),
    st.sampled_from(("native", "conll03")),
    st.integers(0, 3),
)
def test_plain_records_count_as_documents_do(
    tmp_path: Path, pairs: list[Sides], form: dict[str, bool], view: str, number: int
) -> None:
    plain, full = both_ways(tmp_path, pairs, number, view, **form)

    assert (plain.rows, plain.by_zone) == (full.rows, full.by_zone)
    assert sorted(plain.problems, key=str) == sorted(full.problems, key=str)


def test_plain_records_are_remarked_on_in_order(tmp_path: Path) -> None:
    mentions = tuple(Mention(start, start + 1, letter) for start, letter in enumerate(ascii_uppercase))
    plain, full = both_ways(tmp_path, [(Document("a"), Document("a", mentions=mentions))], 1)

    assert plain.problems == full.problems


def files(folder: Path, gold: Iterable[Sides], predicted: Iterable[Sides]) -> tuple[Path, Path]:
    """Write both sides, each in an order of its own; return the file of the predictions first."""
    write_documents(folder / "gold.jsonl", (sides[0] for sides in gold))
    write_documents(folder / "s.jsonl", (sides[1] for sides in predicted))
    return folder / "s.jsonl", folder / "gold.jsonl"


def test_processes_change_nothing(tmp_path: Path) -> None:
    pairs = corpus(520, seed=1)
    one, two = (score(*files(tmp_path, pairs, pairs), list(TRACKS), resamples=100, jobs=jobs) for jobs in (1, 2))

    assert one == two
    assert {row.metric for row in one.rows} == set(map(str, METRICS))


def test_many_articles_are_pooled_without_loss(tmp_path: Path) -> None:
    pairs, random = corpus(MANY + 50, seed=2), Random(3)
    found = [score(*files(tmp_path, pairs, pairs), list(TRACKS), resamples=100)]
    orders = (random.sample(pairs, len(pairs)) for _ in range(2))
    found.append(score(*files(tmp_path, *orders), list(TRACKS), resamples=100))

    one, other = (keyed([*scores.rows, *scores.by_zone]) for scores in found)
    assert differing(one, other) == set()
    expected = {key: row for key, row in rows(pairs).items() if key[1] is None and key[3] is msgspec.UNSET}
    bare = {key: replace(row, low=None, high=None) for key, row in one.items()}
    assert differing(bare, expected) == set()


HUGE = {"number": Value(0, 3, "NUM", number=10**400), "offset": Value(2**70, 2**70 + 3, "NUM")}


@pytest.mark.parametrize("value", HUGE.values(), ids=list(HUGE))
def test_a_number_of_any_size_is_counted_or_refused(tmp_path: Path, value: Value) -> None:
    pairs = [(Document("a", values=(value,)),) * 2]

    with suppress(FormatError):
        assert score(*files(tmp_path, pairs, pairs), ["values"], resamples=0).rows[0].f1 == 1


ACCEPTED = [(gold, number) for gold in load_gold() for number in range(len(gold.alternatives or ()))]


@pytest.mark.parametrize(("gold", "number"), ACCEPTED, ids=[f"{gold.id[:3]}-{number}" for gold, number in ACCEPTED])
def test_an_accepted_reading_is_no_loss(gold: Document, number: int) -> None:
    alternative = (gold.alternatives or ())[number]
    layer, place = alternative.layer, (alternative.start, alternative.end)
    kept = [item for item in getattr(gold, layer) if (item.start, item.end) != place]
    predicted = replace(gold, **{layer: (*kept, *(getattr(reading(alternative), layer) or ()))})

    without, credited = (totals([(gold, predicted)], own=False, alternatives=taken) for taken in (False, True))
    for name in ("mentions.strict", "values.span", "triggers.c"):
        assert (credited[name].f1 or 0) >= (without[name].f1 or 0), name


def test_gold_is_right_whatever_is_accepted_beside_it() -> None:
    gold = [(one, one) for one in load_gold()]

    assert {row.f1 for row in rows(gold, own=False, alternatives=True).values()} <= {1.0, None}
    assert {row.f1 for row in totals(gold, own=False, alternatives=True).values()} == {1.0}
