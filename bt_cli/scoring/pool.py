"""Threads that wait for judges. They end with the program, whatever they wait for: a second Ctrl-C need not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Made = TypeVar("Made")


class Pool:
    """At most so many threads, each begun when there is work for it."""

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._threads: list[Thread] = []
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def submit(self, work: Callable[[], Made]) -> Future[Made]:
        """Has the work done by the next free thread; what it raises is raised where its result is asked for."""
        future: Future[Made] = Future()

        def do() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        self._jobs.put(do)
        if len(self._threads) < self._most:
            thread = Thread(target=self._serve, daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def close(self) -> None:
        """Lets the threads end after what has been submitted; does not wait for them."""
        for _ in self._threads:
            self._jobs.put(None)
