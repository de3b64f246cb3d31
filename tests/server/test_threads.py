"""The threads behind a server: in order, errors handed back, what nobody waits for left out."""

from __future__ import annotations

from threading import Event

import pytest

from bt_cli.server.threads import Threads
from running import PATIENCE


def test_one_thread_works_in_order() -> None:
    """What is submitted to one thread is done in that order, and all of it before it closes."""
    done: list[int] = []
    threads = Threads(1, "test")
    for number in range(100):
        threads.submit(lambda number=number: done.append(number))
    threads.close()
    assert done == list(range(100))


def test_error_is_the_callers() -> None:
    """An error comes out where the result is asked for, and the thread goes on."""
    threads = Threads(1, "test")
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 // 0).result(PATIENCE)
    assert threads.submit(lambda: 1).result(PATIENCE) == 1
    threads.close()


def test_cancelled_work_is_left_out() -> None:
    """What is cancelled before its turn is not done."""
    go, done = Event(), Event()
    threads = Threads(1, "test")
    threads.submit(lambda: go.wait(PATIENCE))
    assert threads.submit(done.set).cancel()
    go.set()
    threads.close()
    assert not done.is_set()
