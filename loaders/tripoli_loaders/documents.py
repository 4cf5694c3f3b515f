"""Reading and writing documents: JSON Lines with a document a line, or a JSON file an article.

Reading is lazy, a record at a time; `read_documents` is the list of `iter_documents`.
Writing goes to a temporary file that is renamed when whole.
A JSON file is written with one item a line, so that a changed annotation is a changed line in a diff.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from .errors import FormatError, Problem
from .model import Alternative, Document, reading
from .structure import Record, decode

SUFFIXES = (".json", ".jsonl", ".ndjson")


def iter_documents(path: str | Path) -> Iterator[Document]:
    """Yield the documents of a file, or of the files in a folder in the order of their names.

    Args:
        path: a `.json` file (one document), any other file (JSON Lines), or a folder of such files.

    Raises:
        FormatError: the file cannot be read, or at the first record that breaks the document form,
            with all of its problems.
    """
    for record in iter_records(path):
        decoded = decode(record)
        if decoded.problems or decoded.document is None:
            raise FormatError(decoded.problems)
        yield decoded.document


def read_documents(path: str | Path) -> list[Document]:
    """Return the list of `iter_documents(path)`."""
    return list(iter_documents(path))


def iter_records(path: str | Path) -> Iterator[Record]:
    """Yield the undecoded documents of a file or folder, with their places; blank lines are passed over.

    Raises:
        FormatError: a file cannot be read, or a folder holds none.
    """
    for file in files_of(Path(path)):
        try:
            if file.suffix.lower() == ".json":
                yield Record(str(file), 1, file.read_bytes())
                continue
            with file.open("rb") as lines:
                for number, line in enumerate(lines, 1):  # physical lines, blank ones too
                    if not line.isspace():
                        yield Record(str(file), number, line)
        except OSError as error:
            raise FormatError([_unreadable(file, error.strerror or str(error))]) from None


def write_documents(path: str | Path, documents: Iterable[Document]) -> None:
    """Write documents as JSON Lines, whole or not at all."""
    encoder = msgspec.json.Encoder()
    with atomic(path) as file:
        for document in documents:
            file.write(encoder.encode(document))
            file.write(b"\n")


def write_document(path: str | Path, document: Document) -> None:
    """Write one document as a JSON file with one item a line, whole or not at all."""
    with atomic(path) as file:
        file.write(format_document(document).encode())


def format_document(document: Document) -> str:
    """Return the JSON of a document with one item of a layer a line; tokens stand together by the dozen."""
    fields: list[str] = []
    for name, value in msgspec.to_builtins(document).items():
        if isinstance(value, list | tuple) and value:
            step = 12 if name == "tokens" else 1
            rows = [", ".join(map(_inline, value[i : i + step])) for i in range(0, len(value), step)]
            fields.append(f'"{name}": [\n  ' + ",\n  ".join(rows) + "\n ]")
        else:
            fields.append(f'"{name}": {_inline(value)}')
    return "{\n " + ",\n ".join(fields) + "\n}\n"


def without_text(document: Document) -> Document:
    """Return the stand-off form of a document: no text of the article, no quotations from it."""
    layers = {
        name: tuple(msgspec.structs.replace(item, text=None) for item in getattr(document, name))
        for name in ("mentions", "values")
        if getattr(document, name) is not None
    }
    events = document.events and tuple(
        msgspec.structs.replace(
            event, text=None, arguments=tuple(msgspec.structs.replace(a, text=None) for a in event.arguments)
        )
        for event in document.events
    )
    alternatives = document.alternatives and tuple(map(_alternative_without_text, document.alternatives))
    metadata = document.metadata and msgspec.structs.replace(document.metadata, title=None)
    changes = {"events": events, "alternatives": alternatives, "metadata": metadata}
    return msgspec.structs.replace(document, text=None, **changes, **layers)


def _alternative_without_text(alternative: Alternative) -> Alternative:
    bare = without_text(reading(alternative))
    return msgspec.structs.replace(
        alternative,
        mention=bare.mentions[0] if bare.mentions else None,
        value=bare.values[0] if bare.values else None,
        event=bare.events[0] if bare.events else None,
    )


@contextmanager
def atomic(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` for writing; it takes that name when the block ends well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        temporary.chmod(0o666 & ~_umask())  # mkstemp's file is for its owner alone
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _inline(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def files_of(path: Path) -> list[Path]:
    """Return the files of documents at a path; a run's manifest, beside its predictions, is none.

    Raises:
        FormatError: a folder cannot be read, or has no such file.
    """
    if not path.is_dir():
        return [path]
    files: list[Path] = []
    try:
        for folder, _, names in os.walk(path, onerror=_fail):
            manifest = {"manifest.json"} if any(name.startswith("predictions.jsonl") for name in names) else set()
            files += [Path(folder) / n for n in set(names) - manifest if Path(n).suffix.lower() in SUFFIXES]
    except OSError as error:
        raise FormatError([_unreadable(Path(error.filename or path), error.strerror or str(error))]) from None
    if not files:
        raise FormatError([_unreadable(path, f"found no {', '.join(SUFFIXES)} file in the folder")])
    return sorted(files)


def _fail(error: OSError) -> None:
    raise error


def _unreadable(path: Path, reason: str) -> Problem:
    return Problem(str(path), 1, "unreadable-file", f"{reason}; expected a file or folder of documents")
