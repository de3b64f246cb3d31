"""Numbers as people read them: durations, money, tokens, scores, and differences of each; and as programs do."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, isfinite, log10

NONE = "–"
"""Stands for a value that there is not."""


def amount(kind: str, value: float | None) -> str:
    """A value of a kind: ``latency`` in seconds, ``cost`` in USD, ``tokens``, else a score."""
    if value is None:
        return NONE
    written = _BY_KIND.get(kind, _score)(abs(value))
    return f"−{written}" if value < 0 else written


def difference(kind: str, value: float | None) -> str:
    """A value with its sign; zero has none."""
    if value is None:
        return NONE
    written = amount(kind, abs(value))
    return written if written == amount(kind, 0.0) else ("+" if value > 0 else "−") + written


def edge(seconds: float) -> str:
    """A round number of seconds, as the edges of a histogram are: ``200 ms``, ``5 s``."""
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:,.0f} s"


def integer(value: int) -> str:
    """``8,415``."""
    return f"{value:,}"


def plain(value: float | None) -> float | int | None:
    """A number for programs: whole ones as integers, others with twelve digits, beyond which lies rounding."""
    if value is None or not isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**63 else float(f"{value:.12g}")


def _duration(seconds: float) -> str:
    if seconds == 0:
        return "0 s"
    if seconds < 0.9995:
        return f"{_digits(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{_digits(seconds)} s"
    if seconds < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {rest} min"


def _cost(usd: float) -> str:
    return f"${usd:,.2f}" if usd >= 10 else f"${_digits(usd)}"


def _tokens(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _score(value: float) -> str:
    return f"{value:.3f}"


def _digits(value: float) -> str:
    """A number that is not negative, with three significant digits, never with an exponent."""
    if value == 0:
        return "0"
    magnitude = floor(log10(float(f"{value:.2e}")))
    return f"{value:.{max(2 - magnitude, 0)}f}"


_BY_KIND: dict[str, Callable[[float], str]] = {"latency": _duration, "cost": _cost, "tokens": _tokens}
