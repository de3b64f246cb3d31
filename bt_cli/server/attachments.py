"""Attachments as Braintrust has them: announced, brought to a signed URL, said to be done, and read by another one.

A signed URL needs no key; it holds a secret that only its receiver knows. What clients bring is given
back as a download alone, never as a page of this server.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bt_cli.blobs.index import Attachment, Status
from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.gate import origin_of
from bt_cli.server.service import service_of
from bt_cli.server.uploading import receive

MOST_BYTES = 5 << 30
"""What one upload may have at most; the limit of S3 for a single PUT, which Braintrust's signed URLs have too."""
_LONGEST = 1024
"""Characters that a key, a file name or a content type may have."""
_STATUSES: tuple[Status, ...] = ("uploading", "done", "error")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;\s*[\w.+-]+=(?:[\w.:+-]+|\"[\w.:+ -]*\"))*", re.ASCII)
_UNKNOWN = "application/octet-stream"
_PATH = "/attachment/blob/"


async def announce(request: Request) -> Response:
    """``POST /attachment`` ``{key, filename, content_type, org_id}`` → where to bring the bytes."""
    body = await read_object(request)
    key = _text(body, "key")
    if not key:
        raise HTTPException(400, f"key must be a text of 1 to {_LONGEST} characters")
    service = service_of(request)
    service.check_writable()
    content_type = _content_type(_text(body, "content_type"))
    about = (_text(body, "filename") or "attachment", content_type, _text(body, "org_id"))
    found = await run_in_threadpool(service.blobs.announce, key, *about)
    return json_answer(
        {"signedUrl": origin_of(request) + _PATH + found.upload, "headers": {"Content-Type": content_type}}
    )


async def bring(request: Request) -> Response:
    """``PUT`` of the signed URL: raw bytes, which are on the disk when this answers."""
    service = service_of(request)
    service.check_writable()
    blobs = service.blobs
    known = await run_in_threadpool(blobs.find, "upload", request.path_params["secret"])
    if known is None:
        raise _unknown()
    with blobs.receiving() as incoming:
        await receive(request, incoming, MOST_BYTES)
        await run_in_threadpool(blobs.keep, known.key, incoming)
    return json_answer({})


async def note(request: Request) -> Response:
    """``POST /attachment/status`` ``{key, status: {upload_status, error_message}}``."""
    body = await read_object(request)
    said = body["status"] if isinstance(body.get("status"), dict) else {}
    status = said.get("upload_status")
    if status not in _STATUSES:
        raise HTTPException(400, f"upload_status must be one of {', '.join(_STATUSES)}")
    service = service_of(request)
    service.check_writable()
    found = await run_in_threadpool(service.blobs.note, _text(body, "key"), status, _text(said, "error_message"))
    if found is None:
        raise _unknown()
    if status == "done" and found.sha256 is None:
        raise HTTPException(400, "the content of this attachment has not been uploaded")
    return json_answer({"status": _status(found)})


async def find(request: Request) -> Response:
    """``GET /attachment?key=…`` → where to read the bytes; ``?url=…`` names a file elsewhere, which is not fetched."""
    elsewhere = request.query_params.get("url", "")
    if elsewhere.startswith(("https://", "http://")):
        return json_answer({"downloadUrl": elsewhere, "status": {"upload_status": "done"}})
    if elsewhere:
        raise HTTPException(400, "only attachments at https:// and http:// can be read")
    found = await run_in_threadpool(service_of(request).blobs.find, "key", request.query_params.get("key", ""))
    if found is None:
        raise _unknown()
    url = {"downloadUrl": origin_of(request) + _PATH + found.download} if found.sha256 else {}
    return json_answer({**url, "status": _status(found)})


async def read(request: Request) -> Response:
    """``GET`` of the other signed URL: the bytes, whole or a range of them."""
    blobs = service_of(request).blobs
    found = await run_in_threadpool(blobs.find, "download", request.path_params["secret"])
    if found is None or found.sha256 is None:
        raise _unknown()
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private",
    }
    return FileResponse(
        blobs.path(found.sha256), media_type=found.content_type, filename=found.filename, headers=headers
    )


def _text(body: dict[str, Any], name: str) -> str:
    """A member of a request that is a text of fitting length; empty where there is none."""
    value = body.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""


def _content_type(named: str) -> str:
    """What a client calls a content, where that can be written into a header."""
    return named if _TYPE.fullmatch(named) else _UNKNOWN


def _status(found: Attachment) -> dict[str, str]:
    reason = {"error_message": found.error} if found.error else {}
    return {"upload_status": found.status, **reason}


def _unknown() -> HTTPException:
    return HTTPException(404, "no such attachment")


ROUTES = [
    Route("/attachment", announce, methods=["POST"]),
    Route("/attachment", find, methods=["GET"]),
    Route("/attachment/status", note, methods=["POST"]),
    Route(_PATH + "{secret}", bring, methods=["PUT"]),
    Route(_PATH + "{secret}", read, methods=["GET"]),
]
