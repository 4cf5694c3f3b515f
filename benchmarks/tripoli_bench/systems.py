"""Systems to be scored: which files they are, what their predictions are, what is to be said of them.

Whatever forbids an honest score is an error; what a score can be computed with is remarked on beside it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from tripoli_loaders import Corpus, Document, FormatError, Problem, UsageError, corpus, ontology
from tripoli_loaders.checks import iter_checked
from tripoli_loaders.knowledge import NIL, link

from .metrics import LAYERS, Context, SpanMeasure, metrics_of, select
from .views import View, load_view, view_names

TOLERATED = frozenset({"unknown-article", "duplicate-span", "unknown-label"})
"""Codes of problems that a prediction may have and still be scored; each is remarked on. A level must be known, though:
it decides what a track compares."""

_PREDICTIONS = "predictions.jsonl"


class Remark(msgspec.Struct, frozen=True):
    """Something about a system's predictions that the reader of its scores must know."""

    system: str
    code: str
    message: str
    article: str | None = None


class System(msgspec.Struct, frozen=True):
    """A system's predictions by article id, and what is to be said of them."""

    name: str
    documents: dict[str, Document]
    problems: list[Remark]


def find_systems(paths: Iterable[str | Path]) -> tuple[list[tuple[str, Path]], list[Remark]]:
    """Return the name and path of each system among these files and folders, and what is remarkable about them.

    A folder with `predictions.jsonl` somewhere in it, as `run` writes them, gives a system for each, named for the
    folder it is in; a run that is not through is remarked on and left out.
    Otherwise a system is named for its file, without the suffix, or its folder.

    Raises:
        UsageError: two systems have one name, or there is none.
    """
    systems: list[tuple[str, Path]] = []
    remarks: list[Remark] = []
    for path in map(Path, paths):
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


def load_system(name: str, path: Path, gold: Sequence[Document], against: Corpus, view: View) -> System:
    """Read a system's predictions and remark on what is missing, unknown, repeated or of no known label.

    Raises:
        FormatError: with every problem that forbids scoring.
    """
    documents: dict[str, Document] = {}
    remarks: list[Remark] = []
    fatal: list[Problem] = []
    unknown: Counter[str] = Counter()
    for document, problems in iter_checked(path, against):
        fatal += filter(_fatal, problems)
        if document is None:
            continue
        if document.id in documents and not any(problem.code == "repeated-article" for problem in problems):
            message = f"{document.id!r} was there before; expected one prediction an article"
            fatal.append(Problem(str(path), 1, "repeated-article", message))
        remarks += [
            Remark(name, p.code, str(p), document.id) for p in problems if p.code in TOLERATED and not _label(p)
        ]
        unknown.update(_labels(document))
        if document.id in against.texts:
            documents[document.id] = document
    if fatal:
        raise FormatError(fatal)
    if against.entity_labels is not None:
        remarks += [
            _unknown(name, label, n, view) for label, n in unknown.items() if label not in against.entity_labels
        ]
    for document in gold:
        if document.id not in documents:
            message = f"no prediction for article {document.id}; all of its items count as missed"
            remarks.append(Remark(name, "missing-article", message, document.id))
    return System(name, documents, remarks)


def predicted_tracks(systems: Sequence[System]) -> list[str]:
    """Return the tracks whose layers some system predicts; where none predicts anything, those of names."""
    documents = [document for system in systems for document in system.documents.values()]
    given = {layer for layer in ("mentions", "values", "events") if any(getattr(d, layer) for d in documents)}
    keyed = {
        layer: any(getattr(item, key) for document in documents for item in getattr(document, layer) or ())
        for layer, key in (("mentions", "entity"), ("events", "event"))
    }
    across = any(document.scope == "corpus" for document in documents)
    links = any(m.entity and link(m.entity) != NIL for document in documents for m in document.mentions or ())
    found = []
    for track, layers in LAYERS.items():
        chains = not isinstance(metrics_of(track)[0].means, SpanMeasure)
        wanted = not chains or (keyed[layers[0]] and (across or not track.startswith("x")))
        wanted = links if track == "linking" else wanted
        if given & set(layers) and wanted:
            found.append(track)
    return found or ["ner", "mentions"]


