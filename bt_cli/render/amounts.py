"""Durations, counts, money, sizes and times as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from bt_cli.spans.times import format_iso, is_absolute


def duration(seconds: float | None) -> str:
    """``340 ms``, ``2.41 s``, ``3 min 5 s``, ``2 h 10 min``; below a millisecond ``0.25 ms``."""
    if seconds is None:
        return ""
    if seconds < 0:
        return "-" + duration(-seconds)
    if seconds < 0.9995:
        ms = seconds * 1000
        return f"{ms:.0f} ms" if ms >= 9.95 or ms == 0 else f"{ms:.2g} ms"
    if seconds < 59.995:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def number(value: float | None) -> str:
    """``10,277``; at most three decimals; nothing for None."""
    if value is None or not isfinite(value):
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3f}".rstrip("0")


def money(dollars: float | None) -> str:
    """``$1.25``, ``$0.00015``: two digits at least of what is below a cent."""
    if dollars is None or not isfinite(dollars):
        return ""
    if dollars < 0:
        return "-" + money(-dollars)
    if abs(dollars) >= 0.1 or dollars == 0:
        return f"${dollars:,.2f}"
    return f"${float(f'{dollars:.2g}'):f}".rstrip("0") if abs(dollars) >= 1e-5 else f"${dollars:.1e}"


def score(value: float) -> str:
    """``0.95``, ``1``."""
    return f"{value:.3g}"


def scores(values: Mapping[str, float | None], dot: str) -> str:
    """``helpful 1 · grounded 0.95``; a null score is no score."""
    return dot.join(f"{name} {score(value)}" for name, value in values.items() if value is not None)


def moment(seconds: float | None) -> str:
    """``2026-01-05 09:02:11``, UTC; nothing for a relative clock."""
    return format_iso(seconds)[:19].replace("T", " ") if seconds is not None and is_absolute(seconds) else ""


def size(count: int) -> str:
    """``812 B``, ``12.3 KB``, ``1.2 MB`` (a KB is 1000 bytes)."""
    if count < 1000:
        return f"{count} B"
    if count < 999_950:
        return f"{count / 1000:.1f} KB"
    return f"{count / 1e6:,.1f} MB"


def plural(count: int, noun: str) -> str:
    """``1 span``, ``8,415 spans``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
