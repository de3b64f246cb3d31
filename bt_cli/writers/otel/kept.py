"""What a row keeps of the OpenTelemetry span that it came from: ``metadata.otel``, as the readers write it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from bt_cli.spans import text
from bt_cli.spans.otel import KEPT


class Kept(Struct, forbid_unknown_fields=True, gc=False):
    """See `bt_cli.readers.otel.translate`: what no field of a row holds, attributes as plain JSON."""

    attributes: dict[str, Any] = {}
    resource: dict[str, Any] = {}
    resource_more: dict[str, Any] = {}
    scope: dict[str, Any] = {}
    status: dict[str, Any] = {}
    events: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    kind: str | int = 0
    trace_state: str = ""
    flags: int = 0
    dropped: dict[str, int] = {}
    members: dict[str, Any] = {}
    start_time_unix_nano: str = ""
    end_time_unix_nano: str = ""


NOTHING = Kept()
_kept = msgspec.json.Decoder(Kept).decode
_MARK = f'"{KEPT}":'


def split_metadata(metadata: str | None) -> tuple[str | None, Kept]:
    """The metadata without what is kept of a span, and that; something of that name which is not ours stays in it."""
    if metadata is None or _MARK not in metadata or not text.is_object(metadata):
        return metadata, NOTHING
    members = text.members(metadata)
    held = members.pop(KEPT, None)
    if held is None:
        return metadata, NOTHING
    try:
        kept = _kept(held)
    except msgspec.DecodeError:
        return metadata, NOTHING
    return (text.join(members) if members else None), kept
