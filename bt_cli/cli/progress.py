"""Progress of long work on stderr: a bar on a terminal, one plain line every ten seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

from bt_cli.cli.console import Console

if TYPE_CHECKING:
    from bt_cli.pipeline.progress import Progress

Mode = Literal["auto", "bar", "plain", "off"]

QUIET_FOR = 0.3
"""Seconds in which work may finish without a word."""
BAR_EVERY = 0.1
PLAIN_EVERY = 10.0

MEGABYTE = 1e6


class Display(Protocol):
    """What shows a meter's state."""

    every: float

    def show(self, now: Progress, seconds: float) -> None:
        """Shows the state after ``seconds`` of work."""

    def close(self) -> None:
        """Leaves the terminal as it was."""


class Meter:
    """Called with each state of the work, however often; shows it as often as a person can use.

    A context manager, so that a bar never outlives the work.
    """

    def __init__(self, console: Console, mode: Mode = "auto", clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._kind = _kind(console, mode)
        self._clock = clock
        self._start = clock()
        self._next = self._start + QUIET_FOR if self._kind != "off" else float("inf")
        self._display: Display | None = None

    def __call__(self, now: Progress) -> None:
        """Shows the state, if it is time to."""
        moment = self._clock()
        if moment < self._next:
            return
        if self._display is None:
            self._display = self._open()
            if self._display.every > moment - self._start:  # the first plain line is due after ten seconds too
                self._next = self._start + self._display.every
                return
        self._display.show(now, moment - self._start)
        self._next = moment + self._display.every

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._display is not None:
            self._display.close()

    def _open(self) -> Display:
        if self._kind == "plain":
            return _Lines(self._console)
        from bt_cli.cli.progress_bar import Bar

        return Bar(self._console)


class _Lines:
    every = PLAIN_EVERY

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, now: Progress, seconds: float) -> None:
        self._console.note(describe(now, seconds))

    def close(self) -> None:
        return


def _kind(console: Console, mode: Mode) -> Mode:
    if mode == "off" or console.quiet or console.json:
        return "off"
    if mode == "auto":
        return "bar" if console.err_is_terminal else "plain"
    return mode


def describe(now: Progress, seconds: float) -> str:
    """``12,000 records · 102,000 spans · 3 rejected · 0:05 left · 78/262 MB · 34,000 spans/s``.

    What matters most comes first, because a narrow terminal cuts the end.
    """
    parts = [f"{number:,} {noun}" for number, noun in ((now.records, "records"), (now.spans, "spans")) if number]
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
