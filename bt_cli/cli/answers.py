"""Rows under column names, in the formats of ``bt sql``: streams, so that memory does not grow with the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Literal

import orjson

from bt_cli.cli.visible import json_visible, visible
from bt_cli.render.look import Look
from bt_cli.render.markdown import escaped, table_lines
from bt_cli.render.table import Column, all_numbers, boxed, brief, cell_of, columns_of, fits, separated, upright

AnswerFormat = Literal["table", "tsv", "json", "jsonl", "csv", "markdown"]
Rows = Iterable[Sequence[Any]]

_ROWS_OF_A_BOX = 1000
"""A longer table is drawn as several, each with its column names: widths are decided before all rows are known."""


def formatted(form: AnswerFormat, columns: Sequence[str], rows: Rows, look: Look, on_terminal: bool) -> Iterator[str]:
    """The text of an answer, in parts; ``json`` is the items alone, see `json_object`.

    A blob is base64. On a terminal what could move the cursor is spelled out, in every format.
    """
    if form in ("json", "jsonl"):
        return _objects(columns, rows, json_visible if on_terminal else str)
    if form == "csv":
        return _csv(columns, rows, visible if on_terminal else str)
    rows = (list(map(_plain, row)) for row in rows)
    if form == "table":
        return _tables(columns, rows, look)
    return _markdown(columns, rows, look) if form == "markdown" else separated(columns, rows, look.clean)


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


def _markdown(columns: Sequence[str], rows: Rows, look: Look) -> Iterator[str]:
    """A table for a pull request, with whole texts; numbers stand on the right where the first rows have no others."""
    rows = iter(rows)
    first = list(islice(rows, _ROWS_OF_A_BOX))
    named = [
        Column(look.clean(name), right=all_numbers([row[place] for row in first])) for place, name in enumerate(columns)
    ]
    lines = ([escaped(look.clean(_text(cell).replace("\n", " ")), None) for cell in row] for row in chain(first, rows))
    return table_lines(named, lines)


def _tables(columns: Sequence[str], rows: Rows, look: Look) -> Iterator[str]:
    """Boxes as wide as the terminal; a block of lines for each row where a box had no place for every column."""
    rows = ([brief(value, look) for value in row] for row in rows)
    part = list(islice(rows, _ROWS_OF_A_BOX))
    while True:
        named = columns_of(columns, part, look)
        cells = [[cell_of(value, look) for value in row] for row in part]
        if cells and not fits(named, cells, look):
            yield from upright(named, chain(cells, ([cell_of(value, look) for value in row] for row in rows)), look)
            return
        yield boxed(named, cells, look)
        part = list(islice(rows, _ROWS_OF_A_BOX))
        if not part:
            return
