"""OpenTelemetry's side of a span: ids, nanoseconds and attribute values, and where a row keeps what has no field.

Shared by the readers that turn OpenTelemetry's spans into rows and the writers that turn rows back.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from hashlib import sha256
from typing import Any

from bt_cli.spans.problem import Rejected

KEPT = "otel"
"""The one key of ``metadata`` under which a row keeps what Braintrust's fields have no place for."""

COPIES = "bt.copies"
"""Names of a span's attributes that repeat its row's fields for other backends; left out when it is read."""

COPY = "bt.copy"
"""Marks an event that repeats a row's error."""

PARENT_LINK = "braintrust.link.type"
"""Marks, with the value ``parent``, links to a span's parents beyond the first, which OpenTelemetry does not have."""

MAX_VALUE_DEPTH = 64
"""Lists and maps within each other in one attribute."""

_TRACE_HEX, _SPAN_HEX = re.compile(r"[0-9a-fA-F]{32}"), re.compile(r"[0-9a-fA-F]{16}")
_OWN_TRACE, _OWN_SPAN = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")
_INT64 = 1 << 63


def is_trace_id(text: str) -> bool:
    """Whether text is a trace id as OpenTelemetry writes it: 32 hexadecimal digits in lower case."""
    return _OWN_TRACE.fullmatch(text) is not None


def is_span_id(text: str) -> bool:
    """Whether text is a span id as OpenTelemetry writes it: 16 hexadecimal digits in lower case."""
    return _OWN_SPAN.fullmatch(text) is not None


def read_id(written: str, size: int) -> tuple[str, bool]:
    """An id of ``size`` bytes as lower-case hexadecimal digits, and whether it was one.

    Hexadecimal of any case and base64 (which JSON made of protobuf as it comes has) are understood. Another
    text stays as it is, since made-up ids occur; nothing but zeros means none and is empty.
    """
    pattern = _TRACE_HEX if size == 16 else _SPAN_HEX
    if pattern.fullmatch(written):
        return ("" if not written.strip("0") else written.lower()), True
    if not written:
        return "", True
    try:
        decoded = base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
    except (binascii.Error, ValueError):
        return written, False
    if len(decoded) != size:
        return written, False
    return (decoded.hex() if any(decoded) else ""), True


def trace_id_of(root_span_id: str) -> str:
    """The OpenTelemetry trace id of a trace: its own, or that of its UUID, else derived from it."""
    if is_trace_id(root_span_id):
        return root_span_id
    plain = root_span_id.replace("-", "")
    if len(root_span_id) == 36 and is_trace_id(plain):
        return plain
    return sha256(root_span_id.encode()).hexdigest()[:32]


def span_id_of(root_span_id: str, span_id: str) -> str:
    """The OpenTelemetry span id of a span: its own, else derived from it and its trace."""
    if is_span_id(span_id):
        return span_id
    return sha256(f"{root_span_id}/{span_id}".encode()).hexdigest()[:16]


def nanoseconds(seconds: float) -> int:
    """Epoch nanoseconds of epoch seconds, which hold no more than microseconds at today's dates."""
    return round(seconds * 1e6) * 1000


def plain_value(value: Any, depth: int = MAX_VALUE_DEPTH) -> Any:
    """What an attribute value in OTLP's JSON form holds, as plain JSON; the inverse of `typed_value`.

    Bytes and numbers that JSON has no form for keep their wrapping (``{"bytesValue": "…"}``,
    ``{"doubleValue": "NaN"}``). Raises `Rejected` for more than `MAX_VALUE_DEPTH` lists within each other.
    """
    if not isinstance(value, dict) or not value:
        return None if value == {} else value
    if depth == 0:
        raise Rejected("too_deep", f"more than {MAX_VALUE_DEPTH} levels in an attribute", "attributes")
    kind, held = next(iter(value.items()))
    read = _READERS.get(kind)
    return value if read is None or len(value) > 1 else read(held, depth)


def plain_attributes(listed: Any, depth: int = MAX_VALUE_DEPTH) -> dict[str, Any]:
    """Attributes in OTLP's JSON form as a plain object; of a key twice the last. What is no list has none."""
    found: dict[str, Any] = {}
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("key"), str):
            continue
        value = one.get("value")
        if isinstance(value, dict) and len(value) == 1 and isinstance(held := value.get("stringValue"), str):
            found[one["key"]] = held
        else:
            found[one["key"]] = plain_value(value, depth)
    return found


def _integer(held: Any, depth: int) -> Any:
    try:
        return int(held)
    except (ValueError, TypeError, OverflowError):
        return {"intValue": held}


def _double(held: Any, depth: int) -> Any:
    try:
        number = float(held)
    except (ValueError, TypeError):
        return {"doubleValue": held}
    return number if math.isfinite(number) else {"doubleValue": _NAMES.get(number, "NaN")}


_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}


def _list(held: Any, depth: int) -> Any:
    values = held.get("values") if isinstance(held, dict) else None
    return [plain_value(one, depth - 1) for one in values or ()]


def _map(held: Any, depth: int) -> Any:
    return plain_attributes(held.get("values") if isinstance(held, dict) else None, depth - 1)


_BY_KIND = {
    "stringValue": lambda held, depth: held,
    "boolValue": lambda held, depth: held,
    "intValue": _integer,
    "doubleValue": _double,
    "bytesValue": lambda held, depth: {"bytesValue": held},
    "arrayValue": _list,
    "kvlistValue": _map,
}
_READERS = _BY_KIND | {name.replace("Value", "_value"): read for name, read in _BY_KIND.items()}


def typed_value(value: Any) -> dict[str, Any]:
    """Plain JSON as an attribute value in OTLP's JSON form: the inverse of `plain_value`."""
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)} if -_INT64 <= value < _INT64 else {"stringValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [typed_value(one) for one in value]}}
    if isinstance(value, dict):
        if len(value) == 1 and ("bytesValue" in value or "doubleValue" in value):
            return value
        return {"kvlistValue": {"values": typed_attributes(value)}}
    return {}


def typed_attributes(plain: dict[str, Any]) -> list[dict[str, Any]]:
    """A plain object as attributes in OTLP's JSON form."""
    return [
        {"key": key, "value": {"stringValue": value} if type(value) is str else typed_value(value)}
        for key, value in plain.items()
    ]
