"""JSON text, opened no further than needed: members of an object as raw text, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import orjson
from msgspec import Raw

_members = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])
_key = msgspec.json.Decoder(str)
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*+"|[{}\[\]:]', re.DOTALL)


class Key(str):
    """The key of a member whose source writes it with escapes: ``written`` is its JSON text."""

    __slots__ = ("written",)
    written: str


def members(text: str | Raw) -> dict[str, Raw]:
    """The members of a JSON object, each value as raw text; of duplicate keys the last.

    Raises msgspec.DecodeError where ``text`` is not a JSON object.
    """
    source = text.encode() if isinstance(text, str) else bytes(text)
    found = _members.decode(source)
    escapes = source.count(b"\\")
    if escapes and escapes != sum([bytes(value).count(b"\\") for value in found.values()]):
        return {_spelled(written): found[_key.decode(written)] for written in _keys(source)}
    return found


def _keys(source: bytes) -> Iterator[bytes]:
    """The keys of a JSON object as they are written, in order."""
    depth = 0
    last = b""
    for token in _TOKEN.finditer(source):
        found = token.group()
        if found == b":":
            if depth == 1:
                yield last
        elif found[0] == 34:
            last = found
        else:
            depth += 1 if found in b"{[" else -1


def _spelled(written: bytes) -> str:
    if b"\\" not in written:
        return str(_key.decode(written))
    key = Key(_key.decode(written))
    key.written = written.decode()
    return key


def items(text: str | Raw) -> list[Raw]:
    """The items of a JSON array, each as raw text. Raises msgspec.DecodeError where it is none."""
    return _items.decode(text)


def join(values: dict[str, Raw]) -> str:
    """The JSON object of ``values``, raw text unchanged: the inverse of `members`."""
    if Key not in map(type, values):
        return msgspec.json.encode(values).decode()
    keys = [key.written if isinstance(key, Key) else quote(key) for key in values]
    return f"{{{','.join(f'{key}:{text_of(value)}' for key, value in zip(keys, values.values(), strict=True))}}}"


def raw(text: str) -> Raw:
    """``text`` as a raw value for `join`."""
    return Raw(text.encode())


def quote(value: str) -> str:
    """``value`` as a JSON string, UTF-8 without needless escapes."""
    return orjson.dumps(value).decode()


def text_of(value: Raw) -> str:
    """Raw JSON as str."""
    return str(value, "utf-8")


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
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def encode(value: Any, strict: bool = False) -> str:
    """``value`` as JSON text, UTF-8 without needless escapes; half a surrogate pair becomes U+FFFD.

    NaN and infinity, which ``1e400`` is read as, become null. Raises ValueError for what is no JSON, and
    for these two where it is to be ``strict``.
    """
    try:
        written = orjson.dumps(value).decode()
        if not strict or "null" not in written:
            return written
    except TypeError:
        pass  # half a surrogate pair, an integer of many digits, or no JSON
    import json

    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=not strict)
        finite = json.loads(written, parse_constant=lambda _: None)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from error
    return _HALF_PAIR.sub("\ufffd", json.dumps(finite, ensure_ascii=False, separators=(",", ":")))


def encode_bytes(value: Any) -> bytes:
    """The same in UTF-8: for what is written as it is."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return encode(value).encode()


def quote_number(value: int | float) -> str:
    """A number as JSON text, as its type writes it; an integer of any size."""
    return str(value) if isinstance(value, int) else orjson.dumps(value).decode()


def number(value: float) -> str:
    """A number as JSON text; whole ones without a fraction."""
    return str(int(value)) if value == int(value) else repr(value)
