"""``bt import``: read traces, convert them, store them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bt_cli.cli import input_options as given
from bt_cli.cli.commands import command_app
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.import_command import ImportCommand
from bt_cli.cli.output import refuse_input
from bt_cli.cli.reports import dialect_lines, outcome, problem_lines, report_dict, source_line, write_report
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import stopping
from bt_cli.cli.visible import visible
from bt_cli.errors import NetworkError, UsageError
from bt_cli.pipeline.options import ImportOptions
from bt_cli.readers.base import MAX_RECORD_BYTES
from bt_cli.readers.sources import find_sources
from bt_cli.stores.base import Conflict

if TYPE_CHECKING:
    from bt_cli.cli.import_scoring import ImportScoring
    from bt_cli.cli.signals import StopFlag
    from bt_cli.pipeline.report import ImportReport

HOW = "Storing"

app = command_app()


@app.command("import", cls=ImportCommand)
def import_(
    ctx: typer.Context,
    paths: given.PathsArgument = None,
    format: given.FormatOption = "auto",
    map: given.MapOption = None,
    children_field: given.ChildrenOption = None,
    id_field: given.IdOption = None,
    time_unit: given.TimeUnitOption = "auto",
    add_tag: given.TagOption = None,
    add_metadata: given.MetadataOption = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Wait for more, as tail -F.", rich_help_panel=given.PANEL)
    ] = False,
    on_conflict: Annotated[
        Conflict, typer.Option("--on-conflict", help="What to do with ids that are stored.", rich_help_panel=HOW)
    ] = "merge",
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Say what would be stored; store nothing.", rich_help_panel=HOW)
    ] = False,
    tee: Annotated[bool, typer.Option("--tee", help="Pass the input on to stdout.", rich_help_panel=HOW)] = False,
    rejects: given.RejectsOption = None,
    max_errors: given.MaxErrorsOption = None,
    report: given.ReportOption = None,
    strict: given.StrictOption = False,
    max_record_bytes: given.MaxRecordOption = MAX_RECORD_BYTES,
) -> int:
    """Read traces (trees, rows, OpenTelemetry), convert them to linked spans and store them.

    Examples:
      python app.py | bt import -p support
      bt import 'logs/**/*.jsonl.gz' -p ci --rejects bad.jsonl --max-errors 0.1%
      bt import run.jsonl -p ci --score ExactMatch --fail-under ExactMatch=0.9

    With --score, the traces of the input are scored once they are stored, those
    that were stored before included, and the report goes to stderr. The other
    options of scoring need it (bt help scoring).

    Exit codes:
      0  everything is stored, or no more was rejected than --max-errors allows
      2  usage · 3  more was rejected; the rest is stored · 5  input unusable
      with --score also 3  no verdict · 4  a gate failed · 6  no key · 7  no judge
      8  store · 130, 143  interrupted or terminated; what was read is stored
    """
    session = session_of(ctx)
    if not paths and sys.stdin is not None and sys.stdin.isatty():
        typer.echo(ctx.get_help(), err=True)
        return UsageError.exit_code
    if follow and strict:
        raise UsageError("--strict checks everything before it writes, and --follow never ends")
    flags = given.InputFlags(
        paths, format, map, children_field, id_field, time_unit, add_tag, add_metadata, max_record_bytes
    )
    options = ImportOptions(
        input=flags.to_options(follow),
        conflict=on_conflict,
        rejects=rejects,
        limit=given.error_limit(max_errors),
        strict=strict,
        dry_run=dry_run,
        tee=session.console.json_out if tee else None,
    )
    if rejects:
        refuse_input(rejects, paths or (), "--rejects")
        if Path(rejects).absolute() == Path(session.settings.store.removeprefix("sqlite:")).absolute():
            raise UsageError(f"--rejects {rejects} is the store", hint="name another file", file=rejects)
    find_sources(options.input.paths)  # what can't be read ends the run before a store is made
    return _run(session, options, report)


def _run(session: Session, options: ImportOptions, report_file: str | None) -> int:
    from bt_cli.pipeline.import_ import import_traces

    if not session.project_is_named:
        session.console.note("No project named: using 'default' (-p NAME).")
    with (
        stopping() as stop,
        _scoring(session, options, stop) as scoring,
        session.opened("dry-run" if options.dry_run else "write", stop) as store,
    ):
        with session.meter(data_on_stdout=options.tee is not None) as meter:
            touched = scoring.touched if scoring else None
            with _told_how_to_finish(options):
                report = import_traces(store, session.container, options, meter, stop, touched)
        if scoring:
            scoring.run(store, report, options, stop)
        link = None if options.dry_run else store.link(session.container)
    code = first_of(report.exit_code(options), stop.exit_code, scoring.exit_code if scoring else 0)
    _tell(session, report, options, link)
    if scoring:
        scoring.tell()
    if stop.exit_code:
        session.console.warn("Interrupted. What was read is stored; run the same command again to go on.")
    if session.console.json or report_file:
        content = _report_dict(session, report, options, code, link)
        if scoring:
            content["score"] = scoring.report_dict()
        if report_file:
            write_report(report_file, content)
        if session.console.json:
            (session.console.emit_json if options.tee is None else session.console.err_json)(content)
    return code


@contextmanager
def _told_how_to_finish(options: ImportOptions) -> Iterator[None]:
    """A server that can't be reached leaves the rest to another run: the error says which."""
    try:
        yield
    except NetworkError as error:
        from shlex import join

        piped = not options.input.paths or "-" in options.input.paths
        command = visible(join(["bt", *sys.argv[1:]]))
        error.hint = f"run {'… | ' if piped else ''}{command} again: what is stored is not stored twice"
        raise


