"""Rows under column names, in the formats of ``bt sql``: streams, so that memory does not grow with the answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal

import orjson
from msgspec import structs

from bt_cli.cli.table import NARROWEST, boxed, fitted
from bt_cli.cli.visible import json_visible, one_field, visible

if TYPE_CHECKING:
    from bt_cli.cli.console import Console

AnswerFormat = Literal["table", "tsv", "json", "jsonl", "csv", "markdown"]
Rows = Iterable[Sequence[Any]]

_ROWS_OF_A_BOX = 1000
"""A longer table is drawn as several, each with its column names: widths are decided before all rows are known."""
_BLOCK = 1 << 15
"""Characters that are written at a time."""


def formatted(
    form: AnswerFormat, columns: Sequence[str], rows: Rows, console: Console, on_terminal: bool
) -> Iterator[str]:
    """The text of an answer, in parts; ``json`` is the items alone, see `json_object`.

    A blob is base64. On a terminal what could move the cursor is spelled out, in every format.
    """
    if form == "table":
        return _tables(columns, rows, console, on_terminal)
    if form in ("json", "jsonl"):
        return _objects(columns, rows, json_visible if on_terminal else str)
    if form == "csv":
        return _csv(columns, rows, visible if on_terminal else str)
    return _markdown(columns, rows) if form == "markdown" else _separated(columns, rows, on_terminal)


def json_object(
    columns: Sequence[str], objects: Iterable[str], ending: Callable[[], Mapping[str, object]]
) -> Iterator[str]:
    """The one object of ``--json``: schema, columns, items, and what is known at the end."""
    head = orjson.dumps({"schema": "bt/sql/1", "columns": _distinct(columns)}).decode()
    yield f'{head[:-1]},"items":['
    between = ""
    for one in objects:
        yield between + one.rstrip("\n")
        between = ","
    yield f"],{orjson.dumps(ending()).decode()[1:]}\n"


def blocks(parts: Iterable[str]) -> Iterator[bytes]:
    """Parts joined to blocks of a size that is worth writing."""
    waiting: list[str] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _BLOCK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()


def _distinct(columns: Sequence[str]) -> list[str]:
    """The names of columns as keys: a second ``n`` is ``n_2``, so that no value is lost."""
    keys: list[str] = []
    for name in columns:
        number, key = 1, name
        while key in keys:
            number += 1
            key = f"{name}_{number}"
        keys.append(key)
    return keys


def _plain(cell: Any) -> Any:
    if isinstance(cell, bytes):
        from base64 import b64encode

        return b64encode(cell).decode()
    return cell


def _text(cell: Any) -> str:
    return "" if cell is None else str(_plain(cell))


def _objects(columns: Sequence[str], rows: Rows, shown: Callable[[str], str]) -> Iterator[str]:
    """A line of JSON a row. JSON has no infinity: it is null."""
    keys = _distinct(columns)
    for row in rows:
        yield shown(orjson.dumps(dict(zip(keys, map(_plain, row), strict=True))).decode()) + "\n"


def _separated(columns: Sequence[str], rows: Rows, on_terminal: bool) -> Iterator[str]:
    shown = visible if on_terminal else one_field
    for row in chain([columns], rows):
        yield "\t".join([shown(_text(cell)) for cell in row]) + "\n"


def _csv(columns: Sequence[str], rows: Rows, shown: Callable[[str], str]) -> Iterator[str]:
    import csv
    from io import StringIO

    line = StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in chain([columns], rows):
        writer.writerow([shown(_text(cell)) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


_MARKDOWN = str.maketrans({"|": "\\|", "\\": "\\\\", "<": "&lt;", "&": "&amp;", "`": "\\`", "*": "\\*", "_": "\\_"})
_NO_LINK = str.maketrans({"[": "\\[", "]": "\\]", "!": "\\!", "#": "\\#", "~": "\\~"})


def _markdown(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """A table for a pull request; what is Markdown or HTML in the text is shown, not obeyed."""
    rows = iter(rows)
    first = list(islice(rows, _ROWS_OF_A_BOX))
    right = [_is_numeric([row[place] for row in first]) for place in range(len(columns))]
    yield _markdown_line(columns)
    yield f"|{'|'.join(' ---: ' if one else ' --- ' for one in right)}|\n"
    for row in chain(first, rows):
        yield _markdown_line(row)


def _is_numeric(cells: Sequence[Any]) -> bool:
    known = [cell for cell in cells if cell is not None]
    return bool(known) and all(isinstance(cell, int | float) for cell in known)


def _markdown_line(cells: Iterable[Any]) -> str:
    texts = [visible(_text(cell).replace("\n", " ")).translate(_MARKDOWN).translate(_NO_LINK) for cell in cells]
    return f"| {' | '.join(texts)} |\n"


def _tables(columns: Sequence[str], rows: Rows, console: Console, on_terminal: bool) -> Iterator[str]:
    """Boxes as wide as the terminal; a block of lines for each row where there are too many columns for one."""
    width = _width(console)
    if not on_terminal and console.color is not True:
        console = structs.replace(console, color=False)
    if len(columns) * (NARROWEST + 3) + 1 > width:
        yield from _upright(columns, rows, width)
        return
    names = [visible(name[:width]) for name in columns]
    fitting = ([_fitting(cell, width) for cell in row] for row in rows)
    part = list(islice(fitting, _ROWS_OF_A_BOX))
    while True:
        yield boxed(names, part, console)
        part = list(islice(fitting, _ROWS_OF_A_BOX))
        if not part:
            return


def _width(console: Console) -> int:
    from shutil import get_terminal_size

    return console.terminal.columns or get_terminal_size().columns


def _fitting(cell: Any, width: int) -> Any:
    """A cell that may still be too long, but not by much: laying out a megabyte takes long."""
    cell = _plain(cell)
    return cell[:width] + "…" if isinstance(cell, str) and len(cell) > width else _finite(cell)


def _finite(cell: Any) -> Any:
    return str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell


def _upright(columns: Sequence[str], rows: Rows, width: int) -> Iterator[str]:
    """A line a column, a rule above each row."""
    names = [visible(name)[: width // 2] for name in columns]
    longest = max(map(len, names))
    room = max(width - longest - 2, NARROWEST)
    for number, row in enumerate(rows, 1):
        yield f"── {number:,} ".ljust(width, "─") + "\n"
        for name, cell in zip(names, row, strict=True):
            yield f"{name:<{longest}}  {fitted(visible(_text(_fitting(cell, width))), room)}".rstrip() + "\n"
