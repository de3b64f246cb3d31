"""Queries that end when nobody waits for them any more: the client went away, or their time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from signal import SIGTERM
from time import monotonic
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bt_cli.errors import Interrupted
from bt_cli.server.service import service_of
from bt_cli.stores.serving import ServingStore

LONGEST = 120.0
"""Seconds that a query may take."""
_AT_ONCE = 3
"""Queries that run at a time: one fewer than there are readers, so that small requests find one free."""

Result = TypeVar("Result")


class Patience:
    """Says to a store whether to stop, as `Store.query` asks: 0, or the number of a signal."""

    def __init__(self, seconds: float = LONGEST) -> None:
        self.seconds = seconds
        self._until = monotonic() + seconds
        self.gone = False

    def __call__(self) -> int:
        """0, or the number of the signal to stop by."""
        return SIGTERM if self.gone or monotonic() > self._until else 0


async def heeded(
    request: Request, patience: Patience, action: Callable[[ServingStore, Callable[[], int]], Result]
) -> Result:
    """What ``action`` returns of the store; its second argument tells it to stop. Raises HTTPException: 408."""
    async with _turns(request):
        work = asyncio.ensure_future(service_of(request).read(lambda store: action(store, patience)))
        watch = asyncio.ensure_future(_until_gone(request))
        try:
            await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
        finally:  # also where the server ends
            patience.gone = not work.done()
            watch.cancel()
        try:
            return await work
        except Interrupted:
            raise HTTPException(408, f"the query took longer than {patience.seconds:g} s and was ended") from None


def _turns(request: Request) -> asyncio.Semaphore:
    """What queries wait for; one for all of the server."""
    state = request.app.state
    if not hasattr(state, "query_turns"):
        state.query_turns = asyncio.Semaphore(_AT_ONCE)
    turns: asyncio.Semaphore = state.query_turns
    return turns


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
