"""The reader of a stream whose format nobody has named: its first bytes tell."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from bt_cli.readers.base import MAX_RECORD_BYTES, Reader, Recognise, Record, Reject, Run, Skip
from bt_cli.readers.json_records import JsonReader

_ENOUGH = 64
"""Bytes by which every format is told."""
_BLANK = b" \t\r\n"


class DetectingReader:
    """See `bt_cli.readers.base.Reader`. JSON, unless the input begins as another format does."""

    def __init__(self, limit: int = MAX_RECORD_BYTES) -> None:
        self._limit = limit

    def read(
        self, blocks: Iterator[bytes], recognise: Recognise | None = None
    ) -> Iterator[Record | Run | Reject | Skip | None]:
        """Records and rejects in order; `IDLE` for each empty block."""
        head = b""
        while len(head) < _ENOUGH and not _is_json(head):
            block = next(blocks, None)
            if block is None:
                break
            if not block:
                yield None
            head += block
        rest = chain([head] if head else [], blocks)
        yield from self._reader(head).read(rest, recognise)

    def _reader(self, head: bytes) -> Reader:
        if not _is_json(head) and head:
            from bt_cli.readers.csv_records import CsvReader, is_table
            from bt_cli.readers.parquet_records import MAGIC, ParquetReader
            from bt_cli.readers.protobuf_records import ProtobufReader, is_framed, is_request

            if head.startswith(MAGIC):
                return ParquetReader(self._limit)
            if is_framed(head) or is_request(head):
                return ProtobufReader(self._limit)
            if is_table(head):
                return CsvReader(self._limit)
        return JsonReader(self._limit)


def _is_json(head: bytes) -> bool:
    """Whether it certainly is: a protobuf request may begin with a line break, and never with a bracket."""
    if head[:1] in (b"\xef", b" "):
        head = head.lstrip(_BLANK + b"\xef\xbb\xbf")
    return head[:1] in (b"{", b"[")
