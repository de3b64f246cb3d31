"""What a reader yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from msgspec import Struct

MAX_RECORD_BYTES = 64 << 20
"""A longer record is skipped without being held in memory, and rejected by its place."""


class Record(Struct, gc=False):
    """One unit of input with its place.

    ``raw`` is the source's bytes without BOM and outer white space: what is hashed and rejected.
    ``json`` is the same as one line of valid JSON in UTF-8; ``repairs`` names what was mended for that.
    ``line`` counts from 1, ``byte`` from 0 (of the decompressed input). ``form`` names what ``json``
    holds where that is no tree or row (see `bt_cli.readers.forms`); it may be in another encoding then.
    """

    raw: bytes
    json: bytes
    line: int
    byte: int
    repairs: tuple[str, ...] = ()
    form: str = ""


class Skip(Struct, gc=False, frozen=True):
    """Something in the input that is known to hold no spans: ``logs``, ``metrics`` … Passed over and counted."""

    what: str


class Run(Struct):
    """Records that follow each other, a line each, and what they were recognised as.

    ``line`` and ``byte`` are the place of the first.
    """

    values: list[Any]
    lines: list[bytes]
    line: int
    byte: int

    def record(self, at: int) -> Record:
        """One of them as a record."""
        text = self.lines[at].rstrip()
        return Record(text, text, self.line + at, self.byte + sum(map(len, self.lines[:at])) + at)


class Reject(Struct, gc=False):
    """A unit of input that is no record: where and why, and its bytes unless they were too many.

    ``line``, ``column`` (from 1, 0 for none) and ``byte`` are those of the fault; ``excerpt`` is the
    line it lies in, and ``caret`` its offset there. ``begin`` is the byte at which ``raw`` begins.
    """

    code: str
    message: str
    line: int
    byte: int
    column: int = 0
    raw: bytes | None = None
    excerpt: bytes = b""
    caret: int = -1
    begin: int = -1

    def __post_init__(self) -> None:
        if self.begin < 0:
            self.begin = self.byte


Recognise = Callable[[bytes], Any]
"""What makes something of a record on one line, in UTF-8 and maybe no JSON; None for what has to be read as usual."""

IDLE = None
"""Yielded while input is awaited, so that whoever reads can finish what it holds."""


class Reader(Protocol):
    """One input format."""

    def read(
        self, blocks: Iterator[bytes], recognise: Recognise | None = None
    ) -> Iterator[Record | Run | Reject | Skip | None]:
        """Records and rejects in order, `IDLE` for each empty block; runs only of what ``recognise`` knows."""
