"""Any program as an extractor: an article a line on its standard input, a document a line on its standard output.

The program is started once and kept; after each article it gets a line feed and must answer with one line, flushed.
When it dies, is silent for too long or answers with something that is no document, that article has failed;
for the next article the program is started again, so that one bad article costs no other.
"""

from __future__ import annotations

import os
import queue
import re
import shlex
import subprocess
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from tripoli_loaders import Article, Corpus, Document
from tripoli_loaders.checks import check_document
from tripoli_loaders.structure import Record, decode

from . import ExtractionError

_LAST_WORDS = 5  # lines of standard error that are shown when the program fails


class Command:
    """The extractor `cmd:COMMAND`; the command is split as a shell would, but no shell runs it.

    Args:
        command: program and arguments.
        timeout: seconds it may take to answer an article.
    """

    def __init__(self, command: str, timeout: float = 120.0) -> None:
        self.command = command
        self.timeout = timeout
        self._process: _Process | None = None
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise ExtractionError(f"cannot read the command {command!r}: {error}") from None
        if not self._words:
            raise ExtractionError(
                "found no command after cmd:, expected cmd:COMMAND, such as cmd:'python my_tagger.py'"
            )

    @property
    def name(self) -> str:
        """A word for file names, from the last path component of each word of the command."""
        words = (Path(word).stem for word in self._words)
        return re.sub(r"[^\w.+-]+", "-", "-".join(words)).strip("-.")[:60] or "command"

    def extract(self, article: Article) -> Document:
        """Return the command's answer for an article.

        Raises:
            ExtractionError: the command could not be started, ended, was silent, or its answer is no document
                of this article.
        """
        if self._process is None:
            self._process = _Process(self._words)
        try:
            line = self._process.ask(msgspec.json.encode(article), self.timeout)
            return _read(line, article)
        except ExtractionError:
            self.close()
            raise

    def close(self) -> None:
        """End the program."""
        if self._process is not None:
            self._process.kill()
            self._process = None


class _Process:
    """A running program; two threads read its output, so that neither pipe can fill up and block it."""

    def __init__(self, words: list[str]) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}  # else a Python script's answers wait in its buffer
        pipe = subprocess.PIPE
        try:
            self._popen = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
        except OSError as error:
            raise ExtractionError(f"cannot start {words[0]!r}: {error.strerror}") from None
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._errors: deque[str] = deque(maxlen=_LAST_WORDS)
        self._threads = [
            threading.Thread(target=self._read_answers, args=(self._popen.stdout,), daemon=True),
            threading.Thread(target=self._read_errors, args=(self._popen.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, request: bytes, timeout: float) -> bytes:
        # In a thread, because a program that reads nothing would block a long request for ever.
        threading.Thread(target=self._write, args=(self._popen.stdin, request), daemon=True).start()
        try:
            answer = self._answers.get(timeout=timeout)
        except queue.Empty:
            raise ExtractionError(
                f"the command was silent for {timeout:g} s; expected one line of JSON for each article. "
                f"Does it flush its output after each line? More time: --timeout{self._last_words()}"
            ) from None
        if answer is None:
            status = self._popen.wait()
            raise ExtractionError(f"the command ended with status {status} without an answer{self._last_words()}")
        return answer

    def kill(self) -> None:
        self._popen.kill()
        self._popen.wait()
        for thread in self._threads:
            thread.join(timeout=1)
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if stream is not None:
                with suppress(OSError):  # closing flushes what the program did not take
                    stream.close()

    def _write(self, stream: IO[bytes], request: bytes) -> None:
        with suppress(OSError, ValueError):  # it has gone; what it said before tells more than the broken pipe
            stream.write(request + b"\n")
            stream.flush()

    def _read_answers(self, stream: IO[bytes]) -> None:
        for line in stream:
            if line.strip():
                self._answers.put(line)
        self._answers.put(None)

    def _read_errors(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._errors.append(line.decode("utf-8", "replace").rstrip())

    def _last_words(self) -> str:
        self._threads[1].join(timeout=0.2)
        return "".join(f"\n    | {line}" for line in self._errors)


def _read(line: bytes, article: Article) -> Document:
    """Return the answer as a document of this article, or say what is wrong with it."""
    document, problems, _ = decode(Record("answer", 1, line))
    if document is not None and not problems:
        problems = check_document(document, Corpus({article.id: article.text}, None), "answer")
    # Scoring takes repeated spans and says so; everything else would be a guess.
    found = [problem for problem in problems if problem.code != "duplicate-span"]
    if document is None or found:
        raise ExtractionError("the answer is no document of this article:\n" + "\n".join(f"    {p}" for p in found))
    return document
