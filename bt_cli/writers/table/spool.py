"""Tables need all their columns before the first line: rows wait in a temporary file until these are known."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import IO, BinaryIO

TABLES = {
    "csv": "bt_cli.writers.table.csv_table:write_csv",
    "parquet": "bt_cli.writers.table.parquet_table:write_parquet",
}
"""Name of ``--to`` → ``module:function`` of (a file of rows as JSON lines, the stream to write to)."""


@contextmanager
def spooled(name: str, out: BinaryIO) -> Iterator[BinaryIO]:
    """A stream for the rows of a table, as JSON lines; the table is written when all are there.

    Raises UsageError for a table that needs a package which is not installed, before anything is read.
    """
    module, _, function = TABLES[name].partition(":")
    write: Callable[[IO[bytes], BinaryIO], None] = getattr(import_module(module), function)
    with tempfile.TemporaryFile() as rows:
        yield rows
        rows.seek(0)
        write(rows, out)
        out.flush()
