"""Work on chunks, in this process and, where there is much of it, in others as well.

A worker process is a Python that imports what its job needs and answers over its pipes; it ends with
its input, so that a killed run leaves none behind.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from bt_cli.processes import other_processors, receive, send, start

if TYPE_CHECKING:
    import subprocess
    from concurrent.futures import Future, ThreadPoolExecutor

_WORTH_A_WORKER = 3 << 20
"""Bytes of work after which another process pays for its start."""
_MOST = 3
"""More workers than this would wait for the process that feeds them."""

_AHEAD_OF_LONG_WORK = 2
"""Chunks that a worker is given at a time where each takes long: more would only wait, in memory."""

Context = TypeVar("Context")
Result = TypeVar("Result")


class Job(NamedTuple, Generic[Result]):
    """What to do with a chunk, in either place.

    ``here`` does it in this process. ``there`` is a module-level function of (work, chunk) that does
    the same in another, where ``work`` and the chunk arrive pickled; its bytes go through ``unpack``.
    """

    here: Callable[[Any], Result]
    there: Callable[[Any, Any], bytes]
    work: object
    unpack: Callable[[bytes], Result]


class Workers(Generic[Context, Result]):
    """Does a job on chunks and hands back the results in the order of submission.

    Each result comes with the context given at its submission. A worker is given ``ahead`` chunks at
    a time; when all have theirs, this process does the next itself. ``busy`` processors are left to
    other processes of the run.
    """

    def __init__(self, job: Job[Result], ahead: int, busy: int = 0) -> None:
        self._job = job
        self._processes = max(0, min(other_processors() - busy, _MOST))
        self._places = ahead * self._processes
        self._pool: ThreadPoolExecutor | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self._idle: deque[subprocess.Popen[bytes]] = deque()
        self._waiting: deque[tuple[Context, Future[Result] | None, Result | None]] = deque()
        self._away = 0
        self._seen = 0

    def use_all(self) -> None:
        """Leaves no processor to others from now on: the work has turned out to be more than theirs."""
        if self._pool is None:
            self._processes = max(0, min(other_processors(), _MOST))
            self._places = _AHEAD_OF_LONG_WORK * self._processes

    def submit(self, context: Context, chunk: object, size: int) -> Iterator[tuple[Context, Result]]:
        """Begins work on a chunk of ``size`` bytes; yields the results that are ready."""
        self._seen += size
        if self._pool is None and self._processes and self._seen > _WORTH_A_WORKER:
            self._start()
        if self._pool is not None and self._away < self._places:
            self._away += 1
            self._waiting.append((context, self._pool.submit(self._elsewhere, chunk), None))
        else:
            self._waiting.append((context, None, self._job.here(chunk)))
        yield from self._ready(keep=2 * self._places if self._pool else 0)

    def finish(self) -> Iterator[tuple[Context, Result]]:
        """Yields all results that are still to come."""
        yield from self._ready(keep=0)

    def close(self) -> None:
        """Ends the worker processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for child in self._children:
            assert child.stdin is not None and child.stdout is not None
            child.stdin.close()
            child.wait()
            child.stdout.close()

    def _ready(self, keep: int) -> Iterator[tuple[Context, Result]]:
        while self._waiting:
            context, future, result = self._waiting[0]
            if future is not None:
                if len(self._waiting) <= keep and not future.done():
                    return
                self._away -= 1
                result = future.result()
            self._waiting.popleft()
            yield context, result  # type: ignore[misc]  # one of the two has it

    def _start(self) -> None:
        import pickle
        from concurrent.futures import ThreadPoolExecutor

        first = pickle.dumps((self._job.there.__module__, self._job.there.__name__, self._job.work))
        for _ in range(self._processes):
            child = start("bt_cli.pipeline.workers")
            assert child.stdin is not None
            send(child.stdin, first)
            self._children.append(child)
        self._idle.extend(self._children)
        # One thread a worker waits for its answers; threads do no work of their own.
        self._pool = ThreadPoolExecutor(self._processes)

    def _elsewhere(self, chunk: object) -> Result:
        import pickle

        child = self._idle.popleft()
        assert child.stdin is not None and child.stdout is not None
        try:
            send(child.stdin, pickle.dumps(chunk, protocol=5))
            answer = receive(child.stdout)
        except OSError:
            answer = None
        self._idle.append(child)
        # A worker that was killed has no answer; what it had can be done again.
        return self._job.here(chunk) if answer is None else self._job.unpack(answer)


def _serve() -> None:
    """The life of a worker process."""
    import gc
    import pickle
    from importlib import import_module

    from bt_cli.spans.node import deepen_stack

    deepen_stack()
    gc.disable()  # chunks are freed by reference counts
    source, target = sys.stdin.buffer, sys.stdout.buffer
    first = receive(source)
    if first is None:
        return
    module, name, work = pickle.loads(first)  # noqa: S301 - from the parent process
    do: Callable[[Any, Any], bytes] = getattr(import_module(module), name)
    while (chunk := receive(source)) is not None:
        try:
            send(target, do(work, pickle.loads(chunk)))  # noqa: S301
        except OSError:
            return  # whoever asked has ended


if __name__ == "__main__":
    _serve()
