"""A server without a process: its routes, called as a client would, over a real store in a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bt_cli.blobs.blobs import Blobs
from bt_cli.server.access import Access
from bt_cli.server.app import make_app
from bt_cli.server.service import ServerOptions, Service
from bt_cli.spans.node import deepen_stack
from bt_cli.stores.sqlite.serving import ServingSqliteStore

HERE = "http://127.0.0.1:8765"


class InProcess(httpx.BaseTransport):
    """Hands requests of a client to an application, in a loop of its own."""

    def __init__(self, app: Starlette) -> None:
        self._inner = httpx.ASGITransport(app)
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._loop.run_until_complete(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(request.method, request.url, headers=request.headers, content=_parts(request))
        answer = await self._inner.handle_async_request(sent)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    def close(self) -> None:
        self._loop.close()


async def _parts(request: httpx.Request) -> AsyncIterator[bytes]:
    """The parts of a body as they were given."""
    assert isinstance(request.stream, httpx.SyncByteStream)
    for part in request.stream:
        yield part


def calling(app: Starlette) -> httpx.Client:
    """A client of an application."""
    deepen_stack()  # as the program does when it begins
    return httpx.Client(transport=InProcess(app), base_url=HERE)


@contextmanager
def client_of(
    store: Path | str, options: ServerOptions | None = None, tell: Callable[[Access], None] = lambda access: None
) -> Iterator[httpx.Client]:
    """A client of a server over the store at a path (``:memory:`` for one that ends with it)."""
    service = Service(
        lambda mode: ServingSqliteStore(str(store), mode == "read"), Blobs(f"{store}.blobs"), options or ServerOptions()
    )
    try:
        with calling(make_app(service, tell)) as client:
            yield client
    finally:
        service.close()
