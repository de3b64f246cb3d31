"""Records inside others: envelopes of rows, and the lines of a rejects file."""

from __future__ import annotations

import base64
import binascii

import msgspec
from msgspec import Raw

_ENVELOPES = ("rows", "events", "data")
_COMPANIONS = ("api_version", "cursor", "schema", "realtime_state", "freshness_state")
_REJECT = "_bt_reject"

WRAPPED = tuple(f'{{"{name}"'.encode() for name in (*_ENVELOPES, *_COMPANIONS, _REJECT))
"""How a record begins that may hold others; only these are looked into."""

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_items = msgspec.json.Decoder(list[Raw]).decode
_text = msgspec.json.Decoder(str).decode


def unwrap(record: bytes) -> list[bytes] | bytes | None:
    """The rows of an envelope, or the raw input that a line of a rejects file holds; None for a plain record."""
    members = _members(record)
    if _REJECT in members:
        return _rejected(members)
    if members.keys() <= {*_ENVELOPES, *_COMPANIONS}:
        for name in _ENVELOPES:
            value = bytes(members.get(name, b""))
            if value[:1] == b"[":
                return [bytes(item) for item in _items(value)]
    return None


def _rejected(members: dict[str, Raw]) -> bytes | None:
    try:
        if "raw" in members:
            return _text(members["raw"]).encode()
        if "raw_b64" in members:
            return base64.b64decode(_text(members["raw_b64"]), validate=True)
    except (msgspec.DecodeError, binascii.Error):
        pass
    return None
