"""The contract of a store: where spans live.

A submission is what one input record became: rows that are stored together or not at all, and the
hash of the source they came from. A store answers each with an outcome, and keeps the hash, so that
the same record is known again before anybody decodes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from msgspec import Struct

from bt_cli.query.filters import SpanFilter
from bt_cli.spans.attachments import Reference
from bt_cli.spans.complete import CompleteRow
from bt_cli.spans.container import Container
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import Row
from bt_cli.spans.terms import Terms

Conflict = Literal["merge", "replace", "skip", "error"]
Fields = Collection[str] | None
"""The fields of a row to read; ids and linkage come always, the others are None. None reads all."""
Status = Literal["new", "changed", "unchanged", "folded", "rejected"]


class Capabilities(Struct, frozen=True):
    """What a store can do; commands ask instead of testing for a store's name."""

    knows_previous: bool
    """Tells new from changed from unchanged; else all three are ``written``."""
    atomic_batch: bool
    """A batch is stored as a whole or not at all."""
    exact_payload: bool
    """Payload text comes back byte for byte."""
    keeps_order: bool
    """Spans of a trace come back in the order in which they were stored."""
    answers_sql: bool = False
    """Answers queries over the views ``spans``, ``traces`` and ``scores``."""
    remembers_sources: bool = False
    """Knows a record again by its source (`Writing.known`), before anybody decodes it."""
    pages_hold_rows: bool = False
    """A page of traces is all of them already: to hand it to another process costs more than to read it."""
    counts_loose_ends: bool = False
    """A settlement counts orphans and cycles, and traces as they are in the whole store."""
    takes_complete: bool = False
    """Takes complete rows as they are, many at a time: its writing is a `TakesComplete`."""
    takes_files: bool = False
    """Keeps attachments: it is a `TakesFiles`."""


class Known(NamedTuple):
    """A record whose source is the last version applied: its spans, whether it has neither id nor time, and its form.

    ``record`` stands for it in `Writing.ids_of`.
    """

    spans: int
    anonymous: bool
    tree: bool
    record: int


class Submission(Struct, array_like=True, gc=False):
    """The rows of one record, its source hash, and how they meet rows of the same ids.

    Without a source it is an amendment, which nothing is remembered of: the records that its rows came
    from stay known as they were. A row that amends may hold no more than its linkage and what changes.
    """

    rows: list[Row]
    source: bytes | None
    conflict: Conflict = "merge"
    anonymous: bool = False
    tree: bool = True
    """The record is a whole trace or fragment; else one row, counted as part of some trace."""
    terms: Terms | None = None
    """What the one row of it asks for beyond ``conflict``, as rows of Braintrust's API do."""


class Outcome(Struct, array_like=True, gc=False, frozen=True):
    """What became of a submission: the record's status and how many of its rows had which.

    A store that does not know what was there before calls all that it has stored new.
    """

    status: Status
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    folded: int = 0
    problem: Problem | None = None
    """Why it was rejected."""


class Settlement(Struct):
    """What a run left behind in the traces it touched with records of one row."""

    orphans: int = 0
    """Spans whose parent is not in the store."""
    cycles: int = 0
    """Spans on or below a cycle of parents, which no root reaches."""
    new_traces: int = 0
    changed_traces: int = 0
    unchanged_traces: int = 0


class ContainerInfo(Struct, frozen=True):
    """A container and what is in it."""

    container: Container
    id: str
    traces: int | None
    """None where the store does not count; so with ``spans``."""
    spans: int | None
    created: str


class ReadStats(Struct):
    """What a read left out, filled while it streams."""

    timeless: int = 0
    """Traces or spans without a time, which a filter by time can't match."""
    truncated: bool = False
    """The limit cut the answer."""


class NewestFirst(NamedTuple):
    """Traces from the newest to the oldest, timeless ones last; from the start, or after the trace of this key.

    ``time`` is the trace's (None for a timeless one), ``trace`` its ``root_span_id``.
    """

    time: float | None = None
    trace: str | None = None


class Found(NamedTuple):
    """What an id means: a trace, or with ``id`` one row of it, in a container."""

    container: Container
    trace: str
    id: str | None


class Attached(NamedTuple):
    """What a store knows of an attachment, beside what the rows say that name it."""

    status: Literal["uploading", "done", "error"]
    """How far its upload is."""
    error: str | None
    """Why the upload failed, in the words of who tried."""
    size: int | None
    """Bytes; None where there is no content."""
    place: str | None
    """Where the content is: the path of a file, or a URL that serves for a while; None where there is none."""


class Arrivals(NamedTuple):
    """Traces that were stored since an earlier call; ``position`` is for the next one."""

    position: int
    traces: list[list[Row]]


