"""From bytes to a document, or to every place where the bytes break the document form.

The fast way is one typed decode.
Only when it fails is the record decoded a second time without types and walked along the struct definitions,
so that all problems are found, each with its JSON path, and what is well-formed can still be checked further.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from .errors import Problem
from .model import Document

Path = tuple["str | int", ...]
Report = Callable[[Path, str, str], None]

_DECODER = msgspec.json.Decoder(Document)
_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
_APART = re.compile(rb'"\s+:')
_MOST = 500  # characters of a message
_OFFSETS = {"start", "end", "tokens"}


class Record(NamedTuple):
    """The bytes of one document and where they stand.

    `line` is the physical line of the first byte, counted from 1.
    """

    file: str
    line: int
    raw: bytes

    def problem(self, path: Path, code: str, message: str) -> Problem:
        """Return a problem at the JSON path `path` of this record."""
        message = message if len(message) <= _MOST else f"{message[:_MOST]}… ({len(message)} characters)"
        return Problem(self.file, self.line + _line_of(self.raw, path), code, message, json_path(path))


class Decoded(NamedTuple):
    """What could be read of a record.

    `document` is `None` when nothing could.
    `kept` gives, by layer, the index in the record of each item of the document: items with problems are left out.
    """

    document: Document | None
    problems: list[Problem]
    kept: dict[str, list[int]]


def decode(record: Record, *, thorough: bool = False) -> Decoded:
    """Decode one record; every structural problem is in the result, none is raised.

    Args:
        record: what to decode.
        thorough: look for fields that are given twice too, which the fast way passes over.
    """
    if b"\\u0000" not in record.raw:
        try:
            document = _DECODER.decode(record.raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return _decode_slowly(record)
        if not thorough or _names_once(record.raw, document):
            return Decoded(document, [], {})
    return _decode_slowly(record)


def _names_once(raw: bytes, document: Document) -> bool:
    """Tell whether every field in these bytes is given once, as far as counting shows.

    Of fields that are given, a document written anew has each once and none that is left at its default, so the bytes
    have as many only if none is there twice. Each ends in a quotation mark and a colon, with nothing between.
    """
    if b"\\u" in raw or _APART.search(raw):  # an escaped colon or quotation mark would be counted anew alone
        return False
    return raw.count(b'":') == msgspec.json.encode(document).count(b'":')


def json_path(path: Path) -> str:
    """Write a path as `$.mentions[3].start`."""
    return "$" + "".join(
        f".{step}" if isinstance(step, str) and step.isidentifier() else f"[{json.dumps(step)}]" for step in path
    )


def _decode_slowly(record: Record) -> Decoded:
    repeated: list[str] = []
    try:
        value = _loads(record.raw.decode("utf-8").rstrip("\n"), repeated)
    except UnicodeDecodeError as error:
        line = record.line + record.raw.count(b"\n", 0, error.start)
        message = f"found byte 0x{record.raw[error.start]:02x} at byte {error.start}, expected UTF-8"
        if record.raw.startswith(b"\x1f\x8b"):
            message = "found gzip, expected text; unpack the file first"
        return Decoded(None, [Problem(record.file, line, "bad-encoding", message)], {})
    except json.JSONDecodeError as error:
        said = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
        message = f"{said} at column {error.colno}; expected one JSON object"
        if record.raw.strip() in (b"{", b"["):
            message += "; a document over several lines needs a file name that ends in .json"
        return Decoded(None, [Problem(record.file, record.line + error.lineno - 1, "bad-json", message)], {})
    except RecursionError:
        return Decoded(None, [record.problem((), "bad-json", "found too deep a nesting; expected one JSON object")], {})
    except ValueError as error:
        said = "found a number of thousands of digits" if "digits" in str(error) else str(error)
        return Decoded(None, [record.problem((), "bad-json", f"{said}; expected one JSON object")], {})

    found = [((), "repeated-field", f"field {name!r} is given twice in one object; keep one") for name in repeated]
    problems: list[tuple[Path, str, str]] = list(found)
    _walk(_root(), value, (), lambda *finding: problems.append(finding))
    document, kept = _salvage(value, {path[:2] for path, _, _ in problems if path})
    return Decoded(document, [record.problem(*finding) for finding in problems], kept)


def _loads(text: str, repeated: list[str]) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(items)
        if len(result) < len(items):
            repeated.extend(sorted(name for name, number in Counter(name for name, _ in items).items() if number > 1))
        return result

    if text.startswith("\ufeff"):
        raise ValueError("found a byte order mark, expected UTF-8 without one")

    def constant(name: str) -> None:
        raise ValueError(f"found {name}, which is no JSON")

    return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)


@cache
def _root() -> inspect.Type:
    return inspect.type_info(Document)


def _walk(node: inspect.Type, value: Any, path: Path, report: Report) -> None:
    """Report every place below `value` that is not as `node` says."""
    if isinstance(node, inspect.UnionType):
        options = [option for option in node.types if not isinstance(option, inspect.NoneType)]
        if value is None and len(options) < len(node.types):
            return
        if len(options) > 1:  # the one such field takes any number
            _expect(isinstance(value, int | float) and not isinstance(value, bool), "number", value, path, report)
            return
        node = options[0]
    if isinstance(node, inspect.StructType):
        _walk_object(node, value, path, report)
    elif isinstance(node, inspect.VarTupleType):
        if _expect(isinstance(value, list), "array", value, path, report):
            for index, item in enumerate(value):
                _walk(node.item_type, item, (*path, index), report)
    elif isinstance(node, inspect.TupleType):
        length = len(node.item_types)
        if _expect(isinstance(value, list) and len(value) == length, f"array of {length}", value, path, report):
            for index, item in enumerate(value):
                _walk(node.item_types[index], item, (*path, index), report)
    elif isinstance(node, inspect.IntType):
        is_offset = bool(_OFFSETS & set(path))
        code = "offset-not-integer" if is_offset else "wrong-type"
        _expect(type(value) is int, "integer", value, path, report, code)
    elif isinstance(node, inspect.LiteralType):
        if not isinstance(value, str) or value not in node.values:
            report(path, "wrong-type", f"found {value!r}, expected one of {', '.join(map(str, node.values))}")
    elif isinstance(node, inspect.StrType) and _expect(isinstance(value, str), "string", value, path, report):
        _walk_string(value, path, report)


def _walk_object(node: inspect.StructType, value: Any, path: Path, report: Report) -> None:
    if not _expect(isinstance(value, dict), "object", value, path, report):
        return
    fields = {field.encode_name: field for field in node.fields}
    for name in value:
        if name not in fields:
            report((*path, name), "unknown-field", f"found field {name!r}, expected one of {', '.join(fields)}")
    for name, field in fields.items():
        if name in value:
            _walk(field.type, value[name], (*path, name), report)
        elif field.required:
            report(path, "missing-field", f"field {name!r} is missing")


def _walk_string(value: str, path: Path, report: Report) -> None:
    if surrogate := re.search("[\ud800-\udfff]", value):
        code_point = ord(surrogate.group())
        report(path, "lone-surrogate", f"found U+{code_point:04X} at {surrogate.start()}, expected whole characters")
    if "\0" in value:
        report(path, "nul-character", f"found U+0000 at {value.index(chr(0))}, expected text without it")


def _expect(holds: bool, expected: str, value: Any, path: Path, report: Report, code: str = "wrong-type") -> bool:
    if not holds:
        found = "null" if value is None else _NAMES.get(type(value), type(value).__name__)
        size = f" of {len(value)}" if isinstance(value, list) else ""
        shown = "" if isinstance(value, list | dict) or value is None else f" {json.dumps(value)[:40]}"
        report(path, code, f"found {found}{size}{shown}, expected {expected}")
    return holds


def _salvage(value: Any, bad: set[Path]) -> tuple[Document | None, dict[str, list[int]]]:
    """Build a document of what has no problem: bad items and bad scalars are left out."""
    if not isinstance(value, dict) or ("id",) in bad or "id" not in value:
        return None, {}
    good: dict[str, Any] = {}
    kept: dict[str, list[int]] = {}
    inside = {path[0] for path in bad}
    for name, field in value.items():
        if (name,) in bad or (name in inside and not isinstance(field, list)):
            continue
        if isinstance(field, list):
            kept[name] = [index for index in range(len(field)) if (name, index) not in bad]
            field = [field[index] for index in kept[name]]
        good[name] = field
    return msgspec.convert(good, Document), kept


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def _line_of(raw: bytes, path: Path) -> int:
    """Return how many lines below the record's first line the value at `path` stands."""
    if _is_one_line(raw):
        return 0
    lines = _lines(raw)
    while path and path not in lines:
        path = path[:-1]  # a missing field has no place of its own
    return lines.get(path, 0)


@lru_cache(maxsize=4)
def _is_one_line(raw: bytes) -> bool:
    return b"\n" not in raw.rstrip()


@lru_cache(maxsize=4)
def _lines(raw: bytes) -> dict[Path, int]:
    """Return the line of every value of a record, counted from 0."""
    text = raw.decode("utf-8", "replace")
    lines: dict[Path, int] = {}
    line = last = 0
    for path, offset in _places(text):
        line += text.count("\n", last, offset)
        last = offset
        lines.setdefault(path, line)
    return lines


def _places(text: str) -> Iterator[tuple[Path, int]]:
    """Yield the path and offset of each value of valid JSON, in order."""
    stack: list[str | int] = []
    key_next = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in ("}", "]"):
            stack.pop()
            key_next = False
        elif token == ",":
            step = stack[-1]
            key_next = isinstance(step, str)
            if isinstance(step, int):
                stack[-1] = step + 1
        elif key_next:
            stack[-1] = json.loads(token)
            key_next = False
        elif token != ":":
            yield tuple(stack), match.start()
            if token in ("{", "["):
                stack.append("" if token == "{" else 0)
                key_next = token == "{"