def without_scope(systems: Sequence[System], gold: Sequence[Document]) -> list[Remark]:
    """Remark on each system whose chains cannot be scored across articles, because its keys or the gold's are local."""
    message = 'chains across articles need documents with "scope": "corpus", in the gold too; they are undefined here'
    local = any(document.scope != "corpus" for document in gold)
    return [
        Remark(system.name, "no-scope", message)
        for system in systems
        if local or any(document.scope != "corpus" for document in system.documents.values())
    ]


def without_boilerplate(
    systems: Sequence[System], gold: Sequence[Document], tracks: Sequence[str], view: View
) -> tuple[list[Document], dict[str, int]]:
    """Take what lies wholly in boilerplate out of the systems' documents, and return the gold without it too.

    Also returned is how many predictions of each system were set aside.
    """
    articles = {document.id: document for document in gold}
    numbers = {}
    for system in systems:
        numbers[system.name] = 0
        for name, document in system.documents.items():
            system.documents[name], number = set_aside_boilerplate(document, articles[name], tracks, view)
            numbers[system.name] += number
    return [set_aside_boilerplate(document, document, tracks, view)[0] for document in gold], numbers


def set_aside_boilerplate(
    document: Document, article: Document, tracks: Sequence[str], view: View
) -> tuple[Document, int]:
    """Return a document without the items that lie wholly in boilerplate, and how many that the tracks would compare.

    Args:
        document: gold or prediction.
        article: the gold document of the article, whose zones count.
        tracks: the tracks that are scored.
        view: the label view.
    """
    stretches = _stretches(article)

    def aside(item: object) -> bool:
        start, end = item.start, item.end  # type: ignore[attr-defined]
        return any(first <= start and end <= last for first, last in stretches)

    kept, removed = {}, {}
    for layer in ("mentions", "values", "events"):
        items = getattr(document, layer)
        if items is not None:
            kept[layer] = tuple(itertools.filterfalse(aside, items))
            removed[layer] = tuple(filter(aside, items))
    left_out = msgspec.structs.replace(document, **removed)
    context = Context(view, False, article)
    compared: set[tuple[int, int]] = set()
    for track in tracks:
        means = metrics_of(track)[0].means
        if isinstance(means, SpanMeasure):
            compared.update(item[:2] for item in select(left_out, context, means.select))
    return msgspec.structs.replace(document, **kept), len(compared)


def _stretches(article: Document) -> list[tuple[int, int]]:
    """Return the stretches of boilerplate; adjoining zones are one."""
    stretches: list[tuple[int, int]] = []
    for zone in article.zones or ():
        if zone.zone != "boilerplate":
            continue
        if stretches and stretches[-1][1] == zone.start:
            stretches[-1] = (stretches[-1][0], zone.end)
        else:
            stretches.append((zone.start, zone.end))
    return stretches


def _fatal(problem: Problem) -> bool:
    return problem.code not in TOLERATED or (problem.code == "unknown-label" and problem.path.endswith(".level"))


def _label(problem: Problem) -> bool:
    """Tell a mention type or value kind that is not known: those are remarked on once a label, not once a span."""
    return (
        problem.code == "unknown-label" and problem.path.endswith((".type", ".kind")) and "events" not in problem.path
    )


def _labels(document: Document) -> list[str]:
    return [m.type for m in document.mentions or ()] + [v.kind for v in document.values or ()]


def _unknown(system: str, label: str, number: int, view: View) -> Remark:
    others = [name for name in view_names() if label in load_view(name).predicted.entities]
    hint = f"; it is known to --view {' and '.join(others)}" if others else ""
    message = f"{number} of label {label!r}, which the view {view.name} does not know, count as spurious{hint}"
    return Remark(system, "unknown-label", message)
