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


class Lines(Struct):
    """The lines that end in one block of a stream, the first of them with its place; see `Line`."""

    texts: list[bytes | None]
    number: int
    byte: int
    sizes: list[int]
    ended: bool = True

    def behind(self, passed: int) -> Iterator[Line]:
        """Its lines but the first ones."""
        number, byte = self.number + passed, self.byte + sum(self.sizes[:passed]) + passed
        for text, size in zip(self.texts[passed:], self.sizes[passed:], strict=True):
            yield Line(text, number, byte, self.ended)
            number += 1
            byte += size + 1


def split_lines(blocks: Iterator[bytes], limit: int = MAX_RECORD_BYTES) -> Iterator[Lines | None]:
    """The lines of a stream, block by block, and None for each empty block."""
    parts: list[bytes] = []
    size = begin = 0
    number = 1
    for block in blocks:
        if not block:
            yield None
            continue
        *whole, rest = block.split(b"\n")
        if whole:
            sizes = list(map(len, whole))
            sizes[0] += size
            if parts:
                whole[0] = b"".join([*parts, whole[0]])
                parts = []
            texts = [text if one <= limit else None for text, one in zip(whole, sizes, strict=True)]
            yield Lines(texts, number, begin, sizes)
            number += len(texts)
            begin += sum(sizes) + len(sizes)
            size = 0
        size += len(rest)
        if size <= limit:
            if rest:
                parts.append(rest)
        else:
            parts = []
    if size:
        yield Lines([b"".join(parts) if size <= limit else None], number, begin, [size], ended=False)
