"""Times as people type them: ISO 8601, epoch, ``2h``, ``today``, ``yesterday``. Pure functions of text and now."""

from __future__ import annotations

import re

from bt_cli.errors import UsageError
from bt_cli.spans.times import parse_iso, to_seconds

DAY = 86_400.0
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": DAY, "w": 7 * DAY}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_EPOCH = re.compile(r"\d{9,}(?:\.\d+)?")
"""Fewer digits are a date without hyphens or a slip, not a moment before 1974."""


def parse_time(text: str, now: float) -> float:
    """Epoch seconds of ``text``; ``2h`` means two hours before ``now`` and days begin at 00:00 UTC.

    Raises UsageError for anything else.
    """
    word = text.strip().lower()
    midnight = now - now % DAY
    named = {"now": now, "today": midnight, "yesterday": midnight - DAY}
    if word in named:
        return named[word]
    if _EPOCH.fullmatch(word):
        return to_seconds(float(word))
    ago = _seconds(word)
    moment = now - ago if ago is not None else parse_iso(text.strip())
    if moment is None:
        raise UsageError(
            f"not a time: {text!r}", hint="write 2024-01-10, 2024-01-10T07:49:48Z, 1704872988, 2h, today or yesterday"
        )
    return moment


def parse_duration(text: str) -> float:
    """Seconds of ``24h``, ``90m``, ``1h30m``, ``7d`` or ``2w``; raises UsageError for anything else."""
    seconds = _seconds(text.strip().lower())
    if seconds is None:
        raise UsageError(f"not a duration: {text!r}", hint="write 30s, 90m, 24h, 7d, 2w or 1h30m")
    return seconds


def _seconds(word: str) -> float | None:
    parts = _PART.findall(word)
    if not parts or "".join(number + unit for number, unit in parts) != word:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
