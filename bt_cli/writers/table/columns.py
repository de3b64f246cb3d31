"""The columns of a table of rows, and the cells of a row in them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Raw, Struct

from bt_cli.spans import text
from bt_cli.spans.row import PAYLOAD

TEXTS = ("id", "span_id", "root_span_id", "created", "name", "type")
"""Columns of plain text."""
JSON = ("span_parents", *(name for name in PAYLOAD if name not in ("scores", "metrics")), "extra")
"""Columns of JSON text; ``extra`` is an object of all members that a row has beside."""
NUMBERS = (("scores", "score."), ("metrics", "metric."))
"""Members whose own members are columns, and what these begin with."""

_OWN = frozenset((*TEXTS[:4], *JSON[:-1], *(name for name, _ in NUMBERS)))


class Numbered(Struct):
    """Of a row, what decides on columns."""

    scores: dict[str, Raw] | None = None
    metrics: dict[str, Raw] | None = None


_numbered = msgspec.json.Decoder(Numbered).decode


def columns_of(lines: Iterable[bytes]) -> list[str]:
    """The names of all columns of some rows: those that every table has, then scores and metrics as they come."""
    found: dict[str, dict[str, None]] = {prefix: {} for _, prefix in NUMBERS}
    for line in lines:
        numbered = _numbered(line)
        for member, prefix in NUMBERS:
            found[prefix].update(dict.fromkeys(getattr(numbered, member) or ()))
    return [*TEXTS, *JSON, *(prefix + name for _, prefix in NUMBERS for name in found[prefix])]


def cells_of(line: bytes) -> dict[str, str]:
    """The cells of a row that are not empty, by column: plain text, JSON text, or a number's text."""
    members = text.members(Raw(line))
    cells = {name: str(text.decode(text.text_of(members[name]))) for name in TEXTS[:4] if name in members}
    cells |= {name: text.text_of(members[name]) for name in JSON[:-1] if name in members}
    cells |= _described(cells.get("span_attributes"))
    for member, prefix in NUMBERS:
        value = members.get(member)
        if value is not None and bytes(value)[:1] == b"{":
            cells |= {prefix + name: text.text_of(number) for name, number in text.members(value).items()}
    extra = {name: value for name, value in members.items() if name not in _OWN}
    return cells | ({"extra": text.join(extra)} if extra else {})


def _described(attributes: str | None) -> dict[str, str]:
    """Name and type of a span, which its attributes say too."""
    described = text.decode(attributes) if attributes is not None and text.is_object(attributes) else {}
    return {name: described[name] for name in ("name", "type") if isinstance(described.get(name), str)}
