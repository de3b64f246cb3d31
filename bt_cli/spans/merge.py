"""Two versions of one row → one. Works on raw text: only members that both sides hold are opened."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bt_cli.spans import text
from bt_cli.spans.row import LINKAGE, Row

Path = tuple[str, ...]
"""Keys that lead into a row or a value; empty for itself."""

MERGED = tuple(name for name in Row.__struct_fields__ if name not in (*LINKAGE, "time"))
"""The fields of a row that a merge may change."""


def merge_rows(stored: Row, new: Row, stops: Sequence[Path] = ()) -> Row:
    """``new`` merged into ``stored``: objects deeply, everything else replaced; absent fields stay.

    What lies at one of ``stops`` is replaced as a whole. Never removes a key elsewhere, nor changes linkage
    or ``created``; a row whose trace was unknown takes the new one's.
    """
    merged = msgspec.structs.replace(stored)
    for name in MERGED:
        value = getattr(new, name)
        if value is not None:
            setattr(merged, name, merge_text(getattr(stored, name), value, _below(name, stops) if stops else ()))
    if merged.root_span_id is None:
        merged.root_span_id = new.root_span_id
    if merged.created is None:
        merged.created, merged.time = new.created, new.time
    return merged


def merge_text(stored: str | None, new: str, stops: Sequence[Path] = ()) -> str:
    """JSON text of ``new`` merged into ``stored``. Iterative over keys, recursive over shared objects only."""
    if stored is None or stored == new or () in stops or not (text.is_object(stored) and text.is_object(new)):
        return new
    known = text.members(stored)
    changed = False
    for key, value in text.members(new).items():
        merged = value
        if key in known:
            below = _below(key, stops) if stops else ()
            merged = text.raw(merge_text(text.text_of(known[key]), text.text_of(value), below))
        if key not in known or bytes(known[key]) != bytes(merged):
            known[key] = merged
            changed = True
    return text.join(known) if changed else stored


def _below(key: str, stops: Sequence[Path]) -> Sequence[Path]:
    return [path[1:] for path in stops if path[:1] == (key,)]
