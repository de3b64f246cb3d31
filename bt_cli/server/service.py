"""What the routes of a server share: the store behind its threads, the attachments, and what the server is told.

SQLite is asked by threads: one that writes, so that transactions follow each other in the order in
which requests were read, and a few that read, each with a connection of its own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from threading import local
from typing import TypeVar

from msgspec import Struct
from starlette.requests import Request

from bt_cli.blobs.blobs import Blobs
from bt_cli.blobs.bodies import Bodies
from bt_cli.errors import StoreError
from bt_cli.server.threads import Threads
from bt_cli.spans.container import Container, container_id
from bt_cli.stores.serving import ServingStore

_READERS = 4
ORGANISATION = container_id(Container("", None))
"""The id of the only organisation."""

Result = TypeVar("Result")


class ServerOptions(Struct, frozen=True):
    """What ``bt serve`` was asked to do."""

    version: str = ""
    """Of the program."""
    host: str = "127.0.0.1"
    """Where it listens, as it was named."""
    org: str = "bt"
    """The name of the only organisation."""
    token: str | None = None
    """The key that clients have to show; None accepts any."""
    read_only: bool = False
    most_bytes: int = 64 << 20
    """A longer body is refused with 413."""
    rejects: str | None = None
    """The file that rows which can't be stored are kept in."""
    store: str | None = None
    """What commands must be given as ``--store`` to see what is served; None for the default store."""


class Service:
    """One store being served. `read` and `write` run a function of the store in the right thread."""

    def __init__(self, opened: Callable[[str], ServingStore], blobs: Blobs, options: ServerOptions) -> None:
        """``opened`` opens the store anew, in mode ``write`` or ``read``.

        It is opened once at once, so that a store that does not work shows here, and readers find one.
        """
        self.options = options
        self.blobs = blobs
        self.bodies = Bodies(os.path.join(blobs.folder, "overflow"))
        self.bodies.forget_old()
        self._opened = opened
        self._own = local()
        self._stores: list[ServingStore] = []
        self._writer = Threads(1, "write")
        self._readers = Threads(_READERS, "read")
        first, mode = (self._readers, "read") if options.read_only else (self._writer, "write")
        try:
            url = first.submit(partial(self._run, lambda store: store.url, mode)).result()
        except BaseException:
            self.close()
            raise
        if url is None:  # nobody else can open this one: its thread does everything
            self._readers.close()
            self._readers = first

    async def read(self, action: Callable[[ServingStore], Result]) -> Result:
        """What ``action`` returns; it may only read. All that was written before is seen."""
        return await asyncio.wrap_future(self._readers.submit(partial(self._run, action, "read")))

    async def write(self, action: Callable[[ServingStore], Result]) -> Result:
        """What ``action`` returns; writes run one after another."""
        self.check_writable()
        return await asyncio.wrap_future(self._writer.submit(partial(self._run, action, "write")))

    def check_writable(self) -> None:
        """Raises StoreError where nothing may be written."""
        if self.options.read_only:
            raise StoreError("the server is read-only", code="store_read_only")

    def _run(self, action: Callable[[ServingStore], Result], mode: str) -> Result:
        store: ServingStore | None = getattr(self._own, "store", None)
        if store is None:
            self._own.store = store = self._opened(mode)
            self._stores.append(store)
        return action(store)

    def close(self) -> None:
        """Waits for what is being done, then closes the store and the attachments."""
        self._writer.close()
        self._readers.close()
        while self._stores:
            self._stores.pop().close()
        self.blobs.close()


def service_of(request: Request) -> Service:
    """The service that a request is made to."""
    service: Service = request.app.state.service
    return service
