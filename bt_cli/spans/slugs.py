"""Slugs: one word that names a span, or a container, anywhere; Braintrust's SDKs read and write the same.

Base64 of: the version, the object type, the number of ids that are packed, each of them as its number and its
bytes, and a JSON object of everything else. Version 3 packs UUIDs; version 4 the ids of OpenTelemetry, 8 bytes
of a span and 16 of a trace. Versions 1 and 2 have fixed places; nobody writes them any more.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

ObjectType = Literal["experiment", "project_logs", "playground_logs"]
_OBJECT_TYPES: dict[int, ObjectType] = {1: "experiment", 2: "project_logs", 3: "playground_logs"}
_OBJECT_NUMBERS = {name: number for number, name in _OBJECT_TYPES.items()}
_FIELDS = {1: "object_id", 2: "row_id", 3: "span_id", 4: "root_span_id"}
_NEWEST = 4
_NO_SLUG = (
    f"SpanComponents string is not properly encoded. This library only supports encoding versions up to {_NEWEST}."
    " Please make sure the SDK library used to decode the SpanComponents is at least as new as any library used to"
    " encode it."
)


class Slug(Struct, frozen=True):
    """What a slug says. Raises ValueError where it names no container, or only part of a span's ids."""

    object_type: ObjectType
    object_id: str | None = None
    compute_object_metadata_args: dict[str, Any] | None = None
    """Names a container whose id is not known: ``{"project_name": …}``. This or ``object_id``, never both."""
    row_id: str | None = None
    span_id: str | None = None
    root_span_id: str | None = None
    """These three, or none of them where the slug is a container's."""
    propagated_event: dict[str, Any] | None = None
    """Merged into the first row of every span below."""

    def __post_init__(self) -> None:
        if bool(self.object_id) == bool(self.compute_object_metadata_args):
            raise ValueError("a slug has either object_id or compute_object_metadata_args")
        ids = self.row_id, self.span_id, self.root_span_id
        if len({bool(one) for one in ids}) > 1:
            raise ValueError("a slug has all of row_id, span_id and root_span_id or none")
        texts = (self.object_id, *ids)
        objects = self.compute_object_metadata_args, self.propagated_event
        if not all(one is None or isinstance(one, str) for one in texts):
            raise ValueError("ids in a slug are text")
        if not all(one is None or isinstance(one, dict) for one in objects):
            raise ValueError("compute_object_metadata_args and propagated_event are objects")


def encode_slug(slug: Slug, version: Literal[3, 4] = 4) -> str:
    """The slug as text: version 4, or 3 for ids that are UUIDs.

    The same bytes as of Braintrust's SDKs, but that ids in a spelling which packing would lose (capitals,
    a UUID without dashes) are not packed.
    """
    pack = _uuid_bytes if version == 3 else _hex_bytes
    packed = bytearray()
    count = 0
    rest = {
        "compute_object_metadata_args": slug.compute_object_metadata_args,
        "propagated_event": slug.propagated_event,
    }
    for number, field in _FIELDS.items():
        value = getattr(slug, field)
        raw = pack(number, value) if value else None
        if raw is None:
            rest[field] = value
        else:
            count += 1
            packed += bytes([number]) + raw
    head = bytes([version, _OBJECT_NUMBERS[slug.object_type], count])
    said = {key: value for key, value in rest.items() if value}
    tail = json.dumps(said, separators=(",", ":"), default=str).encode() if said else b""
    return b64encode(head + packed + tail).decode()


def _uuid_bytes(number: int, value: str) -> bytes | None:
    """The 16 bytes of a UUID in its usual spelling; None for any other text."""
    try:
        found = bytes.fromhex(value.replace("-", ""))
    except ValueError:
        return None
    return found if len(found) == 16 and _uuid(found) == value else None


def _uuid(raw: bytes) -> str:
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_SIZES = {3: 8, 4: 16}
"""How many bytes version 4 packs; other fields it leaves in the JSON."""


def _hex_bytes(number: int, value: str) -> bytes | None:
    """The bytes of a span's or trace's id in lower-case hexadecimal; None for any other text."""
    try:
        found = bytes.fromhex(value)
    except ValueError:
        return None
    return found if len(found) == _SIZES.get(number) and found.hex() == value else None


def decode_slug(text: str) -> Slug:
    """What a slug of version 1 to 4 says; keys that are not known here are passed over. Raises ValueError."""
    try:
        raw = b64decode(text)
        said = _READERS[raw[0]](raw)
        return Slug(_OBJECT_TYPES[raw[1]], **{key: value or None for key, value in said.items() if key in _KNOWN})
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        raise ValueError(_NO_SLUG) from None


_KNOWN = frozenset(Slug.__struct_fields__) - {"object_type"}


class _Bytes:
    """Bytes that are taken from the front; what isn't there raises ValueError."""

    def __init__(self, raw: bytes, begin: int) -> None:
        self._raw = raw
        self._at = begin

    def take(self, size: int) -> bytes:
        found = self._raw[self._at : self._at + size]
        if len(found) < size:
            raise ValueError("it ends too early")
        self._at += size
        return found

    def uuid(self) -> str:
        return _uuid(self.take(16))

    def rest(self) -> bytes:
        return self._raw[self._at :]


def _read_packed(raw: bytes) -> dict[str, Any]:
    """Versions 3 and 4."""
    source = _Bytes(raw, 3)
    said: dict[str, Any] = {}
    for _ in range(raw[2]):
        number = source.take(1)[0]
        size = 8 if raw[0] == 4 and number == 3 else 16
        said[_FIELDS[number]] = source.uuid() if raw[0] == 3 else source.take(size).hex()
    rest = source.rest()
    return {**said, **json.loads(rest)} if rest else said


def _read_second(raw: bytes) -> dict[str, Any]:
    has_object, has_named, has_row, uuid_row = raw[2:6]
    source = _Bytes(raw, 6)
    said: dict[str, Any] = {"object_id": source.uuid() if has_object else None}
    if has_named:
        said["compute_object_metadata_args"] = json.loads(source.take(int.from_bytes(source.take(4), "big")))
    return {**said, **_row_ids(source, bool(uuid_row))} if has_row else said


def _read_first(raw: bytes) -> dict[str, Any]:
    has_row, uuid_row = raw[2:4]
    source = _Bytes(raw, 4)
    said = {"object_id": source.uuid()}
    return {**said, **_row_ids(source, bool(uuid_row))} if has_row else said


def _row_ids(source: _Bytes, uuid_row: bool) -> dict[str, str]:
    span_id, root_span_id = source.uuid(), source.uuid()
    row_id = source.uuid() if uuid_row else source.rest().decode()
    return {"row_id": row_id, "span_id": span_id, "root_span_id": root_span_id}


_READERS: dict[int, Callable[[bytes], dict[str, Any]]] = {
    1: _read_first,
    2: _read_second,
    3: _read_packed,
    4: _read_packed,
}
