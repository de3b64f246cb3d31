"""``bt summary``: a project, experiment or file in numbers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from bt_cli.cli.commands import command_app
from bt_cli.cli.drawing import PANEL, AsciiOption, MarkdownOption, check_form, print_table, report_look
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.filter_options import FilteringCommand, wanted
from bt_cli.cli.left_out import warn_left_out
from bt_cli.cli.ref_arguments import SubjectArgument
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import stopping
from bt_cli.cli.subject import Subject, subject
from bt_cli.cli.value_paths import value_path
from bt_cli.cli.visible import visible
from bt_cli.errors import Interrupted
from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.query.filters import SpanFilter
    from bt_cli.spans.summary import Summary

app = command_app()


@app.command("summary", cls=FilteringCommand)
def summary(
    ctx: typer.Context,
    what: SubjectArgument = None,
    group_by: Annotated[
        str | None,
        typer.Option(
            "--group-by", metavar="PATH", help="Also by the root's name, metadata.model …", rich_help_panel=PANEL
        ),
    ] = None,
    markdown: MarkdownOption = False,
    ascii: AsciiOption = False,
) -> int:
    """Sum up traces: errors, tokens, cost, latency and scores.

    Examples:
      bt summary -p support --window 24h
      bt summary traces.jsonl --scope spans --type llm --group-by metadata.model

    Latency is the duration of roots; of a trace without one, from its first
    start to its last end. A trace's tokens are those of its llm spans; a
    parent that repeats the sum of its calls adds nothing. A trace's score is
    its root's, else the mean over its spans. With --scope spans the matching
    spans are counted one by one, each with its own values.

    Exit codes:
      0  done, also when nothing matches · 2  usage, or no such project, experiment or trace
      3  some records of FILE could not be read · 5  FILE cannot be used · 8  store
      130, 143  interrupted or terminated · 141  the reader went away
    """
    session = session_of(ctx)
    check_form(session.console, markdown)
    path = None if group_by is None else value_path("--group-by", group_by)
    plan = _Plan(what, wanted(session, time.time()), path, markdown, ascii)
    return _run(session, plan)


class _Plan(Struct, frozen=True):
    what: str | None
    wanted: SpanFilter
    group_by: str | None
    markdown: bool
    ascii: bool


def _run(session: Session, plan: _Plan) -> int:
    from bt_cli.pipeline.summarise import summarise

    with stopping() as stop, subject(session, plan.what, stop) as found:
        with session.meter() as meter:
            report = summarise(found.store, found.container, plan.wanted, plan.group_by, meter, stop)
        if report is None or stop():
            raise Interrupted(stop())
        _print(session, found, report, plan)
        _warn(session, report, plan)
        return first_of(found.exit_code)


def _print(session: Session, found: Subject, report: Summary, plan: _Plan) -> None:
    console = session.console
    if console.json:
        console.emit_json(_object(found, report))
        return
    look = report_look(console, plan.ascii, plan.markdown)
    if plan.markdown:
        from bt_cli.render.summary_text import summary_markdown

        console.emit_text(summary_markdown(found.name, report, look))
    elif console.out_is_terminal:
        from bt_cli.render.summary_text import summary_text

        console.emit_text(summary_text(found.name, report, look))
    else:
        from bt_cli.render.summary_json import fields, group_table

        if report.group_by:
            print_table(console, *group_table(report, look.clean))
        else:
            print_table(console, ("field", "value"), fields(report, look.clean))


def _object(found: Subject, report: Summary) -> dict[str, object]:
    from bt_cli.render.summary_json import summary_dict

    code = found.exit_code
    return {
        "schema": "bt/summary/1",
        "ok": code == 0,
        "exit_code": code,
        "source": source(found),
        **summary_dict(report),
    }


def source(found: Subject) -> dict[str, object]:
    """What was read, as JSON: the store and the container's ref, or the file."""
    if found.store.url is None:
        return {"file": found.name}
    return {"store": found.store.url, "container": found.container.ref}


def _warn(session: Session, report: Summary, plan: _Plan) -> None:
    console = session.console
    warn_left_out(console, plan.wanted, report.timeless, report.truncated)
    if not report.whole.traces:
        console.warn("No traces.")
    odd = report.whole.disagreement
    if odd.traces:
        console.warn(
            f"{count(odd.traces, 'trace')}: parents' own sums say {odd.claimed:,.0f} tokens, their calls used "
            f"{odd.used:,.0f} (apart by {odd.difference:,.0f} in all). The calls are counted."
        )
    if report.group_by and [group.value for group in report.groups] == [None]:
        of_what = "span" if report.scope == "spans" else "root"
        hint = "" if report.scope == "spans" else "; --scope spans groups every span by its own"
        console.note(f"No {of_what} has {visible(report.group_by)}{hint}.")