class Writing(Protocol):
    """One run's writes to one container.

    A batch is put together by `add` and stored by `commit`. Batches may be in flight: `commit` hands
    back the outcomes of those that are done, in the order in which they were given.
    """

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        """Those of ``sources`` that are the last version applied of some record."""

    def ids_of(self, records: Sequence[int]) -> dict[int, str]:
        """The id of the first row of known records."""

    def add(self, submission: Submission) -> None:
        """Puts a submission into the batch; it need not be kept by the caller."""

    def commit(self) -> list[list[Outcome]]:
        """Stores the batch in one transaction; the outcomes of the batches that are done since the last call."""

    def drain(self) -> list[list[Outcome]]:
        """Waits for all batches in flight; their outcomes."""

    def settle(self) -> Settlement:
        """Links what could not be linked before, makes all durable, and reports on the touched traces."""

    def close(self) -> None:
        """Lets go of what the run held; nothing that was given is stored after this."""


class TakesComplete(Protocol):
    """What a writing that takes complete rows has beside the rest."""

    def add_complete(self, rows: Sequence[CompleteRow], conflict: Conflict) -> None:
        """Puts records of one complete row each into the batch; each has its outcome."""


class Answer(Protocol):
    """What a query gives: the names of its columns, and its rows while they are found."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns, in order."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """The rows, once. Raises QueryError for what only a row shows, Interrupted."""

    def close(self) -> None:
        """Ends the query, whether or not all rows have been read."""


class TakesFiles(Protocol):
    """What a store that keeps attachments has beside the rest."""

    def attach(self, content: bytes, filename: str, content_type: str, key: str | None = None) -> str:
        """Keeps an attachment under ``key``, else under one of the store's choice; the key. Durable. Raises BtError."""


class Store(Protocol):
    """Where spans live."""

    capabilities: Capabilities
    name: str
    url: str | None
    """By which another process can open the same store; None for one that is this process's own."""

    def writing(self, container: Container, expected_bytes: int | None = None) -> Writing:
        """Begins a run of writes of about so many bytes of input; the container is made with its first row."""

    def pages(
        self, container: Container, wanted: SpanFilter, stats: ReadStats, newest: NewestFirst | None = None
    ) -> Iterator[Any]:
        """The wanted traces by pages, ordered by (time, root_span_id) or ``newest`` first; the limit is not looked at.

        A page says how many ``spans`` it has, can be pickled, and read on another connection to the store.
        """

    def read_page(self, page: Any, fields: Fields = None) -> list[list[Row]]:
        """The rows of a page: whole traces (or, with scope ``spans``, their matching spans)."""

    def read_traces(
        self,
        container: Container,
        wanted: SpanFilter,
        stats: ReadStats,
        newest: NewestFirst | None = None,
        *,
        fields: Fields = None,
    ) -> Iterator[list[Row]]:
        """The traces of all pages, up to the limit."""

    def read_holding(self, container: Container, ids: Iterable[str], fields: Fields = None) -> Iterator[list[Row]]:
        """The whole traces that hold these rows, each once, in the order of `read_traces`.

        ``ids`` are those of rows; any number of them, and unknown ones mean nothing. Nor does a container
        that is not there.
        """

    def query(self, statement: str, within: Container | None, stop: Callable[[], int]) -> Answer:
        """The answer to one SQL query over the views, of one container or of all; nothing can be written by it.

        A container that is not there is empty. ``stop`` says which signal is to end it, or 0. Raises
        QueryError for SQL that does not work or would write, Interrupted.
        """

    def find(self, wanted: str, kind: Literal["trace", "span"], container: Container | None = None) -> list[Found]:
        """The traces (of this id, or with a span of it) or spans that ``wanted`` means, in one container or in all.

        An exact match wins; else ``wanted`` is the beginning or end of an id, of at least 4 characters. Some
        ten matches at most.
        """

    def arrivals(self, container: Container, wanted: SpanFilter, after: int | None) -> Arrivals:
        """The wanted traces that came into being after the call that gave ``after``; none on the first (None).

        There may be more, which the next call gives, until one gives none.
        """

    def containers(self) -> list[ContainerInfo]:
        """Every container, by project and experiment."""

    def delete(self, container: Container) -> int:
        """Removes a container with all its spans; how many there were."""

    def attachment(self, reference: Reference) -> Attached | None:
        """What is known of the attachment with the key of ``reference``; None for an unknown key. Raises BtError."""

    def attachment_content(self, reference: Reference) -> Iterator[bytes]:
        """The content of an attachment by pieces. Raises NotFoundError where there is none (yet), BtError."""

    def link(self, container: Container) -> str | None:
        """Where people look at a container in a browser; None for a store without pages."""

    def close(self) -> None:
        """Lets go of everything; the store can't be used again."""
