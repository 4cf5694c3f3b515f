"""Extractors and runs: leave one out is held, and one bad article costs no other."""

from __future__ import annotations

import json
import resource
import shlex
import sys
import time
from pathlib import Path

import msgspec
import pytest

from tripoli_bench import run
from tripoli_bench.extractors import ExtractionError, Extractor, load_extractor
from tripoli_bench.extractors.command import Command
from tripoli_bench.extractors.crf import Crf
from tripoli_loaders import Article, Document, Mention, UsageError, articles, check, read_documents, read_gold

GOLD = read_gold()
IDS = [document.id for document in GOLD]


def program(tmp_path: Path, body: str) -> str:
    """Write a program whose `answer(article)` is `body`, and return the command that runs it."""
    file = tmp_path / "tagger.py"
    file.write_text(
        "import json, os, sys, time\n"
        "for line in sys.stdin:\n"
        "    article = json.loads(line)\n"
        "    answer = {'id': article['id'], 'mentions': [{'start': 0, 'end': 2, 'type': 'PER'}]}\n"
        f"    {body}\n"
        "    print(json.dumps(answer))\n"
    )
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(file))}"


@pytest.mark.parametrize("spec", ["rules", "crf"])
def test_built_in_extractors_give_valid_documents(spec: str, tmp_path: Path) -> None:
    extractor = load_extractor(spec, GOLD)
    assert isinstance(extractor, Extractor)

    [manifest] = run([spec], tmp_path)

    file = tmp_path / spec / "predictions.jsonl"
    assert check([file]) == []
    assert [document.id for document in read_documents(file)] == IDS
    assert manifest.failures == {}
    assert all(len(document.mentions or ()) > 10 for document in read_documents(file))


def test_crf_is_the_same_twice() -> None:
    [article, *_] = articles(GOLD)

    assert Crf(GOLD[:3]).extract(article) == Crf(GOLD[:3]).extract(article)


def marked(document: Document, type: str) -> Document:
    """Return a document in which every single token is a name of this type."""
    mentions = tuple(Mention(start, end, type, "NAM") for start, end in document.tokens or ())
    return msgspec.structs.replace(document, mentions=mentions, values=())


def test_crf_never_learns_from_the_article_it_is_asked_about() -> None:
    first, second = marked(GOLD[0], "LEAKED"), marked(GOLD[1], "LEARNED")
    article = articles([first])[0]

    types = {mention.type for mention in Crf([first, second]).extract(article).mentions or ()}

    assert types == {"LEARNED"}


def test_crf_learns_from_all_articles_when_the_asked_one_is_new() -> None:
    [new] = articles([Document("new", text="Some other words.")])

    types = {mention.type for mention in Crf([marked(GOLD[0], "LEARNED")]).extract(new).mentions or ()}

    assert types == {"LEARNED"}


def test_unknown_extractor_lists_what_exists() -> None:
    with pytest.raises(UsageError, match="rules, crf, or cmd:COMMAND"):
        load_extractor("nothing", GOLD)


def test_command_answers_for_every_article(tmp_path: Path) -> None:
    [manifest] = run([f"cmd:{program(tmp_path, 'pass')}"], tmp_path / "out")

    documents = read_documents(tmp_path / "out" / manifest.system / "predictions.jsonl")
    assert [document.id for document in documents] == IDS
    assert manifest.failures == {}


