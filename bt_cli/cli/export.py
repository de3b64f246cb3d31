"""``bt export``: stored spans as rows or trees."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from bt_cli.cli import filter_options as given
from bt_cli.cli import output
from bt_cli.cli.commands import command_app
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.left_out import warn_left_out
from bt_cli.cli.ref_arguments import ref_argument
from bt_cli.cli.refs import existing, resolve_stored
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import StopFlag, stopping
from bt_cli.cli.visible import visible
from bt_cli.errors import Interrupted, UsageError
from bt_cli.render.amounts import count, duration, size

if TYPE_CHECKING:
    from bt_cli.pipeline.attachment_folder import AttachmentReport
    from bt_cli.pipeline.report import ExportReport
    from bt_cli.query.filters import SpanFilter
    from bt_cli.spans.container import Container
    from bt_cli.stores.base import ContainerInfo

app = command_app()

RefArgument = Annotated[str | None, ref_argument("[REF]", "project_logs:NAME, experiment:NAME, or a name.")]


@app.command("export", cls=given.FilteringCommand)
def export(
    ctx: typer.Context,
    ref: RefArgument = None,
    all_projects: Annotated[
        bool, typer.Option("--all-projects", help="Everything in the store.", rich_help_panel=given.PANEL)
    ] = False,
    to: output.ToOption = "rows",
    with_container: Annotated[
        bool, typer.Option("--with-container", help="Keep project and server fields.", rich_help_panel=output.PANEL)
    ] = False,
    out: output.OutOption = None,
    force: output.ForceOption = False,
    compress: output.CompressOption = None,
    attachments: Annotated[
        str | None,
        typer.Option("--attachments", metavar="DIR", help="Write attachments into DIR.", rich_help_panel=output.PANEL),
    ] = None,
) -> int:
    """Write stored spans: rows, trees, OTLP (JSON or protobuf), CSV, Parquet.

    Examples:
      bt export -p support --to tree
      bt export -p support --window 24h --error --compress gzip -o errors.jsonl.gz
      bt export -p support -o support.jsonl --attachments files/
      bt export -p support --to parquet -o support.parquet

    Exit codes:
      0  done, also when nothing matches · 2  usage, or no such project, experiment or trace
      3  attachments are missing · 7  network · 8  store
      130, 143  interrupted or terminated · 141  the reader went away
    """
    session = session_of(ctx)
    store = session.settings.path
    plan = _Plan(
        ref=ref,
        all_projects=all_projects,
        wanted=given.wanted(session, time.time()),
        to=to,
        with_container=with_container,
        target=output.Target(out, force, compress, [str(store)] if store else [], binary=to in output.BINARY),
        attachments=attachments,
    )
    return _run(session, plan)


class _Plan(Struct, frozen=True):
    ref: str | None
    all_projects: bool
    wanted: SpanFilter
    to: str
    with_container: bool
    target: output.Target
    attachments: str | None


def _run(session: Session, plan: _Plan) -> int:
    from bt_cli.pipeline.attachment_folder import AttachmentFolder
    from bt_cli.pipeline.export import Layout, export_traces

    on_stdout = plan.target.on_stdout
    with stopping() as stop, session.opened("read", stop) as store, session.meter(on_stdout) as meter:
        containers = _chosen(session, plan, store.containers())
        folder = AttachmentFolder(store, plan.attachments, stop) if plan.attachments else None
        layout = Layout(plan.to, plan.with_container, folder)
        with plan.target.opened(session.console, json=True) as out:
            report = export_traces(store, containers, plan.wanted, layout, out, meter, stop)
            _check(plan, stop)
    files = folder.report if folder else None
    _tell(session, report, plan)
    if files is not None:
        _tell_files(session, files, plan)
    code = first_of(stop.exit_code, 3 if files and files.missing else 0)
    if session.console.json:
        _print_report(session, report, containers, code, files)
    return code


def _chosen(session: Session, plan: _Plan, infos: Sequence[ContainerInfo]) -> Sequence[Container]:
    settings = session.settings
    stored = [info.container for info in infos]
    if plan.all_projects:
        if plan.ref or session.options.project or session.options.experiment:
            raise UsageError("--all-projects reads everything", hint="leave REF, -p and --experiment away")
        return [one for one in stored if one.kind != "dataset"]
    if plan.ref is not None:
        return [resolve_stored(plan.ref, infos, settings.project if session.options.project else None)]
    return [existing(session.container, stored)]


def _check(plan: _Plan, stop: StopFlag) -> None:
    """Leaves before an incomplete file gets its name."""
    if stop() and not plan.target.on_stdout:
        raise Interrupted(stop(), hint=f"{plan.target.path} was not written")


def _tell(session: Session, report: ExportReport, plan: _Plan) -> None:
    console = session.console
    warn_left_out(console, plan.wanted, report.timeless, report.truncated)
    told = f"{count(report.traces, 'trace')} ({count(report.spans, 'span')}) in {duration(report.elapsed)}"
    if plan.target.on_stdout:
        console.detail(told)
    else:
        console.note(f"{told} → {plan.target.path}")


def _tell_files(session: Session, files: AttachmentReport, plan: _Plan) -> None:
    console = session.console
    for one in files.missing:
        console.warn(f"the attachment {visible(one.filename)} ({visible(one.key)}) is missing: {one.reason}")
    elsewhere = f"; {count(files.elsewhere, 'attachment')} elsewhere left there" if files.elsewhere else ""
    told = f"{count(files.written, 'attachment')} ({size(files.bytes)}) → {plan.attachments}{elsewhere}"
    console.note(told)


def _print_report(
    session: Session,
    report: ExportReport,
    containers: Sequence[Container],
    code: int,
    files: AttachmentReport | None,
) -> None:
    session.console.err_json(
        {
            "schema": "bt/export/1",
            "ok": code == 0,
            "exit_code": code,
            "source": {"store": session.settings.store, "containers": [one.ref for one in containers]},
            "traces": report.traces,
            "spans": report.spans,
            "timeless": report.timeless,
            "truncated": report.truncated,
            "elapsed_s": round(report.elapsed, 3),
            "attachments": _files_item(files) if files is not None else None,
        }
    )


def _files_item(files: AttachmentReport) -> dict[str, object]:
    return {
        "written": files.written,
        "bytes": files.bytes,
        "elsewhere": files.elsewhere,
        "missing": [one._asdict() for one in files.missing],
    }
