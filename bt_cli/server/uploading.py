"""Raw bytes of a request into a file, a piece at a time, so that their number is no matter of memory."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bt_cli.blobs.incoming import Incoming

_PIECE = 1 << 20
"""Bytes that are written at once; each writing is a visit to another thread."""


async def receive(request: Request, incoming: Incoming, most: int) -> None:
    """Writes the body of a request.

    Raises HTTPException with status 413, and reads on no more, where it is longer than ``most`` bytes;
    ClientDisconnect where the client is gone before the end.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    piece = bytearray()
    async for chunk in request.stream():
        if incoming.size + len(piece) + len(chunk) > most:
            raise _too_large(most)
        piece += chunk
        if len(piece) >= _PIECE:
            await run_in_threadpool(incoming.write, bytes(piece))
            piece.clear()
    await run_in_threadpool(incoming.write, bytes(piece))


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the upload has more than {most} bytes")
