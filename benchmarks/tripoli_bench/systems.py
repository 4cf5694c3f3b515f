"""Systems to be scored: which files they are, and what is to be said of them beside their scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from tripoli_loaders import Corpus, Document, Problem, UsageError, corpus, ontology

from .metrics import LAYERS, SpanMeasure, metrics_of
from .tally import MANY, Tally
from .views import View, load_view, view_names

_PREDICTIONS = "predictions.jsonl"


class Remark(msgspec.Struct, frozen=True):
    """Something about a system's predictions that the reader of its scores must know."""

    system: str
    code: str
    message: str
    article: str | None = None


def find_systems(paths: str | Path | Iterable[str | Path]) -> tuple[list[tuple[str, Path]], list[Remark]]:
    """Return the name and path of each system among these files and folders, and what is remarkable about them.

    A folder with `predictions.jsonl` somewhere in it, as `run` writes them, gives a system for each, named for the
    folder it is in; a run that is not through is remarked on and left out.
    Otherwise a system is named for its file, without the suffix, or its folder.

    Raises:
        UsageError: two systems have one name, or there is none.
    """
    systems: list[tuple[str, Path]] = []
    remarks: list[Remark] = []
    for path in map(Path, [paths] if isinstance(paths, str | Path) else paths):
        runs = sorted(path.rglob(_PREDICTIONS)) if path.is_dir() else []
        parts = sorted(path.rglob(f"{_PREDICTIONS}.part")) if path.is_dir() else []
        for part in parts:
            if part.with_suffix("") not in runs:
                message = f"{part.parent} holds a run that is not through; run it again to go on with it"
                remarks.append(Remark(part.resolve().parent.name, "unfinished-run", message))
        if runs or parts:
            systems += [(run.resolve().parent.name, run) for run in runs]
        elif path.name == _PREDICTIONS:
            systems.append((path.resolve().parent.name, path))
        else:
            systems.append((path.resolve().name if path.is_dir() else path.stem, path))
    if not systems and not remarks:
        raise UsageError("no predictions given; expected files or folders, such as the one that `tripoli run` wrote")
    for name, number in Counter(name for name, _ in systems).items():
        if number > 1:
            places = ", ".join(str(path) for other, path in systems if other == name)
            raise UsageError(f"two systems are called {name!r} ({places}); rename one of the files or folders")
    return systems, remarks


def corpus_of(gold: list[Document], view: View, *, own: bool) -> Corpus:
    """Return what predictions are held against: these articles, and the labels that the view knows."""
    if own:
        return corpus(gold)
    labels = view.predicted.entities
    known = {*labels, *filter(None, labels.values())}
    return Corpus({document.id: document.text for document in gold}, ontology(), known)


def predicted_tracks(given: set[str]) -> list[str]:
    """Return the tracks whose layers some system predicts; where none predicts anything, those of names.

    Args:
        given: what was predicted, as `Tally.given` has it.
    """
    found = []
    for track, layers in LAYERS.items():
        wanted = bool(given & set(layers))
        if track == "linking":
            wanted = "link" in given
        elif not isinstance(metrics_of(track)[0].means, SpanMeasure):
            key = "mentions.entity" if layers == ("mentions",) else "events.event"
            wanted = key in given and ("scope" in given or not track.startswith("x"))
        if wanted:
            found.append(track)
    return found or ["ner", "mentions"]


def remarks(
    name: str, tally: Tally, view: View, tracks: Collection[str], *, own: bool, across: bool = False
) -> list[Remark]:
    """Return what is to be said of a system's predictions: what is missing, unknown, repeated, left out.

    Args:
        name: the system's.
        tally: its counts.
        view: the label view.
        tracks: those that are scored; what is wrong with other layers is not said.
        own: whether the gold is the user's own, whose labels are those that it holds.
        across: whether chains across articles were asked for.
    """
    layers = {"mentions", "values", "events"}.difference(*(LAYERS[track] for track in tracks))
    unseen = tuple(f"$.{layer}[" for layer in layers)
    found = [
        Remark(name, p.code, _place(p) + p.message, article)
        for article, p in tally.found
        if not _label(p) and not p.path.startswith(unseen)
    ]
    known = set(tally.gold_labels) if own else set(corpus_of([], view, own=False).entity_labels or ())
    known |= set(view.predicted.entities) if own and view.name != "native" else set()
    found += [_unknown(name, label, n, view) for label, n in tally.labels.items() if label not in known]
    if tally.left_out:
        message = f"{tally.left_out} invalid lines are left out; what they predict counts as not predicted"
        found.append(Remark(name, "left-out", message))
    for article in sorted(tally.missing):
        message = f"no prediction for article {article}; all of its items count as missed"
        found.append(Remark(name, "missing-article", message, article))
    if across and tally.local:
        message = (
            'chains across articles need documents with "scope": "corpus", in the gold too; they are undefined here'
        )
        found.append(Remark(name, "no-scope", message))
    return _shortened(found)


_MOST = 10  # remarks of one kind on one system


def _shortened(found: list[Remark]) -> list[Remark]:
    """Return remarks with no more than a screenful of each kind, and how many more there are."""
    numbers = Counter((remark.system, remark.code) for remark in found)
    seen: Counter[tuple[str, str]] = Counter()
    short = []
    for remark in found:
        kind = (remark.system, remark.code)
        seen[kind] += 1
        # An article without prediction is always named, as each has its rows.
        if seen[kind] <= _MOST or (remark.code == "missing-article" and numbers[kind] <= MANY):
            short.append(remark)
        elif seen[kind] == numbers[kind]:
            short.append(Remark(*kind, f"and {numbers[kind] - _MOST} more of this kind; tripoli check names all"))
    return short


def _place(problem: Problem) -> str:
    where = "" if problem.path == "$" else f"{problem.path}: "
    return f"{problem.file}:{problem.line}: {where}"


def tag_remarks(name: str, tally: Tally, view: View, decoding: str) -> list[Remark]:
    """Return what is to be said of tags: labels that are not known, tags that continue nothing, lines left out."""
    known = tally.gold_labels | (set(view.predicted.entities) if view.name != "native" else set())
    found = [_unknown(name, label, n, view) for label, n in tally.labels.items() if label not in known]
    for side, number in tally.orphans.items():
        if number:
            does = "begin an entity here" if decoding == "lenient" else "are dropped here"
            message = f"{number} tags of the {side} side continue nothing; they {does} (decoding: {decoding})"
            found.append(Remark(name, "orphan-tag", message))
    if tally.left_out:
        message = f"{tally.left_out} sentences with invalid lines are left out; they count as not predicted"
        found.append(Remark(name, "left-out", message))
    return _shortened(found)


def _label(problem: Problem) -> bool:
    """Tell a mention type or value kind that is not known: those are remarked on once a label, not once a span."""
    return (
        problem.code == "unknown-label" and problem.path.endswith((".type", ".kind")) and "events" not in problem.path
    )


def _unknown(system: str, label: str, number: int, view: View) -> Remark:
    others = [name for name in view_names() if label in load_view(name).predicted.entities]
    hint = f"; it is known to --view {' and '.join(others)}" if others else ""
    label = label if len(label) <= 80 else f"{label[:80]}…"
    message = f"{number} of label {label!r}, which the view {view.name} does not know, count as spurious{hint}"
    return Remark(system, "unknown-label", message)