def _scoring(session: Session, options: ImportOptions, stop: StopFlag) -> AbstractContextManager[ImportScoring | None]:
    if not session.scoring:
        return nullcontext()
    from bt_cli.cli.import_scoring import import_scoring

    return import_scoring(session, options, stop)


def _tell(session: Session, report: ImportReport, options: ImportOptions, link: str | None) -> None:
    console = session.console
    for line in problem_lines(report, "would be stored" if options.dry_run else "stored", "store"):
        console.warn(line)
    if console.talks:
        _tell_more(session, report, options)
        if link and report.spans.accepted:
            console.note(visible(link))


def _tell_more(session: Session, report: ImportReport, options: ImportOptions) -> None:
    """What is good to know when all went well too: what was read, where it went, and what to type next."""
    from shlex import quote

    console = session.console
    if report.rejects and report.records.rejected and not report.refused:
        file = visible(quote(report.rejects))
        console.note(f"  Fix {file} and run: bt import {file}{_where(session)}")
    if report.sources:
        console.note(source_line(report))
        for line in dialect_lines(report):
            console.note(line)
    if report.refused:
        console.note("Fix the input and run the same command again.")
        return
    target = f"{_target(session)} in {visible(session.store_shown)}"
    if options.dry_run:
        console.note(f"Dry run, nothing was stored: {outcome(report)} → {target}")
        return
    look = f" · look: bt view logs{_where(session)}" if report.spans.accepted else ""
    console.note(f"{outcome(report)} → {target}{look}")


def _target(session: Session) -> str:
    container = session.container
    experiment = f", experiment {container.experiment}" if container.experiment else ""
    return visible(f"project {container.project}{experiment}")


def _where(session: Session) -> str:
    """The options that lead another command to the same container."""
    from shlex import quote

    settings = session.settings
    experiment = f" --experiment {quote(settings.experiment)}" if settings.experiment else ""
    store = f" --store {quote(settings.store)}" if session.options.store else ""
    return visible(f" -p {quote(settings.project)}{experiment}{store}")


def _report_dict(
    session: Session, report: ImportReport, options: ImportOptions, code: int, link: str | None
) -> dict[str, object]:
    container = session.container
    target = {"store": session.settings.store, "project": container.project, "experiment": container.experiment}
    if link:
        target["link"] = link
    more = {"dry_run": options.dry_run, "time_unit": options.input.time_unit or "auto", "target": target}
    return report_dict(report, "bt/import/1", code, more)
