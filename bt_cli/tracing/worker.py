"""The one thread that writes: a bounded queue of changes, batches, and what could not be written said aloud.

Nothing that goes wrong here is raised into the program that is being traced.
"""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # noqa: F401 - libraries need it, and it can't be imported at an interpreter's end
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from bt_cli.errors import BtError, StoreError
from bt_cli.tracing.payloads import Payloads
from bt_cli.tracing.writing import write_batch

if TYPE_CHECKING:
    from bt_cli.settings.tracing import TracingSettings
    from bt_cli.stores.logging import LoggingStore
    from bt_cli.tracing.draft import Change, Logged
    from bt_cli.tracing.target import Target

LINGER_SECONDS = 0.05
"""How long a batch waits for more after its first change: spans are short, and a commit costs the same for many."""
REQUESTS_AT_ONCE = 4
"""How many requests' rows are given to the store together: it may put one together while another is answered."""
EXIT_SECONDS = 30.0
"""How long the end of a program may be held up by what is not written yet."""
Answer = TypeVar("Answer")


class About(NamedTuple):
    """What is known of a store before it is opened."""

    name: str
    """What it is called in warnings."""
    project: str = "default"
    """The project that is meant where none is named."""
    makes_ids_of_names: bool = False
    """The ids of containers follow from their names: `bt_cli.spans.container.container_id`."""
    pages_url: str | None = None
    """Below which people look at it."""


