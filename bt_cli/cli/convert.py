"""``bt convert``: the same conversion as a pure filter."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bt_cli.cli import input_options as given
from bt_cli.cli import output
from bt_cli.cli.commands import Command, command_app
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.reports import outcome, problem_lines, report_dict, write_report
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import stopping
from bt_cli.errors import Interrupted, UsageError
from bt_cli.pipeline.options import ConvertOptions
from bt_cli.readers.base import MAX_RECORD_BYTES
from bt_cli.render.amounts import count, duration

if TYPE_CHECKING:
    from bt_cli.pipeline.report import ImportReport

app = command_app()


@app.command("convert", cls=Command)
def convert(
    ctx: typer.Context,
    paths: given.PathsArgument = None,
    format: given.FormatOption = "auto",
    map: given.MapOption = None,
    children_field: given.ChildrenOption = None,
    id_field: given.IdOption = None,
    time_unit: given.TimeUnitOption = "auto",
    add_tag: given.TagOption = None,
    add_metadata: given.MetadataOption = None,
    to: output.ToOption = "rows",
    out: output.OutOption = None,
    force: output.ForceOption = False,
    compress: output.CompressOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 4 for findings.", rich_help_panel=given.PROBLEMS)
    ] = False,
    rejects: given.RejectsOption = None,
    max_errors: given.MaxErrorsOption = None,
    report: given.ReportOption = None,
    strict: given.StrictOption = False,
    max_record_bytes: given.MaxRecordOption = MAX_RECORD_BYTES,
) -> int:
    """Convert traces to rows, trees, OTLP (JSON or protobuf), CSV or Parquet, without a store.

    Examples:
      python app.py | bt convert | jq -c 'select(.span_attributes.type == "llm")'
      bt convert --check traces.jsonl

    Exit codes:
      0  everything is converted, or no more was rejected than --max-errors allows
      2  usage · 3  more was rejected · 4  findings of --check · 5  input unusable
    """
    session = session_of(ctx)
    if not paths and sys.stdin is not None and sys.stdin.isatty():
        typer.echo(ctx.get_help(), err=True)
        return UsageError.exit_code
    if check and (out or compress):
        raise UsageError("--check writes nothing", hint="leave -o and --compress away")
    flags = given.InputFlags(
        paths, format, map, children_field, id_field, time_unit, add_tag, add_metadata, max_record_bytes
    )
    options = ConvertOptions(
        input=flags.to_options(),
        to=to,
        rejects=rejects,
        limit=given.error_limit(max_errors),
        strict=strict,
        check=check,
    )
    if rejects:
        output.refuse_input(rejects, paths or (), "--rejects")
    return _run(session, options, output.Target(out, force, compress, paths or (), binary=to in output.BINARY), report)


def _run(session: Session, options: ConvertOptions, target: output.Target, report_file: str | None) -> int:
    from bt_cli.pipeline.convert import convert_traces

    # A check goes nowhere: no file is made, and a closed stdout does not matter.
    target = output.Target(os.devnull, True, None) if options.check else target
    opened = target.opened(session.console, json=True)
    with stopping() as stop, session.meter(data_on_stdout=target.on_stdout) as meter, opened as out:
        report = convert_traces(options, out, meter, stop)
        if stop() and not target.on_stdout:
            raise Interrupted(stop(), hint=f"{target.path} was not written")
    code = first_of(report.exit_code(options), stop.exit_code)
    _tell(session, report, options)
    content = _report_dict(report, options, code)
    if report_file:
        write_report(report_file, content)
    if session.console.json:
        (session.console.emit_json if options.check else session.console.err_json)(content)
    return code


def _tell(session: Session, report: ImportReport, options: ConvertOptions) -> None:
    console = session.console
    for line in problem_lines(report, "valid" if options.check else "converted"):
        console.warn(line)
    if options.check:
        found = sum(report.problems.values())
        checked = f"{count(report.records_in, 'record')} checked in {duration(report.elapsed)}"
        console.note(f"{checked}: {count(found, 'problem')}.")
    else:
        console.detail(outcome(report))


def _report_dict(report: ImportReport, options: ConvertOptions, code: int) -> dict[str, object]:
    more = {"to": options.to, "check": options.check, "time_unit": options.input.time_unit or "auto"}
    return report_dict(report, "bt/convert/1", code, more)
