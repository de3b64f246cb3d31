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
PLAIN_EVERY = 10.0


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
        from bt_cli.cli.progress_text import describe

        self._console.note(describe(now, seconds))

    def close(self) -> None:
        return


def _kind(console: Console, mode: Mode) -> Mode:
    if mode == "off" or console.quiet or console.json:
        return "off"
    if mode == "auto":
        return "bar" if console.err_is_terminal else "plain"
    return mode
