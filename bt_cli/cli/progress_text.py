"""How far a run has come, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bt_cli.render.amounts import count

if TYPE_CHECKING:
    from bt_cli.pipeline.progress import Progress

MEGABYTE = 1e6


def describe(now: Progress, seconds: float) -> str:
    """``12,000 records · 102,000 spans · 3 rejected · 0:05 left · 78/262 MB · 34,000 spans/s``.

    While traces are scored: ``240 cases · 3 errors · $0.12 · 24 cases/s``.
    What matters most comes first, because a narrow terminal cuts the end.
    """
    if now.cases is not None:
        return " · ".join(_scoring(now, now.cases, seconds))
    parts = [count(number, noun) for number, noun in ((now.records, "record"), (now.spans, "span")) if number]
    if now.rejected:
        parts.append(f"{now.rejected:,} rejected")
    left = seconds_left(now, seconds)
    if left is not None:
        parts.append(f"{_clock_time(left)} left")
    if now.bytes_read:
        parts.append(_bytes(now.bytes_read, now.bytes_total))
    if seconds > 0 and now.spans:
        parts.append(f"{now.spans / seconds:,.0f} spans/s")
    return " · ".join(parts)


def _scoring(now: Progress, cases: int, seconds: float) -> list[str]:
    from bt_cli.render.amounts import cost

    parts = [count(cases, "case")]
    if now.errors:
        parts.append(count(now.errors, "error"))
    if now.cost:
        parts.append(cost(now.cost))
    if seconds > 0:
        parts.append(f"{cases / seconds:,.0f} cases/s")
    return parts


def seconds_left(now: Progress, seconds: float) -> float | None:
    """Seconds until the end at the pace so far; None where the end isn't known."""
    if not now.bytes_total or not now.bytes_read:
        return None
    return max(now.bytes_total - now.bytes_read, 0) * seconds / now.bytes_read


def _bytes(read: int, total: int | None) -> str:
    return f"{read / MEGABYTE:,.1f}/{total / MEGABYTE:,.1f} MB" if total else f"{read / MEGABYTE:,.1f} MB"


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
