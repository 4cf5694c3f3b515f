"""Any program as an extractor: an article a line on its standard input, a document a line on its standard output.

The program is started once and kept; after each article it gets a line feed and must answer with one line, flushed.
When it dies, is silent for too long or answers with something that is no document, that article has failed.
It is started again for the next one, so that a bad article costs no other; a program that ends after each answer works
the same way, only slower.
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from tripoli_loaders import Article, Corpus, Document, UsageError
from tripoli_loaders.checks import check_document
from tripoli_loaders.structure import Record, decode

from ..defaults import TIMEOUT
from . import ExtractionError

_LONGEST = 64 * 2**20  # bytes of an answer; a program that never ends its line must not fill the memory
_LAST_WORDS = 2000  # bytes of standard error that are shown when the program fails
_SECOND_LINE = 0.02  # seconds in which a second line would follow the first


class Command:
    """The extractor `cmd:COMMAND`; the command is split as a shell would, but no shell runs it.

    Args:
        command: program and arguments.
        timeout: seconds it may take to answer an article.

    Raises:
        UsageError: there is no such program, or no command at all.
    """

    def __init__(self, command: str, timeout: float = TIMEOUT) -> None:
        self.command = command
        self.timeout = timeout
        self._process: _Process | None = None
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise UsageError(f"cannot read the command {command!r}: {error}") from None
        if not self._words:
            raise UsageError("found no command after cmd:, expected cmd:COMMAND, such as cmd:'python my_tagger.py'")
        if shutil.which(self._words[0]) is None:
            raise UsageError(f"found no program {self._words[0]!r}; expected the name of one on the path, or its path")

    @property
    def name(self) -> str:
        """A word for file names: the last path component of each word of the command, scripts without their suffix."""
        words = (re.sub(r"\.(py|sh|js|jar|rb|pl)$", "", Path(word).name) for word in self._words)
        return re.sub(r"[^\w.+-]+", "-", "-".join(words)).strip("-.")[:80] or "command"

    @property
    def inputs(self) -> dict[str, str]:
        """The sha256 of each file that the command names, by which a run knows that its program has changed."""
        program = shutil.which(self._words[0]) or self._words[0]
        files = [word for word in (program, *self._words[1:]) if Path(word).is_file()]
        return {word: hashlib.sha256(Path(word).read_bytes()).hexdigest() for word in files}

    def extract(self, article: Article) -> Document:
        """Return the command's answer for an article.

        Raises:
            ExtractionError: the command could not be started, ended, was silent, or its answer is no document
                of this article.
        """
        request = msgspec.json.encode(article)
        try:
            if self._process is not None and not self._process.running:
                self.close()
            if self._process is not None:
                try:
                    return self._answer(self._process, request, article)
                except _EndedError:  # it may have ended of itself after its last answer; a new one shall say
                    self.close()
            self._process = _Process(self._words)
            return self._answer(self._process, request, article)
        except BaseException:
            self.close()
            raise

    def _answer(self, process: _Process, request: bytes, article: Article) -> Document:
        document = _read(process.ask(request, self.timeout), article)
        process.expect_no_more()
        return document

    def close(self) -> None:
        """End the program and what it has started."""
        if self._process is not None:
            self._process.kill()
            self._process = None


class _EndedError(ExtractionError):
    """The program ended without an answer."""


class _Process:
    """A running program; threads read its output, so that neither pipe can fill up and block it."""

    def __init__(self, words: list[str]) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}  # else a Python script's answers wait in its buffer
        pipe = subprocess.PIPE
        try:
            # In a session of its own, so that what it starts can be ended with it.
            self._popen = subprocess.Popen(
                words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
            )
        except OSError as error:
            raise ExtractionError(f"cannot start {words[0]!r}: {error.strerror}") from None
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._errors = b""
        self._closing = False
        readers = ((self._read_answers, self._popen.stdout), (self._read_errors, self._popen.stderr))
        self._threads = [threading.Thread(target=target, args=(stream,), daemon=True) for target, stream in readers]
        for thread in self._threads:
            thread.start()

    @property
    def running(self) -> bool:
        """Whether the program has not ended."""
        return self._popen.poll() is None

    def ask(self, request: bytes, timeout: float) -> bytes:
        """Send a line and return the line that answers it."""
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
            raise _EndedError(f"the command ended with status {status} without an answer{self._last_words()}")
        if len(answer) > _LONGEST:
            raise ExtractionError(f"the answer is longer than {_LONGEST} bytes; expected one line of JSON")
        return answer

    def expect_no_more(self) -> None:
        """Raise an error if a second line follows an answer: which of the two was meant would be a guess."""
        with suppress(queue.Empty):
            second = self._answers.get(timeout=_SECOND_LINE)
            if second is not None:
                raise ExtractionError(f"the command answered with a second line, expected one{_shown(second)}")
            self._answers.put(None)

    def kill(self) -> None:
        """End the program and its children; a stream that something else holds open is left to its thread."""
        self._closing = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        with suppress(OSError):
            self._popen.kill()
        self._popen.wait()
        for thread in self._threads:
            thread.join(timeout=1)
        closing = threading.Thread(target=self._close, args=(self._popen.stdin,), daemon=True)
        closing.start()
        closing.join(timeout=1)

    def _close(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError):  # closing flushes what the program did not take
            stream.close()

    def _write(self, stream: IO[bytes], request: bytes) -> None:
        with suppress(OSError, ValueError):  # it has gone; what it said before tells more than the broken pipe
            stream.write(request + b"\n")
            stream.flush()

    def _read_answers(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while line := stream.readline(_LONGEST + 1):
                if self._closing:
                    break
                if line.strip():
                    self._answers.put(line)
                while self._answers.qsize() > 1 and not self._closing:
                    time.sleep(0.01)  # more lines than were asked for: let the pipe fill up instead of the memory
        self._answers.put(None)
        self._close(stream)

    def _read_errors(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while not self._closing and (piece := stream.read1(2**16)):  # type: ignore[attr-defined]
                self._errors = (self._errors + piece)[-_LAST_WORDS:]
        self._close(stream)

    def _last_words(self) -> str:
        time.sleep(0.05)  # standard error may come a little later than the end
        lines = self._errors.decode("utf-8", "replace").splitlines()[-5:]
        return "".join(f"\n    | {line}" for line in lines)


def _read(line: bytes, article: Article) -> Document:
    """Return the answer as a document of this article, or say what is wrong with it."""
    document, problems, _ = decode(Record("answer", 1, line))
    if document is not None and not problems:
        problems = check_document(document, Corpus({article.id: article.text}, None), "answer")
    # Scoring takes repeated spans and says so; everything else would be a guess.
    found = [problem for problem in problems if problem.code != "duplicate-span"]
    if document is None or found:
        said = "\n".join(f"    {problem}" for problem in found)
        raise ExtractionError(f"the answer is no document of this article:\n{said}{_shown(line)}")
    return document


def _shown(line: bytes) -> str:
    """Show the beginning of an answer that was not expected."""
    text = line.decode("utf-8", "replace").strip()
    beginning = text[:100] + "…" * (len(text) > 100)
    return f"\n    | {beginning}\n    Standard output is for answers alone; log to standard error."
