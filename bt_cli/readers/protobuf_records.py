"""OTLP's protobuf, cut into requests of one span each: a request as it is, or the Collector's framed output.

A file of one request is read field by field, so that it may be longer than memory. The Collector's file
exporter writes the length of each request before it, in four bytes, and may compress each with zstd.
"""

from __future__ import annotations

from collections.abc import Iterator

from bt_cli.readers.base import MAX_RECORD_BYTES, Recognise, Record, Reject, Skip
from bt_cli.readers.otel.wire import field, fields, varint
from bt_cli.spans.problem import Rejected

FORM = "otlp-proto"

_ZSTD = b"\x28\xb5\x2f\xfd"
_RESOURCE_SPANS = 0x0A
_BYTES = 2
_TRACE_ID, _SPAN_ID = b"\x0a\x10", b"\x12\x08"

Items = Iterator[Record | Reject | Skip | None]


def is_framed(head: bytes) -> bool:
    """Whether input begins with the length of a request and the request, compressed or not."""
    size = int.from_bytes(head[:4], "big")
    return len(head) > 4 and 0 < size <= MAX_RECORD_BYTES and (head[4] == _RESOURCE_SPANS or head[4:8] == _ZSTD)


def is_request(head: bytes) -> bool:
    """Whether input begins with a request: a field of its spans, in which fields of their kind stand."""
    if head[:1] != bytes([_RESOURCE_SPANS]):
        return False
    try:
        size, at = varint(head, 1)
        inner = head[at : at + size]
        if not inner:
            return size == 0 and len(head) == at
        if inner[0] not in (0x0A, 0x12):
            return False
        length, begin = varint(inner, 1)
        after = inner[begin + length : begin + length + 1]
        return begin + length <= size and (not after or after[0] in (0x0A, 0x12, 0x1A))
    except (Rejected, IndexError):
        return False


class ProtobufReader:
    """See `bt_cli.readers.base.Reader`. A record's ``line`` is the number of its request; one instance a stream."""

    def __init__(self, limit: int = MAX_RECORD_BYTES) -> None:
        self._limit = limit

    def read(self, blocks: Iterator[bytes], recognise: Recognise | None = None) -> Items:
        """Records and rejects in order; `IDLE` for each empty block."""
        held = _Held(blocks)
        yield from held.until(5)
        if is_framed(held.data):
            yield from self._framed(held)
        else:
            yield from self._fields(held)

    def _framed(self, held: _Held) -> Items:
        number = 0
        while True:
            yield from held.until(4)
            if not held.data:
                return
            number += 1
            place = (number, held.offset)
            size = int.from_bytes(held.data[:4], "big")
            if size > self._limit:
                yield Reject("oversize", f"longer than {self._limit} bytes", *place)
                yield from held.pass_over(4 + size)
                continue
            yield from held.until(4 + size)
            if len(held.data) < 4 + size:
                yield Reject("truncated_last_record", "the last record is cut off", *place)
                return
            yield from self._request(held.take(4 + size)[4:], *place)

    def _request(self, message: bytes, number: int, byte: int) -> Items:
        if message[:4] == _ZSTD:
            import zstandard

            try:
                # Bounded: a few bytes may stand for gigabytes.
                with zstandard.ZstdDecompressor().stream_reader(message) as opened:
                    message = opened.read(self._limit + 1)
            except zstandard.ZstdError as error:
                yield Reject("not_protobuf", f"not valid zstd: {error}", number, byte, raw=message)
                return
            if len(message) > self._limit:
                yield Reject("oversize", f"longer than {self._limit} bytes", number, byte)
                return
        try:
            parts = [value for kind, value in fields(message) if kind == 1]
        except Rejected as error:
            yield Reject(error.problem.code, error.problem.message, number, byte, raw=message)
            return
        for part in parts:
            yield from _spans(part, number, byte)

    def _fields(self, held: _Held) -> Items:
        """The fields of one request, each the spans of one resource."""
        number = 0
        while True:
            yield from held.until(11)
            if not held.data:
                return
            number += 1
            place = (number, held.offset)
            try:
                key, at = varint(held.data, 0)
                size, at = varint(held.data, at)
            except (Rejected, IndexError):
                key = 0
            if key & 7 != _BYTES:
                yield Reject("not_protobuf", "not valid protobuf: no field begins here", *place, raw=held.data[:64])
                return
            if size > self._limit:
                yield Reject("oversize", f"longer than {self._limit} bytes", *place)
                yield from held.pass_over(at + size)
                continue
            yield from held.until(at + size)
            if len(held.data) < at + size:
                yield Reject("truncated_last_record", "the last record is cut off", *place)
                return
            message = held.take(at + size)[at:]
            if key == _RESOURCE_SPANS:
                yield from _spans(message, *place)


class _Held:
    """Bytes that have come and are not used yet; ``offset`` is that of the first in the input."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.data = b""
        self.offset = 0

    def until(self, size: int) -> Iterator[None]:
        """Reads on until there are ``size`` bytes or no more; yields `IDLE` for each empty block."""
        parts = [self.data]
        length = len(self.data)
        while length < size:
            block = next(self._blocks, None)
            if block is None:
                break
            if not block:
                yield None
            parts.append(block)
            length += len(block)
        if len(parts) > 1:
            self.data = b"".join(parts)

    def take(self, size: int) -> bytes:
        """The first bytes, which are used now."""
        taken, self.data = self.data[:size], self.data[size:]
        self.offset += len(taken)
        return taken

    def pass_over(self, size: int) -> Iterator[None]:
        """Leaves out bytes without holding them."""
        while size > 0:
            yield from self.until(1)
            if not self.data:
                return
            size -= len(self.take(size))


def _spans(resource_spans: bytes, number: int, byte: int) -> Iterator[Record | Reject | Skip]:
    """The spans of one resource, each as a request of its own."""
    try:
        about, scopes = _split(resource_spans)
        for scope in scopes:
            within, spans = _split(scope)
            if spans and not _is_span(spans[0]):
                yield Skip("logs or metrics")
                continue
            for span in spans:
                record = field(1, about + field(2, within + field(2, span)))
                yield Record(record, record, number, byte, form=FORM)
    except Rejected as error:
        yield Reject(error.problem.code, error.problem.message, number, byte, raw=field(1, resource_spans))


def _split(message: bytes) -> tuple[bytes, list[bytes]]:
    """What all items of a message share, as fields, and the items, which are field 2."""
    shared: list[bytes] = []
    held: list[bytes] = []
    for kind, value in fields(message):
        if kind == 2:
            held.append(value)
        else:
            shared.append(field(kind, value))
    return b"".join(shared), held


def _is_span(message: bytes) -> bool:
    """Logs and metrics are built alike up to here; ids of their lengths only spans have."""
    return message.startswith(_TRACE_ID) and message[18:20] == _SPAN_ID
