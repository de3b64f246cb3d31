"""One ordered stream of scored traces, whatever the threads that wait for judges do.

Scorers that wait for nothing run at once, in the thread that reads the traces: a pool would only slow them
down. The others run on a bounded pool; traces wait for them in a window, and leave it in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for

from msgspec import Struct

from bt_cli.scoring.base import Result, ScoredTrace
from bt_cli.scoring.plan import Plan
from bt_cli.scoring.pool import Pool
from bt_cli.scoring.tasks import Tasks
from bt_cli.scoring.trials import Ending
from bt_cli.spans.row import Row

TICK = 0.1
"""Seconds between looks at the wish to stop, while a judge is awaited."""
_AHEAD = 4
"""Traces in the window for each thread: some go on while the first one is slow."""
_WINDOW_CHARACTERS = 16 << 20


def score_traces(traces: Iterable[list[Row] | None], plan: Plan, ending: Ending) -> Iterator[ScoredTrace | None]:
    """Scores traces; the results in the order of the input.

    A None among ``traces`` says that input is awaited: all that has begun is finished first. A None among
    the results says that a judge is awaited, so that what came before should not be held back. Once the
    run has ended by an error, what follows is not run, but comes out; after a signal nothing more is read.
    """
    run = _Run(plan, ending)
    try:
        for rows in traces:
            ending.look()
            if ending.interrupted:
                break
            if rows is None:
                yield from run.finished(0)
                yield None
            else:
                run.begin(rows)
                yield from run.finished(run.places)
        yield from run.finished(0)
    finally:
        run.close()


class _Waiting(Struct):
    """A trace in the window, with the results of its cases or what they are to come from."""

    rows: list[Row]
    parts: list[list[Result] | Future[list[Result]]]
    size: int

    def wait(self) -> bool:
        """Whether all of it is done, within a moment."""
        futures = [one for one in self.parts if isinstance(one, Future)]
        return not futures or not wait_for(futures, TICK).not_done

    def scored(self) -> ScoredTrace:
        """All results, in order."""
        parts = [one.result() if isinstance(one, Future) else one for one in self.parts]
        return ScoredTrace(self.rows, [result for part in parts for result in part])


class _Run:
    """The state of one run: the pool and the window."""

    def __init__(self, plan: Plan, ending: Ending) -> None:
        self._tasks = Tasks(plan, ending)
        self._ending = ending
        self._pool = Pool(plan.concurrency)
        self._window: deque[_Waiting] = deque()
        self._size = 0
        self.places = _AHEAD * plan.concurrency

    def begin(self, rows: list[Row]) -> None:
        """Runs what waits for nothing, gives the rest to the pool, and puts the trace into the window."""
        parts: list[list[Result] | Future[list[Result]]] = []
        for task in self._tasks.of(rows):
            if task.work is None:
                parts.append(task.results)
            else:
                parts.append(self._pool.submit(task.work) if task.scorer.waits else task.work())
        size = size_of(rows) if any([isinstance(one, Future) for one in parts]) else 0
        self._size += size
        self._window.append(_Waiting(rows, parts, size))

    def finished(self, keep: int) -> Iterator[ScoredTrace | None]:
        """The traces that are done, from the first on; waits until there are no more than ``keep`` others."""
        window = self._window
        while window:
            may_wait = len(window) > keep or self._size > _WINDOW_CHARACTERS
            if any([isinstance(one, Future) and not one.done() for one in window[0].parts]):
                if not may_wait:
                    return
                if not window[0].wait():
                    self._ending.look()
                    yield None
                    continue
            self._size -= window[0].size
            yield window.popleft().scored()

    def close(self) -> None:
        """Lets the threads go."""
        self._pool.close()


def size_of(rows: Sequence[Row]) -> int:
    """About how many characters the payload of some rows has."""
    return sum([len(row.input or "") + len(row.output or "") + len(row.metadata or "") for row in rows])
