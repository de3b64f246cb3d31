"""Bytes → lines with their places, in memory bounded by the longest record allowed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from bt_cli.readers.base import MAX_RECORD_BYTES


class Line(Struct, gc=False):
    """One line without its newline. ``text`` is None where it was longer than a record may be."""

    text: bytes | None
    number: int
    byte: int
    ended: bool = True
    """A newline followed; False for a last line without one."""


def split_lines(blocks: Iterator[bytes], limit: int = MAX_RECORD_BYTES) -> Iterator[Line | None]:
    """The lines of a stream, and None for each empty block."""
    parts: list[bytes] = []
    size = number = begin = 0
    for block in blocks:
        if not block:
            yield None
            continue
        *whole, rest = block.split(b"\n")
        for text in whole:
            size += len(text)
            number += 1
            if parts:
                parts.append(text)
                text = b"".join(parts)
                parts = []
            yield Line(text if size <= limit else None, number, begin)
            begin += size + 1
            size = 0
        size += len(rest)
        if size <= limit:
            if rest:
                parts.append(rest)
        else:
            parts = []
    if size:
        yield Line(b"".join(parts) if size <= limit else None, number + 1, begin, ended=False)
