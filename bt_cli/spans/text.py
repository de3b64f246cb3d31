"""JSON text, opened no further than needed: members of an object as raw text, and back."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import orjson
from msgspec import Raw

_members = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])


def members(text: str | Raw) -> dict[str, Raw]:
    """The members of a JSON object, each value as raw text; of duplicate keys the last.

    Raises msgspec.DecodeError where ``text`` is not a JSON object.
    """
    return _members.decode(text)


def items(text: str | Raw) -> list[Raw]:
    """The items of a JSON array, each as raw text. Raises msgspec.DecodeError where it is none."""
    return _items.decode(text)


def join(values: dict[str, Raw]) -> str:
    """The JSON object of ``values``, raw text unchanged: the inverse of `members`."""
    return msgspec.json.encode(values).decode()


def raw(text: str) -> Raw:
    """``text`` as a raw value for `join`."""
    return Raw(text.encode())


def quote(value: str) -> str:
    """``value`` as a JSON string, UTF-8 without needless escapes."""
    return orjson.dumps(value).decode()


def text_of(value: Raw) -> str:
    """Raw JSON as str."""
    return str(value, "utf-8")  # type: ignore[call-overload]


def is_object(text: str | None) -> bool:
    """Whether JSON ``text`` is an object; records are valid JSON, so the first byte tells."""
    return text is not None and text[:1] == "{"


def decode(text: str) -> Any:
    """The value of stored JSON text.

    The one way to look inside a payload: copes with what orjson refuses (``1e400``, deep nesting);
    text that no parser takes comes back as it is.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def quote_number(value: int | float) -> str:
    """A number as JSON text, as its type writes it."""
    return orjson.dumps(value).decode()


def number(value: float) -> str:
    """A number as JSON text; whole ones without a fraction."""
    return str(int(value)) if value == int(value) else repr(value)
