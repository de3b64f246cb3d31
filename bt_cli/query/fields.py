"""The fields that a filter can ask about, by the names that people write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from bt_cli.query.filters import Path
from bt_cli.spans.paths import SHORT
from bt_cli.spans.row import PAYLOAD

Kind = Literal["id", "json", "tags", "number", "time", "boolean"]

FIELDS: dict[str, Kind] = {
    "id": "id",
    "span_id": "id",
    "root_span_id": "id",
    **dict.fromkeys(PAYLOAD, "json"),
    "extra": "json",
    "tags": "tags",
    "duration": "number",
    "tokens": "number",
    "time": "time",
    "is_root": "boolean",
    "place": "number",
    "xact": "number",
}
"""Field → what it holds: text that is an id; JSON, which a path leads into; a list of strings; a number; a moment.

``duration`` is in seconds, ``tokens`` the span's own total (rule 3.2), ``time`` that of ``created``. ``place``
grows with arrival, ``xact`` is the transaction that wrote last to the span's trace.
"""

ALIASES: dict[str, tuple[str, Path]] = {
    **{name: (field, tuple(path)) for name, (field, *path) in SHORT.items()},
    "created": ("time", ()),
    "_pagination_key": ("place", ()),
    "_xact_id": ("xact", ()),
}
"""Short names for places in fields."""

_INNER = {"time", "place", "xact"}
"""Fields that go by another name where people write them."""
NAMES = tuple(sorted({*FIELDS, *ALIASES} - _INNER))
"""What can be written in a filter."""


def resolve(name: str, path: Path) -> tuple[str, Path] | None:
    """The field that ``name`` means and the path in it; None for an unknown name or a path into what has none."""
    field, before = ALIASES.get(name, (name, ()))
    whole = (*before, *path)
    if field not in FIELDS or name in _INNER or (whole and FIELDS[field] != "json"):
        return None
    return field, whole


def unknown_hint(name: str, known: Iterable[str] = NAMES) -> str:
    """What to write for a field that is not there: the nearest name, else all that are ``known``."""
    from difflib import get_close_matches

    close = get_close_matches(name, NAMES, n=1)
    there = f"fields: {', '.join(known)}; others: extra.{name}"
    return f"did you mean {close[0]!r}?" if close and name not in NAMES else there
