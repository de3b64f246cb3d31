"""Records inside others: envelopes of rows, OpenTelemetry's requests, and the lines of a rejects file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from bt_cli.readers.base import Reject, Skip
from bt_cli.readers.otel.requests import BEGINNINGS as _REQUESTS
from bt_cli.readers.otel.requests import cut_request, cut_trace

_ENVELOPES = ("rows", "events", "data")
_COMPANIONS = ("api_version", "cursor", "schema", "realtime_state", "freshness_state")
_JAEGERS = ("total", "limit", "offset", "errors")
_DUMP = ("session_id", "span_count", "spans")
_REJECT = "_bt_reject"

_NAMES = (*_ENVELOPES, *_COMPANIONS, *_JAEGERS, *_DUMP, "traceID", *_REQUESTS, _REJECT)
_BEGINNINGS = tuple(f'{{"{name}"'.encode() for name in _NAMES)
"""How a record begins that may hold others; only these are looked into."""

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_items = msgspec.json.Decoder(list[Raw]).decode
_text = msgspec.json.Decoder(str).decode


class _About(Struct):
    """Why a line was rejected."""

    code: str
    message: str


_about = msgspec.json.Decoder(_About).decode


class Held(NamedTuple):
    """A record that another holds: its JSON, and its form where it is no tree or row."""

    json: bytes
    form: str = ""


def may_wrap(record: bytes) -> bool:
    """Whether `unwrap` has to look into a record, which begins with ``{``."""
    if record[1:2] == b'"':
        return record.startswith(_BEGINNINGS)
    return (b"{" + record[1:64].lstrip()).startswith(_BEGINNINGS)


def unwrap(record: bytes) -> Iterable[Held | Skip] | bytes | Reject | None:
    """The records that an envelope or a request holds; None for a plain record.

    Of a line of a rejects file its raw input, or a reject again where that was too long to be kept.
    """
    members = _members(record)
    if _REJECT in members:
        return _rejected(members, record)
    try:
        request = cut_request(members)
        if request is not None:
            return (one if isinstance(one, Skip) else Held(one, "otlp-json") for one in request)
        if "traceID" in members and "spans" in members:
            return (Held(one, "jaeger") for one in cut_trace(members))
    except msgspec.DecodeError as error:
        return Reject("bad_request", f"not built as a request is: {error}", 0, 0, raw=record)
    return _enveloped(members)


def _enveloped(members: dict[str, Raw]) -> Iterable[Held | Skip] | None:
    if members.keys() <= {*_ENVELOPES, *_COMPANIONS, *_JAEGERS}:
        for name in _ENVELOPES:
            value = bytes(members.get(name, b""))
            if value[:1] == b"[":
                return _each(_items(value))
    if "spans" in members and members.keys() <= set(_DUMP):
        spans = bytes(members["spans"])
        if spans[:1] == b"[" and b'"trace_id"' in spans:
            return [Held(bytes(one)) for one in _items(spans)]
    return None


def _each(items: list[Raw]) -> Iterator[Held | Skip]:
    """The items of an envelope; those that are Jaeger's traces span by span."""
    for item in items:
        record = bytes(item)
        inner = unwrap(record) if record.startswith(b'{"traceID"') else None
        if inner is None or isinstance(inner, bytes | Reject):
            yield Held(record)
        else:
            yield from inner


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
