"""``bt view logs``: the newest traces, one line each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from msgspec.structs import replace

from bt_cli.cli.drawing import AsciiOption, list_look
from bt_cli.cli.filter_options import wanted_traces
from bt_cli.cli.ref_arguments import SubjectArgument
from bt_cli.cli.refs import is_file
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import StopFlag, stopping
from bt_cli.cli.subject import Subject, subject
from bt_cli.cli.view_follow import follow_logs
from bt_cli.cli.view_json import trace_item
from bt_cli.cli.view_subject import WidthOption
from bt_cli.errors import UsageError
from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.pipeline.listing import Listed
    from bt_cli.query.filters import SpanFilter
    from bt_cli.render.look import Look
    from bt_cli.spans.trace import TraceFacts

PANEL = "List"
_FRAME = 4
"""Lines of a terminal that a page leaves free: heading, note, prompt."""
_IN_MEMORY = 8 << 20
"""Bytes of an answer that are not put into a file while it is made."""


def logs(
    ctx: typer.Context,
    ref: SubjectArgument = None,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="Go on where a page ended.", rich_help_panel=PANEL)
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Show traces as they are stored.", rich_help_panel=PANEL)
    ] = False,
    ascii: AsciiOption = False,
    width: WidthOption = None,
) -> int:
    """List traces, the newest first: a page on a terminal, all of them in a pipe.

    Examples:
      bt view logs -p support --error
      bt view logs run.jsonl --limit 20 --json

    Exit codes:
      0  done, also when nothing matches · 2  usage, or no such project or experiment
      3, 5  bad records in a file · 8  store · 130, 143  interrupted · 141  the reader went away
    """
    session = session_of(ctx)
    wanted = wanted_traces(session, time.time())
    look = list_look(session.console, width, ascii)
    with stopping() as stop:
        if follow:
            if cursor or (ref is not None and is_file(ref)):
                what = "--cursor" if cursor else "a file"
                raise UsageError(f"--follow shows what arrives in a store, not {what}", hint="leave one of them away")
            with subject(session, ref, stop) as found:
                follow_logs(session, found, wanted, look, stop)
                return stop.exit_code
        paged = session.console.out_is_terminal and not session.console.json and wanted.limit is None
        if paged:
            wanted = replace(wanted, limit=max(session.console.out_size[1] - _FRAME, 5))
        with subject(session, ref, stop) as found:
            return _list(session, found, wanted, cursor, look, stop)


def _list(session: Session, found: Subject, wanted: SpanFilter, cursor: str | None, look: Look, stop: StopFlag) -> int:
    from bt_cli.pipeline.listing import Listed, parse_cursor
    from bt_cli.stores.base import ReadStats

    if cursor is not None:
        parse_cursor(cursor, found.container)
    listed = Listed(ReadStats())
    known = any(info.container == found.container for info in found.store.containers())
    traces = listed.traces(found.store, found.container, wanted, cursor) if known else iter(())
    traces = stop.until(traces)
    if session.console.json:
        _write_json(session, traces, listed, found.exit_code, stop)
    else:
        _write_text(session, traces, look)
        _tell(session, listed, wanted)
    return stop.exit_code or found.exit_code


def _write_text(session: Session, traces: Iterator[TraceFacts], look: Look) -> None:
    from bt_cli.render import logs as drawn

    console = session.console
    if look.width is None:
        first = next(traces, None)  # where an id turns out to be none, or of several, the error comes alone
        lines = (drawn.separated_line(one, look) for one in chain([] if first is None else [first], traces))
        console.emit_parts(chain([drawn.separated_heading()], lines))
        return
    page = list(traces)
    if not page:
        console.note("No traces.")
        return
    columns = drawn.columns_for(page, look)
    console.emit_text(drawn.heading(columns, look) + "".join(drawn.line(one, columns, look) for one in page))
    if columns.left_out:
        console.out.flush()  # what is said below comes below
        console.warn(drawn.no_room(columns))


def _tell(session: Session, listed: Listed, wanted: SpanFilter) -> None:
    console = session.console
    console.out.flush()  # what is said below comes below
    if listed.stats.timeless:
        console.warn(f"{count(listed.stats.timeless, 'trace')} without a time left out: no filter by time matches.")
    if listed.cursor is not None:
        console.warn(f"{count(wanted.limit or 0, 'trace')}; there are older ones. Go on with: --cursor {listed.cursor}")
    elif listed.stats.truncated:
        console.warn(f"Cut at --limit {wanted.limit}: there is more.")


def _write_json(session: Session, traces: Iterator[TraceFacts], listed: Listed, code: int, stop: StopFlag) -> None:
    """One object, kept in a file until it is whole: a list of any length takes no memory, an error leaves no half."""
    from shutil import copyfileobj
    from tempfile import SpooledTemporaryFile

    with SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="bt-") as kept:
        kept.write(b'{"schema":"bt/view-logs/1","items":[')
        for place, one in enumerate(traces):
            kept.write((b"," if place else b"") + orjson.dumps(trace_item(one)))
        code = stop.exit_code or code
        end = {
            "truncated": listed.stats.truncated or bool(stop()),
            "next_cursor": listed.cursor,
            "timeless": listed.stats.timeless,
            "ok": code == 0,
            "exit_code": code,
        }
        kept.write(b"]," + orjson.dumps(end)[1:] + b"\n")
        kept.seek(0)
        copyfileobj(kept, session.console.json_out)
