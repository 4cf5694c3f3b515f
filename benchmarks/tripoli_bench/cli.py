"""The command line, `tripoli`: a thin front of the functions with the same names.

Exit status: 0 done, 1 problems found, 2 wrong usage.
Each verb imports what it needs when it is called, so that `tripoli --help` is quick.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tripoli_loaders.errors import Problem, TripoliError, UsageError

from .defaults import RESAMPLES, SEED, TIMEOUT

if TYPE_CHECKING:
    from rich.console import Console

    from .scores import Scores

app = typer.Typer(
    help="Score extractors of entities and events on five news reports of the 2019 battle for Tripoli.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data = typer.Typer(help="The data set: checksums, counts, schema, export.", no_args_is_help=True)
app.add_typer(data, name="data")

Gold = Annotated[Path | None, typer.Option(help="Gold of your own: a file or folder.", metavar="PATH", readable=False)]
Predictions = Annotated[
    list[Path], typer.Argument(help="Prediction files, or folders of `tripoli run`.", readable=False)
]
Annotations = Annotated[Path, typer.Argument(help="A file or folder of documents.", readable=False)]
Boilerplate = Annotated[bool, typer.Option("--boilerplate", help="Count predictions in boilerplate.")]
Alternatives = Annotated[
    bool, typer.Option("--alternatives", help="Credit the readings that the adjudication accepts beside the gold's.")
]
SkipInvalid = Annotated[
    bool, typer.Option("--skip-invalid", help="Leave out lines that are not in order, instead of refusing the file.")
]
Jobs = Annotated[int, typer.Option(help="Processes that count.", min=1)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def run(
    extractors: Annotated[list[str], typer.Argument(help="rules, crf, or cmd:COMMAND", metavar="EXTRACTOR...")],
    out: Annotated[Path, typer.Option(help="Folder to write predictions and manifests to.", metavar="DIR")],
    gold: Gold = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds a command may take for an article.", min=0.01, max=86400)
    ] = TIMEOUT,
    fresh: Annotated[bool, typer.Option("--fresh", help="Discard an earlier run instead of resuming it.")] = False,
) -> None:
    """Run extractors over the articles: predictions and a manifest each."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from .runs import run

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = _console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks = {}

        def show(system: str, done: int, total: int) -> None:
            if system not in tasks:
                tasks[system] = bar.add_task(system, total=total)
            bar.update(tasks[system], completed=done)

        manifests = run(extractors, out, gold, timeout=timeout, fresh=fresh, progress=show)
    for manifest in manifests:
        seconds, taken = sum(manifest.seconds.values()), manifest.resumed
        note = f", {taken} of them from an earlier run (--fresh runs all again)" if taken else ""
        typer.echo(
            f"{manifest.system}: {len(manifest.seconds)} articles in {seconds:.2f} s{note} -> {out / manifest.system}"
        )
        for article, failure in manifest.failures.items():
            typer.echo(f"{manifest.system}: article {article} failed: {failure}", err=True)
    if any(manifest.failures for manifest in manifests):
        raise typer.Exit(1)


