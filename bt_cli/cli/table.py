"""Tables: boxed for a terminal (the only part that needs rich), tab-separated for a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bt_cli.cli.visible import one_field, visible

if TYPE_CHECKING:
    from bt_cli.cli.console import Console


def separated(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A line of column names, then a line a row; numbers plain, nothing cut."""
    lines = [columns, *([_plain(cell) for cell in row] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


def boxed(columns: Sequence[str], rows: Iterable[Sequence[object]], console: Console) -> str:
    """A box as wide as the terminal at most; cells that don't fit end in an ellipsis."""
    from rich import box
    from rich.console import Console as RichConsole
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    table = Table(box=box.ROUNDED, header_style="bold")
    for place, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        table.add_column(Text(column), justify="right" if numeric else "left", no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(_grouped(cell)) for cell in row))
    color = console.color if console.color is not None else console.terminal.color
    rich = RichConsole(width=console.terminal.columns, force_terminal=color is not False, markup=False, highlight=False)
    with rich.capture() as captured:
        rich.print(table)
    return captured.get()


def _plain(cell: object) -> str:
    return "" if cell is None else one_field(str(cell))


def _grouped(cell: object) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    return "" if cell is None else visible(str(cell))
