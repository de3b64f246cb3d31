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
    return "".join([_line(row, with_container) for row in rows])


def _line(row: Row, with_container: bool) -> str:
    quote = text.quote
    parts = [f'{{"id":{quote(row.id)},"span_id":{quote(row.span_id)}']
    if row.root_span_id is not None:
        parts.append(f',"root_span_id":{quote(row.root_span_id)}')
    parts.append(f',"span_parents":{row.span_parents}')
    if row.created is not None:
        parts.append(f',"created":{quote(row.created)}')
    parts += payload(row, with_container)
    if row.span_attributes is not None:
        parts.append(f',"span_attributes":{row.span_attributes}')
    parts.append("}\n")
    return "".join(parts)


def payload(row: Row, with_container: bool) -> list[str]:
    """The members of a row's payload but its attributes, each with a comma before it."""
    parts = []
    if row.input is not None:
        parts.append(f',"input":{row.input}')
    if row.output is not None:
        parts.append(f',"output":{row.output}')
    if row.expected is not None:
        parts.append(f',"expected":{row.expected}')
    if row.error is not None:
        parts.append(f',"error":{row.error}')
    if row.scores is not None:
        parts.append(f',"scores":{row.scores}')
    if row.metadata is not None:
        parts.append(f',"metadata":{row.metadata}')
    if row.metrics is not None:
        parts.append(f',"metrics":{row.metrics}')
    if row.tags is not None:
        parts.append(f',"tags":{row.tags}')
    if row.context is not None:
        parts.append(f',"context":{row.context}')
    if row.origin is not None:
        parts.append(f',"origin":{row.origin}')
    if row.extra is not None:
        parts.append(f",{row.extra[1:-1]}")
    if with_container and row.server is not None:
        parts.append(f",{row.server[1:-1]}")
    return parts
