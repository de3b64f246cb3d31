"""Tables, drawn here alone: in a box cut to a terminal's width, upright where that is too narrow, and tab-separated.

Tables of Markdown are in `markdown`. `separated` and `upright` give a part for each row, so that an answer of a
million rows takes no memory; a box needs its rows at once, for they decide how wide its columns are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from bt_cli.render.amounts import integer
from bt_cli.render.charts import wrapped
from bt_cli.render.look import DIM, Look, cells, cut, isolated, pad

NARROWEST = 4
"""Columns of the terminal to which any text may be cut."""
READABLE = 14
"""Columns to which text may be cut that tells what a row is about."""
_WIDEST_NAME = 24
"""Columns of a name that are shown above numbers."""
_FRAME = 3
"""What a column takes beside its text."""


class Cell(NamedTuple):
    """Text on one line, in one of rich's styles; empty for none."""

    text: str
    style: str = ""


class Column(NamedTuple):
    """A column's name. Those of a low ``rank`` stay longest where room is short.

    ``least``: the columns of the terminal to which text may be cut; 0 for numbers, which are never cut: without its
    end a number would be another one.
    """

    name: str
    rank: int = 0
    right: bool = True
    least: int = 0


def boxed(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], look: Look) -> str:
    """A box of at most ``look.room``; what finds no place in it is named below."""
    columns = [column if column.least else column._replace(name=cut(column.name, _WIDEST_NAME)) for column in columns]
    widths = _widths(columns, rows)
    kept = _kept(columns, widths, look.room)
    _narrow(widths, kept, columns, look.room)
    box = _drawn([(columns[place], widths[place], place) for place in kept], rows, look)
    left_out = [column.name for place, column in enumerate(columns) if place not in kept]
    if left_out:
        told = wrapped(look, f"No room for: {', '.join(left_out)}. Make the terminal wider, or use --json.")
        box += look.paint(told.rstrip("\n"), DIM) + "\n"
    return box


def fits(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], look: Look) -> bool:
    """Whether `boxed` has a place for every column."""
    return len(_kept(columns, _widths(columns, rows), look.room)) == len(columns)


def upright(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], look: Look) -> Iterator[str]:
    """A line a column, a rule above each row."""
    names = [cut(column.name, look.room // 2, look.ellipsis) for column in columns]
    longest = max(map(cells, names))
    room = max(look.room - longest - 2, NARROWEST)
    rule = "-" if look.ascii else "─"
    for number, row in enumerate(rows, 1):
        yield f"{rule * 2} {integer(number)} ".ljust(look.room, rule) + "\n"
        for name, cell in zip(names, row, strict=True):
            yield f"{pad(name, longest)}  {cut(cell.text, room, look.ellipsis)}".rstrip() + "\n"


def separated(names: Sequence[str], rows: Iterable[Sequence[object]], clean: Callable[[str], str]) -> Iterator[str]:
    """A line of column names, then a line a row; numbers plain, nothing cut."""
    yield separated_line(names, clean)
    for row in rows:
        yield separated_line(row, clean)


def separated_line(values: Iterable[object], clean: Callable[[str], str]) -> str:
    """Values between tabs; nothing for None."""
    return "\t".join(["" if value is None else clean(str(value)) for value in values]) + "\n"


def columns_of(names: Sequence[str], rows: Sequence[Sequence[object]], look: Look) -> list[Column]:
    """Columns for values of any kind: those that are all numbers stand on the right."""
    columns = []
    for place, name in enumerate(names):
        right = all_numbers([row[place] for row in rows])
        widest = max((cells(cell_of(row[place], look).text) for row in rows), default=0) if right else 0
        columns.append(Column(look.clean(name[: look.room]), right=right, least=max(widest, NARROWEST)))
    return columns


def all_numbers(values: Iterable[object]) -> bool:
    """Whether there are numbers among the values, and nothing else but None."""
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) for value in known)


def cell_of(value: object, look: Look) -> Cell:
    """A value of any kind; whole numbers are grouped."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Cell(integer(value))
    return Cell("" if value is None else look.clean(str(brief(value, look))))


def brief(value: object, look: Look) -> object:
    """A text may still be too long for its column, but not by much: holding and laying out megabytes takes long."""
    return value[: look.room] + look.ellipsis if isinstance(value, str) and len(value) > look.room else value


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
    return [
        max(cells(text) for text in (column.name, *(row[place].text for row in rows)))
        for place, column in enumerate(columns)
    ]


def _kept(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """The columns there is room for, the first one always."""
    least = [min(wide, column.least or wide) for wide, column in zip(widths, columns, strict=True)]
    room = width - 1 - _FRAME - least[0]
    kept = [0]
    for place in sorted(range(1, len(columns)), key=lambda one: (columns[one].rank, one)):
        room -= least[place] + _FRAME
        if room < 0:
            break
        kept.append(place)
    return sorted(kept)


def _narrow(widths: list[int], kept: Sequence[int], columns: Sequence[Column], width: int) -> None:
    """Cuts what has most to lose until all has room."""
    room = width - 1 - _FRAME * len(kept)

    def spare(place: int) -> int:
        return widths[place] - (columns[place].least or widths[place])

    while sum(widths[place] for place in kept) > room:
        widest = max(kept, key=spare)
        if spare(widest) <= 0:
            widths[kept[0]] = max(widths[kept[0]] + room - sum(widths[place] for place in kept), 1)
            return
        widths[widest] -= 1


def _drawn(shown: Sequence[tuple[Column, int, int]], rows: Sequence[Sequence[Cell]], look: Look) -> str:
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
    for column, width, _ in shown:
        name = Text(cut(column.name, width, look.ellipsis))
        table.add_column(name, justify="right" if column.right else "left", width=width, no_wrap=True)
    for row in rows:
        table.add_row(
            *(
                Text(isolated(cut(row[place].text, width, look.ellipsis)), style=row[place].style)
                for _, width, place in shown
            )
        )
    with console.capture() as captured:
        console.print(table)
    return captured.get()
