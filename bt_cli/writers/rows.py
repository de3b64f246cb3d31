"""Rows as JSON lines, one span a line, in Braintrust's underlying format."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.spans import text
from bt_cli.spans.row import Row
from bt_cli.spans.row_text import add_payload


def write_rows(rows: Sequence[Row], with_container: bool = False) -> str:
    """The lines of some rows, each ended by a newline.

    Known fields come first in a fixed order, then unknown ones as the source had them. Container and
    server fields only ``with_container``.
    """
    parts: list[str] = []
    add = parts.append
    quote = text.quote
    trace = root = None
    for row in rows:
        if row.root_span_id is not None and row.root_span_id != trace:
            trace = row.root_span_id
            root = f',"root_span_id":{quote(trace)}'
        row_id = quote(row.id)
        span_id = row_id if row.span_id == row.id else quote(row.span_id)
        linked = root if row.root_span_id is not None else ""
        add(f'{{"id":{row_id},"span_id":{span_id}{linked},"span_parents":{row.span_parents}')
        if row.created is not None:
            add(f',"created":{quote(row.created)}')
        add_payload(parts, row, with_container)
        add("}\n" if row.span_attributes is None else f',"span_attributes":{row.span_attributes}}}\n')
    return "".join(parts)
