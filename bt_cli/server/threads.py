"""Threads that work off what they are given, in order; they don't keep the program from ending."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


class Threads:
    """Some threads with one queue.

    Unlike those of `concurrent.futures`, which the interpreter waits for at its end, they die with
    the program: a second Ctrl-C must end a server whose store is held by somebody else.
    """

    def __init__(self, count: int, name: str) -> None:
        self._work: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads = [Thread(target=self._run, name=f"{name} {number}", daemon=True) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, action: Callable[[], Result]) -> Future[Result]:
        """What ``action`` will return, or raise."""
        future: Future[Result] = Future()
        self._work.put((future, action))
        return future

    def close(self) -> None:
        """Waits until all is done that was submitted."""
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            future, action = work
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(action())
            except BaseException as error:
                future.set_exception(error)
            del work, future, action  # what they hold is not kept until the next comes
