"""Time, waiting and chance: the seam at which tests put their own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from bt_cli.errors import BtError, Interrupted

SLICE_SECONDS = 0.25
"""How long a waiting call may take to notice that the run ends."""


class Clock:
    """The machine's clock and its chance."""

    def time(self) -> float:
        """Epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)

    def chance(self) -> float:
        """A number from 0 to 1, to keep calls that failed together from coming again together."""
        return random.random()  # noqa: S311 - no secret


class Patience:
    """Waiting that ends when the run does: by a signal, or by an error after which no call makes sense."""

    def __init__(self, clock: Clock, stop: Callable[[], int]) -> None:
        self.clock = clock
        self._stop = stop
        self._fatal: BtError | None = None

    def end(self, error: BtError) -> BtError:
        """Ends all waiting and all further calls with ``error``, and returns it; the first one stands."""
        self._fatal = self._fatal or error
        return self._fatal

    def check(self) -> None:
        """Raises the error that ended the run, if one did."""
        if self._fatal:
            raise self._fatal

    def check_waiting(self) -> None:
        """The same for who waits, whom a signal ends too: raises Interrupted."""
        self.check()
        signum = self._stop()
        if signum:
            raise Interrupted(signum)

    def wait(self, seconds: float) -> None:
        """Waits. Raises Interrupted when a signal wants the run to end, or the error that ended it."""
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 0:
            self.check_waiting()
            self.clock.sleep(min(left, SLICE_SECONDS))
