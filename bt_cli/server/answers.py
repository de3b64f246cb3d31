"""Bodies in, answers out: JSON read within limits, JSON answers, and refusals in Braintrust's shape."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from errno import EDQUOT, EFBIG, ENOSPC
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bt_cli.errors import BtError, InputError, NotFoundError, StoreLockedError, UsageError
from bt_cli.server.room import place_of
from bt_cli.server.service import service_of

PROBLEM = "problem"
"""Under which the state of a request has what the operator must know of it."""
MOST_LEVELS = 256
"""A body of JSON may be nested so deep; the limit of records, too."""

_CODES = {
    400: "BadRequestError",
    401: "UnauthorizedError",
    403: "ForbiddenError",
    404: "NotFoundError",
    405: "MethodNotAllowedError",
    408: "RequestTimeoutError",
    413: "PayloadTooLargeError",
    415: "UnsupportedMediaTypeError",
    501: "NotImplementedError",
    503: "ServiceUnavailableError",
    507: "InsufficientStorageError",
}
_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 1 << 20


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(orjson.dumps(value), status, headers, "application/json")


def refusal(status: int, code: str, message: str, path: str = "") -> Response:
    """A request that is not done, as Braintrust's data plane says it; its clients show ``Message``."""
    content = {"Code": code, "Message": message, "InternalTraceId": "", "Path": path, "Service": "api"}
    return json_answer(content, status)


async def read_body(request: Request) -> bytes:
    """The body, unpacked where it is gzip. Raises HTTPException: 413 for too many bytes, 400, 415, 503."""
    most = service_of(request).options.most_bytes
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    place = place_of(request)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        await place.take(len(part))
        parts.append(part)
    body = b"".join(parts)
    packing = request.headers.get("content-encoding", "identity").strip().lower()
    if packing == "identity":
        return body
    if packing not in ("gzip", "x-gzip"):
        raise HTTPException(415, f"bodies may be gzip, not {packing!r}")
    unpacked = await asyncio.to_thread(_unpacked, body, most)
    await place.take(len(unpacked))
    return unpacked


async def read_json(request: Request) -> Any:
    """The body as a decoded value. Raises HTTPException as `read_body` does, and 400 for what is not JSON."""
    return decoded(await read_body(request))


async def read_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty one. Raises HTTPException."""
    body = await read_body(request)
    value = decoded(body) if body.strip() else {}
    if not isinstance(value, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return value


def decoded(body: bytes) -> Any:
    """JSON, at most `MOST_LEVELS` deep; raises HTTPException with status 400 for anything else."""
    try:
        value = orjson.loads(body)
    except ValueError as error:
        raise HTTPException(400, f"the body is not valid JSON: {error}") from error
    if body.count(b"[") + body.count(b"{") > MOST_LEVELS and _is_deep(value):
        raise HTTPException(400, f"the body has more than {MOST_LEVELS} levels")
    return value


def answer_of_http(request: Request, error: Exception) -> Response:
    """What a client is told where a route, or the lack of one, refuses."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "InternalServerError")
    answer = refusal(error.status_code, code, error.detail, request.url.path)
    answer.headers.update(error.headers or {})
    return answer


def answer_of_error(request: Request, error: Exception) -> Response:
    """What a client is told of one of our errors."""
    assert isinstance(error, BtError)
    status = _status(request, error)
    if status >= 500:
        setattr(request.state, PROBLEM, error)
    told = f"{error.message} ({error.hint})" if error.hint and status == 400 else error.message
    return refusal(status, _CODES.get(status, "InternalServerError"), told, request.url.path)


def answer_of_disk(request: Request, error: Exception) -> Response:
    """What a client is told where a file cannot be read or written."""
    assert isinstance(error, OSError)
    setattr(request.state, PROBLEM, error)
    status = 507 if error.errno in (ENOSPC, EDQUOT, EFBIG) else 500
    code = _CODES.get(status, "InternalServerError")
    return refusal(status, code, f"the server's disk: {error.strerror or 'cannot be used'}", request.url.path)


def _status(request: Request, error: BtError) -> int:
    if isinstance(error, NotFoundError):
        return 404 if request.path_params else 400
    if isinstance(error, UsageError | InputError):
        return 400
    if isinstance(error, StoreLockedError):
        return 503
    return {"store_read_only": 403, "disk_full": 507}.get(error.code, 500)


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the body is larger than {most} bytes")


def _unpacked(body: bytes, most: int) -> bytes:
    """What a gzip body holds; a small one that holds too much is refused before it is unpacked."""
    parts: list[bytes] = []
    size = 0
    rest = body
    try:
        while rest:  # one member after another
            unpacker = zlib.decompressobj(_GZIP)
            while not unpacker.eof:
                part = unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
                size += len(part)
                if size > most:
                    raise _too_large(most)
                if not part and not rest and not unpacker.eof:
                    raise HTTPException(400, "the gzip body is cut short")
                parts.append(part)
            rest = unpacker.unused_data
    except zlib.error as error:
        raise HTTPException(400, f"the body is not valid gzip: {error}") from error
    return b"".join(parts)


def _is_deep(value: Any) -> bool:
    waiting = [(value, 1)]
    while waiting:
        one, level = waiting.pop()
        members = one.values() if isinstance(one, dict) else one if isinstance(one, list) else None
        if members is None:
            continue
        if level > MOST_LEVELS:
            return True
        waiting += [(member, level + 1) for member in members if isinstance(member, dict | list)]
    return False
