"""Where ids and times of spans come from; tests put others in their place."""

from __future__ import annotations

import os
import random
import time
from typing import Literal, Protocol


class Ids(Protocol):
    """Makes ids; they are opaque, but a slug's version follows from their form."""

    slug_version: Literal[3, 4]
    """4 for ids of OpenTelemetry's form, 3 for UUIDs."""

    def row(self) -> str:
        """The id of a row."""

    def span(self) -> str:
        """The id of a span."""

    def trace(self, span_id: str) -> str:
        """The id of the trace that a span begins."""


class _Random:
    """Random bits that a program which seeds `random` does not repeat, nor a child after a fork."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - ids need be distinct, not secret
        self.bits = self._random.getrandbits
        os.register_at_fork(after_in_child=self._random.seed)

    def uuid(self) -> str:
        """A random UUID (version 4) as text."""
        digits = f"{self.bits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:]}"


_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class HexIds:
    """Ids as OpenTelemetry has them: 16 digits for a span, 32 for a trace, and UUIDs for rows."""

    slug_version: Literal[3, 4] = 4

    def __init__(self) -> None:
        self._random = _Random()
        self.row = self._random.uuid

    def span(self) -> str:
        """8 random bytes in hexadecimal digits."""
        return f"{self._random.bits(64):016x}"

    def trace(self, span_id: str) -> str:
        """16 random bytes in hexadecimal digits."""
        return f"{self._random.bits(128):032x}"


class UuidIds:
    """UUIDs everywhere; a trace has the id of its root span, as older SDKs have it."""

    slug_version: Literal[3, 4] = 3

    def __init__(self) -> None:
        self.row = self.span = _Random().uuid

    def trace(self, span_id: str) -> str:
        """The id of the span itself."""
        return span_id


class Clock(Protocol):
    """Says what time it is, in epoch seconds."""

    def __call__(self) -> float:
        """Epoch seconds."""


system_clock: Clock = time.time
