"""Records inside others: envelopes of rows, and the lines of a rejects file."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from bt_cli.readers.base import Reject

_ENVELOPES = ("rows", "events", "data")
_COMPANIONS = ("api_version", "cursor", "schema", "realtime_state", "freshness_state")
_REJECT = "_bt_reject"

_BEGINNINGS = tuple(f'{{"{name}"'.encode() for name in (*_ENVELOPES, *_COMPANIONS, _REJECT))
"""How a record begins that may hold others; only these are looked into."""

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_items = msgspec.json.Decoder(list[Raw]).decode
_text = msgspec.json.Decoder(str).decode


class _About(Struct):
    """Why a line was rejected."""

    code: str
    message: str


_about = msgspec.json.Decoder(_About).decode


def may_wrap(record: bytes) -> bool:
    """Whether `unwrap` has to look into a record, which begins with ``{``."""
    if record[1:2] == b'"':
        return record.startswith(_BEGINNINGS)
    return (b"{" + record[1:64].lstrip()).startswith(_BEGINNINGS)


def unwrap(record: bytes) -> list[bytes] | bytes | Reject | None:
    """The rows of an envelope, or the raw input that a line of a rejects file holds; None for a plain record.

    A line whose input was too long to be kept is a reject again.
    """
    members = _members(record)
    if _REJECT in members:
        return _rejected(members, record)
    if members.keys() <= {*_ENVELOPES, *_COMPANIONS}:
        for name in _ENVELOPES:
            value = bytes(members.get(name, b""))
            if value[:1] == b"[":
                return [bytes(item) for item in _items(value)]
    return None


def _rejected(members: dict[str, Raw], record: bytes) -> bytes | Reject:
    try:
        if "raw" in members:
            return _text(members["raw"]).encode()
        if "raw_b64" in members:
            import base64

            return base64.b64decode(_text(members["raw_b64"]), validate=True)
        about = _about(members[_REJECT])
    except (msgspec.DecodeError, ValueError):
        return Reject("bad_reject", "this line of a rejects file cannot be read", 0, 0, raw=record)
    return Reject(about.code, about.message, 0, 0)
