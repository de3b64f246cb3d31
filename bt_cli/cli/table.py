"""Tables: boxed for a terminal (the only part that needs rich), tab-separated for a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bt_cli.cli.visible import one_field, visible

if TYPE_CHECKING:
    from bt_cli.cli.console import Console

NARROWEST = 4
"""Characters to which a column of text may be cut."""


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
    color = console.color if console.color is not None else console.terminal.color
    rich = RichConsole(width=console.terminal.columns, force_terminal=color is not False, markup=False, highlight=False)
    table = Table(box=box.ROUNDED, header_style="bold")
    for column, (width, numeric) in zip(columns, _layout(columns, rows, rich.width), strict=True):
        table.add_column(
            Text(column), justify="right" if numeric else "left", width=width, no_wrap=True, overflow="ellipsis"
        )
    for row in rows:
        table.add_row(*(Text(_grouped(cell)) for cell in row))
    with rich.capture() as captured:
        rich.print(table)
    return captured.get()


def fitted(text: str, room: int) -> str:
    """``text`` on at most ``room`` columns of the terminal, where some characters take two and some none."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"


def _layout(columns: Sequence[str], rows: Sequence[Sequence[object]], room: int) -> list[tuple[int, bool]]:
    """The width of each column, and whether it holds numbers.

    The widest text is cut first, and numbers never: without its end a number would be another one.
    """
    from rich.cells import cell_len

    cells = [[row[place] for row in rows] for place in range(len(columns))]
    numeric = [bool(rows) and all(isinstance(cell, int | float | None) for cell in column) for column in cells]
    widest = [max((cell_len(_grouped(cell)) for cell in column), default=0) for column in cells]
    widths = [max(cell_len(name), width) for name, width in zip(columns, widest, strict=True)]
    least = [width if number else NARROWEST for width, number in zip(widest, numeric, strict=True)]
    room -= 3 * len(columns) + 1  # the box itself
    while sum(widths) > room and any(width > low for width, low in zip(widths, least, strict=True)):
        place = max(range(len(widths)), key=lambda one: widths[one] - least[one])
        widths[place] -= 1
    return list(zip(widths, numeric, strict=True))


def _plain(cell: object) -> str:
    return "" if cell is None else one_field(str(cell))


def _grouped(cell: object) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    return "" if cell is None else visible(str(cell))
