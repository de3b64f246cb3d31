"""Lets requests go one after another at the pace of the server, and not too many at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bt_cli.scoring.judge.clock import SLICE_SECONDS, Patience
from bt_cli.scoring.judge.pace import Pace, Turn

FIRST_IN_FLIGHT = 8
"""How many requests begin at once. Each that is answered lets one more go, and so does a quarter of a second without
an answer: refusals come fast, and by then a run has not opened with a burst."""


class Limiter:
    """The pace of a server, for many threads. ``most`` requests are in flight at most."""

    def __init__(self, pace: Pace, patience: Patience, most: int) -> None:
        self._pace = pace
        self._patience = patience
        self._lock = threading.Lock()
        self._free = threading.Semaphore(min(FIRST_IN_FLIGHT, most))
        self._held_back = max(0, most - FIRST_IN_FLIGHT)

    @contextmanager
    def turn(self, tokens: int) -> Iterator[Turn]:
        """Waits until a request of about so many tokens may go. Raises what `Patience` raises."""
        while not self._free.acquire(timeout=SLICE_SECONDS):
            self._patience.check_waiting()
            self._let_one_more_go()
        try:
            yield self._granted(tokens)
        finally:
            self._free.release()

    def passed(self, tokens: int) -> None:
        """A request was let pass, and used so many tokens more than was thought, or fewer."""
        with self._lock:
            self._pace.used(tokens)
        self._let_one_more_go()

    def refused(self, turn: Turn, wait: float) -> None:
        """A request was refused for being one too many."""
        with self._lock:
            self._pace.refused(self._patience.clock.monotonic(), turn, wait)

    def _let_one_more_go(self) -> None:
        with self._lock:
            grow = self._held_back > 0
            self._held_back -= grow
        if grow:
            self._free.release()

    def _granted(self, tokens: int) -> Turn:
        while True:
            with self._lock:
                now = self._patience.clock.monotonic()
                turn = self._pace.turn(now, tokens)
            if turn.at > now:
                self._patience.wait(turn.at - now)
            if turn.granted and turn.generation == self._pace.generation:
                return turn
            if turn.granted:
                with self._lock:
                    self._pace.used(-tokens)
