"""Rows as the JSON of ``/logs3``, and what our own server says about each row of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, cast

import msgspec
from msgspec import UNSET, Raw

from bt_cli.spans import text
from bt_cli.spans.complete import CompleteRow
from bt_cli.spans.container import Container, Kind
from bt_cli.spans.row import Row
from bt_cli.spans.row_text import add_linkage, add_payload

HEAD, TAIL = b'{"rows":[', b'],"api_version":2}'
_PLACE: dict[Kind, str] = {
    "project_logs": '"project_id":{},"log_id":"g"',
    "experiment": '"experiment_id":{}',
    "dataset": '"dataset_id":{}',
}
_REPLACE_TAGS = ',"_merge_paths":[["tags"]]'
"""In a merge of ours tags are replaced, where Braintrust unites them."""
_RUN = re.compile(r"(\d+)([nacufr])")
_encode_into = msgspec.json.Encoder().encode_into

Rows = Sequence[Row | CompleteRow]
"""The rows of one record, or complete rows, each of which is one: never both."""


class Form(NamedTuple):
    """What each row of a container has at its end, merged or not."""

    place: str
    """The members that say where it belongs."""
    counted: bool
    """Whether its position goes along, as ``span_attributes.exec_counter``: for servers that don't keep the order."""


def form_of(container: Container, container_id: str, counted: bool) -> Form:
    """The form of the rows of one container."""
    return Form(_PLACE[container.kind].format(text.quote(container_id)), counted)


def rows_json(rows: Rows, form: Form, merged: bool, position: int | None) -> bytes:
    """Rows as JSON objects with commas between them; ``position`` is that of the first, None for amendments."""
    end = f',{form.place},"_is_merge":{"true" if merged else "false"}}},'
    tagged = f"{_REPLACE_TAGS}{end}" if merged else end
    if rows and isinstance(rows[0], CompleteRow):
        complete = cast("Sequence[CompleteRow]", rows)
        if form.counted and position is not None:
            _count(complete, position)
        return _complete_json(complete, end.encode(), tagged.encode())
    parts: list[str] = []
    for at, row in enumerate(cast("Sequence[Row]", rows), position or 0):
        add_linkage(parts, row)
        add_payload(parts, row, False)
        attributes = row.span_attributes
        if form.counted and position is not None:
            attributes = _with_counter(attributes, at)
        if attributes is not None:
            parts.append(f',"span_attributes":{attributes}')
        parts.append(end if row.tags is None else tagged)
    return "".join(parts)[:-1].encode()


def _complete_json(rows: Sequence[CompleteRow], end: bytes, tagged: bytes) -> bytes:
    """Complete rows as they are, each with what it has at its end."""
    body = bytearray()
    for row in rows:
        _encode_into(row, body, -1)
        body[-1:] = end if row.tags is UNSET else tagged
    del body[-1:]
    return bytes(body)


def _count(rows: Sequence[CompleteRow], position: int) -> None:
    """Gives complete rows their positions, once: for one that has some this changes nothing."""
    for at, row in enumerate(rows, position):
        value = row.span_attributes
        written = None if value is UNSET else bytes(value)
        if written is not None and b'"' in written and b'"exec_counter"' not in written:  # nearly every one
            row.span_attributes = Raw(b'%b,"exec_counter":%d}' % (written[:-1], at))
            continue
        attributes = None if written is None else written.decode()
        counted = _with_counter(attributes, at)
        if counted is not attributes:
            row.span_attributes = Raw(counted.encode())


def _with_counter(attributes: str | None, position: int) -> str:
    """``exec_counter`` added where it is absent."""
    if attributes is None:
        return f'{{"exec_counter":{position}}}'
    if attributes[0] != "{" or ('"exec_counter"' in attributes and "exec_counter" in text.members(attributes)):
        return attributes
    if '"' not in attributes:  # it has no members
        return f'{{"exec_counter":{position}}}'
    return f'{attributes[:-1]},"exec_counter":{position}}}'


def statuses_of(told: str) -> str:
    """``3n1c`` as ``nnnc``: a letter for each row. Raises ValueError for anything else."""
    runs = _RUN.findall(told)
    if "".join(f"{number}{letter}" for number, letter in runs) != told:
        raise ValueError(f"x-bt-rows: {told[:50]}")
    return "".join(letter * int(number) for number, letter in runs)
