"""Two versions of one row → one. Works on raw text: only members that both sides hold are opened."""

from __future__ import annotations

import msgspec

from bt_cli.spans import text
from bt_cli.spans.row import LINKAGE, Row

_MERGED = tuple(name for name in Row.__struct_fields__ if name not in (*LINKAGE, "time"))


def merge_rows(stored: Row, new: Row) -> Row:
    """``new`` merged into ``stored``: objects deeply, everything else replaced; absent fields stay.

    Never removes a key, nor changes linkage or ``created``; a row whose trace was unknown takes the
    new one's.
    """
    merged = msgspec.structs.replace(stored)
    for name in _MERGED:
        value = getattr(new, name)
        if value is not None:
            setattr(merged, name, merge_text(getattr(stored, name), value))
    if merged.root_span_id is None:
        merged.root_span_id = new.root_span_id
    if merged.created is None:
        merged.created, merged.time = new.created, new.time
    return merged


def merge_text(stored: str | None, new: str) -> str:
    """JSON text of ``new`` merged into ``stored``. Iterative over keys, recursive over shared objects only."""
    if stored is None or stored == new or not (text.is_object(stored) and text.is_object(new)):
        return new
    known = text.members(stored)
    changed = False
    for key, value in text.members(new).items():
        merged = value
        if key in known:
            merged = text.raw(merge_text(text.text_of(known[key]), text.text_of(value)))
        if key not in known or bytes(known[key]) != bytes(merged):
            known[key] = merged
            changed = True
    return text.join(known) if changed else stored
