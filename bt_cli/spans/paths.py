"""A value within a row by its path: ``name``, ``metadata.model``, ``input.messages.0.role``."""

from __future__ import annotations

from typing import Any

from bt_cli.spans import text
from bt_cli.spans.row import Row

SHORT: dict[str, tuple[str, ...]] = {
    "name": ("span_attributes", "name"),
    "type": ("span_attributes", "type"),
    "model": ("metadata", "model"),
    "start": ("metrics", "start"),
    "end": ("metrics", "end"),
    "cost": ("metrics", "estimated_cost"),
    "trace_id": ("root_span_id",),
}
"""Names for what lies deeper, or is called otherwise."""
_PLAIN = ("id", "span_id", "root_span_id", "created")
"""Fields that are text, not JSON text."""


class Path:
    """A path of keys into a row; an index of a list is a key too. Raises ValueError for an empty key.

    A first key that is no field of a row is looked for among its unknown ones.
    """

    def __init__(self, written: str) -> None:
        keys = tuple(written.removeprefix(".").split("."))
        if not all(keys):
            raise ValueError(f"not a path: {written!r}")
        self.written = written
        if keys[0] not in Row.__struct_fields__:
            keys = (*SHORT.get(keys[0], keys[:1]), *keys[1:])
        self.field, self._keys = (keys[0], keys[1:]) if keys[0] in Row.__struct_fields__ else ("extra", keys)

    def of(self, row: Row) -> Any:
        """The value in ``row``, decoded; None where there is none, and for null."""
        found = getattr(row, self.field)
        if found is None or (self.field in _PLAIN and self._keys):
            return None
        return found if self.field in _PLAIN or self.field == "time" else _below(text.decode(found), self._keys)


def _below(value: Any, keys: tuple[str, ...]) -> Any:
    """What ``keys`` lead to; a key may itself have dots (``metadata.gen_ai.system``), the longest wins."""
    if not keys:
        return value
    if isinstance(value, list):
        number = int(keys[0]) if keys[0].isdecimal() else len(value)
        return _below(value[number], keys[1:]) if number < len(value) else None
    if not isinstance(value, dict):
        return None
    for length in range(len(keys), 0, -1):
        key = ".".join(keys[:length])
        if key in value:
            return _below(value[key], keys[length:])
    return None
