"""Tables of rows as Parquet: what `bt export --to parquet` and Braintrust's cloud export write."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

from bt_cli.errors import InputError, UsageError
from bt_cli.readers.base import MAX_RECORD_BYTES, Recognise, Record, Reject
from bt_cli.readers.table_rows import row_of

MAGIC = b"PAR1"
_AT_ONCE = 200
"""Lines that are decoded together."""


class ParquetReader:
    """See `bt_cli.readers.base.Reader`. A record's ``line`` is that of the table.

    What a table holds stands at its end: it is copied to a temporary file first.
    """

    def __init__(self, limit: int = MAX_RECORD_BYTES) -> None:
        self._limit = limit
        try:
            import pyarrow.parquet as pq
        except ImportError as error:
            hint = "pip install 'bt-spans[parquet]'"
            raise UsageError("reading Parquet needs the package pyarrow", hint=hint, code="missing_package") from error
        self._pq: Any = pq

    def read(self, blocks: Iterator[bytes], recognise: Recognise | None = None) -> Iterator[Record | Reject | None]:
        """Records and rejects in order; `IDLE` for each empty block."""
        with tempfile.TemporaryFile() as file:
            for block in blocks:
                if not block:
                    yield None
                file.write(block)
            file.seek(0)
            try:
                yield from self._rows(self._pq.ParquetFile(file))
            except (OSError, ValueError, NotImplementedError) as error:  # pyarrow's errors are kinds of these
                raise InputError(f"not a Parquet file that can be read: {error}", code="read_failed") from error

    def _rows(self, table: Any) -> Iterator[Record | Reject]:
        number = 0
        for batch in table.iter_batches(batch_size=_AT_ONCE):
            names = batch.schema.names
            for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                record = row_of(zip(names, cells, strict=True))
                if len(record) > self._limit:
                    yield Reject("oversize", f"longer than {self._limit} bytes", number, 0)
                else:
                    yield Record(record, record, number, 0)
