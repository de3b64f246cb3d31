"""Rows as JSON lines, one span a line, in Braintrust's underlying format."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.spans import text
from bt_cli.spans.row import Row


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


def add_payload(parts: list[str], row: Row, with_container: bool) -> None:  # noqa: C901 - a test a field: no loop is as fast
    """Adds the members of a row's payload but its attributes, each with a comma before it."""
    add = parts.append
    if row.input is not None:
        add(f',"input":{row.input}')
    if row.output is not None:
        add(f',"output":{row.output}')
    if row.expected is not None:
        add(f',"expected":{row.expected}')
    if row.error is not None:
        add(f',"error":{row.error}')
    if row.scores is not None:
        add(f',"scores":{row.scores}')
    if row.metadata is not None:
        add(f',"metadata":{row.metadata}')
    if row.metrics is not None:
        add(f',"metrics":{row.metrics}')
    if row.tags is not None:
        add(f',"tags":{row.tags}')
    if row.context is not None:
        add(f',"context":{row.context}')
    if row.origin is not None:
        add(f',"origin":{row.origin}')
    if row.extra is not None:
        add(f",{row.extra[1:-1]}")
    if with_container and row.server is not None:
        add(f",{row.server[1:-1]}")
