"""The members of a row as JSON text, for whoever writes rows: to a file, or to a server."""

from __future__ import annotations

from bt_cli.spans import text
from bt_cli.spans.row import Row


def add_linkage(parts: list[str], row: Row) -> None:
    """Opens the object of a row, with its ids, its parents and ``created``."""
    row_id = text.quote(row.id)
    span_id = row_id if row.span_id == row.id else text.quote(row.span_id)
    root = "" if row.root_span_id is None else f',"root_span_id":{text.quote(row.root_span_id)}'
    parts.append(f'{{"id":{row_id},"span_id":{span_id}{root},"span_parents":{row.span_parents}')
    if row.created is not None:
        parts.append(f',"created":{text.quote(row.created)}')


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
