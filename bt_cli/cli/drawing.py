"""How this run's data is drawn: for the terminal it is written to, or for a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from bt_cli.cli.visible import one_field, visible
from bt_cli.errors import UsageError
from bt_cli.render.look import Look

if TYPE_CHECKING:
    from bt_cli.cli.console import Console

PANEL = "Layout"
AsciiOption = Annotated[
    bool, typer.Option("--ascii", help="Draw with ASCII only.", rich_help_panel=PANEL, show_default=False)
]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Tables of Markdown.", rich_help_panel=PANEL, show_default=False)
]


def check_form(console: Console, markdown: bool) -> None:
    """Raises UsageError where two forms of the answer are asked for."""
    if markdown and console.json:
        raise UsageError("--markdown and --json are two forms of one answer", hint="give one of them")


def look_of(console: Console, width: int | None = None, ascii: bool = False, color: bool = True) -> Look:
    """How to draw spans for people: cut on a terminal, whole in a pipe.

    It is safe in both: no program reads a layout, and what reads a pipe may show it on a terminal.
    """
    colored = color and console.out_has_color
    if console.out_is_terminal or colored:
        width = width or console.out_size[0]
    return Look(visible, _visible_line, width, colored, ascii)


def list_look(console: Console, width: int | None, ascii: bool) -> Look:
    """How to draw a list: like spans; without a width it is tab-separated, with the fields as they are."""
    look = look_of(console, width, ascii)
    return look if look.width is not None else replace(look, clean=one_field)


def report_look(console: Console, ascii: bool = False, markdown: bool = False) -> Look:
    """How to draw a report: as wide as a terminal. Markdown is made safe too, for it ends up before people."""
    clean = visible if console.out_is_terminal or markdown else one_field
    return Look(clean, _visible_line, console.out_size[0], console.out_has_color, ascii)


def table_look(console: Console, on_terminal: bool, safe: bool = False) -> Look:
    """How to draw a table that may go to a file; ``safe``: its text is spelled out there too.

    A file has colours only where ``--color`` says so.
    """
    clean = visible if on_terminal or safe else one_field
    color = console.out_has_color if on_terminal else console.color is True
    return Look(clean, _visible_line, console.out_size[0], color)


def print_table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints rows under column names: boxed and cut to the width on a terminal, tab-separated and uncut in a pipe."""
    from bt_cli.render.table import boxed, cell_of, columns_of, separated

    look = table_look(console, console.out_is_terminal)
    if console.out_is_terminal:
        rows = [list(row) for row in rows]
        cells = [[cell_of(value, look) for value in row] for row in rows]
        console.emit_text(boxed(columns_of(columns, rows, look), cells, look))
    else:
        console.emit_parts(separated(columns, rows, look.clean))


def talk_look(console: Console) -> Look:
    """How to draw a report on stderr, where stdout has other data: made safe also in a log, which people read."""
    return Look(visible, _visible_line, console.err_width, console.err_has_color)


def _visible_line(line: str) -> str:
    return visible(line.expandtabs(4))
