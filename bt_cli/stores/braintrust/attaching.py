"""Attachments: bytes laid down beside the rows under a key that follows from them (wire protocol section 10)."""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b

import msgspec
import orjson
from msgspec import Struct

from bt_cli.errors import BtError
from bt_cli.http import Reply, Request
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.uploading import upload


class _Target(Struct, rename="camel"):
    signed_url: str
    headers: dict[str, str] = {}


_targets = msgspec.json.Decoder(_Target)


def attach(deployment: Deployment, content: bytes, filename: str, content_type: str, key: str | None = None) -> str:
    """Lays down an attachment; its key, without one given the same for the same bytes.

    Raises what a refusal means, NetworkError.
    """
    api = deployment.api
    key = key or key_of(content)
    about = {"key": key, "filename": filename, "content_type": content_type, "org_id": deployment.org_id}
    target = api.get(Request("POST", "/attachment", orjson.dumps(about)), _target)
    try:
        upload(api, Request("PUT", target.signed_url, content, target.headers))
    except BtError as error:
        with suppress(BtError):
            _tell(deployment, key, {"upload_status": "error", "error_message": error.message})
        raise
    _tell(deployment, key, {"upload_status": "done"})
    return key


def key_of(content: bytes) -> str:
    """The key of some bytes, a UUID: importing twice names the same attachment."""
    digest = blake2b(content, digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"


def _tell(deployment: Deployment, key: str, status: dict[str, str]) -> None:
    body = {"key": key, "org_id": deployment.org_id, "status": status}
    deployment.api.get(Request("POST", "/attachment/status", orjson.dumps(body)), lambda reply: None)


def _target(reply: Reply) -> _Target:
    return _targets.decode(reply.body)