@app.command()
def score(
    context: typer.Context,
    predictions: Predictions,
    gold: Gold = None,
    track: Annotated[list[str] | None, typer.Option(help="A track; by default those that are predicted.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="A metric, such as ner.strict, instead of tracks.")] = None,
    view: Annotated[str, typer.Option(help="native, ontonotes, conll03, ace05, plover")] = "native",
    format: Annotated[str, typer.Option(help="text, json, markdown, latex or csv")] = "text",
    like: Annotated[
        str | None,
        typer.Option(
            help="The numbers of seqeval, seqeval-strict, conlleval, nervaluate, textee, conll2012 or corefud instead."
        ),
    ] = None,
    boilerplate: Boilerplate = False,
    alternatives: Alternatives = False,
    singletons: Annotated[str, typer.Option(help="Chains of one mention: keep or drop.")] = "keep",
    keep_first: Annotated[
        bool, typer.Option("--keep-first", help="Take a mention that is in two chains for one of the first.")
    ] = False,
    skip_invalid: SkipInvalid = False,
    tags: Annotated[
        str, typer.Option(help="Files of tags: lenient lets an orphan I- begin an entity, strict drops it.")
    ] = "lenient",
    resamples: Annotated[int, typer.Option(help="100 or more; 0 for no intervals.", min=0)] = RESAMPLES,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.", min=0)] = SEED,
    jobs: Jobs = 1,
    with_: Annotated[list[str] | None, typer.Option("--with", help="seqeval: add its own report.")] = None,
) -> None:
    """Score predictions, with confidence intervals and a signature.

    Predictions and gold are documents (JSON Lines), or files of tags (.iob2, .conll and the like) paired by position.
    """
    _choose("--format", format, ("text", "json", "markdown", "latex", "csv"))
    _choose("--singletons", singletons, ("keep", "drop"))
    for name in with_ or ():
        _choose("--with", name, ("seqeval",))
    _choose("--tags", tags, ("lenient", "strict"))
    kept = singletons == "keep"
    if like is not None:
        from .peers import score_like

        _refuse(context, "--like", ("predictions", "gold", "view", "format", "like", *_LIKE_TOO))
        options = {"boilerplate": boilerplate, "singletons": kept, "skip_invalid": skip_invalid}
        scores = score_like(predictions, gold, like, view, **options)
    else:
        from tripoli_loaders.tagged import is_tagged

        from .scores import score

        if gold is not None and is_tagged(gold):
            _refuse(context, "files of tags", ("predictions", "gold", "view", "format", *_TAGS_TOO))
        elif tags != "lenient":
            raise UsageError("--tags is for files of tags; the gold is none")
        scores = score(
            predictions,
            gold,
            track or None,
            view,
            metrics=metric or None,
            boilerplate=boilerplate,
            alternatives=alternatives,
            singletons=kept,
            keep_first=keep_first,
            skip_invalid=skip_invalid,
            resamples=resamples,
            seed=seed,
            jobs=jobs,
            decoding=tags,
            with_seqeval=bool(with_),
        )
    _print_scores(scores, format)
    if scores.problems:
        raise typer.Exit(1)


def _print_scores(scores: Scores, format: str) -> None:
    if format == "json":
        _print_json(scores)
        return
    from .tables import print_scores, score_grids, score_notes

    if format == "text":
        print_scores(scores, _console())
        return
    from . import grids

    if format == "csv":
        from msgspec import to_builtins

        rows = [to_builtins(row) for row in (*scores.rows, *scores.by_zone)]
        columns = list(dict.fromkeys(name for row in rows for name in row if name != "counts"))
        typer.echo(grids.to_csv(rows, columns), nl=False)
        for note in score_notes(scores):
            typer.echo(note, err=True)
    else:
        render = grids.markdown if format == "markdown" else grids.latex
        typer.echo(render(score_grids(scores), score_notes(scores)), nl=False)


@app.command()
def errors(
    prediction: Annotated[Path, typer.Argument(help="The predictions of one system.", metavar="PRED", readable=False)],
    gold: Gold = None,
    track: Annotated[list[str] | None, typer.Option(help="A track; by default those that are predicted.")] = None,
    view: Annotated[str, typer.Option(help="native, ontonotes, conll03, ace05, plover")] = "native",
    format: Annotated[str, typer.Option(help="text, json, jsonl or csv: an item a line, right ones too")] = "text",
    boilerplate: Boilerplate = False,
    alternatives: Alternatives = False,
    skip_invalid: SkipInvalid = False,
) -> None:
    """Say of every item why it is wrong, and what each kind of mistake costs."""
    from .error_analysis import errors

    _choose("--format", format, ("text", "json", "jsonl", "csv"))
    options = {"boilerplate": boilerplate, "alternatives": alternatives, "skip_invalid": skip_invalid}
    found = errors(prediction, gold, track or None, view, **options)
    if format == "json":
        _print_json(found)
    elif format == "text":
        from .tables import print_errors

        print_errors(found, _console())
    else:
        import msgspec

        if format == "jsonl":
            for finding in found.findings:
                typer.echo(msgspec.json.encode(finding))
        else:
            from .analysis import Finding
            from .grids import to_csv

            rows = map(msgspec.to_builtins, found.findings)
            typer.echo(to_csv(rows, Finding.__struct_fields__), nl=False)
        for problem in found.problems:
            typer.echo(f"{problem.system}: {problem.code}: {problem.message}", err=True)
        typer.echo(found.signature, err=True)
    if found.problems:
        raise typer.Exit(1)


@app.command()
def compare(
    predictions: Predictions,
    gold: Gold = None,
    metric: Annotated[str, typer.Option(help="A metric whose counts add up over sentences.")] = "ner.strict",
    test: Annotated[str, typer.Option(help="randomisation or bootstrap")] = "randomisation",
    alternatives: Alternatives = False,
    skip_invalid: SkipInvalid = False,
    resamples: Annotated[int, typer.Option(help="100 or more.", min=0)] = RESAMPLES,
    seed: Annotated[int, typer.Option(help="Seed of the test.", min=0)] = SEED,
    jobs: Jobs = 1,
    json: Json = False,
) -> None:
    """Test whether systems differ on these sentences, in pairs, corrected for their number."""
    from .comparison import compare

    found = compare(
        predictions,
        gold,
        metric,
        test=test,
        alternatives=alternatives,
        skip_invalid=skip_invalid,
        resamples=resamples,
        seed=seed,
        jobs=jobs,
    )
    if json:
        _print_json(found)
    else:
        from .tables import print_comparisons

        print_comparisons(found, _console())
    if found.problems:
        raise typer.Exit(1)


@app.command()
def agree(
    a: Annotations,
    b: Annotations,
    items: Annotated[bool, typer.Option("--items", help="List what the two say differently, item by item.")] = False,
    json: Json = False,
) -> None:
    """Agreement of two annotations of the same articles: F1 and kappa by layer, type and article."""
    from tripoli_loaders import differences, load_gold

    from .agreement import agree

    one, other = load_gold(a), load_gold(b)
    if items:
        found = differences(one, other)
        if json:
            _print_json({"differences": found})
        for item in found if not json else ():
            typer.echo(f"{item.article}:{item.start}-{item.end}: {item.layer}: {item.field}: {item.a} | {item.b}")
        return
    rows = agree(one, other)
    if json:
        _print_json({"rows": rows})
    else:
        from .tables import print_agreement

        print_agreement(rows, _console())
    alone = sorted({document.id for document in one} ^ {document.id for document in other})
    if alone:
        typer.echo(f"not compared, because only one side has them: {', '.join(alone)}", err=True)
        raise typer.Exit(1)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Gold or predictions: files or folders.", metavar="FILE...")],
    gold: Gold = None,
    view: Annotated[str | None, typer.Option(help="Allow the labels that this view knows.")] = None,
    json: Json = False,
) -> None:
    """Report every problem of gold or prediction files."""
    from tripoli_loaders import corpus, read_gold
    from tripoli_loaders.checks import iter_checked

    against = corpus(None if gold is None else read_gold(gold))
    if view is not None:
        from .systems import corpus_of
        from .views import load_view

        against = corpus_of(read_gold(gold), load_view(view), own=gold is not None)
    from tripoli_loaders.tagged import check_tagged, is_tagged

    problems: list[Problem] = []
    numbers = {"document": 0, "sentence": 0}
    for file in files:
        if is_tagged(file):
            number, found = check_tagged(file)
            numbers["sentence"] += number
            problems += found
            continue
        for one in iter_checked(file, against):
            numbers["document"] += one.document is not None
            problems += one.problems
    counted = [f"{n} {name}{'s' * (n != 1)}" for name, n in numbers.items() if n or name == "document"]
    _report(problems, json, f"no problems in {' and '.join(counted)} of {', '.join(map(str, files))}")


@data.command()
def verify(json: Json = False) -> None:
    """Compare every file of the data set with its checksum and check the gold."""
    from tripoli_loaders import annotations_path, gold_version, verify

    _report(verify(), json, f"the data set {gold_version()} in {annotations_path()} is whole")


@data.command()
def export(
    out: Annotated[Path, typer.Option(help="Folder to write to.", metavar="DIR")],
    format: Annotated[str, typer.Option(help="jsonl")] = "jsonl",
    text: Annotated[bool, typer.Option("--text/--no-text", help="With the articles' text, or stand-off alone.")] = True,
) -> None:
    """Write the gold as JSON Lines."""
    from tripoli_loaders import read_gold, without_text, write_documents

    _choose("--format", format, ("jsonl",))
    documents, file = read_gold(), out / "gold.jsonl"
    if file.exists():
        raise UsageError(f"{file} exists; choose another folder, or remove it")
    write_documents(file, documents if text else map(without_text, documents))
    typer.echo(f"{len(documents)} documents -> {file}")


@data.command()
def counts(gold: Gold = None, json: Json = False) -> None:
    """Count the annotations by layer and label."""
    from tripoli_loaders import counts, load_gold

    found = counts(load_gold(gold))
    if json:
        _print_json(found)
        return
    for layer, labels in found.items():
        typer.echo(f"{layer}: {sum(labels.values())}" if layer != "articles" else layer)
        for label, number in labels.items():
            typer.echo(f"  {label:<12} {number:>6}")


@data.command()
def claims(gold: Gold = None, json: Json = False) -> None:
    """Who reports which figure for which event, and which figures cannot all be true."""
    from tripoli_loaders import claims, conflicts, load_gold

    found = claims(load_gold(gold))
    if json:
        rows = {"claims": found, "conflicts": conflicts(found)}
        _print_json(rows)
    else:
        from .tables import print_claims

        print_claims(found, conflicts(found), _console())


@data.command()
def unmarked(gold: Gold = None, json: Json = False) -> None:
    """List capitals, pronouns, digits and trigger words without annotation, each with the rule that excuses it."""
    from tripoli_loaders import load_gold, unmarked

    found = unmarked(load_gold(gold))
    without = [item for item in found if item.rule is None]
    if json:
        _print_json({"unmarked": found})
    else:
        for item in found:
            typer.echo(f"{item.article}:{item.start}: {item.kind}: {item.text}: {item.rule or 'NO RULE'}")
        typer.echo(f"{len(found)} tokens look like something and are unmarked, {len(without)} of them without a rule")
    if without:
        raise typer.Exit(1)


@data.command()
def schema() -> None:
    """Print the JSON Schema of a document."""
    from tripoli_loaders import json_schema

    _print_json(json_schema())


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from . import __version__

        typer.echo(f"tripoli-bench {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; what the user can act on is printed without a traceback."""
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # its matrices are small: more threads would wait for one another
    for stream in (sys.stdout, sys.stderr):  # a terminal without UTF-8 shows \\u2013 instead of failing
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except TripoliError as error:
        typer.echo(str(error), err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        typer.echo("there is not enough memory for so many labels; try --resamples 0, or fewer tracks", err=True)
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"{place}{error.strerror or error}", err=True)
        sys.exit(1)


def _report(problems: list[Problem], as_json: bool, fine: str) -> None:
    if as_json:
        rows = [problem._asdict() for problem in problems]
        _print_json({"problems": rows})
    else:
        for problem in problems:
            typer.echo(str(problem))
        number = f"{len(problems)} problem{'s' * (len(problems) > 1)}"
        typer.echo(number if problems else fine, err=bool(problems))
    if problems:
        raise typer.Exit(1)


def _print_json(value: object) -> None:
    import msgspec

    try:
        typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=1))
    except UnicodeEncodeError:  # the name of a file that is not UTF-8
        import json

        typer.echo(json.dumps(msgspec.to_builtins(value), indent=1))


_LIKE_TOO = ("boilerplate", "singletons", "skip_invalid")
_TAGS_TOO = ("track", "metric", "skip_invalid", "tags", "resamples", "seed", "jobs")


def _refuse(context: typer.Context, where: str, known: tuple[str, ...]) -> None:
    """Raise UsageError for an option that was given and has no part in what is done."""
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE" and name not in known:
            raise UsageError(f"{parameter.opts[0]} has no part in {where}; leave it out")


def _choose(option: str, found: str, known: tuple[str, ...]) -> None:
    if found not in known:
        raise UsageError(f"{option} {found!r}: expected {' or '.join(known)}")


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)  # names are no markup
    if not console.is_terminal:
        console.width = max(console.width, 250)  # a file or pipe has no width to wrap at
    return console


if __name__ == "__main__":
    main()
