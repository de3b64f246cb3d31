"""Tables of rows as CSV: what `bt export --to csv` and Braintrust's page write."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator

from bt_cli.readers.base import MAX_RECORD_BYTES, Recognise, Record, Reject
from bt_cli.readers.table_rows import COLUMNS, row_of

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "'")


def is_table(head: bytes) -> bool:
    """Whether input begins with a line of columns, of which one is a row's."""
    line = head.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0]
    names = next(csv.reader([line.decode("utf-8", "replace")]), [])
    return len(names) > 1 and not COLUMNS.isdisjoint(names)


class CsvReader:
    """See `bt_cli.readers.base.Reader`. One instance reads one stream; a record's ``byte`` is that of its line."""

    def __init__(self, limit: int = MAX_RECORD_BYTES) -> None:
        self._limit = limit

    def read(self, blocks: Iterator[bytes], recognise: Recognise | None = None) -> Iterator[Record | Reject | None]:
        """Records and rejects in order; `IDLE` for each empty block, at the latest before the next record."""
        csv.field_size_limit(self._limit)
        lines = _Lines(blocks)
        table = csv.reader(lines, strict=True)
        columns: list[str] | None = None
        while True:
            number, byte = lines.number + 1, lines.byte
            lines.begun = []
            try:
                cells = next(table, None)
            except csv.Error as error:
                yield Reject("not_csv", f"not valid CSV: {error}", number, byte, raw=lines.raw[: self._limit])
                continue
            yield from lines.idle()
            if cells is None:
                return
            if columns is None:
                columns = [_unguarded(cell) for cell in cells]
            elif len(cells) == len(columns):
                named = zip(columns, cells, strict=True)
                record = row_of((name, _unguarded(cell) if cell else None) for name, cell in named)
                yield Record(record, record, number, byte, lines.repairs)
            elif cells:
                why = f"{len(cells)} cells for {len(columns)} columns"
                yield Reject("not_csv", f"not valid CSV: {why}", number, byte, raw=lines.raw)


class _Lines:
    """The lines of a stream as text, with their ends; ``begun`` are those of the record that is being read."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = b""
        self._idle = 0
        self.number = 0
        self.byte = 0
        self.begun: list[bytes] = []

    @property
    def raw(self) -> bytes:
        """The record that is being read, as it came."""
        return b"".join(self.begun).rstrip(b"\r\n")

    @property
    def repairs(self) -> tuple[str, ...]:
        """What had to be mended in it."""
        try:
            self.raw.decode()
        except UnicodeDecodeError:
            return ("bad_utf8",)
        return ()

    def idle(self) -> Iterator[None]:
        """`IDLE` for the empty blocks that came meanwhile."""
        while self._idle:
            self._idle -= 1
            yield None

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while b"\n" not in self._held:
            block = next(self._blocks, None)
            if block is None:
                break
            if not block:
                self._idle += 1
            self._held += block
        if not self._held:
            raise StopIteration
        line, end, self._held = self._held.partition(b"\n")
        line += end
        self.number += 1
        self.byte += len(line)
        self.begun.append(line)
        if self.number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        return line.decode("utf-8", "replace").replace("\0", "\ufffd")


def _unguarded(cell: str) -> str:
    """Without the apostrophe that keeps a cell from being computed."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULAS) else cell
