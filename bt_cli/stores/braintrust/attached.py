"""Attachments read back: asked for by their key, then read at a signed address by pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Literal, NamedTuple
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from bt_cli.errors import NotFoundError
from bt_cli.http import Reply, Request
from bt_cli.spans.attachments import Reference
from bt_cli.stores.base import Attached
from bt_cli.stores.braintrust.api import Refused
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.uploading import address_of, client_at

_PIECE = 8 << 20
_MOST_BYTES = 256 << 20
"""Of an answer by a server that does not give a part where one is asked for."""
_NO_SUCH = (400, 404)
_NO_SUCH_PART = 416
_TOTAL = re.compile(r"bytes .*/(\d+)")


class _Status(Struct):
    upload_status: Literal["uploading", "done", "error"] = "uploading"
    error_message: str | None = None


class _Told(Struct):
    status: _Status
    download_url: str | None = msgspec.field(default=None, name="downloadUrl")


_answers = msgspec.json.Decoder(_Told)


class _Part(NamedTuple):
    content: bytes
    total: int
    """Bytes of the whole."""


def attached(deployment: Deployment, reference: Reference) -> Attached | None:
    """How far an attachment is and where it can be read, for a while; None for an unknown key."""
    told = _told(deployment, reference)
    if told is None:
        return None
    size = None
    if told.download_url and told.status.upload_status == "done":
        size = _part(deployment, told.download_url, 0, 1).total
    return Attached(told.status.upload_status, told.status.error_message, size, told.download_url)


def content_of(deployment: Deployment, reference: Reference) -> Iterator[bytes]:
    """The content of an attachment by pieces. Raises NotFoundError, what a refusal means, NetworkError."""
    told = _told(deployment, reference)
    if told is None or told.download_url is None or told.status.upload_status != "done":
        raise NotFoundError(f"{deployment.api.http.host} has no content of the attachment {reference.key}")
    begin, total = 0, 1
    while begin < total:
        content, total = _part(deployment, told.download_url, begin, _PIECE)
        begin += len(content)
        yield content
        if not content:
            return


def _told(deployment: Deployment, reference: Reference) -> _Told | None:
    about = {"key": reference.key, "filename": reference.filename, "content_type": reference.content_type}
    query = urlencode({**about, "org_id": deployment.org_id})
    answer = deployment.api.ask(Request("GET", f"/attachment?{query}"), lambda reply: _answers.decode(reply.body))
    if isinstance(answer, Refused):
        if answer.status in _NO_SUCH:
            return None
        raise deployment.api.refusal(answer)
    return answer[0]


def _part(deployment: Deployment, url: str, begin: int, size: int) -> _Part:
    """A part of what is at a signed address, which needs no key and must not see ours; or all of it from there on."""
    address = address_of(deployment.api, url)
    with closing(client_at(address, most_bytes=_MOST_BYTES)) as http:
        there = deployment.api.elsewhere(http)
        headers = {"range": f"bytes={begin}-{begin + size - 1}", "accept-encoding": "identity"}
        answer = there.ask(Request("GET", address.raw_path.decode("ascii"), headers=headers), lambda reply: reply)
    if not isinstance(answer, Refused):
        return _part_of(answer[0], begin)
    if answer.status == _NO_SUCH_PART:  # of what is empty there is none
        return _Part(b"", 0)
    raise there.refusal(answer)


def _part_of(reply: Reply, begin: int) -> _Part:
    total = _TOTAL.fullmatch(reply.headers.get("content-range", ""))
    if total is not None:
        return _Part(reply.body, int(total[1]))
    return _Part(reply.body[begin:], len(reply.body))
