"""Times: units told by the number alone, ISO text, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECONDS_FROM = 946_684_800.0
"""2000-01-01. Outside [2000, 2100) a number is a relative clock, good for durations only."""
SECONDS_TO = 4_102_444_800.0
"""2100-01-01."""

UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
"""Ticks a second of each ``--time-unit``."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_absolute(seconds: float) -> bool:
    """Whether epoch ``seconds`` lie within 2000–2100."""
    return SECONDS_FROM <= seconds < SECONDS_TO


def to_seconds(value: float, unit: str | None = None) -> float:
    """Epoch seconds of a number: below 1e11 it counts seconds, 1e14 ms, 1e17 µs, else ns; ``unit`` forces."""
    if unit:
        return value / UNITS[unit]
    size = abs(value)
    if size < 1e11:
        return value
    return value / (1e3 if size < 1e14 else 1e6 if size < 1e17 else 1e9)


def parse_iso(text: str) -> float | None:
    """Epoch seconds of ISO 8601 text, without zone UTC; None if it is no date."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds()


def format_iso(seconds: float) -> str:
    """``created`` of epoch seconds in the documented form, ``2024-01-10T07:49:48.725731+00:00``."""
    minute, micros = divmod(round(seconds * 1e6), 60_000_000)
    digits = f"{micros:08d}"
    return f"{_format_minute(minute)}:{digits[:2]}.{digits[2:]}+00:00"


@lru_cache(maxsize=64)
def _format_minute(minute: int) -> str:
    """One minute's text; the spans of a trace share few of them."""
    return (_EPOCH + timedelta(minutes=minute)).isoformat()[:16]
