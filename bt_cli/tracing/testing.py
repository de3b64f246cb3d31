"""For tests of programs that trace themselves: rows in memory, ids that count, a clock that ticks.

::

    with testing.recording() as rows:        # a logger of project "test", current while the block runs
        my_function()
    assert rows.spans()[0]["output"] == "…"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Literal

from bt_cli.settings.tracing import TracingSettings
from bt_cli.spans.container import Container, Kind, container_id
from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms, combined, first_version
from bt_cli.stores.base import Outcome, Submission
from bt_cli.stores.serving import StoredObject, Written
from bt_cli.tracing.logger import Logger
from bt_cli.tracing.parents import project_target
from bt_cli.tracing.reading import as_record
from bt_cli.tracing.state import STATE, State, logger_of_context, parent_of_context, span_of_context
from bt_cli.tracing.worker import About, Worker


class MemorySink:
    """A store that keeps rows in memory, as they would be in any other."""

    pages_url: str | None = None

    def __init__(self) -> None:
        self._rows: dict[tuple[Container, str], Row] = {}
        self.attachments: dict[str, bytes] = {}
        """Contents by key."""

    def apply(self, batches: Sequence[tuple[Container, Sequence[Submission]]]) -> Written:
        """Stores rows; see `bt_cli.stores.logging.LoggingStore`."""
        return Written(0, [[self._store(container, one) for one in some] for container, some in batches])

    def _store(self, container: Container, submission: Submission) -> Outcome:
        row = submission.rows[0]
        terms = submission.terms or Terms()
        key = container, row.id
        there = self._rows.get(key)
        if there is None:
            self._rows[key] = first_version(row, terms)
            return Outcome("new", new=1)
        self._rows[key] = combined(there, row, submission.conflict == "merge", terms)
        return Outcome("changed", changed=1)

    def register(self, container: Container, about: Mapping[str, Any], *, fresh: bool = False) -> StoredObject:
        """The container, which is always there."""
        return StoredObject(container, container_id(container), "", about)

    def object_by_id(self, kind: Kind, id: str) -> StoredObject | None:
        """None: containers of this store have names."""
        return None

    def attach(self, content: bytes, filename: str, content_type: str, key: str) -> str:
        """Keeps the content of an attachment."""
        self.attachments[key] = content
        return key

    def close(self) -> None:
        """Nothing."""

    def rows(self) -> list[Row]:
        """The rows in the order in which they came."""
        return list(self._rows.values())

    def spans(self) -> list[dict[str, Any]]:
        """The rows as Python values."""
        return [as_record(row) for row in self._rows.values()]


class Recorded:
    """What a program logs while it is recorded."""

    def __init__(self, logger: Logger, sink: MemorySink) -> None:
        self.logger = logger
        self.sink = sink

    def spans(self) -> list[dict[str, Any]]:
        """The rows so far, as Python values, in the order in which their spans began."""
        self.logger.flush()
        return sorted(self.sink.spans(), key=lambda row: row.get("span_attributes", {}).get("exec_counter", 0))


class CountingIds:
    """Ids that count: ``row-1``, spans ``0000000000000001``, traces alike with 32 digits."""

    slug_version: Literal[3, 4] = 4

    def __init__(self) -> None:
        self._rows, self._spans, self._traces = count(1), count(1), count(1)

    def row(self) -> str:
        """The next id of a row."""
        return f"row-{next(self._rows)}"

    def span(self) -> str:
        """The next id of a span."""
        return f"{next(self._spans):016x}"

    def trace(self, span_id: str) -> str:
        """The next id of a trace."""
        return f"{next(self._traces):032x}"


class TickingClock:
    """A clock that goes on by ``step`` seconds each time it is looked at."""

    def __init__(self, start: float = 1_700_000_000.0, step: float = 1.0) -> None:
        self._next = start
        self._step = step

    def __call__(self) -> float:
        """Epoch seconds."""
        now, self._next = self._next, self._next + self._step
        return now


@contextmanager
def isolated() -> Iterator[State]:
    """While the block runs, nothing is initialised but what it begins, which is written and closed at its end."""
    before = dict(vars(STATE))
    vars(STATE).update(vars(State()))
    tokens = logger_of_context.set(None), span_of_context.set(None), parent_of_context.set(None)
    try:
        yield STATE
    finally:
        for worker in STATE.workers.values():
            worker.finish()
        for variable, token in zip((logger_of_context, span_of_context, parent_of_context), tokens, strict=True):
            variable.reset(token)  # type: ignore[attr-defined]  # each its own
        vars(STATE).update(before)


@contextmanager
def recording(project: str = "test", *, counts: bool = True) -> Iterator[Recorded]:
    """While the block runs, the current logger keeps its spans in memory; ids and times count if ``counts``."""
    sink = MemorySink()
    about = About("memory", project, makes_ids_of_names=True)
    worker = Worker(lambda stop: sink, TracingSettings(), about)  # type: ignore[arg-type,return-value]  # as far as logging goes
    with isolated() as state:
        state.logger = Logger(project_target(worker, project, None))
        if counts:
            state.ids, state.clock = CountingIds(), TickingClock()
        yield Recorded(state.logger, sink)
        worker.flush()
