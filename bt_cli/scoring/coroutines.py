"""One event loop on a thread of its own, on which all ``async def`` scorers run."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns; may be called from many threads. Raises what it raises."""
    import asyncio

    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    import asyncio
    import threading

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="scorers", daemon=True).start()
    return loop
