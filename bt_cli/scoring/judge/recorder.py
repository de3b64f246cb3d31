"""Collects the calls that a thread makes for one scorer and case."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bt_cli.scoring.base import Call


class Recorder(threading.local):
    """What this thread is recording: the calls so far, and the trial they belong to."""

    def __init__(self) -> None:
        self.trial = 0
        self._calls: list[Call] | None = None
        self._asked: Counter[tuple[str, bytes]] = Counter()

    @contextmanager
    def recording(self, trial: int) -> Iterator[list[Call]]:
        """The list to which calls are added within; one inside another has its own."""
        before = self.trial, self._calls, self._asked
        calls: list[Call] = []
        self.trial, self._calls, self._asked = trial, calls, Counter()
        try:
            yield calls
        finally:
            self.trial, self._calls, self._asked = before

    def repeats(self, url: str, body: bytes) -> int:
        """How often the same was asked before in this recording, and that it is asked now; 0 where none is made."""
        if self._calls is None:
            return 0
        self._asked[url, body] += 1
        return self._asked[url, body] - 1

    def add(self, call: Call) -> None:
        """Adds a call, where any are recorded."""
        if self._calls is not None:
            self._calls.append(call)
