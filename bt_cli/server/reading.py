"""What our own client asks beside Braintrust's API: the questions of a store, answered with its rows as they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Raw
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.errors import NotFoundError, QueryError, UsageError
from bt_cli.server.answers import read_body
from bt_cli.server.service import service_of
from bt_cli.server.waiting import Patience, heeded
from bt_cli.spans.row import Row
from bt_cli.stores.base import NewestFirst, ReadStats
from bt_cli.stores.braintrust import messages
from bt_cli.stores.serving import ServingStore, TraceKey

_MOST_CELLS = 2_000_000
"""A longer answer to a query is refused: it is given as a whole."""

_MOST_BYTES = 64 << 20
"""Of the text in it; likewise."""
_QUERY_SECONDS = 50.0
_queries = msgspec.msgpack.Decoder(messages.QueryAsked)

Asked = TypeVar("Asked")


def traces(store: ServingStore, asked: messages.TracesAsked) -> messages.TracesGiven:
    """A page of traces."""
    stats = ReadStats()
    newest = NewestFirst(*(asked.after or ())) if asked.newest else None
    pages = store.pages(asked.container, asked.wanted, stats, newest, None if asked.newest else asked.after)
    parts: list[Raw] = []
    spans = size = 0
    end: TraceKey | None = None
    for page in pages:
        if size >= asked.bytes:
            break
        parts.append(Raw(messages.packed(store.read_page(page, asked.fields))))
        spans += page.spans
        size += len(parts[-1])
        end = store.end_of(page) or end
    else:
        end = None
    return messages.TracesGiven(parts, spans, end, stats.timeless if asked.after is None else 0)


def holding(store: ServingStore, asked: messages.HoldingAsked) -> messages.TracesGiven:
    """The traces that hold some rows."""
    found = list(store.read_holding(asked.container, asked.ids, asked.fields))
    return messages.TracesGiven([Raw(messages.packed(found))], _spans(found), None, 0)


def find(store: ServingStore, asked: messages.FindAsked) -> messages.FindGiven:
    """What an id means."""
    return messages.FindGiven(store.find(asked.wanted, asked.kind, asked.container))


def arrivals(store: ServingStore, asked: messages.ArrivalsAsked) -> messages.ArrivalsGiven:
    """Traces that came into being."""
    return messages.ArrivalsGiven(store.arrivals(asked.container, asked.wanted, asked.after))


def query(store: ServingStore, asked: messages.QueryAsked, stop: Callable[[], int]) -> messages.QueryGiven:
    """The answer to a query. Raises QueryError, UsageError for an answer that is too long, Interrupted."""
    answer = store.query(asked.statement, asked.within, stop)
    try:
        columns = list(answer.columns)
        most = _MOST_CELLS // max(1, len(columns))
        rows: list[tuple[Any, ...]] = []
        size = 0
        for row in answer:
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
            if len(rows) == most or size > _MOST_BYTES:
                told = f"{most:,} rows" if len(rows) == most else f"{_MOST_BYTES >> 20} MiB"
                hint = "add a LIMIT, or group the rows"
                raise UsageError(f"the answer has more than {told}", hint=hint, code="answer_too_long")
            rows.append(row)
    finally:
        answer.close()
    return messages.QueryGiven(columns, rows)


async def ask_query(request: Request) -> Response:
    """An answer takes no longer than a client waits for it, and ends with the client."""
    try:
        asked = _queries.decode(await read_body(request))
    except msgspec.DecodeError as error:
        raise HTTPException(400, f"not a question of this version: {error}") from error
    try:
        patience = Patience(_QUERY_SECONDS)
        return _given(await heeded(request, patience, lambda store, stop: query(store, asked, stop)))
    except UsageError as error:
        return _given(_fault(error))
    except HTTPException as error:
        hint = "ask the store file itself, or for less"
        return _given(_fault(UsageError(error.detail, hint=hint, code="query_too_long")))


def containers(store: ServingStore, asked: messages.ContainersAsked) -> messages.ContainersGiven:
    """All containers."""
    return messages.ContainersGiven(store.containers())


def delete(store: ServingStore, asked: messages.DeleteAsked) -> messages.DeleteGiven:
    """Removes a container."""
    return messages.DeleteGiven(store.delete(asked.container))


def _spans(found: Iterable[list[Row]]) -> int:
    return sum(len(rows) for rows in found)


def _route(
    name: str, kind: type[Asked], action: Callable[[ServingStore, Asked], object], writes: bool = False
) -> Route:
    decoder = msgspec.msgpack.Decoder(kind)

    async def handle(request: Request) -> Response:
        try:
            asked = decoder.decode(await read_body(request))
        except msgspec.DecodeError as error:
            raise HTTPException(400, f"not a question of this version: {error}") from error
        service = service_of(request)
        run: Callable[..., Awaitable[object]] = service.write if writes else service.read
        try:
            return _given(await run(lambda store: action(store, asked)))
        except UsageError as error:
            return _given(_fault(error))

    return Route(f"/bt/{name}", handle, methods=["POST"])


def _given(answer: object) -> Response:
    headers = {"x-bt-fault": "1"} if isinstance(answer, messages.Fault) else None
    return Response(messages.packed(answer), media_type=messages.MEDIA_TYPE, headers=headers)


def _fault(error: UsageError) -> messages.Fault:
    told = error.message, error.hint, error.code
    if isinstance(error, QueryError):
        return messages.Fault("query", *told, error.name, error.line, error.byte, error.excerpt)
    return messages.Fault("not_found" if isinstance(error, NotFoundError) else "usage", *told)


ROUTES = [
    _route("traces", messages.TracesAsked, traces),
    _route("holding", messages.HoldingAsked, holding),
    _route("find", messages.FindAsked, find),
    _route("arrivals", messages.ArrivalsAsked, arrivals),
    Route("/bt/query", ask_query, methods=["POST"]),
    _route("containers", messages.ContainersAsked, containers),
    _route("delete", messages.DeleteAsked, delete, writes=True),
]
