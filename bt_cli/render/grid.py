"""Tables of amounts for a terminal: numbers are never cut, columns that find no room are left out and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bt_cli.render.charts import wrapped
from bt_cli.render.look import DIM, Look, cut

_NARROWEST = 14
"""Characters to which the first column may be cut."""
_WIDEST_NAME = 24
"""Characters of a column's name that are shown."""


class Cell(NamedTuple):
    """Text in one of rich's styles; empty for none."""

    text: str
    style: str = ""


class Column(NamedTuple):
    """A column's name; those of a low ``rank`` stay longest where room is short."""

    name: str
    rank: int = 0
    right: bool = True


def boxed(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], look: Look) -> str:
    """A box of at most ``look.room``. The first column is text and may be cut; see the module for the others."""
    from rich.cells import cell_len

    columns = [column._replace(name=cut(column.name, _WIDEST_NAME)) for column in columns]
    widths = [
        max(cell_len(text) for text in (column.name, *(row[place].text for row in rows)))
        for place, column in enumerate(columns)
    ]
    kept = _kept(columns, widths, look.room)
    room = look.room - 1 - sum(widths[place] + 3 for place in kept[1:]) - 3
    widths[0] = max(min(widths[0], room), 1)
    box = _drawn([columns[place] for place in kept], [widths[place] for place in kept], rows, kept, look)
    left_out = [column.name for place, column in enumerate(columns) if place not in kept]
    if left_out:
        told = wrapped(look, f"No room for: {', '.join(left_out)}. Make the terminal wider, or use --json.")
        box += look.paint(told.rstrip("\n"), DIM) + "\n"
    return box


def _kept(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """The columns there is room for, the first one always."""
    room = width - 1 - 3 - min(widths[0], _NARROWEST)
    kept = [0]
    for place in sorted(range(1, len(columns)), key=lambda one: (columns[one].rank, one)):
        room -= widths[place] + 3
        if room < 0:
            break
        kept.append(place)
    return sorted(kept)


def _drawn(
    columns: Sequence[Column], widths: Sequence[int], rows: Sequence[Sequence[Cell]], kept: Sequence[int], look: Look
) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(
        width=look.room,
        force_terminal=look.color,
        color_system="standard" if look.color else None,
        markup=False,
        highlight=False,
        legacy_windows=False,
    )
    table = Table(box=box.ASCII if look.ascii else box.ROUNDED, header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        side = "right" if column.right else "left"
        table.add_column(Text(column.name), justify=side, width=width, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(Text(row[place].text, style=row[place].style) for place in kept))
    with console.capture() as captured:
        console.print(table)
    return captured.get()
