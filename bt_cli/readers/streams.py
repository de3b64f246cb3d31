"""Sources → blocks of decompressed bytes; empty blocks while input is awaited."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import IO

from bt_cli.errors import InputError
from bt_cli.readers.sources import Source

BLOCK = 1 << 18
"""Bytes read at a time: fits the processor's cache."""
_SLICE = 1 << 12
"""Bytes of zstd decompressed at a time: they hold up to a few MiB of text, which comes out at once."""
_TICK = 0.1
"""Seconds between looks for new input."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = tuple(bytes([0x50 + i]) + b"\x2a\x4d\x18" for i in range(16))


class Stream:
    """One source being read. ``taken`` counts the (compressed) bytes read so far."""

    def __init__(self, source: Source, follow: bool = False, stop: Callable[[], int] = lambda: 0) -> None:
        self._source = source
        self._follow = follow
        self._stop = stop
        self.taken = 0

    def blocks(self) -> Iterator[bytes]:
        """Decompressed blocks; an empty one for each `_TICK` without input from a pipe or followed file.

        Raises InputError for what can't be read on: a cut archive, an I/O error.
        """
        try:
            with self._open() as file:
                yield from _decompressed(self._raw(file))
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"{self._source.name}: {reason}", file=self._source.name, code="read_failed") from error

    def _open(self) -> IO[bytes]:
        if self._source.path is None:
            if sys.stdin is None:
                raise InputError("standard input is closed", hint="pipe traces in, or name a file")
            return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
        return open(self._source.path, "rb", buffering=0)

    def _raw(self, file: IO[bytes]) -> Iterator[bytes]:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return self._from_pipe(file)
        return self._followed(file) if self._follow and self._source.path else self._from_file(file)

    def _from_file(self, file: IO[bytes]) -> Iterator[bytes]:
        while block := file.read(BLOCK):
            self.taken += len(block)
            yield block

    def _followed(self, file: IO[bytes]) -> Iterator[bytes]:
        """A growing file until told to stop; from its beginning again when it was truncated or replaced.

        A half line of the old file is ended there: the new one does not continue it.
        """
        assert self._source.path is not None
        ended = True
        try:
            while True:
                for block in self._from_file(file):
                    ended = block.endswith(b"\n")
                    yield block
                if self._stop():
                    return
                yield b""
                time.sleep(_TICK)
                truncated = _was_truncated(file, self._source.path)
                if not truncated and not _was_replaced(file, self._source.path):
                    continue
                if not truncated:
                    for block in self._from_file(file):  # what was written just before
                        ended = block.endswith(b"\n")
                        yield block
                if not ended:
                    yield b"\n"
                if truncated:
                    file.seek(0)
                else:
                    file.close()
                    file = open(self._source.path, "rb", buffering=0)  # noqa: SIM115 - closed below
        finally:
            file.close()

    def _from_pipe(self, file: IO[bytes]) -> Iterator[bytes]:
        """Blocks as they come, read by a thread so that waiting for one can be interrupted."""
        from queue import Empty, Queue

        arrived: Queue[bytes | OSError] = Queue(maxsize=8)

        def read() -> None:
            try:
                while block := os.read(file.fileno(), BLOCK):
                    arrived.put(block)
                arrived.put(b"")
            except OSError as error:
                arrived.put(error)

        threading.Thread(target=read, daemon=True).start()
        while not self._stop() or not arrived.empty():
            try:
                block = arrived.get(timeout=_TICK)
            except Empty:
                yield b""
                continue
            if isinstance(block, OSError):
                raise block
            if not block:
                return
            self.taken += len(block)
            yield block


def _was_replaced(file: IO[bytes], path: str) -> bool:
    """Whether the name has another file now."""
    now = os.fstat(file.fileno())
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) != (now.st_dev, now.st_ino)


def _was_truncated(file: IO[bytes], path: str) -> bool:
    """Whether the file is shorter than what was read of it, under the same name."""
    return not _was_replaced(file, path) and os.fstat(file.fileno()).st_size < file.tell()


def _decompressed(blocks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for block in blocks:
        head += block
        if not block:
            yield b""
        elif not any(len(head) < len(magic) and magic.startswith(head) for magic in (_GZIP, _ZSTD, *_ZSTD_SKIPPABLE)):
            break
    rest = _chain(head, blocks)
    if head.startswith(_GZIP):
        return (yield from _unzipped(rest))
    if head.startswith((_ZSTD, *_ZSTD_SKIPPABLE)):
        return (yield from _unpacked(rest))
    yield from rest


def _chain(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from blocks


def _unzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """gzip, of any number of members and zeros after them, never more than a block at a time."""
    member = zlib.decompressobj(31)
    begun = False
    for block in blocks:
        if not block:
            yield block
        if not begun:
            block = block.lstrip(b"\0")
        while block:
            begun = True
            out = member.decompress(block, BLOCK)
            if out:
                yield out
            block = member.unconsumed_tail
            if member.eof:
                block = member.unused_data.lstrip(b"\0")
                member = zlib.decompressobj(31)
                begun = False
    if begun:
        raise EOFError("the gzip data is cut off")


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """zstd, of any number of frames, in slices that bound what comes out at a time."""
    import zstandard

    decompressor = zstandard.ZstdDecompressor()
    frame = decompressor.decompressobj()
    begun = False
    try:
        for block in blocks:
            if not block:
                yield block
            at = 0
            while at < len(block):
                piece = block[at : at + _SLICE]
                at += len(piece)
                begun = True
                out = frame.decompress(piece)
                if out:
                    yield out
                if frame.eof:
                    at -= len(frame.unused_data)
                    frame = decompressor.decompressobj()
                    begun = False
    except zstandard.ZstdError as error:
        raise EOFError(str(error)) from error
    if begun:
        raise EOFError("the zstd data is cut off")