FAILURES = {
    "dies": ("sys.exit('out of memory') if article['id'].startswith('001') else None", "ended with status 1"),
    "is-silent": ("time.sleep(60) if article['id'].startswith('001') else None", "was silent for 1 s"),
    "no-json": ("answer = print('oops') or answer if article['id'].startswith('001') else answer", "bad-json"),
    "wrong-article": ("answer['id'] = answer['id'].replace('001', '999')", "unknown-article"),
    "out-of-range": ("answer['mentions'][0]['end'] += 99999 * article['id'].startswith('001')", "offset-out-of-range"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failing_command_costs_one_article(case: str, tmp_path: Path) -> None:
    body, said = FAILURES[case]

    [manifest] = run([f"cmd:{program(tmp_path, body)}"], tmp_path / "out", timeout=1)

    documents = read_documents(tmp_path / "out" / manifest.system / "predictions.jsonl")
    assert list(manifest.failures) == [IDS[1]]
    assert said in manifest.failures[IDS[1]]
    assert [document.id for document in documents] == [IDS[0], *IDS[2:]]


def test_last_words_of_a_command_are_shown(tmp_path: Path) -> None:
    command = Command(program(tmp_path, "sys.exit('no model file')"))

    with pytest.raises(ExtractionError, match="no model file"):
        command.extract(articles(GOLD)[0])


def test_program_that_ends_after_each_answer_works(tmp_path: Path) -> None:
    [manifest] = run([f"cmd:{program(tmp_path, 'print(json.dumps(answer)); sys.exit()')}"], tmp_path / "out")

    assert manifest.failures == {}


def test_second_line_is_not_taken_for_the_next_answer(tmp_path: Path) -> None:
    [manifest] = run([f"cmd:{program(tmp_path, 'print(json.dumps(answer))')}"], tmp_path / "out")

    assert list(manifest.failures) == IDS
    assert "second line" in manifest.failures[IDS[0]]


def test_what_the_program_started_ends_with_it(tmp_path: Path) -> None:
    body = f"os.system('sleep 30 & echo $! >> {tmp_path / 'children'}')"
    started = time.monotonic()
    [manifest] = run([f"cmd:{program(tmp_path, body)}"], tmp_path / "out")

    assert manifest.failures == {}
    assert time.monotonic() - started < 15
    for child in (tmp_path / "children").read_text().split():
        state = Path(f"/proc/{child}/stat")
        assert not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_endless_output_does_not_fill_the_memory(stream: str, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    command = Command(program(tmp_path, f"\n    while True: sys.{stream}.write('x' * 65536)"), timeout=1)

    with pytest.raises(ExtractionError):
        command.extract(articles(GOLD)[0])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kilobytes


@pytest.mark.parametrize("direct", [False, True])
def test_changed_program_is_not_resumed(direct: bool, tmp_path: Path) -> None:
    def write(body: str) -> str:
        command = program(tmp_path, body)
        file = tmp_path / "tagger.py"
        if direct:  # started by itself, not as an argument of an interpreter
            file.write_text(f"#!{sys.executable}\n{file.read_text()}")
            file.chmod(0o755)
            return str(file)
        return command

    spec = f"cmd:{write('pass')}"
    run([spec], tmp_path / "out")
    write("answer['mentions'] = []")

    with pytest.raises(UsageError, match="file of the command has changed"):
        run([spec], tmp_path / "out")


def test_command_that_floods_standard_error_does_not_block(tmp_path: Path) -> None:
    command = Command(program(tmp_path, "sys.stderr.write('x' * 300_000 + '\\n')"), timeout=10)

    assert command.extract(articles(GOLD)[0]).id == IDS[0]
    command.close()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("cmd:", "found no command"),
        ("cmd:'unclosed", "cannot read the command"),
        ("cmd:/no/such/program", "found no program '/no/such/program'"),
    ],
)
def test_command_that_cannot_be_started(spec: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_extractor(spec, GOLD)


def test_second_run_takes_up_what_the_first_left(tmp_path: Path) -> None:
    log, fixed = tmp_path / "asked", tmp_path / "fixed"
    note = f"open({str(log)!r}, 'a').write(article['id'] + chr(10))"
    fail = f"article['id'] == {IDS[2]!r} and not os.path.exists({str(fixed)!r}) and sys.exit(1)"
    body = f"{note}; {fail}"
    spec = f"cmd:{program(tmp_path, body)}"
    [first] = run([spec], tmp_path / "out")
    fixed.touch()
    log.unlink()

    [second] = run([spec], tmp_path / "out")

    assert (list(first.failures), second.failures) == ([IDS[2]], {})
    assert log.read_text().split() == [IDS[2]]
    assert sorted(d.id for d in read_documents(tmp_path / "out" / second.system / "predictions.jsonl")) == IDS


def test_killed_run_loses_no_finished_article(tmp_path: Path) -> None:
    spec = f"cmd:{program(tmp_path, 'pass')}"
    [manifest] = run([spec], tmp_path / "out")
    folder = tmp_path / "out" / manifest.system
    lines = (folder / "predictions.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "predictions.jsonl").unlink()
    (folder / "predictions.jsonl.part").write_bytes(b"".join(lines[:2]) + lines[2][:20])  # as a kill would leave it

    run([spec], tmp_path / "out")

    assert (folder / "predictions.jsonl").read_bytes() == b"".join(lines)
    assert not (folder / "predictions.jsonl.part").exists()


def test_run_of_another_extractor_or_gold_is_refused(tmp_path: Path) -> None:
    run(["rules"], tmp_path)
    manifest = tmp_path / "rules" / "manifest.json"
    changed = json.loads(manifest.read_text())
    changed["gold"] = "00000000"
    manifest.write_text(json.dumps(changed))

    with pytest.raises(UsageError, match="holds the run of rules on gold 00000000"):
        run(["rules"], tmp_path)
    [fresh] = run(["rules"], tmp_path, fresh=True)
    assert fresh.failures == {}


def test_extractor_that_raises_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name = "broken"

        def extract(self, article: Article) -> Document:
            if article.id == IDS[3]:
                raise RuntimeError("no idea")
            return Document(article.id)

    monkeypatch.setitem(sys.modules["tripoli_bench.extractors"].BUILT_IN, "broken", lambda _: Broken())

    [manifest] = run(["broken"], tmp_path)

    assert manifest.failures == {IDS[3]: "RuntimeError: no idea"}
    assert len(read_documents(tmp_path / "broken" / "predictions.jsonl")) == 4
