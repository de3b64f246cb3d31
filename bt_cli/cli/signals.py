"""Ctrl-C and SIGTERM as a wish to stop, which long work asks for between batches."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from bt_cli.errors import Interrupted

Thing = TypeVar("Thing")

_ONE_WISH = 0.1
"""Seconds in which signals are one wish: timeout(1) sends its own twice, to the process and to its group."""


class StopFlag:
    """Called, it returns the number of the signal that wants the run to end, or 0.

    The first signal only raises the flag, so that the batch at hand is finished; a second one,
    of either kind, stops at once.
    """

    signum = 0
    _since = 0.0

    def __call__(self) -> int:
        """The number of the signal that wants the run to end, or 0."""
        return self.signum

    def until(self, things: Iterator[Thing]) -> Iterator[Thing]:
        """What comes until a signal does, also one that interrupts the search for the next."""
        try:
            for one in things:
                if self.signum:
                    return
                yield one
        except Interrupted:
            return

    @property
    def exit_code(self) -> int:
        """128 + the signal's number; 0 without a signal."""
        return 128 + self.signum if self.signum else 0

    def raise_flag(self, signum: int, _frame: FrameType | None) -> None:
        """Handles a signal; raises KeyboardInterrupt, with the signal's number, on a second one."""
        now = time.monotonic()
        if not self.signum:
            self.signum, self._since = signum, now
        elif now - self._since > _ONE_WISH:
            raise KeyboardInterrupt(signum)


@contextmanager
def stopping() -> Iterator[StopFlag]:
    """A flag that SIGINT and SIGTERM raise while the context lasts.

    A signal that the caller had ignored (a shell does so for background jobs) stays ignored.
    """
    flag = StopFlag()
    heard = [one for one in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, flag.raise_flag) for one in heard}
    try:
        yield flag
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
