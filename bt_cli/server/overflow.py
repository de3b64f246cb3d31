"""Bodies of ``/logs3`` that are longer than the server takes at once: announced, brought to a URL, named in ``/logs3``.

A body waits in a file and is not removed when it is read: a client that lost the answer names it again.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.gate import origin_of
from bt_cli.server.room import Place
from bt_cli.server.service import Service, service_of
from bt_cli.server.uploading import receive

_TIMES = 4
"""How many times the usual limit an overflow may have; it is held in memory while its rows are stored."""
_PATH = "/logs3/overflow/"


async def announce(request: Request) -> Response:
    """``POST /logs3/overflow`` ``{size_bytes, rows}`` → where to bring the body, and the key to name it by."""
    service = service_of(request)
    service.check_writable()
    body = await read_object(request)
    size = body.get("size_bytes")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise HTTPException(400, "size_bytes must be the number of bytes")
    most = service.options.most_bytes * _TIMES
    if size > most:
        raise HTTPException(413, f"an overflow has at most {most} bytes, this one has {size}")
    key = await run_in_threadpool(service.bodies.announce, size)
    url = origin_of(request) + _PATH + key
    return json_answer({"method": "PUT", "signedUrl": url, "headers": {"Content-Type": "application/json"}, "key": key})


async def bring(request: Request) -> Response:
    """``PUT`` of the URL: the body, of no more bytes than were announced."""
    service = service_of(request)
    service.check_writable()
    bodies, key = service.bodies, request.path_params["key"]
    most = await run_in_threadpool(bodies.announced, key)
    if most is None:
        raise HTTPException(404, "no such upload; it may have been too long ago")
    with bodies.receiving() as incoming:
        await receive(request, incoming, most)
        await run_in_threadpool(bodies.keep, key, incoming)
    return json_answer({})


async def take_overflow(service: Service, key: str, place: Place) -> bytes | None:
    """The body that was brought under a key; None where there is none. Raises HTTPException as `Place.take` does."""
    await place.take(await run_in_threadpool(service.bodies.size, key))
    return await run_in_threadpool(service.bodies.read, key)


ROUTES = [
    Route("/logs3/overflow", announce, methods=["POST"]),
    Route(_PATH + "{key}", bring, methods=["PUT"]),
]
