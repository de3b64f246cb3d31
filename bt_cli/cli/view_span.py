"""``bt view span`` and ``bt view thread``: one span with every field, and the conversation of a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct
from msgspec.structs import replace

from bt_cli.cli.console import Console
from bt_cli.cli.drawing import PANEL, AsciiOption, look_of
from bt_cli.cli.session import session_of
from bt_cli.cli.signals import stopping
from bt_cli.cli.view_json import emit_span, emit_thread
from bt_cli.cli.view_subject import IdArgument, Kind, MaxCharsOption, Meant, WhatArgument, meant
from bt_cli.errors import UsageError

if TYPE_CHECKING:
    from bt_cli.render.look import Look

FullOption = Annotated[
    bool,
    typer.Option("--full", help="Cut nothing on a terminal.", rich_help_panel=PANEL, show_default=False),
]

_ROWS = 20
"""Rows of a terminal that one value gets."""


def span(
    ctx: typer.Context,
    what: WhatArgument = None,
    wanted: IdArgument = None,
    full: FullOption = False,
    max_chars: MaxCharsOption = None,
    ascii: AsciiOption = False,
) -> int:
    """Show one span with every field; messages to read, media by type and size, and where attachments lie.

    Examples:
      bt view span 9f2c41d0
      bt view span run.jsonl 9f2c41d0 --json | jq .span.row

    Exit codes:
      0  done · 2  usage, or no such id · 3, 5  bad records in a file · 8  store
      130, 143  interrupted · 141  the reader went away
    """
    return _show(ctx, what, wanted, "span", _Layout(full, max_chars, ascii))


def thread(
    ctx: typer.Context,
    what: WhatArgument = None,
    wanted: IdArgument = None,
    full: FullOption = False,
    max_chars: MaxCharsOption = None,
    ascii: AsciiOption = False,
) -> int:
    """Show the conversation of a trace: who says what, tool calls and results; repeats are folded.

    Examples:
      bt view thread 9f2c41d0
      bt view thread run.jsonl

    Exit codes:
      0  done · 2  usage, or no such id · 3, 5  bad records in a file · 8  store
      130, 143  interrupted · 141  the reader went away
    """
    return _show(ctx, what, wanted, "trace", _Layout(full, max_chars, ascii))


class _Layout(Struct, frozen=True):
    full: bool
    max_chars: int | None
    ascii: bool


def _show(ctx: typer.Context, what: str | None, wanted: str | None, kind: Kind, layout: _Layout) -> int:
    if layout.full and layout.max_chars is not None:
        raise UsageError("--full cuts nothing, --max-chars does", hint="leave one of them away")
    session = session_of(ctx)
    with stopping() as stop, meant(session, what, wanted, kind, stop) as found:
        (_show_span if kind == "span" else _show_thread)(session.console, found, layout)
        return stop.exit_code or found.exit_code


def _show_span(console: Console, found: Meant, layout: _Layout) -> None:
    from bt_cli.pipeline.locating import located

    store = found.store if found.file is None else None  # a file brings no attachments
    attachments = [one for row in found.rows for one in located(store, row)]
    if console.json:
        emit_span(console, found, attachments)
    elif found.rows:
        from bt_cli.render.span import span_text
        from bt_cli.spans.facts import facts_of

        (row,) = found.rows
        facts = facts_of(row)
        _write(console, layout, lambda look: span_text(row, facts, look, attachments))


def _show_thread(console: Console, found: Meant, layout: _Layout) -> None:
    from bt_cli.pipeline.viewing import seen_trace
    from bt_cli.render.heading import heading
    from bt_cli.render.thread import conversation, thread_text

    seen = seen_trace(found.container, found.rows) if found.rows else None
    turns = conversation(seen.tops, seen.facts) if seen else []
    if console.json:
        emit_thread(console, found, seen, turns)
    elif seen is not None:
        short = seen.short
        _write(console, layout, lambda look: heading(short, look) + thread_text(turns, look))


def _write(console: Console, layout: _Layout, draw: Callable[[Look], str]) -> None:
    """Long values are cut on a terminal; a pipe gets everything, unless there is a limit."""
    if layout.max_chars is not None:
        from bt_cli.render.budget import drawn_within

        look = look_of(console, ascii=layout.ascii, color=False)
        console.emit_text(drawn_within(draw, layout.max_chars, look))
        return
    look = look_of(console, ascii=layout.ascii)
    cuts = console.out_is_terminal and not layout.full
    console.emit_text(draw(replace(look, rows=_ROWS) if cuts else replace(look, width=None)))
