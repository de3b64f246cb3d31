"""Numbers as people read them, one rule for each quantity, and `plain` as programs do.

Every view and report writes its numbers here, so that one number of one trace looks the same wherever it
stands. A value that there is not, or that is no number (NaN, infinity), is nothing in a line of facts, and
`NONE` in a table, where a cell would be empty. Minus is the ASCII sign: what is copied from a terminal is a
number elsewhere too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import floor, isfinite, log10

from bt_cli.spans.times import format_iso, is_absolute

NONE = "–"
"""Stands in a table for a value that there is not."""
_DIGITS = 3
"""Digits that count, of what is measured."""


def duration(seconds: float | None) -> str:
    """``340 ms``, ``2.41 s``, ``3 min 5 s``, ``2 h 10 min``; below a millisecond ``0.250 ms``, to the microsecond."""
    return _signed(seconds, _duration)


def tokens(count: float | None) -> str:
    """``10,277``; a mean below 100 has a decimal: ``12.3``."""
    return _signed(count, _tokens)


def cost(usd: float | None) -> str:
    """``$1,234.50``, ``$0.05``, ``$0.000146``: cents, and below a dollar three digits, down to a billionth."""
    return _signed(usd, _cost)


def score(value: float | None) -> str:
    """``0.95``, ``1``, ``0.333``: at most three decimals."""
    return _signed(value, lambda size: f"{size:.3f}".rstrip("0").rstrip("."))


def aligned_score(value: float | None) -> str:
    """``0.950``, ``1.000``: a `score` in a column, filled up so that the points stand below each other."""
    return _signed(value, lambda size: f"{size:.3f}")


def amount(kind: str, value: float | None) -> str:
    """A value of a kind: ``latency`` in seconds, ``cost`` in USD, ``tokens``, else a score."""
    return _BY_KIND.get(kind, score)(value) or NONE


def aligned(kind: str, value: float | None) -> str:
    """The same for the column of a table, where scores are aligned."""
    return _BY_KIND.get(kind, aligned_score)(value) or NONE


def difference(kind: str, value: float | None) -> str:
    """`aligned`, with its sign; what shows as zero has none."""
    written = aligned(kind, value)
    return f"+{written}" if value and value > 0 and written not in (NONE, aligned(kind, 0.0)) else written


def scores(values: Mapping[str, float | None], dot: str) -> str:
    """``helpful 1 · grounded 0.95``; a null score is no score."""
    return dot.join(f"{name} {score(value)}" for name, value in values.items() if value is not None)


def integer(value: int) -> str:
    """``8,415``."""
    return f"{value:,}"


def count(number: int, noun: str) -> str:
    """``1 span``, ``8,415 spans``."""
    return f"{integer(number)} {noun}{'' if number == 1 else 's'}"


def moment(seconds: float | None) -> str:
    """``2026-01-05 09:02:11``, UTC; nothing for a relative clock."""
    return format_iso(seconds)[:19].replace("T", " ") if seconds is not None and is_absolute(seconds) else ""


def size(count: int) -> str:
    """``812 B``, ``12.3 KB``, ``1.2 MB``, ``3.4 GB`` (a KB is 1000 bytes)."""
    if count < 1000:
        return f"{count} B"
    if count < 999_950:
        return f"{count / 1e3:.1f} KB"
    return f"{count / 1e6:.1f} MB" if count < 999_950_000 else f"{count / 1e9:,.1f} GB"


def edge(seconds: float) -> str:
    """A round number of seconds, as the edges of a histogram are: ``200 ms``, ``5 s``."""
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:,.0f} s"


def plain(value: float | None) -> float | int | None:
    """A number for programs: whole ones as integers, others with twelve digits, beyond which lies rounding."""
    if value is None or not isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**63 else float(f"{value:.12g}")


_BY_KIND: dict[str, Callable[[float | None], str]] = {"latency": duration, "cost": cost, "tokens": tokens}


def _signed(value: float | None, write: Callable[[float], str]) -> str:
    """``value`` as its size is written; what shows as zero has no sign."""
    if value is None or not isfinite(value):
        return ""
    written = write(abs(value))
    return f"-{written}" if value < 0 and written != write(0.0) else written


def _duration(seconds: float) -> str:
    if seconds < 0.5e-6:
        return "0 s"
    if seconds < 0.9995:
        return f"{_three_digits(seconds * 1000, most=3)} ms"
    if seconds < 59.95:
        return f"{_three_digits(seconds, most=3)} s"
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {rest} min"


def _tokens(count: float) -> str:
    rounded = round(count, 1) if count < 100 else round(count)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:.1f}"


def _cost(usd: float) -> str:
    if usd < 0.5e-9:
        return "$0"
    if usd >= 0.9995:
        return f"${usd:,.2f}"
    whole, _, cents = _three_digits(usd, most=9).partition(".")
    return f"${whole}.{cents.rstrip('0'):0<2}"


def _three_digits(value: float, most: int) -> str:
    """A number above zero with three digits that count, and no more than ``most`` decimals."""
    magnitude = floor(log10(float(f"{value:.{_DIGITS - 1}e}")))
    return f"{value:.{min(max(_DIGITS - 1 - magnitude, 0), most)}f}"
