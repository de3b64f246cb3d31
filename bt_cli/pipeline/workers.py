"""Work on chunks of records, in this process and, where there is much of it, in others as well.

A worker process is a Python that imports the domain only and answers over its pipes; it ends with
its input, so that a killed run leaves none behind.
"""

from __future__ import annotations

import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bt_cli.processes import PIPE_BYTES, other_processors, receive, send, widen

if TYPE_CHECKING:
    import subprocess
    from concurrent.futures import Future, ThreadPoolExecutor

_WORTH_A_WORKER = 3 << 20
"""Bytes of input after which another process pays for its start."""

Context = TypeVar("Context")
Job = Callable[[Any, Any], bytes]


class Workers(Generic[Context]):
    """Runs ``job(work, chunk)`` on chunks and hands back the results in the order of submission.

    ``job`` is a module-level function, ``work`` and the chunks can be pickled. Each result comes
    with the context given at its submission. Each worker is given ``ahead`` chunks at a time; when all
    have theirs, this process works on the next itself, by ``here`` if that is given.
    """

    def __init__(self, job: Job, work: object, ahead: int = 8, here: Callable[[Any], bytes] | None = None) -> None:
        self._job = job
        self._here = here or partial(job, work)
        self._ahead = ahead
        self._work = work
        self._processes = min(other_processors(), 3)
        self._pool: ThreadPoolExecutor | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self._idle: deque[subprocess.Popen[bytes]] = deque()
        self._waiting: deque[tuple[Context, Future[bytes] | bytes]] = deque()
        self._away = 0
        self._seen = 0

    def submit(self, context: Context, chunk: object, size: int) -> Iterator[tuple[Context, bytes]]:
        """Begins work on a chunk of ``size`` bytes; yields the results that are ready."""
        self._seen += size
        if self._pool is None and self._processes and self._seen > _WORTH_A_WORKER:
            self._start()
        if self._pool is not None and self._away < self._ahead * self._processes:
            self._away += 1
            future = self._pool.submit(self._elsewhere, chunk)
            self._waiting.append((context, future))
        else:
            self._waiting.append((context, self._here(chunk)))
        yield from self._ready(keep=2 * self._ahead * self._processes if self._pool else 0)

    def finish(self) -> Iterator[tuple[Context, bytes]]:
        """Yields all results that are still to come."""
        yield from self._ready(keep=0)

    def close(self) -> None:
        """Ends the worker processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for child in self._children:
            assert child.stdin is not None
            child.stdin.close()
            child.wait()

    def _ready(self, keep: int) -> Iterator[tuple[Context, bytes]]:
        while self._waiting:
            context, result = self._waiting[0]
            if not isinstance(result, bytes):
                if len(self._waiting) <= keep and not result.done():
                    return
                self._away -= 1
                result = result.result()
            self._waiting.popleft()
            yield context, result

    def _start(self) -> None:
        import subprocess
        from concurrent.futures import ThreadPoolExecutor

        command = [sys.executable, "-m", "bt_cli.pipeline.workers"]
        first = pickle.dumps((self._job.__module__, self._job.__name__, self._work))
        for _ in range(self._processes):
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=PIPE_BYTES)
            widen(child.stdin)
            widen(child.stdout)
            assert child.stdin is not None
            send(child.stdin, first)
            self._children.append(child)
        self._idle.extend(self._children)
        # One thread a worker waits for its answers; threads do no work of their own.
        self._pool = ThreadPoolExecutor(self._processes)

    def _elsewhere(self, chunk: object) -> bytes:
        child = self._idle.popleft()
        try:
            assert child.stdin is not None and child.stdout is not None
            send(child.stdin, pickle.dumps(chunk, protocol=5))
            answer = receive(child.stdout)
        except OSError:
            answer = None
        if answer is None:
            # The worker was killed; what it had can be done again.
            return self._here(chunk)
        self._idle.append(child)
        return answer


def _serve() -> None:
    """The life of a worker process."""
    import gc
    import signal
    from importlib import import_module

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run, and with it the worker's input
    from bt_cli.spans.node import deepen_stack

    deepen_stack()
    gc.disable()  # chunks are freed by reference counts
    source, target = sys.stdin.buffer, sys.stdout.buffer
    first = receive(source)
    if first is None:
        return
    module, name, work = pickle.loads(first)  # noqa: S301 - from the parent process
    job: Job = getattr(import_module(module), name)
    while (chunk := receive(source)) is not None:
        send(target, job(work, pickle.loads(chunk)))  # noqa: S301


if __name__ == "__main__":
    _serve()
