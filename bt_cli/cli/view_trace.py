"""``bt view trace``: the tree of a trace with its waterfall, as text, JSON or a page of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from bt_cli.cli.drawing import PANEL, AsciiOption, look_of
from bt_cli.cli.output import ForceOption, Target
from bt_cli.cli.refs import is_file
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.signals import stopping
from bt_cli.cli.view_json import emit_trace
from bt_cli.cli.view_subject import IdArgument, MaxCharsOption, Meant, WhatArgument, WidthOption, meant
from bt_cli.cli.visible import visible
from bt_cli.errors import UsageError

if TYPE_CHECKING:
    from bt_cli.pipeline.viewing import SeenTrace

FOLD = 5
"""Alike siblings that are shown before the rest is folded."""


def trace(
    ctx: typer.Context,
    what: WhatArgument = None,
    wanted: IdArgument = None,
    depth: Annotated[
        int | None, typer.Option("--depth", metavar="N", min=1, help="Levels to show.", rich_help_panel=PANEL)
    ] = None,
    fold: Annotated[
        int,
        typer.Option("--fold", metavar="N", min=0, help="Alike siblings in a row to show.", rich_help_panel=PANEL),
    ] = FOLD,
    no_fold: Annotated[bool, typer.Option("--no-fold", help="Show every span.", rich_help_panel=PANEL)] = False,
    ascii: AsciiOption = False,
    width: WidthOption = None,
    max_chars: MaxCharsOption = None,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="Write one self-contained page.", rich_help_panel="Output"),
    ] = None,
    force: ForceOption = False,
) -> int:
    """Show a trace as a tree, with a bar for the time of each span.

    Examples:
      bt view trace 9f2c41d0
      python app.py | bt view trace -

    Exit codes:
      0  done · 2  usage, or no such id · 3, 5  bad records in a file · 8  store
      130, 143  interrupted · 141  the reader went away
    """
    from bt_cli.pipeline.viewing import DRAWN

    session = session_of(ctx)
    if html is not None and session.options.json:
        raise UsageError("--html and --json are two forms of one answer", hint="give one of them")
    layout = _Layout(depth, None if no_fold else fold, ascii, width, max_chars)
    fields = None if html is not None or session.options.json else DRAWN
    with stopping() as stop, meant(session, what, wanted, "trace", stop, fields) as found:
        if found.rows or html is None:
            _show(session, found, layout, html, force, [what] if what and is_file(what) else [])
        return stop.exit_code or found.exit_code


class _Layout(Struct, frozen=True):
    depth: int | None
    fold: int | None
    ascii: bool
    width: int | None
    max_chars: int | None


def _show(session: Session, found: Meant, layout: _Layout, html: str | None, force: bool, inputs: list[str]) -> None:
    from bt_cli.pipeline.viewing import seen_trace

    lean = html is None and not session.console.json
    seen = seen_trace(found.container, found.rows, lean=lean) if found.rows else None
    if html is not None and seen is not None:
        _write_page(session, seen, Target(html, force, None, [*inputs, *_store_path(session)], "--html"))
    elif session.console.json:
        emit_trace(session.console, found, seen)
    elif seen is not None:
        session.console.emit_parts(_text(session, seen, layout))


def _store_path(session: Session) -> list[str]:
    return [str(session.settings.path)] if session.settings.path else []


def _text(session: Session, seen: SeenTrace, layout: _Layout) -> Iterator[str]:
    from bt_cli.render.budget import width_within, within
    from bt_cli.render.folding import entries
    from bt_cli.render.heading import heading
    from bt_cli.render.tree import blocks

    most = layout.max_chars
    width = layout.width if most is None else width_within(most, layout.width)
    look = look_of(session.console, width, layout.ascii, color=most is None)
    shown = entries(seen.tops, seen.facts, layout.fold, layout.depth, layout.ascii)
    drawn = blocks(shown, seen.facts, seen.why, look)
    if most is not None:
        yield within(seen.short, [*drawn], most, look)
        return
    yield heading(seen.short, look)
    yield from (block.text for block in drawn)


def _write_page(session: Session, seen: SeenTrace, target: Target) -> None:
    from bt_cli.render.amounts import count
    from bt_cli.render.html import page

    with target.opened(session.console) as out:
        for part in page(seen.short, seen.tops, seen.facts, seen.why, visible):
            out.write(part.encode("utf-8", "replace"))
    if not target.on_stdout:
        session.console.note(f"{count(seen.short.spans, 'span')} → {visible(str(target.path))}")
