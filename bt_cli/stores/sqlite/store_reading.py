"""The reading side of a SQLite store, over the numbers of its containers; loaded with the first thing that is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.query.filters import Condition, SpanFilter, Test, is_about
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import Arrivals, Fields, Found, NewestFirst, ReadStats
from bt_cli.stores.limits import limited
from bt_cli.stores.serving import TraceKey
from bt_cli.stores.sqlite.conditions import add_functions
from bt_cli.stores.sqlite.connect import translated
from bt_cli.stores.sqlite.finding import find_spans, find_traces
from bt_cli.stores.sqlite.holding import pages_holding
from bt_cli.stores.sqlite.interrupting import heeding, interruptible
from bt_cli.stores.sqlite.reading import ARRIVALS, Order, Page, arrived, end_of, pages, read_page

_NUMBERS = "SELECT container, project, experiment, dataset FROM containers ORDER BY project, dataset, experiment"


class SqliteReading:
    """Reads on a connection; ``stop`` ends its searches."""

    def __init__(self, db: sqlite3.Connection, path: str, stop: Callable[[], int]) -> None:
        self._db = db
        self._path = path
        self._stop = stop
        add_functions(db)

    def pages(
        self,
        container: int,
        wanted: SpanFilter,
        stats: ReadStats,
        newest: NewestFirst | None,
        after: TraceKey | None,
    ) -> Iterator[Page]:
        """Pages of traces in order. Raises NotFoundError for an unknown trace, UsageError for an ambiguous id."""
        with translated(self._path):
            conditions = tuple(self._resolved(container, one) for one in wanted.conditions)
            found = pages(self._db, container, SpanFilter(conditions, wanted.scope), stats, Order(newest, after))
            yield from heeding(self._db, self._stop, found)

    def end_of(self, page: Page) -> TraceKey | None:
        """The key of the last trace of a page that is still there."""
        with translated(self._path):
            return end_of(self._db, page)

    def read_page(self, page: Page, fields: Fields = None) -> list[list[Row]]:
        """The rows of a page, a list for each trace; of each row only ``fields``, where given."""
        with translated(self._path), interruptible(self._db, self._stop):
            return read_page(self._db, page, fields)

    def traces(
        self, found: Iterator[Page], wanted: SpanFilter, stats: ReadStats, fields: Fields
    ) -> Iterator[list[Row]]:
        """The traces of the pages ``found``, up to the limit."""
        return limited((trace for page in found for trace in self.read_page(page, fields)), wanted, stats)

    def holding(self, container: int, ids: Iterable[str], fields: Fields) -> Iterator[list[Row]]:
        """The traces that hold these rows, in order."""
        with translated(self._path):
            for page in pages_holding(self._db, container, ids):
                yield from read_page(self._db, page, fields)

    def find(self, wanted: str, kind: Literal["trace", "span"], container: Container | None) -> list[Found]:
        """The traces or spans that an id, or 4 characters of its beginning or end, can mean."""
        with translated(self._path), interruptible(self._db, self._stop):
            every = {number: Container(*names) for number, *names in self._db.execute(_NUMBERS)}
            ours = [number for number, one in every.items() if container in (None, one)]
            found = (find_traces if kind == "trace" else find_spans)(self._db, ours, wanted)
            return [Found(every[number], trace, row_id) for number, trace, row_id in found]

    def _resolved(self, container: int, condition: Test) -> Test:
        """A trace condition with the full id of the trace that holds the id, prefix or suffix it names."""
        if not is_about(condition, "trace"):
            return condition
        wanted = str(condition.value)
        found = find_traces(self._db, [container], wanted)
        if not found:
            raise NotFoundError(
                f"no trace or span has the id {wanted}", hint="at least 4 characters of its beginning or end are enough"
            )
        if len(found) > 1:
            names = ", ".join(root for _, root, _ in found)
            raise UsageError(f"the id {wanted} is ambiguous: {names}", hint="give more characters", code="ambiguous")
        return Condition("trace", "=", found[0][1])

    def arrivals(self, container: int | None, wanted: SpanFilter, after: int | None) -> Arrivals:
        """The traces stored since ``after``, in the order of their arrival."""
        with translated(self._path), interruptible(self._db, self._stop):
            last = int(self._db.execute("SELECT coalesce(max(trace), 0) FROM traces").fetchone()[0])
            if after is None or after == last or container is None:
                return Arrivals(last, [])
            page = arrived(self._db, container, wanted, after, last)
            full = len(page.traces) == ARRIVALS
            return Arrivals(page.traces[-1] if full else last, read_page(self._db, page))
