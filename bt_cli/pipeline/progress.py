"""How far a run has come."""

from __future__ import annotations

from msgspec import Struct


class Progress(Struct):
    """Counts so far; bytes as read from the sources, ``bytes_total`` None where that is unknown."""

    records: int = 0
    spans: int = 0
    bytes_read: int = 0
    bytes_total: int | None = None
    rejected: int = 0
    cases: int | None = None
    """Spans that scorers have been run on, with so many ``errors``, for ``cost`` USD; None for other work."""
    errors: int = 0
    cost: float = 0.0