class Worker:
    """Writes the changes of spans to one store, which is opened when there is something to write.

    ``open_store`` gets a function that says when to give up (a signal's number, else 0).
    """

    def __init__(
        self, open_store: Callable[[Callable[[], int]], LoggingStore], settings: TracingSettings, about: About
    ) -> None:
        self.settings = settings
        self.about = about
        self.targets: dict[Any, Target] = {}
        """Containers that slugs have named, each found once."""
        self.generation = 0
        """Counts forks: a child has a queue of its own."""
        self._open_store = open_store
        self._payloads = Payloads(settings, about.name)
        self._begin()
        _live.add(self)

    def _begin(self) -> None:
        self._ready = threading.Condition()
        self._queue: deque[Change] = deque()
        self._asked: deque[_Question] = deque()
        self._thread: threading.Thread | None = None
        self._store: LoggingStore | None = None
        self._given = 0
        self._done = 0
        self._wanted = 0  # flushed up to this count of changes
        self._taken: list[Logged] = []  # rows that are being written
        self._deadline: float | None = None

    def put(self, change: Change) -> bool:
        """Puts a change into the queue; where that is full, waits for room, or says so and returns false."""
        most = self.settings.queue_size
        with self._ready:
            while most and len(self._queue) >= most and threading.current_thread() is not self._thread:
                if self.settings.drops_when_full or self.settings.sync_flush:
                    self._payloads.dropped(change)
                    return False
                self._start()
                self._ready.wait()
            self._queue.append(change)
            self._given += 1
            waiting = len(self._queue)
            if waiting == 1 or waiting == self.settings.rows_together:
                self._start()
                self._ready.notify_all()
        return True

    @property
    def pages_url(self) -> str | None:
        """Below which people look at the store, as far as that is known without asking it."""
        return self.about.pages_url or (self._store.pages_url if self._store is not None else None)

    def flush(self, seconds: float | None = None) -> bool:
        """Waits until all changes so far are written or given up; whether that was so within ``seconds``."""
        if threading.current_thread() is self._thread:
            return True
        with self._ready:
            wanted = self._given
            if self._done >= wanted:
                return True
            self._wanted = max(self._wanted, wanted)
        return self._wait(lambda: self._done >= wanted, seconds)

    def call(self, ask: Callable[[LoggingStore], Answer]) -> Answer:
        """What ``ask`` makes of the store in the worker's thread, after all that it was doing. Raises BtError."""
        question = _Question(ask)
        with self._ready:
            self._asked.append(question)
        self._wait(lambda: question.answered)
        if question.error is not None:
            raise question.error
        answer: Answer = question.answer
        return answer

    def finish(self, seconds: float = EXIT_SECONDS) -> None:
        """Writes what is left, as far as it can be in time, and lets go of the store."""
        self._deadline = time.monotonic() + seconds
        if not self.flush(seconds):
            with self._ready:
                self._payloads.left([*self._taken, *self._queue])
                self._queue.clear()
            return
        if self._store is not None:
            try:
                self.call(lambda store: store.close())
            finally:
                self._store = None

    def _start(self) -> None:
        """Starts the thread where there is none; the lock is held."""
        if self._thread is not None:
            return
        thread = threading.Thread(target=self._run, name="bt-tracing", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter ends: whoever waits does the work, see `_help`
            return
        self._thread = thread

    def _run(self) -> None:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._asked or self._due())
                if not self._is_urgent():
                    self._ready.wait_for(self._is_urgent, LINGER_SECONDS)
            self._step()

    def _step(self) -> None:
        """Writes a batch, if one is due, and answers what is asked."""
        with self._ready:
            changes = self._next_batch() if self._due() else []
            self._ready.notify_all()
        if changes:
            self._write(changes)
        while self._asked:
            self._asked.popleft().ask(self._opened)
            with self._ready:
                self._ready.notify_all()

    def _wait(self, ready: Callable[[], bool], seconds: float | None = None) -> bool:
        """Waits for the thread to do something; does it here where there can be no thread any more."""
        with self._ready:
            self._start()
            self._ready.notify_all()
            if self._thread is not None:
                return self._ready.wait_for(ready, seconds)
        while not ready():
            self._step()
        return True

    def _due(self) -> bool:
        """Whether there is something to write now: where only ``flush`` writes, only what it has asked for."""
        return bool(self._queue) and (not self.settings.sync_flush or self._done < self._wanted)

    def _is_urgent(self) -> bool:
        """Whether no batch should wait for more."""
        return bool(self._asked) or self._done < self._wanted or len(self._queue) >= self.settings.rows_together

    def _next_batch(self) -> list[Change]:
        number = min(len(self._queue), self.settings.rows_together * REQUESTS_AT_ONCE)
        return [self._queue.popleft() for _ in range(number)]

    def _write(self, changes: Sequence[Change]) -> None:
        batches: list[list[Logged]] = [[]]
        try:
            self._taken = [change.take() for change in changes]
            batches = self._bounded(self._taken)
            while batches:
                write_batch(self._opened, batches[0], self._payloads)
                batches.pop(0)
        except Exception as error:
            # A bug must not end the thread that others wait for, nor lose anything in silence.
            self._payloads.failed([row for batch in batches for row in batch], error)
        finally:
            with self._ready:
                self._taken = []
                self._done += len(changes)
                self._ready.notify_all()

    def _bounded(self, rows: list[Logged]) -> list[list[Logged]]:
        """Rows in batches of not too many bytes."""
        batches: list[list[Logged]] = [[]]
        most = room = self.settings.most_bytes * REQUESTS_AT_ONCE
        for row in rows:
            size = row.size
            if batches[-1] and size > room:
                batches.append([])
                room = most
            batches[-1].append(row)
            room -= size
        return batches

    def _opened(self) -> LoggingStore:
        if self._store is None:
            self._store = self._open_store(self._give_up)
        return self._store

    def _give_up(self) -> int:
        """The number of SIGTERM once the end of the program has waited long enough."""
        return 15 if self._deadline is not None and time.monotonic() >= self._deadline else 0

    def share(self) -> None:
        """After a fork, in the parent: the child goes on with the spans that are queued here."""
        for change in list(self._queue):
            change.share()

    def renew(self) -> None:
        """Begins anew in the child of a fork: what is queued is the parent's to write, and so is its store."""
        _inherited.append(self._store)  # never closed here: that would take the parent's locks away
        self.generation += 1
        self._begin()


class _Question:
    """Something that another thread wants to know of the store."""

    def __init__(self, ask: Callable[[LoggingStore], Any]) -> None:
        self._ask = ask
        self.answered = False
        self.answer: Any = None
        self.error: BtError | None = None

    def ask(self, opened: Callable[[], LoggingStore]) -> None:
        """Asks, and keeps the answer or what was wrong."""
        try:
            self.answer = self._ask(opened())
        except BtError as error:
            self.error = error
        except Exception as error:
            # The one who asks is to learn of it, not this thread.
            self.error = StoreError(f"{type(error).__name__}: {error}")
        self.answered = True


_live: weakref.WeakSet[Worker] = weakref.WeakSet()
_inherited: list[object] = []


def flush_all() -> None:
    """Waits until all changes so far are written or given up, by every worker."""
    for worker in list(_live):
        worker.flush()


def _finish_all() -> None:
    for worker in list(_live):
        if worker.settings.flushes_at_exit:
            worker.finish()


def _share_all() -> None:
    for worker in list(_live):
        worker.share()


def _renew_all() -> None:
    for worker in list(_live):
        worker.renew()


atexit.register(_finish_all)
os.register_at_fork(after_in_parent=_share_all, after_in_child=_renew_all)
