"""Scores as another tool gives them: the systems' files brought into the form that the tool reads, and its numbers.

Documents become tags on the frozen tokens, chains of mentions, or events; files of tags are taken as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tripoli_loaders import Document, FormatError, Problem, UsageError
from tripoli_loaders.tagged import is_tagged, iter_blocks, read_block

from . import __version__
from .like import LIKE, Figure
from .metrics import Context, Metric, items, select
from .rows import Row
from .scores import Scores, count_systems, expect_documents, expect_tags, refuse, spans_aside, task_of
from .signing import Conventions, left_out_part
from .stream import Gold
from .systems import find_systems, remarks
from .tag_scores import TagTask, count_tag_files
from .tags import to_iob2
from .views import View, load_view

VERSIONS = {
    "seqeval": "1.2.2",
    "seqeval-strict": "1.2.2-IOB2",
    "conlleval": "2004-01-26",
    "nervaluate": "1.2.1",
    "textee": "25d5dca",
    "conll2012": "8.01",
    "corefud": "4fd7b0e-s-x",
}
"""The version of each tool whose numbers are given."""

Sides = Sequence[tuple[Document, Document]]
Tags = tuple[list[list[str]], list[list[str]]]


def score_like(
    predictions: str | Path | Iterable[str | Path],
    gold: str | Path | None = None,
    like: str = "seqeval",
    view: str = "native",
    *,
    boilerplate: bool = False,
    singletons: bool = True,
    skip_invalid: bool = False,
) -> Scores:
    """Return the numbers that another tool gives on these predictions; it has no intervals.

    Args:
        predictions: as for `score`.
        gold: gold of one's own, documents or, for tools that read tags, a file of tags.
        like: a key of `like.LIKE`.
        view: the label view.
        boilerplate: keep predictions that lie wholly in boilerplate.
        singletons: keep chains of one mention.
        skip_invalid: leave out lines that break the document form, instead of refusing the file.

    Raises:
        FormatError: gold or predictions break the document form, or hold tags that the tool refuses.
        UsageError: no such tool or view.
    """
    if like not in LIKE:
        raise UsageError(f"no tool {like!r}; expected one of {', '.join(LIKE)}")
    if not singletons and LIKE[like] != "chains":
        raise UsageError(f"{like} knows no chains, so that none can be dropped")
    systems, problems = find_systems(predictions)
    labels = load_view(view)
    parts = {"like": f"{like}-{VERSIONS[like]}", "view": view}
    figures: dict[str, list[Figure]] = {}
    set_aside: dict[str, int] = {}
    lost: dict[str, dict[str, int]] = {}
    if gold is not None and is_tagged(gold):
        expect_tags(systems)
        if LIKE[like] != "tags":
            raise UsageError(f"{like} scores {LIKE[like]}, which files of tags do not hold")
        if skip_invalid or boilerplate:
            raise UsageError(f"{like} takes files of tags as they are; expected no option that leaves something out")
        count_tags_of(systems, gold)  # what is wrong with the files is said before the tool sees them
        wanted = read_tags(gold)
        for name, path in systems:
            figures[name] = _of_tags(like, (wanted, read_tags(path)), str(path))
    else:
        expect_documents(systems, gold)
        source = Gold(gold)
        conventions = Conventions(boilerplate=boilerplate, skip_invalid=skip_invalid)
        # No chain metric is among them: the tools have their own ways with a mention in two chains.
        headline = {"tags": Metric("ner", "strict", view), "events": Metric("triggers", "c", view)}.get(
            LIKE[like], Metric("mentions", "strict", view)
        )
        task = task_of([headline], view, source, conventions)._replace(keep=True)
        tallies = count_systems(systems, source, task, conventions)
        parts |= {"zones": "all" if boilerplate else "title+body", "gold": source.name()}
        for name, tally in tallies.items():
            problems += remarks(name, tally, labels, [headline.track], own=source.own)
            set_aside[name] = spans_aside(tally, [headline.track])
            sides = sorted(tally.documents, key=lambda pair: pair[0].id)
            if LIKE[like] == "tags":
                lost[name] = _lost(sides, labels)
            figures[name] = _of_documents(like, sides, labels, name, singletons=singletons)
        parts |= left_out_part(tallies)
        if LIKE[like] == "chains" and not singletons:
            parts["chains"] = "singletons-dropped"
    parts["tripoli-bench"] = __version__
    signed = "|".join(f"{name}:{value}" for name, value in parts.items())
    rows = [_row(name, figure) for name, found in figures.items() for figure in found]
    order = {metric: number for number, metric in enumerate(dict.fromkeys(row.metric for row in rows))}
    return Scores(signed, sorted(rows, key=lambda row: order[row.metric]), problems, set_aside, [], not_in_tags=lost)


def count_tags_of(systems: Sequence[tuple[str, Path]], gold: str | Path) -> None:
    """Raise FormatError for files of tags that are not in order, or do not fit the gold's."""
    task = TagTask((Metric("ner", "strict"),), "native", "lenient")
    tallies = {name: count_tag_files(str(gold), str(path), task) for name, path in systems}
    refuse(tallies, Conventions())


