"""Collects the calls that a thread makes for one scorer and case."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bt_cli.scoring.base import Call


class Recorder(threading.local):
    """What this thread is recording: the calls so far, and the trial they belong to."""

    def __init__(self) -> None:
        self.trial = 0
        self._calls: list[Call] | None = None

    @contextmanager
    def recording(self, trial: int) -> Iterator[list[Call]]:
        """The list to which calls are added within; one inside another has its own."""
        before = self.trial, self._calls
        calls: list[Call] = []
        self.trial, self._calls = trial, calls
        try:
            yield calls
        finally:
            self.trial, self._calls = before

    def add(self, call: Call) -> None:
        """Adds a call, where any are recorded."""
        if self._calls is not None:
            self._calls.append(call)
