"""Run extractors over the articles: predictions and a manifest for each, an article at a time.

Each finished article is a line of `predictions.jsonl.part`, which becomes `predictions.jsonl` when the run is through.
An article that fails is recorded in the manifest with its error, and the run goes on.
A second run of the same extractor over the same gold takes up what is there; one of another is refused.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from tripoli_loaders import Article, Document, TripoliError, UsageError, articles, load_gold
from tripoli_loaders.documents import atomic, iter_records
from tripoli_loaders.gold import fingerprint
from tripoli_loaders.structure import decode

from . import __version__
from .defaults import TIMEOUT
from .extractors import Extractor, load_extractor

Progress = Callable[[str, int, int], None]
"""Called with the system, the number of articles done and of all."""


class Manifest(msgspec.Struct):
    """What a run was: enough to tell whether another one is the same, and to repeat it.

    `seconds` and `failures` are by article id. `inputs` has the sha256 of each file that a command names.
    `resumed` is how many articles were taken over from an earlier run.
    """

    system: str
    extractor: str
    gold: str
    tripoli_bench: str
    python: str = platform.python_version()
    platform: str = platform.platform()
    seconds: dict[str, float] = {}
    failures: dict[str, str] = {}
    inputs: dict[str, str] = {}
    resumed: int = 0

    def same_run(self, other: Manifest) -> bool:
        """Tell whether two manifests are of the same extractor, gold and package version, with the same files."""
        keys = ("system", "extractor", "gold", "tripoli_bench", "inputs")
        return all(getattr(self, key) == getattr(other, key) for key in keys)


def run(
    extractors: Sequence[str],
    out: str | Path,
    gold: str | Path | None = None,
    *,
    timeout: float = TIMEOUT,
    fresh: bool = False,
    progress: Progress | None = None,
) -> list[Manifest]:
    """Run extractors over the articles of the gold and write `OUT/SYSTEM/predictions.jsonl` and `manifest.json`.

    Args:
        extractors: names as `load_extractor` takes them.
        out: the folder to write to.
        gold: gold of one's own; by default the data set's. Extractors see its texts; a trainable one is trained on
            the articles that it is not asked about.
        timeout: seconds a command may take for an article.
        fresh: discard what an earlier run left, instead of going on with it.
        progress: called after each article.

    Returns:
        The manifest of each run; its `failures` name the articles that have no prediction.

    Raises:
        UsageError: no such extractor, two of one name, or the folder holds the run of another.
        FormatError: the gold breaks the document form.
    """
    documents = load_gold(gold)
    asked = articles(documents)  # before anything of an earlier run is touched
    loaded = [(spec, load_extractor(spec, documents, timeout)) for spec in extractors]
    names = [extractor.name for _, extractor in loaded]
    if len(set(names)) < len(names):
        raise UsageError(f"two extractors have one name: {', '.join(names)}; run them into different folders")
    manifests = []
    for spec, extractor in loaded:
        manifest = Manifest(extractor.name, spec, fingerprint(documents), __version__)
        manifest.inputs = dict(getattr(extractor, "inputs", {}))
        manifests.append(_run_one(extractor, manifest, Path(out) / extractor.name, asked, fresh, progress))
    return manifests


def _run_one(
    extractor: Extractor,
    manifest: Manifest,
    folder: Path,
    asked: list[Article],
    fresh: bool,
    progress: Progress | None,
) -> Manifest:
    final, part = folder / "predictions.jsonl", folder / "predictions.jsonl.part"
    if fresh:
        for old in (final, part, folder / "manifest.json"):
            old.unlink(missing_ok=True)
    done = _take_up(manifest, folder)
    manifest.resumed = len(done)
    _write_manifest(manifest, folder)
    try:
        with part.open("ab") as file:
            for number, article in enumerate(asked, 1):
                if article.id not in done:
                    document = _extract(extractor, article, manifest)
                    if document is not None:
                        file.write(msgspec.json.encode(document) + b"\n")
                        file.flush()
                    _write_manifest(manifest, folder)
                if progress is not None:
                    progress(extractor.name, number, len(asked))
    finally:
        close = getattr(extractor, "close", None)
        if close is not None:
            close()
    part.replace(final)
    return manifest


def _take_up(manifest: Manifest, folder: Path) -> set[str]:
    """Return the ids of the articles that an earlier part of this run has finished; their lines go into the part file.

    Raises:
        UsageError: the folder holds another run.
    """
    final, part, old = folder / "predictions.jsonl", folder / "predictions.jsonl.part", folder / "manifest.json"
    if not old.exists():
        if final.exists() or part.exists():
            raise UsageError(f"{folder} holds predictions without a manifest; choose another folder or use --fresh")
        return set()
    try:
        earlier = msgspec.json.decode(old.read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{old} is no manifest ({error}); choose another folder or use --fresh") from None
    if not earlier.same_run(manifest):
        held, wanted = (f"{m.extractor} on gold {m.gold}, version {m.tripoli_bench}" for m in (earlier, manifest))
        if held == wanted:
            raise UsageError(
                f"a file of the command has changed since the run in {folder}; use --fresh to run it again"
            )
        raise UsageError(f"{folder} holds the run of {held}, not of {wanted}; choose another folder or use --fresh")
    finished = {document.id: document for file in (final, part) for document in _whole_lines(file)}
    with atomic(part) as file:  # without the line that a kill cut off
        for document in finished.values():
            file.write(msgspec.json.encode(document) + b"\n")
    manifest.seconds = {id: seconds for id, seconds in earlier.seconds.items() if id in finished}
    return set(finished)


def _whole_lines(file: Path) -> Iterable[Document]:
    """Yield the documents of a file that a kill may have cut off in the middle of a line."""
    for record in iter_records(file) if file.exists() else ():
        document, problems, _ = decode(record)
        if document is not None and not problems:
            yield document


def _extract(extractor: Extractor, article: Article, manifest: Manifest) -> Document | None:
    started = time.perf_counter()
    try:
        document = extractor.extract(article)
        if document.id != article.id:
            raise TripoliError(f"answered for article {document.id!r}, expected {article.id!r}")
        manifest.seconds[article.id] = round(time.perf_counter() - started, 4)
        return document
    except Exception as error:  # noqa: BLE001 - whatever an extractor raises must not cost the other articles
        said = str(error) if isinstance(error, TripoliError) else f"{type(error).__name__}: {error}"
        manifest.failures[article.id] = said
        return None


def _write_manifest(manifest: Manifest, folder: Path) -> None:
    with atomic(folder / "manifest.json") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
