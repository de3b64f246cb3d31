"""What a store has beside the contract so that a server can stand before it: objects, transactions, rows by arrival.

Braintrust's API knows containers by id, has empty ones, says which transaction wrote a row, and pages
through rows in the order of their arrival. `bt_cli.stores.base` has none of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from msgspec import Struct

from bt_cli.query.filters import SpanFilter, Test
from bt_cli.spans.container import Container, Kind
from bt_cli.spans.row import Row
from bt_cli.stores.base import NewestFirst, Outcome, ReadStats, Store, Submission

Shape = Literal["spans", "traces"]
"""Rows that match, or all rows of the traces that a matching row is in."""


class StoredObject(Struct, frozen=True):
    """A project (as the container of its logs), an experiment or a dataset, with or without rows."""

    container: Container
    id: str
    created: str
    """ISO 8601, UTC, milliseconds."""
    about: Mapping[str, Any]
    """What was said of it: ``description``, ``metadata``, ``repo_info``, ``base_exp_id``, ``tags`` …"""
    number: int = 0
    """Grows with each object that the store makes; two that were made in one millisecond differ here alone."""


class StoredRow(NamedTuple):
    """A row with its place: places grow with arrival, a trace's rows lie side by side."""

    row: Row
    place: int
    """Above 0, below 2**63; what ``_pagination_key`` and cursors are made of."""
    xact: int
    """The transaction that last wrote to the row's trace: seconds << 16 | counter, 0 for one before there were any."""
    container: Container


class RowsAsked(Struct, frozen=True):
    """Which rows to read, and in which order."""

    containers: Sequence[Container]
    """One or more; all of one kind."""
    test: Test | None = None
    """A test of a row; `bt_cli.query.filters`, without the two fields that stand for traces."""
    shape: Shape = "spans"
    sort: Literal["place", "created"] = "place"
    newest_first: bool = True
    after: int | None = None
    """Only rows behind this place, in the order asked for; with the sort ``place`` only."""
    limit: int | None = None
    most_bytes: int | None = None
    """The rows end with the one whose payload exceeds this, together with those before it."""


class Written(NamedTuple):
    """What one transaction did: its number, and for each batch the outcomes of its submissions."""

    xact: int
    outcomes: list[list[Outcome]]


class TraceKey(NamedTuple):
    """The place of a trace among those of its container: its time, and its ``root_span_id``."""

    time: float | None
    trace: str | None


class ServingStore(Store, Protocol):
    """A store that a server can stand before. An instance is used by one thread at a time."""

    def objects(
        self,
        kind: Kind,
        *,
        project: str | None = None,
        name: str | None = None,
        id: str | None = None,
    ) -> list[StoredObject]:
        """The objects of a kind, by project and name; only those with these names, or this id.

        A project is there as soon as anything is in it, experiments and datasets included.
        """

    def open_object(self, container: Container, about: Mapping[str, Any]) -> tuple[StoredObject, bool]:
        """The object, made with ``about`` where it is not there; and whether it was there. Durable."""

    def describe(self, container: Container, about: Mapping[str, Any]) -> StoredObject:
        """Replaces the members of what is said of an object that are in ``about``. Raises NotFoundError."""

    def apply(self, batches: Sequence[tuple[Container, Sequence[Submission]]]) -> Written:
        """Stores batches in one transaction, links what can be linked, and returns when it is durable.

        Submissions of one row each are told apart by their outcomes; see `Submission.terms` for what
        rows may ask for.
        """

    def rows(self, asked: RowsAsked, stop: Callable[[], int] = lambda: 0) -> list[StoredRow]:
        """The rows asked for, all at once: give a limit. A container that is not there has none.

        ``stop`` is that of `Store.query`; raises Interrupted.
        """

    def pages(
        self,
        container: Container,
        wanted: SpanFilter,
        stats: ReadStats,
        newest: NewestFirst | None = None,
        after: TraceKey | None = None,
    ) -> Iterator[Any]:
        """As `Store.pages`; in the usual order also from behind a trace on, without counting timeless ones again."""

    def end_of(self, page: Any) -> TraceKey | None:
        """The key of the last trace of a page that is still there."""

    def last_transaction(self) -> int:
        """The number of the last transaction; 0 for none."""
