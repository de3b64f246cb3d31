"""The SQLite store: a file, `:memory:`, or a temporary file of SQLite's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from bt_cli.errors import NotFoundError
from bt_cli.processes import other_processors
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.attachments import Reference
from bt_cli.spans.container import Container, container_id
from bt_cli.spans.row import Row
from bt_cli.stores.base import (
    Answer,
    Arrivals,
    Attached,
    Capabilities,
    ContainerInfo,
    Fields,
    Found,
    NewestFirst,
    ReadStats,
    Writing,
)
from bt_cli.stores.sqlite.connect import (
    TEMPORARY,
    open_for_reading,
    open_for_writing,
    patiently,
    transaction,
    translated,
)
from bt_cli.stores.sqlite.writing import SqliteWriting

if TYPE_CHECKING:
    from bt_cli.stores.serving import TraceKey
    from bt_cli.stores.sqlite.files import Files
    from bt_cli.stores.sqlite.reading import Page
    from bt_cli.stores.sqlite.store_reading import SqliteReading

_CONTAINERS = """
    SELECT c.project, c.experiment, c.dataset, c.id, count(t.trace), coalesce(sum(t.spans), 0), c.created
    FROM containers AS c LEFT JOIN traces AS t ON t.container = c.container
    GROUP BY c.container ORDER BY c.project, c.dataset, c.experiment"""
_FIND = "SELECT container FROM containers WHERE project = ? AND experiment IS ? AND dataset IS ?"
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

    def _number_of(self, container: Container) -> int | None:
        """The number of a container, looked up for a reader; None where there is none."""
        with translated(self.path):
            return self._find(container)

    def _found(self, container: Container) -> int:
        """The number of a container; raises NotFoundError where there is none."""
        number = self._find(container)
        if number is None:
            raise NotFoundError(
                f"there is no {container.ref} in {self.name}", hint="bt projects list shows what there is"
            )
        return number

    @cached_property
    def _reading(self) -> SqliteReading:
        from bt_cli.stores.sqlite.store_reading import SqliteReading

        return SqliteReading(self.db, self.path, self._stop)

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
        yield from self._reading.pages(number, wanted, stats, newest, after)

    def end_of(self, page: Page) -> TraceKey | None:
        """The key of the last trace of a page that is still there."""
        return self._reading.end_of(page)

    def read_page(self, page: Page, fields: Fields = None) -> list[list[Row]]:
        """The rows of a page, a list for each trace; of each row only ``fields``, where given."""
        return self._reading.read_page(page, fields)

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
        return self._reading.traces(self.pages(container, wanted, stats, newest), wanted, stats, fields)

    def read_holding(self, container: Container, ids: Iterable[str], fields: Fields = None) -> Iterator[list[Row]]:
        """The traces that hold these rows, in order."""
        yield from self._reading.holding(self._number_of(container) or _NO_CONTAINER, ids, fields)

    def find(self, wanted: str, kind: Literal["trace", "span"], container: Container | None = None) -> list[Found]:
        """The traces or spans that an id, or 4 characters of its beginning or end, can mean."""
        return self._reading.find(wanted, kind, container)

    def arrivals(self, container: Container, wanted: SpanFilter, after: int | None) -> Arrivals:
        """The traces stored since ``after``, in the order of their arrival."""
        return self._reading.arrivals(self._number_of(container), wanted, after)

    def query(self, statement: str, within: Container | None, stop: Callable[[], int]) -> Answer:
        """The answer to a query, on a read-only connection of its own; a temporary store lends its only one."""
        from bt_cli.stores.sqlite.sql import SqliteAnswer

        number = None if within is None else self._number_of(within) or _NO_CONTAINER
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
        with translated(self.path), transaction(self.db):
            return self._delete(container)

    def _delete(self, container: Container) -> int:
        number = self._found(container)
        ours = "key IN (SELECT s.key FROM spans AS s WHERE s.container = ?)"
        self.db.execute(f"DELETE FROM sources WHERE {ours}", (number,))
        spans = self.db.execute("DELETE FROM spans WHERE container = ?", (number,)).rowcount
        self.db.execute("DELETE FROM traces WHERE container = ?", (number,))
        self.db.execute("DELETE FROM containers WHERE container = ?", (number,))
        return spans

    @cached_property
    def _files(self) -> Files:
        from bt_cli.stores.sqlite.files import Files

        return Files(self.path)

    def attachment(self, reference: Reference) -> Attached | None:
        """How far an attachment is, and the file that has its content."""
        return self._files.find(reference)

    def attachment_content(self, reference: Reference) -> Iterator[bytes]:
        """The content of an attachment by pieces."""
        return self._files.read(reference)

    def link(self, container: Container) -> str | None:
        """A file has no pages."""
        return None

    def close(self) -> None:
        """Closes the file; the last connection to it folds the WAL in."""
        if "_files" in self.__dict__:
            self._files.close()
        self.db.close()