def read_tags(path: str | Path) -> list[list[str]]:
    """Return the tags of each sentence of a file.

    Raises:
        FormatError: with every line whose tag is none.
    """
    tags: list[list[str]] = []
    problems: list[Problem] = []
    for block in iter_blocks(path):
        sentences, found = read_block(block)
        tags += [sentence.tags for sentence in sentences]
        problems += found
    if problems:
        raise FormatError(problems)
    return tags


def _of_documents(like: str, sides: Sides, view: View, name: str, *, singletons: bool) -> list[Figure]:
    if LIKE[like] == "tags":
        return _of_tags(like, _as_tags(sides, view), name)
    if LIKE[like] == "events":
        from .like.events import textee

        gold, predicted = ([(pair[0].id, _events(pair, side, view)) for pair in sides] for side in (0, 1))
        return textee(gold, predicted)
    from .like.chains import conll2012, corefud

    found = ([_chains(pair, side, view, singletons=singletons) for pair in sides] for side in (0, 1))
    return (conll2012 if like == "conll2012" else corefud)(*found)


def _of_tags(like: str, tags: Tags, place: str) -> list[Figure]:
    from .like.tagging import conlleval, nervaluate, seqeval

    tools: dict[str, Callable[..., list[Figure]]] = {"conlleval": conlleval, "nervaluate": nervaluate}
    try:
        return tools[like](*tags) if like in tools else seqeval(*tags, strict=like == "seqeval-strict")
    except ValueError as error:
        raise FormatError([Problem(place, 1, "bad-tag", f"{like} refuses these tags: {error}")]) from None


def _lost(sides: Sides, view: View) -> dict[str, int]:
    """Return how many spans of either side tags cannot hold, which a tool that reads tags does not see."""
    return {
        name: sum(
            to_iob2(select(pair[side], Context(view, side == 0, pair[0]), items.names_and_values), pair[0])[1]
            for pair in sides
        )
        for side, name in enumerate(("gold", "predicted"))
    }


def _as_tags(sides: Sides, view: View) -> Tags:
    tags: Tags = ([], [])
    for article, predicted in sides:
        for number, document in enumerate((article, predicted)):
            found = select(document, Context(view, number == 0, article), items.names_and_values)
            tags[number].extend(to_iob2(found, article)[0])
    return tags


Event = tuple[tuple[int, int, str], list[tuple[int, int, str]]]


def _events(pair: tuple[Document, Document], side: int, view: View) -> list[Event]:
    context = Context(view, side == 0, pair[0])
    return [
        ((event.start, event.end, label), [(a.start, a.end, a.role) for a in event.arguments])
        for event in pair[side].events or ()
        if (label := context.label(event)) is not None
    ]


def _chains(pair: tuple[Document, Document], side: int, view: View, *, singletons: bool) -> list[list[tuple[int, int]]]:
    """Return the chains of mentions, as spans of tokens where they are known, in the order of their first mentions."""
    context = Context(view, side == 0, pair[0])
    starts = {start: index for index, (start, _) in enumerate(pair[0].tokens or ())}
    ends = {end: index + 1 for index, (_, end) in enumerate(pair[0].tokens or ())}
    chains: dict[str, list[tuple[int, int]]] = {}
    for mention in sorted(pair[side].mentions or (), key=lambda mention: (mention.start, mention.end)):
        if mention.entity is not None and context.label(mention) is not None:
            start, end = starts.get(mention.start), ends.get(mention.end)
            # Off the edges of tokens a span is itself, out of the way of those in tokens.
            span = (-mention.end, -mention.start) if start is None or end is None else (start, end)
            chains.setdefault(mention.entity, []).append(span)
    return [spans for spans in chains.values() if singletons or len(set(spans)) > 1]


_RIGHT, _PREDICTED, _GOLD = ("tp", "match", "correct"), ("n_pred", "pred", "actual"), ("n_gold", "gold", "possible")


def _row(system: str, figure: Figure) -> Row:
    """Return a tool's figure as a row: right, wrong and missing where the tool counts them, and all of its counts."""
    counts = figure.counts
    right, predicted, gold = (
        next((counts[name] for name in names if name in counts), None) for names in (_RIGHT, _PREDICTED, _GOLD)
    )
    if right is not None and figure.metric == "nervaluate.partial":
        right += counts["partial"] / 2
    fp = None if right is None or predicted is None else predicted - right
    fn = None if right is None or gold is None else gold - right
    ratios = (figure.precision, figure.recall, figure.f1)
    return Row(system, figure.metric, None, figure.type, *ratios, right, fp, fn, None, None, None, counts=counts)


__all__ = ["read_tags", "score_like"]
