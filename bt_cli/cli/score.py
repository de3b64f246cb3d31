"""``bt score``: run scorers over stored traces, or over a stream."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from msgspec import Struct

from bt_cli.cli import completion, output
from bt_cli.cli import input_options as given
from bt_cli.cli.commands import command_app
from bt_cli.cli.filter_options import wanted_traces
from bt_cli.cli.refs import is_file
from bt_cli.cli.reports import problem_lines
from bt_cli.cli.score_flags import ScoreFlags
from bt_cli.cli.score_options import WHAT, ScoreCommand
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import stopping
from bt_cli.cli.subject import named
from bt_cli.errors import Interrupted, UsageError
from bt_cli.pipeline.options import ConvertOptions, InputOptions

if TYPE_CHECKING:
    from bt_cli.query.filters import SpanFilter
    from bt_cli.spans.container import Container

app = command_app()

STREAM = "Output of FILE"
SubjectArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[REF|FILE|-]",
        help="A project, an experiment, a file of traces, or - for stdin.",
        autocompletion=completion.refs,
        show_default=False,
    ),
]


class _Stream(Struct, frozen=True):
    """What only scoring a file takes."""

    to: Literal["tree", "rows"] | None
    target: output.Target
    rejects: str | None
    max_errors: str | None

    @property
    def path(self) -> str:
        """The file to be read, or ``-``."""
        return self.target.inputs[0]

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return "standard input" if self.path == "-" else self.path

    @property
    def options(self) -> ConvertOptions:
        """What the pipeline gets; raises UsageError for a value that does not work."""
        limit = given.error_limit(self.max_errors)
        return ConvertOptions(InputOptions((self.path,)), self.to or "tree", self.rejects, limit)

    @property
    def is_asked_for(self) -> bool:
        """Whether any of it was given."""
        return any((self.to, self.target.path, self.target.compression, self.rejects, self.max_errors))


@app.command("score", cls=ScoreCommand)
def score(
    ctx: typer.Context,
    what: SubjectArgument = None,
    list_: Annotated[
        bool, typer.Option("--list", help="Every scorer, and what it needs.", rich_help_panel=WHAT)
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Say what would be scored; ask nobody.", rich_help_panel=WHAT)
    ] = False,
    to: Annotated[
        Literal["tree", "rows"] | None, typer.Option("--to", help="What to write (tree).", rich_help_panel=STREAM)
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write to FILE.", rich_help_panel=STREAM),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite FILE.", rich_help_panel=STREAM, show_default=False)
    ] = False,
    compress: Annotated[
        output.Compression | None, typer.Option("--compress", help="Compress it.", rich_help_panel=STREAM)
    ] = None,
    rejects: Annotated[
        str | None,
        typer.Option("--rejects", metavar="FILE", help="Append rejected records to FILE.", rich_help_panel=STREAM),
    ] = None,
    max_errors: Annotated[
        str | None,
        typer.Option("--max-errors", metavar="N|P%", help="Rejected records to accept (0).", rich_help_panel=STREAM),
    ] = None,
) -> int:
    """Run scorers over stored traces, or over a stream, and judge by the scores.

    Examples:
      bt score -p support --score ExactMatch --fail-under ExactMatch=0.9
      bt score run.jsonl --score factuality=Factuality --judge-model gpt-4o-mini > scored.jsonl

    SPEC is a scorer's name, NAME(key=value), FILE.py:FUNCTION, MODULE:FUNCTION
    or FILE.yaml, each with ALIAS= before it (bt help scoring). The scores of
    stored traces are stored with them, and the report goes to stdout. A FILE is
    written to stdout with its scores, nothing is stored, and the report goes to
    stderr.

    Exit codes:
      0  scored, and the gates passed · 2  usage, a wrong SPEC, or no judge model
      3  errors beyond --max-score-errors, cases not run, or a gate without cases;
         some records of FILE could not be read
      4  a gate failed · 5  FILE cannot be used · 6  no key, or it was refused
      7  the judge cannot be reached · 8  store · 130, 143  interrupted or terminated
    """
    session = session_of(ctx)
    if list_:
        return _list(session)
    flags = ScoreFlags(**session.scoring)
    inputs = (what,) if what is not None and is_file(what) else ()
    stream = _Stream(to, output.Target(out, force, compress, inputs), rejects, max_errors)
    flags.check()
    if flags.markdown == "" and (session.options.json or inputs):
        raise UsageError("--markdown without a file is for stdout, which has other data", hint="--markdown FILE")
    flags.check_files(inputs, out, rejects, session.settings.path)
    wanted = wanted_traces(session, time.time())
    if inputs:
        if session.filters:
            raise UsageError("filters are for stored traces", hint=f"bt import {what}, and score the project")
        if rejects:
            output.refuse_input(rejects, inputs, "--rejects")
        return _score_file(session, flags, stream, dry_run)
    if stream.is_asked_for:
        raise UsageError("--to, -o, --compress, --rejects and --max-errors are for a FILE", hint="leave them away")
    return _score_store(session, flags, what, wanted, dry_run)


def _list(session: Session) -> int:
    from bt_cli.cli.score_listing import print_scorers

    print_scorers(session, ScoreFlags(**session.scoring))
    return 0


def _score_store(session: Session, flags: ScoreFlags, what: str | None, wanted: SpanFilter, dry_run: bool) -> int:
    from bt_cli.cli.score_output import print_run, say_more, write_markdown_of
    from bt_cli.cli.scoring import scoring

    with session.opened("read") as store:
        container = named(session, store, what)
    if dry_run:
        return _rehearse(session, flags, container, wanted)
    from bt_cli.pipeline.score import score_store

    with stopping() as stop, scoring(session, flags, stop) as run:
        with session.opened("write") as store, session.meter() as meter:
            report = score_store(store, container, wanted, run.plan, run.seen, run.shown(meter), stop)
        ended = run.finish(report, str(container), stop.exit_code)
    source = {"store": session.settings.store, "container": container.ref}
    print_run(session.console, ended, source, flags.markdown == "")
    say_more(session.console, ended, "stored")
    write_markdown_of(session.console, ended.run, flags.markdown)
    return ended.code


def _rehearse(session: Session, flags: ScoreFlags, container: Container, wanted: SpanFilter) -> int:
    from bt_cli.cli.score_listing import print_rehearsal
    from bt_cli.cli.scoring import planned
    from bt_cli.pipeline.score_plan import plan_only

    with stopping() as stop, planned(session, flags, stop, judged=False) as plan:
        with session.opened("read") as store, session.meter() as meter:
            report = plan_only(store, container, wanted, plan, meter, stop)
        return print_rehearsal(session.console, report, str(container), stop)


def _score_file(session: Session, flags: ScoreFlags, stream: _Stream, dry_run: bool) -> int:
    from bt_cli.cli.score_listing import print_rehearsal
    from bt_cli.cli.score_output import err_json, say_more, say_run, write_markdown_of
    from bt_cli.cli.scoring import planned, scoring
    from bt_cli.pipeline.report import ImportReport
    from bt_cli.pipeline.score_plan import plan_stream
    from bt_cli.pipeline.score_stream import score_stream

    options = stream.options
    if dry_run:
        with stopping() as stop, planned(session, flags, stop, judged=False) as plan, session.meter() as meter:
            return print_rehearsal(session.console, plan_stream(options.input, plan, meter, stop), stream.name, stop)
    with stopping() as stop, scoring(session, flags, stop) as run:
        on_stdout = stream.target.on_stdout
        with session.meter(data_on_stdout=on_stdout) as meter, stream.target.opened(session.console, json=True) as out:
            report = score_stream(
                options.input, run.plan, options.to, out, run.seen, run.shown(meter), stop, options.rejects
            )
            if stop() and not on_stdout:
                raise Interrupted(stop(), hint=f"{stream.target.path} was not written")
        read = report.input or ImportReport()
        codes = stop.exit_code, read.exit_code(options)
        ended = run.finish(report, stream.name, *codes, unread=read.missing(options))
    for line in problem_lines(read, "scored"):
        session.console.warn(line)
    say_run(session.console, ended.run)
    say_more(session.console, ended, "written")
    write_markdown_of(session.console, ended.run, flags.markdown)
    err_json(session.console, ended, {"file": stream.path})
    return ended.code
