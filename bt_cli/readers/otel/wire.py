"""Protobuf's wire format, as far as requests are cut by it: fields of a message without decoding what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from bt_cli.spans.problem import Rejected

_BYTES = 2
_FIXED = {1: 8, 5: 4}


def _no_message(why: str) -> Rejected:
    return Rejected("not_protobuf", f"not valid protobuf: {why}")


def varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """The number at an offset, and the offset behind it. Raises `Rejected`; IndexError where the data ends in it."""
    value = shift = 0
    while shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise _no_message("a number of more than ten bytes")


def write_varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)


def field(number: int, value: bytes) -> bytes:
    """A field of bytes: a text, or a message."""
    return b"%s%s%s" % (write_varint(number << 3 | _BYTES), write_varint(len(value)), value)


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that are bytes, by number, in order; others are passed over. Raises `Rejected`."""
    at, end = 0, len(message)
    try:
        while at < end:
            key, at = varint(message, at)
            number, kind = key >> 3, key & 7
            if kind == _BYTES:
                size, at = varint(message, at)
                if size > end - at:
                    raise _no_message("a field is longer than its message")
                yield number, message[at : at + size]
                at += size
            elif kind == 0:
                _, at = varint(message, at)
            elif kind in _FIXED:
                at += _FIXED[kind]
            else:
                raise _no_message(f"no such type of field: {kind}")
    except IndexError:
        raise _no_message("the message ends within a field") from None
    if at > end:
        raise _no_message("the message ends within a field")
