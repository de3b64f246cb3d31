"""Reading from our own server: the questions of a store go to the store behind it, and its rows come as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from bt_cli.errors import NotFoundError, QueryError, UsageError
from bt_cli.http import Reply, Request
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import Answer, Arrivals, ContainerInfo, Fields, Found, NewestFirst, ReadStats
from bt_cli.stores.braintrust import messages
from bt_cli.stores.braintrust.api import Api, Refused
from bt_cli.stores.serving import TraceKey

_FIRST_BYTES = 256 << 10
"""The first page is short, so that something shows soon."""
_BYTES = 4 << 20

Given = TypeVar("Given")
_rows = msgspec.msgpack.Decoder(list[list[Row]])


class Page(NamedTuple):
    """Traces as they came; good in any process."""

    parts: list[bytes]
    spans: int


class OwnReading:
    """The reading half of `bt_cli.stores.base.Store`, and what else our own server does for a store."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def pages(
        self, container: Container, wanted: SpanFilter, stats: ReadStats, newest: NewestFirst | None, fields: Fields
    ) -> Iterator[Page]:
        """The wanted traces by pages; while one is read, the next is on its way."""
        key = None if newest is None or newest == NewestFirst() else TraceKey(*newest)
        some = None if fields is None else list(fields)
        wanted = replace(wanted, limit=None)
        asked = messages.TracesAsked(container, wanted, newest is not None, key, some, _FIRST_BYTES)
        with ThreadPoolExecutor(1, "read") as pool:
            coming: Future[messages.TracesGiven] | None = pool.submit(self._traces, asked)
            while coming is not None:
                given = coming.result()
                stats.timeless += given.timeless
                asked = replace(asked, after=given.after, bytes=_BYTES)
                coming = None if given.after is None else pool.submit(self._traces, asked)
                if given.spans:
                    yield Page([bytes(part) for part in given.traces], given.spans)

    def holding(self, container: Container, ids: Iterable[str], fields: Fields) -> Iterator[list[Row]]:
        """The whole traces that hold some rows, each once, in order."""
        some = None if fields is None else list(fields)
        given = self._ask("holding", messages.HoldingAsked(container, list(ids), some), messages.TracesGiven)
        yield from read_page(Page([bytes(part) for part in given.traces], given.spans))

    def find(self, wanted: str, kind: Literal["trace", "span"], container: Container | None) -> list[Found]:
        """The traces or spans that an id can mean."""
        return self._ask("find", messages.FindAsked(wanted, kind, container), messages.FindGiven).found

    def arrivals(self, container: Container, wanted: SpanFilter, after: int | None) -> Arrivals:
        """The wanted traces stored since ``after``."""
        asked = messages.ArrivalsAsked(container, wanted, after)
        return self._ask("arrivals", asked, messages.ArrivalsGiven).arrivals

    def query(self, statement: str, within: Container | None, stop: Callable[[], int]) -> Answer:
        """The whole answer to a query; the server gives it up with us."""
        given = self._ask("query", messages.QueryAsked(statement, within), messages.QueryGiven, stop)
        return WholeAnswer(given.columns, given.rows)

    def containers(self) -> list[ContainerInfo]:
        """Every container."""
        return self._ask("containers", messages.ContainersAsked(), messages.ContainersGiven).containers

    def delete(self, container: Container) -> int:
        """Removes a container; how many spans it had."""
        return self._ask("delete", messages.DeleteAsked(container), messages.DeleteGiven).spans

    def _traces(self, asked: messages.TracesAsked) -> messages.TracesGiven:
        return self._ask("traces", asked, messages.TracesGiven)

    def _ask(self, what: str, asked: object, given: type[Given], stop: Callable[[], int] | None = None) -> Given:
        headers = {"content-type": messages.MEDIA_TYPE}
        request = Request("POST", f"/bt/{what}", messages.packed(asked), headers, stop=stop or self._api.stop)
        answer = self._api.ask(request, _decoder(given))
        if isinstance(answer, Refused):
            raise self._api.refusal(answer)
        value = answer[0]
        if isinstance(value, messages.Fault):
            raise _ERRORS[value.kind](value)
        return value


class WholeAnswer:
    """An answer that is here already; see `bt_cli.stores.base.Answer`."""

    def __init__(self, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
        self.columns = columns
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def close(self) -> None:
        """Nothing is held."""


def read_page(page: Page) -> list[list[Row]]:
    """The traces of a page."""
    return [trace for part in page.parts for trace in _rows.decode(part)]


def _decoder(given: type[Given]) -> Callable[[Reply], Given | messages.Fault]:
    """An answer is what was asked for, or the fault of the store."""

    def decode(reply: Reply) -> Given | messages.Fault:
        if reply.headers.get("x-bt-fault"):
            return msgspec.msgpack.decode(reply.body, type=messages.Fault)
        return msgspec.msgpack.decode(reply.body, type=given)

    return decode


def _query_error(fault: messages.Fault) -> QueryError:
    error = QueryError(fault.message, hint=fault.hint, code=fault.code, name=fault.name)
    error.line, error.byte, error.excerpt = fault.line, fault.byte, fault.excerpt
    return error


_ERRORS: dict[str, Callable[[messages.Fault], UsageError]] = {
    "usage": lambda fault: UsageError(fault.message, hint=fault.hint, code=fault.code),
    "not_found": lambda fault: NotFoundError(fault.message, hint=fault.hint, code=fault.code),
    "query": _query_error,
}
