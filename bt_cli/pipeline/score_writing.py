"""Results on their way into a store: batches that commit soon, and are reported once they have."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from msgspec import Struct, field

from bt_cli.pipeline.importing import BATCH_ROWS, BATCH_SECONDS
from bt_cli.scoring.base import ScoredTrace
from bt_cli.scoring.engine import size_of
from bt_cli.scoring.spans import rows_of
from bt_cli.spans.container import Container
from bt_cli.stores.base import Outcome, Store, Submission, Writing

_MOST_CHARACTERS = 1 << 20
"""Of the traces that wait for their batch."""
_MOST_TRACES = 500
_MANY_ROWS = 10_000
"""Rows after which many more are expected."""
_LARGE = 1 << 30
"""Bytes that a long run may come to."""


class _Batch(Struct):
    """Traces and the outcomes that are expected for them, how many of each."""

    traces: list[ScoredTrace] = field(default_factory=list)
    submissions: list[int] = field(default_factory=list)
    rows: int = 0
    size: int = 0


class ScoreWriting:
    """Stores results trace by trace, within a second of the first of a batch.

    Patches are merged into the scored rows; spans of ours replace those of an earlier run.
    """

    def __init__(
        self, store: Store, container: Container, replaced: dict[str, int], seen: Callable[[ScoredTrace], None]
    ) -> None:
        self._store = store
        self._container = container
        self._writing: Writing | None = None
        self._replaced = replaced
        self._seen = seen
        self._batch = _Batch()
        self._in_flight: deque[_Batch] = deque()
        self._deadline = 0.0
        self._rows = 0
        self._elsewhere = False
        self.written = 0
        self.refused = 0

    def add(self, scored: ScoredTrace) -> None:
        """Takes a trace; stores what is due."""
        rows = rows_of(scored)
        batch = self._batch
        if not batch.traces:
            self._deadline = time.monotonic() + BATCH_SECONDS
        number = 0
        if rows.patches:
            self._begun().add(Submission(rows.patches, None))
            number += 1
        if rows.spans:
            self._begun().add(Submission(rows.spans, None, "replace"))
            number += 1
        batch.rows += len(rows.patches) + len(rows.spans)
        for name in rows.replaced:
            self._replaced[name] = self._replaced.get(name, 0) + 1
        batch.traces.append(scored)
        batch.submissions.append(number)
        batch.size += size_of(scored.rows)
        full = batch.rows >= BATCH_ROWS or batch.size >= _MOST_CHARACTERS or len(batch.traces) >= _MOST_TRACES
        if full or time.monotonic() >= self._deadline:
            self._flush()

    def _begun(self) -> Writing:
        """The run of writes; a run that reuses everything begins none."""
        if self._writing is None:
            self._writing = self._store.writing(self._container)
        return self._writing

    def flush_due(self) -> None:
        """Stores what waits if it is time: a judge is awaited."""
        if self._batch.traces and time.monotonic() >= self._deadline:
            self._flush()
        self._report(self._writing.drain() if self._writing and self._in_flight else [])

    def _flush(self) -> None:
        batch, self._batch = self._batch, _Batch()
        if not batch.rows and not self._in_flight:
            self._tell(batch)
            return
        self._in_flight.append(batch)
        self._report(self._begun().commit())
        self._rows += batch.rows
        if self._rows >= _MANY_ROWS and not self._elsewhere:
            self._go_on_elsewhere()

    def _go_on_elsewhere(self) -> None:
        """Begins another run of writes, of which the store knows that it is a large one: it may take a process."""
        self._end()
        self._elsewhere = True
        self._writing = self._store.writing(self._container, _LARGE)

    def _report(self, done: list[list[Outcome]]) -> None:
        for outcomes in done:
            batch = self._in_flight.popleft()
            for outcome in outcomes:
                self.written += outcome.new + outcome.changed
            at = 0
            for number in batch.submissions:
                self.refused += any(one.status == "rejected" for one in outcomes[at : at + number])
                at += number
            self._tell(batch)

    def _tell(self, batch: _Batch) -> None:
        for scored in batch.traces:
            self._seen(scored)

    def finish(self) -> None:
        """Stores and reports what is left; all is durable then."""
        if self._batch.traces:
            self._flush()
        self._end()

    def _end(self) -> None:
        if self._writing is not None:
            self._report(self._writing.drain())
            self._writing.settle()
            self._writing.close()
            self._writing = None

    def close(self) -> None:
        """Lets go of the store, wherever the run has come to."""
        if self._writing is not None:
            self._writing.close()
