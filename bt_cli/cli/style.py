"""How this run's data looks: for the terminal it is written to, or for a pipe."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated

import typer

from bt_cli.cli.visible import one_field, visible

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.render.style import Style

PANEL = "Output"
AsciiOption = Annotated[
    bool, typer.Option("--ascii", help="No box-drawing characters.", rich_help_panel=PANEL, show_default=False)
]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Tables of Markdown.", rich_help_panel=PANEL, show_default=False)
]


def style_of(console: Console, ascii_only: bool = False, markdown: bool = False) -> Style:
    """As wide as the terminal, coloured as the flag or the environment says, else on a terminal.

    Control bytes are spelled out there, and in Markdown, which ends up before people too.
    """
    from bt_cli.render.style import Style

    wanted = console.color if console.color is not None else console.terminal.color
    on_terminal = console.out_is_terminal
    return Style(
        width=console.terminal.columns or shutil.get_terminal_size().columns,
        color=on_terminal if wanted is None else wanted,
        ascii=ascii_only,
        shown=visible if on_terminal or markdown else one_field,
    )
