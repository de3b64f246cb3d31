"""``bt view span`` and ``bt view thread``: one span with every field, and the conversation of a trace."""

from __future__ import annotations

import typer

from bt_cli.cli.drawing import AsciiOption, look_of
from bt_cli.cli.session import session_of
from bt_cli.cli.signals import stopping
from bt_cli.cli.view_json import emit_span, emit_thread
from bt_cli.cli.view_subject import IdArgument, WhatArgument, meant


def span(ctx: typer.Context, what: WhatArgument = None, wanted: IdArgument = None, ascii: AsciiOption = False) -> int:
    """Show one span with every field; messages to read, media by type and size.

    Examples:
      bt view span 9f2c41d0
      bt view span run.jsonl 9f2c41d0 --json | jq .span.row

    Exit codes:
      0  done · 2  usage, or no such id · 3, 5  bad records in a file · 8  store
      130, 143  interrupted · 141  the reader went away
    """
    from bt_cli.render.span import span_text
    from bt_cli.spans.facts import facts_of

    session = session_of(ctx)
    console = session.console
    with stopping() as stop, meant(session, what, wanted, "span", stop) as found:
        if found.row is not None:
            facts = facts_of(found.row)
            if console.json:
                emit_span(console, found.container, found.row, facts, found.exit_code)
            else:
                console.emit_text(span_text(found.row, facts, look_of(console, ascii=ascii)))
        elif console.json:
            console.emit_json({"schema": "bt/view-span/1", "ok": True, "exit_code": found.exit_code, "span": None})
        return stop.exit_code or found.exit_code


def thread(ctx: typer.Context, what: WhatArgument = None, wanted: IdArgument = None, ascii: AsciiOption = False) -> int:
    """Show the conversation of a trace: who says what, tool calls and results; repeats are folded.

    Examples:
      bt view thread 9f2c41d0
      bt view thread run.jsonl

    Exit codes:
      0  done · 2  usage, or no such id · 3, 5  bad records in a file · 8  store
      130, 143  interrupted · 141  the reader went away
    """
    from bt_cli.pipeline.viewing import seen_trace
    from bt_cli.render.heading import heading
    from bt_cli.render.thread import conversation, thread_text

    session = session_of(ctx)
    console = session.console
    with stopping() as stop, meant(session, what, wanted, "trace", stop) as found:
        seen = seen_trace(found.container, found.rows) if found.rows else None
        turns = conversation(seen.tops, seen.facts) if seen else []
        if console.json:
            emit_thread(console, seen, turns, found.exit_code)
        elif seen is not None:
            look = look_of(console, ascii=ascii)
            console.emit_text(heading(seen.short, look) + thread_text(turns, look))
        return stop.exit_code or found.exit_code
