"""A store behind Braintrust's API; what it can do depends on whether the server is our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from bt_cli.query.filters import SpanFilter
from bt_cli.spans.attachments import Reference
from bt_cli.spans.container import Container, Kind
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
    Submission,
    Writing,
)
from bt_cli.stores.braintrust.applying import applied
from bt_cli.stores.braintrust.attached import attached, content_of
from bt_cli.stores.braintrust.attaching import attach
from bt_cli.stores.braintrust.containers import Containers
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.mirror import Mirror
from bt_cli.stores.braintrust.own_reading import OwnReading, Page, read_page
from bt_cli.stores.braintrust.writing import BraintrustWriting
from bt_cli.stores.experiments import Summarised
from bt_cli.stores.limits import limited
from bt_cli.stores.serving import StoredObject, Written

_OURS = Capabilities(
    knows_previous=True,
    atomic_batch=False,
    exact_payload=True,
    keeps_order=True,
    answers_sql=True,
    takes_complete=True,
    takes_files=True,
    pages_hold_rows=True,
)
_THEIRS = Capabilities(
    knows_previous=False,
    atomic_batch=False,
    exact_payload=False,
    keeps_order=False,
    answers_sql=True,
    takes_complete=True,
    takes_files=True,
)


class BraintrustStore:
    """See `bt_cli.stores.base.Store` and `bt_cli.stores.logging.LoggingStore`.

    Our own server is asked for what its store says; of others, rows are mirrored.
    """

    def __init__(self, deployment: Deployment, url: str, stop: Callable[[], int]) -> None:
        self.capabilities = _OURS if deployment.is_ours else _THEIRS
        self.name = url
        self.url = url if deployment.is_ours else None
        self._deployment = deployment
        self._containers = Containers(deployment)
        self._own = OwnReading(deployment.api) if deployment.is_ours else None
        self._mirror = Mirror(deployment, self._containers, stop)

    def writing(self, container: Container, expected_bytes: int | None = None) -> Writing:
        """Begins a run of writes."""
        return BraintrustWriting(self._deployment, self._containers, container)

    def pages(
        self, container: Container, wanted: SpanFilter, stats: ReadStats, newest: NewestFirst | None = None
    ) -> Iterator[Any]:
        """The wanted traces by pages. Raises NotFoundError for an unknown container or trace, UsageError."""
        if self._own:
            return self._own.pages(container, wanted, stats, newest, None)
        return self._mirror.of(container, wanted).pages(container, wanted, stats, newest)

    def read_page(self, page: Any, fields: Fields = None) -> list[list[Row]]:
        """The traces of a page."""
        return read_page(page) if isinstance(page, Page) else self._mirror.store.read_page(page, fields)

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
        if not self._own:
            return self._mirror.of(container, wanted).read_traces(container, wanted, stats, newest, fields=fields)
        pages = self._own.pages(container, wanted, stats, newest, fields)
        return limited((trace for page in pages for trace in read_page(page)), wanted, stats)

    def read_holding(self, container: Container, ids: Iterable[str], fields: Fields = None) -> Iterator[list[Row]]:
        """The whole traces that hold these rows."""
        if self._own:
            return self._own.holding(container, ids, fields)
        wanted = list(ids)
        return self._mirror.holding(container, wanted).read_holding(container, wanted, fields)

    def query(self, statement: str, within: Container | None, stop: Callable[[], int]) -> Answer:
        """The answer to a query; of another server's rows, on a mirror of them."""
        if self._own:
            return self._own.query(statement, within, stop)
        return self._mirror.all_of(within).query(statement, within, stop)

    def find(self, wanted: str, kind: Literal["trace", "span"], container: Container | None = None) -> list[Found]:
        """The traces or spans that an id can mean."""
        if self._own:
            return self._own.find(wanted, kind, container)
        return self._mirror.with_id(wanted, container).find(wanted, kind, container)

    def arrivals(self, container: Container, wanted: SpanFilter, after: int | None) -> Arrivals:
        """The wanted traces stored since ``after``."""
        if self._own:
            return self._own.arrivals(container, wanted, after)
        return self._mirror.grown(container).arrivals(container, wanted, after)

    def containers(self) -> list[ContainerInfo]:
        """Every container."""
        return self._own.containers() if self._own else self._containers.all()

    def delete(self, container: Container) -> int:
        """Removes a container; how many spans it had, 0 where the server does not say."""
        if self._own:
            self._containers.forget(container)
            return self._own.delete(container)
        self._containers.delete(container)
        return 0

    def link(self, container: Container) -> str:
        """Where people look at a container in a browser."""
        return self._deployment.link(container)

    @property
    def pages_url(self) -> str:
        """Below which people look at the organisation in a browser."""
        return self._deployment.pages_url

    def apply(self, batches: Sequence[tuple[Container, Sequence[Submission]]]) -> Written:
        """Sends rows with their terms, from this thread; the API has no number for it."""
        return Written(0, applied(self._deployment, self._containers, batches))

    def register(self, container: Container, about: Mapping[str, Any], *, fresh: bool = False) -> StoredObject:
        """The object, made with ``about`` where it is not there, or anew."""
        return self._containers.register(container, about, fresh=fresh)

    def object_by_id(self, kind: Kind, id: str) -> StoredObject | None:
        """The object with this id."""
        return self._containers.by_id(kind, id)

    def summarize(self, id: str, other: str | None = None) -> Summarised:
        """What an experiment comes to, as the server says."""
        from bt_cli.stores.braintrust.summarising import summarise

        return summarise(self._deployment, id, other)

    def attach(self, content: bytes, filename: str, content_type: str, key: str | None = None) -> str:
        """Lays down an attachment; its key."""
        return attach(self._deployment, content, filename, content_type, key)

    def attachment(self, reference: Reference) -> Attached | None:
        """How far an attachment is, and where it can be read for a while."""
        return attached(self._deployment, reference)

    def attachment_content(self, reference: Reference) -> Iterator[bytes]:
        """The content of an attachment by pieces."""
        return content_of(self._deployment, reference)

    def close(self) -> None:
        """Ends the connections, and what was mirrored is gone."""
        self._mirror.close()
        self._deployment.api.http.close()
