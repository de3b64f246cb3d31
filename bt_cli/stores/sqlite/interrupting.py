"""Ctrl-C and SIGTERM while SQLite searches: it is asked to stop every few milliseconds, and only while it reads.

A statement that writes is never given up half-way: the batch at hand is finished.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bt_cli.errors import Interrupted

_STEPS_BETWEEN_LOOKS = 1_000
"""Steps of SQLite's machine after which it asks whether to stop; a step may search a megabyte of text."""

Found = TypeVar("Found")


@contextmanager
def interruptible(db: sqlite3.Connection, stop: Callable[[], int]) -> Iterator[None]:
    """Has ``stop``, which says which signal is to end the run, end the statements within; raises Interrupted then."""
    db.set_progress_handler(stop, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sqlite3.Error as error:
        # A second Ctrl-C may have come within a function of ours, of which SQLite only says that it failed.
        if signum := stop():
            raise Interrupted(signum) from error
        raise
    finally:
        db.set_progress_handler(None, 0)


def heeding(db: sqlite3.Connection, stop: Callable[[], int], found: Iterator[Found]) -> Iterator[Found]:
    """What is found; the search for each of them is interruptible, what its reader does in between is not."""
    while True:
        with interruptible(db, stop):
            try:
                one = next(found)
            except StopIteration:
                return
        yield one
