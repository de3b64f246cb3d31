"""Rows as CSV: JSON in cells, numbers as they are written; an empty cell is what a row has not."""

from __future__ import annotations

import csv
import io
from typing import IO, BinaryIO

from bt_cli.writers.table.columns import NUMBERS, cells_of, columns_of

_PREFIXES = tuple(prefix for _, prefix in NUMBERS)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "'")


def write_csv(rows: IO[bytes], out: BinaryIO) -> None:
    """Writes rows, JSON lines, as a table in UTF-8 whose lines end with CR LF (RFC 4180).

    A cell that a spreadsheet would take for a formula gets an apostrophe before it, and so does one that
    begins with an apostrophe; `bt import` takes it off again. Numbers are left alone.
    """
    columns = columns_of(rows)
    rows.seek(0)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    table = csv.DictWriter(text, columns)
    table.writerow({name: guarded(name) for name in columns})
    table.writerows(_guarded(cells_of(line)) for line in rows)
    text.detach()


def _guarded(cells: dict[str, str]) -> dict[str, str]:
    return {name: value if name.startswith(_PREFIXES) else guarded(value) for name, value in cells.items()}


def guarded(value: str) -> str:
    """A cell that no spreadsheet computes."""
    return "'" + value if value.startswith(_FORMULAS) else value
