"""Lines of tables → rows: what a cell means by the name of its column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Raw

from bt_cli.spans import text
from bt_cli.spans.row import LINKAGE, PAYLOAD

COLUMNS = frozenset((*LINKAGE, *PAYLOAD))
"""Names of which a table must have one, so that it is told from others."""

_PLAIN = frozenset(("id", "span_id", "root_span_id", "created", "name", "type"))
_NUMBERED = re.compile(r"(score|metric)s?\.(.+)", re.DOTALL)
_EXACT = 2.0**53
_valid = msgspec.json.Decoder(Raw).decode


def row_of(cells: Iterable[tuple[str, Any]]) -> bytes:
    """The JSON of a row from the cells of a line, each with its column; None is an empty one.

    Text in columns of payloads is JSON where it can be read as that, else text. ``score.NAME`` and
    ``metric.NAME`` (also ``scores.``, ``metrics.``) are members of their objects, ``extra`` is an object of
    further members, and of ``name``, ``type`` and ``span_attributes`` the last says all.
    """
    members: dict[str, str] = {}
    numbered: dict[str, dict[str, str]] = {}
    for name, value in cells:
        if value is None:
            continue
        found = _NUMBERED.fullmatch(name)
        if found:
            # Parquet's columns of numbers are all of fractions.
            whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
            numbered.setdefault(found[1] + "s", {})[found[2]] = _json(int(value) if whole else value, nested=False)
        elif name in _PLAIN and isinstance(value, str):
            members[name] = text.encode(value)
        elif name == "extra":
            members |= _spread(value)
        else:
            members[name] = _json(value, nested=name not in COLUMNS)
    for name, some in numbered.items():
        members.setdefault(name, "{" + ",".join(f"{text.quote(key)}:{number}" for key, number in some.items()) + "}")
    if "span_attributes" in members:
        members.pop("name", None)
        members.pop("type", None)
    return text.join({name: text.raw(value) for name, value in members.items()}).encode()


def _spread(value: Any) -> dict[str, str]:
    written = _json(value, nested=True)
    if not text.is_object(written):
        return {"extra": written}
    return {name: text.text_of(one) for name, one in text.members(written).items()}


def _json(value: Any, nested: bool) -> str:
    """JSON text of a cell; text that is JSON as it is, ``nested`` only where it is an object or array."""
    if not isinstance(value, str):
        return text.encode(_native(value))
    head = value.lstrip()[:1]
    if head and (head in "{[" or not nested):
        try:
            _valid(value.encode())
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return text.encode(value)
        return msgspec.json.format(value, indent=-1) if "\n" in value or "\r" in value else value.strip()
    return text.encode(value)


def _native(value: Any) -> Any:
    """Values that Parquet has and JSON has not, as JSON."""
    if isinstance(value, dict):
        return {str(key): _native(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_native(one) for one in value]
    if isinstance(value, tuple):  # an entry of a map
        return [_native(one) for one in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
