"""Rows as Parquet: text and 64-bit numbers, compressed with zstd; null is what a row has not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any, BinaryIO

from bt_cli.errors import UsageError
from bt_cli.spans import text
from bt_cli.writers.table.columns import NUMBERS, cells_of, columns_of

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    raise UsageError(
        "--to parquet needs the package pyarrow", hint="pip install 'bt-spans[parquet]'", code="missing_package"
    ) from error

_GROUP_ROWS = 10_000
_GROUP_BYTES = 16 << 20
"""A group of lines ends with whichever comes first: it is held in memory, by writers and by readers."""
_PREFIXES = tuple(prefix for _, prefix in NUMBERS)


def write_parquet(rows: IO[bytes], out: BinaryIO) -> None:
    """Writes rows, JSON lines, as a table. Scores and metrics are numbers; one that is none is null."""
    columns = columns_of(rows)
    rows.seek(0)
    types = [pa.field(name, pa.float64() if name.startswith(_PREFIXES) else pa.string()) for name in columns]
    schema = pa.schema(types)
    with pq.ParquetWriter(out, schema, compression="zstd") as table:
        for lines in _groups(rows):
            cells = [cells_of(line) for line in lines]
            arrays = [[_value(name, row.get(name)) for row in cells] for name in columns]
            table.write_table(pa.table(arrays, schema=schema))


def _groups(rows: IO[bytes]) -> Iterator[list[bytes]]:
    while lines := list(_group(rows)):
        yield lines


def _group(rows: IO[bytes]) -> Iterator[bytes]:
    size = 0
    for line in islice(rows, _GROUP_ROWS):
        yield line
        size += len(line)
        if size >= _GROUP_BYTES:
            return


def _value(name: str, cell: str | None) -> Any:
    if cell is None or not name.startswith(_PREFIXES):
        return cell
    number = text.decode(cell)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return float(number) if abs(number) <= 1.7e308 else math.copysign(math.inf, number)
