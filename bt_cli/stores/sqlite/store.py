"""The SQLite store: a file, `:memory:`, or a temporary file of SQLite's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.processes import other_processors
from bt_cli.query.filters import Condition, SpanFilter, Test
from bt_cli.spans.container import Container, container_id
from bt_cli.spans.row import Row
from bt_cli.stores.base import (
    Answer,
    Arrivals,
    Capabilities,
    ContainerInfo,
    Fields,
    Found,
    NewestFirst,
    ReadStats,
    Writing,
)
from bt_cli.stores.limits import limited
from bt_cli.stores.serving import TraceKey
from bt_cli.stores.sqlite.conditions import add_functions
from bt_cli.stores.sqlite.connect import TEMPORARY, open_for_reading, open_for_writing, patiently, roll_back, translated
from bt_cli.stores.sqlite.finding import find_spans, find_traces
from bt_cli.stores.sqlite.holding import pages_holding
from bt_cli.stores.sqlite.interrupting import heeding, interruptible
from bt_cli.stores.sqlite.reading import ARRIVALS, Order, Page, arrived, end_of, pages, read_page
from bt_cli.stores.sqlite.writing import SqliteWriting

_CONTAINERS = """
    SELECT c.project, c.experiment, c.dataset, c.id, count(t.trace), coalesce(sum(t.spans), 0), c.created
    FROM containers AS c LEFT JOIN traces AS t ON t.container = c.container
    GROUP BY c.container ORDER BY c.project, c.dataset, c.experiment"""
_FIND = "SELECT container FROM containers WHERE project = ? AND experiment IS ? AND dataset IS ?"
_NUMBERS = "SELECT container, project, experiment, dataset FROM containers ORDER BY project, dataset, experiment"
_INSERT = "INSERT OR IGNORE INTO containers (id, project, experiment, dataset, created) VALUES (?, ?, ?, ?, ?)"
_NO_CONTAINER = 0
_WORTH_A_PROCESS = 4 << 20
"""Bytes of input from which a second process gains more than its start costs."""


class SqliteStore:
    """See `bt_cli.stores.base.Store`."""

    capabilities = Capabilities(
        knows_previous=True,
        atomic_batch=True,
        exact_payload=True,
        keeps_order=True,
        answers_sql=True,
        remembers_sources=True,
        counts_loose_ends=True,
    )

    def __init__(self, path: str, read_only: bool = False, stop: Callable[[], int] = lambda: 0) -> None:
        self.name = path or "a temporary store"
        self.path = path
        self._stop = stop
        self.url = f"sqlite:{path}" if path not in TEMPORARY else None
        self.db: sqlite3.Connection = open_for_reading(path) if read_only else open_for_writing(path)
        add_functions(self.db)

    def writing(self, container: Container, expected_bytes: int | None = None) -> Writing:
        """Begins a run of writes, in a process of its own where there is much to write."""
        writing = self.direct_writing(container)
        if self.url is not None and (expected_bytes or 0) > _WORTH_A_PROCESS and other_processors():
            from bt_cli.stores.sqlite.offload import OffloadedWriting

            return OffloadedWriting(self.path, container, writing)
        return writing

    def direct_writing(self, container: Container) -> SqliteWriting:
        """Begins a run of writes on this connection."""
        return SqliteWriting(self.db, self.path, lambda: self._open_container(container))

    def _open_container(self, container: Container) -> int:
        number = self._find(container)
        if number is None:
            created = datetime.now(UTC).isoformat(timespec="milliseconds")
            values = (container_id(container), *container, created)
            patiently(lambda: self.db.execute(_INSERT, values))
            number = self._find(container)
        assert number is not None  # inserted above, or by another process
        return number

    def _find(self, container: Container) -> int | None:
        found = self.db.execute(_FIND, container).fetchone()
        return None if found is None else int(found[0])

    def _found(self, container: Container) -> int:
        """The number of a container; raises NotFoundError where there is none."""
        number = self._find(container)
        if number is None:
            raise NotFoundError(
                f"there is no {container.ref} in {self.name}", hint="bt projects list shows what there is"
            )
        return number

    def pages(
        self,
        container: Container,
        wanted: SpanFilter,
        stats: ReadStats,
        newest: NewestFirst | None = None,
        after: TraceKey | None = None,
    ) -> Iterator[Page]:
        """Pages of traces in order.

        Raises NotFoundError for an unknown container or trace, UsageError for an ambiguous id.
        """
        with translated(self.path):
            number = self._found(container)
            conditions = tuple(self._resolved(number, one) for one in wanted.conditions)
            found = pages(self.db, number, SpanFilter(conditions, wanted.scope), stats, Order(newest, after))
            yield from heeding(self.db, self._stop, found)

    def end_of(self, page: Page) -> TraceKey | None:
        """The key of the last trace of a page that is still there."""
        with translated(self.path):
            return end_of(self.db, page)

    def read_page(self, page: Page, fields: Fields = None) -> list[list[Row]]:
        """The rows of a page, a list for each trace; of each row only ``fields``, where given."""
        with translated(self.path), interruptible(self.db, self._stop):
            return read_page(self.db, page, fields)

    def read_traces(
        self,
        container: Container,
        wanted: SpanFilter,
        stats: ReadStats,
        newest: NewestFirst | None = None,
        *,
        fields: Fields = None,
    ) -> Iterator[list[Row]]:
        """All wanted traces in order, up to the limit."""
        found = self.pages(container, wanted, stats, newest)
        traces = (trace for page in found for trace in self.read_page(page, fields))
        return limited(traces, wanted, stats)

    def read_holding(self, container: Container, ids: Iterable[str], fields: Fields = None) -> Iterator[list[Row]]:
        """The traces that hold these rows, in order."""
        with translated(self.path):
            number = self._find(container) or _NO_CONTAINER
            for page in pages_holding(self.db, number, ids):
                yield from read_page(self.db, page, fields)

    def find(self, wanted: str, kind: Literal["trace", "span"], container: Container | None = None) -> list[Found]:
        """The traces or spans that an id, or 4 characters of its beginning or end, can mean."""
        with translated(self.path), interruptible(self.db, self._stop):
            every = {number: Container(*names) for number, *names in self.db.execute(_NUMBERS)}
            ours = [number for number, one in every.items() if container in (None, one)]
            found = (find_traces if kind == "trace" else find_spans)(self.db, ours, wanted)
            return [Found(every[number], trace, row_id) for number, trace, row_id in found]

    def _resolved(self, number: int, condition: Test) -> Test:
        """A trace condition with the full id of the trace that holds the id, prefix or suffix it names."""
        if not isinstance(condition, Condition) or condition.field != "trace":
            return condition
        wanted = str(condition.value)
        found = find_traces(self.db, [number], wanted)
        if not found:
            raise NotFoundError(
                f"no trace or span has the id {wanted}", hint="at least 4 characters of its beginning or end are enough"
            )
        if len(found) > 1:
            names = ", ".join(root for _, root, _ in found)
            raise UsageError(f"the id {wanted} is ambiguous: {names}", hint="give more characters", code="ambiguous")
        return Condition("trace", "=", found[0][1])

    def arrivals(self, container: Container, wanted: SpanFilter, after: int | None) -> Arrivals:
        """The traces stored since ``after``, in the order of their arrival."""
        with translated(self.path), interruptible(self.db, self._stop):
            last = int(self.db.execute("SELECT coalesce(max(trace), 0) FROM traces").fetchone()[0])
            number = self._find(container)
            if after is None or after == last or number is None:
                return Arrivals(last, [])
            page = arrived(self.db, number, wanted, after, last)
            full = len(page.traces) == ARRIVALS
            return Arrivals(page.traces[-1] if full else last, read_page(self.db, page))

    def query(self, statement: str, within: Container | None, stop: Callable[[], int]) -> Answer:
        """The answer to a query, on a read-only connection of its own; a temporary store lends its only one."""
        from bt_cli.stores.sqlite.sql import SqliteAnswer

        with translated(self.path):
            number = None if within is None else self._find(within) or _NO_CONTAINER
        return SqliteAnswer(self.path, self.db if self.url is None else None, statement, number, stop)

    def containers(self) -> list[ContainerInfo]:
        """Every container, by project and experiment."""
        with translated(self.path):
            return [
                ContainerInfo(Container(project, experiment, dataset), *rest)
                for project, experiment, dataset, *rest in self.db.execute(_CONTAINERS)
            ]

    def delete(self, container: Container) -> int:
        """Removes a container with all its spans; how many there were."""
        with translated(self.path):
            patiently(lambda: self.db.execute("BEGIN IMMEDIATE"))
            try:
                spans = self._delete(container)
                self.db.execute("COMMIT")
            except BaseException:
                roll_back(self.db)
                raise
            return spans

    def _delete(self, container: Container) -> int:
        number = self._found(container)
        ours = "key IN (SELECT s.key FROM spans AS s WHERE s.container = ?)"
        self.db.execute(f"DELETE FROM sources WHERE {ours}", (number,))
        spans = self.db.execute("DELETE FROM spans WHERE container = ?", (number,)).rowcount
        self.db.execute("DELETE FROM traces WHERE container = ?", (number,))
        self.db.execute("DELETE FROM containers WHERE container = ?", (number,))
        return spans

    def link(self, container: Container) -> str | None:
        """A file has no pages."""
        return None

    def close(self) -> None:
        """Closes the file; the last connection to it folds the WAL in."""
        self.db.close()
