"""Raw bytes of a request into a file, a piece at a time, so that their number is no matter of memory."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from bt_cli.blobs.incoming import Incoming

_PIECE = 1 << 20
"""Bytes that are written at once; each writing is a visit to another thread."""


async def receive(request: Request, incoming: Incoming, most: int) -> bool:
    """Writes the body of a request; False, and no byte more is read, where it is longer than ``most``.

    Raises ClientDisconnect where the client is gone before the end.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        return False
    piece = bytearray()
    async for chunk in request.stream():
        if incoming.size + len(piece) + len(chunk) > most:
            return False
        piece += chunk
        if len(piece) >= _PIECE:
            await run_in_threadpool(incoming.write, bytes(piece))
            piece.clear()
    await run_in_threadpool(incoming.write, bytes(piece))
    return True


def url_of(request: Request, path: str) -> str:
    """A path of this server as a URL that the client can reach: at the host that it asked."""
    return str(request.base_url).rstrip("/") + path
