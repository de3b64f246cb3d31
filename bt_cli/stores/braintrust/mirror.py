"""Rows of another server in a temporary SQLite store, which then answers all questions about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from msgspec import Raw

from bt_cli.errors import Interrupted
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.container import Container
from bt_cli.stores.base import Submission
from bt_cli.stores.braintrust import fetching
from bt_cli.stores.braintrust.containers import Containers
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.fetching import Filter, Source, any_of, row_of
from bt_cli.stores.braintrust.pushing import asked_id, having_id, pushed
from bt_cli.stores.sqlite.serving import ServingSqliteStore

_ROOTS = 100
"""Traces that are asked for at a time."""


class Mirror:
    """What was fetched so far; each question first fetches what it needs."""

    def __init__(self, deployment: Deployment, containers: Containers, stop: Callable[[], int]) -> None:
        self._deployment = deployment
        self._containers = containers
        self._stop = stop
        self._cursors: dict[Container, str | None] = {}
        """Containers that were fetched whole, and where to go on for what has come since."""
        self._roots: set[tuple[Container, str]] = set()
        """Traces that were fetched whole."""

    @cached_property
    def store(self) -> ServingSqliteStore:
        """What is mirrored; a temporary file of SQLite's."""
        return ServingSqliteStore("", stop=self._stop)

    def of(self, container: Container, wanted: SpanFilter) -> ServingSqliteStore:
        """The mirror with all traces that are wanted, and maybe more. Raises NotFoundError."""
        if container not in self._cursors:
            asked = asked_id(wanted)
            filter = pushed(wanted) if asked is None else having_id(asked)
            found = filter is not None and self._fetch_traces(container, filter)
            if filter is None or (asked is not None and not found):
                self._fetch_all(container)
        return self.store

    def holding(self, container: Container, ids: Sequence[str]) -> ServingSqliteStore:
        """The mirror with all traces that hold these rows."""
        if self._containers.find(container) is not None and container not in self._cursors:
            for some in _chunks(ids, fetching.PAGE_ROWS):
                self._fetch_traces(container, any_of("id", some))
        return self.store

    def with_id(self, wanted: str, container: Container | None) -> ServingSqliteStore:
        """The mirror with what an id means; where it is none, with all that it might be a part of an id of."""
        among = self._among(container)
        found = [self._fetch_traces(one, having_id(wanted)) for one in among if one not in self._cursors]
        if not any(found):
            self.all_of(container)
        return self.store

    def all_of(self, container: Container | None) -> ServingSqliteStore:
        """The mirror with all of a container, or of all."""
        for one in self._among(container):
            if one not in self._cursors:
                self._fetch_all(one)
        return self.store

    def grown(self, container: Container) -> ServingSqliteStore:
        """The mirror with what has come since it was asked last."""
        if self._containers.find(container) is not None:
            self._fetch_all(container)
        return self.store

    def close(self) -> None:
        """Forgets it all."""
        if "store" in self.__dict__:
            self.store.close()

    def _among(self, container: Container | None) -> list[Container]:
        if container is not None:
            return [container] if self._containers.find(container) is not None else []
        return [info.container for info in self._containers.all()]

    def _fetch_all(self, container: Container) -> None:
        source = self._source(container)
        cursor = self._cursors.get(container)
        for rows, behind in fetching.pages(self._deployment, source, None, cursor):
            self._take(container, rows)
            cursor = behind
        self._cursors[container] = cursor

    def _fetch_traces(self, container: Container, filter: Filter) -> bool:
        """Fetches the whole traces of the spans that match; whether there were any."""
        source = self._source(container)
        roots: dict[str, None] = {}
        for rows, _ in fetching.pages(self._deployment, source, filter):
            roots.update(dict.fromkeys(row.root_span_id or row.id for row in map(row_of, rows)))
        new = [root for root in roots if (container, root) not in self._roots]
        for some in _chunks(new, _ROOTS):
            for rows, _ in fetching.pages(self._deployment, source, any_of("root_span_id", some)):
                self._take(container, rows)
            self._roots.update((container, root) for root in some)
        return bool(roots)

    def _source(self, container: Container) -> Source:
        found = self._containers.found(container)
        self.store.open_object(container, {})
        return Source(container.kind, found)

    def _take(self, container: Container, rows: Iterable[Raw]) -> None:
        """Puts a page into the mirror; a row that came before takes the place of itself."""
        if signum := self._stop():
            raise Interrupted(signum)
        submissions = [Submission([row_of(raw)], None, "replace", tree=False) for raw in rows]
        self.store.apply([(container, submissions)])


def _chunks(values: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    return (values[begin : begin + size] for begin in range(0, len(values), size))
