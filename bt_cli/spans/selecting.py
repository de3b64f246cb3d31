"""Columns picked out of rows as the API gives them, as text: what a client sent is not decoded on its way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Raw

from bt_cli.spans import text

Path = tuple[str | int, ...]
_NULL = text.raw("null")
_TYPES = {"{": "object", "[": "array", '"': "string", "t": "boolean", "f": "boolean", "n": "null"}


def selected(row: str, columns: Sequence[tuple[str, Path]]) -> str:
    """The columns of a row (JSON text) as an object; an empty path stands for all members, an unknown one is null."""
    members = text.members(row)
    found: dict[str, Raw] = {}
    for name, path in columns:
        if path:
            found[name] = _below(members.get(str(path[0]), _NULL), path[1:])
        else:
            found |= members
    return text.join(found)


def _below(value: Raw, path: Path) -> Raw:
    for key in path:
        try:
            value = text.items(value)[key] if isinstance(key, int) else text.members(value).get(key, _NULL)
        except (msgspec.DecodeError, IndexError):
            return _NULL
    return value


def type_of(value: str) -> str:
    """The type of JSON text in the words of JSON Schema."""
    return _TYPES.get(value[:1], "number")


def schema_of(rows: Iterable[str]) -> dict[str, dict[str, str]]:
    """The type of each column of some rows (objects as JSON text): the first that is not null."""
    types: dict[str, str] = {}
    for row in rows:
        for name, value in text.members(row).items():
            if types.get(name, "null") == "null":
                types[name] = type_of(text.text_of(value))
    return {name: {"type": one} for name, one in types.items()}
