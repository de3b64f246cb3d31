"""Bodies that are too long for ``/logs3``: laid down elsewhere first, then named by their key."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from urllib.parse import urlsplit

import msgspec
import orjson
from msgspec import Struct

from bt_cli.http import Reply, Request
from bt_cli.spans import text
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.parcels import Parcel
from bt_cli.stores.braintrust.uploading import upload
from bt_cli.stores.braintrust.wire import HEAD, TAIL, Form

_AZURE = "blob.core.windows.net"


class _Target(Struct, rename="camel"):
    """Where to lay it down, as the server says."""

    key: str
    signed_url: str
    method: str = "PUT"
    headers: dict[str, str] | None = None
    fields: dict[str, str] | None = None


_targets = msgspec.json.Decoder(_Target)


def overflow(deployment: Deployment, parcel: Parcel, form: Form) -> bytes:
    """Lays a parcel down, and returns the body for ``/logs3`` that names it.

    Raises what a refusal means, NetworkError.
    """
    body = b"".join((HEAD, b",".join([piece.body for piece in parcel.pieces]), TAIL))
    request = Request("POST", "/logs3/overflow", _announcement(parcel, form, len(body)))
    target = deployment.api.get(request, _target)
    if target.method == "POST":
        content_type, form_body = _multipart(target.fields or {}, body)
        upload(deployment.api, Request("POST", target.signed_url, form_body, {"content-type": content_type}))
    else:
        upload(deployment.api, Request("PUT", target.signed_url, body, _put_headers(target)))
    named = {"rows": {"type": "logs3_overflow", "key": target.key, "size_bytes": len(body)}, "api_version": 2}
    return orjson.dumps(named)


def _announcement(parcel: Parcel, form: Form, size: int) -> bytes:
    place = text.decode(f"{{{form.place}}}")
    sizes = (len(piece.body) // len(piece.rows) for piece in parcel.pieces for _ in piece.rows)
    rows = [
        {"object_ids": place, "has_comment": False, "is_delete": False, "input_row": {"byte_size": one}}
        for one in sizes
    ]
    return orjson.dumps({"content_type": "application/json", "size_bytes": size, "rows": rows})


def _target(reply: Reply) -> _Target:
    target = _targets.decode(reply.body)
    if not target.key or not target.signed_url:
        raise ValueError("no key or address to upload to")
    return target


def _put_headers(target: _Target) -> Mapping[str, str]:
    headers = dict(target.headers or {"content-type": "application/json"})
    if (urlsplit(target.signed_url).hostname or "").endswith(_AZURE):
        headers.setdefault("x-ms-blob-type", "BlockBlob")
    return headers


def _multipart(fields: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
    """The fields, then the file, as a form; and its content type."""
    boundary = blake2b(body, digest_size=16).hexdigest()
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="logs3.json"\r\n'
        "Content-Type: application/json\r\n\r\n"
    )
    end = f"\r\n--{boundary}--\r\n"
    return f"multipart/form-data; boundary={boundary}", b"".join((*parts, head.encode(), body, end.encode()))
