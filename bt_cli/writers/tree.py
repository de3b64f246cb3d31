"""Traces as JSON lines, one tree a line with nested ``children``; what the trees can't hold as fragments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bt_cli.spans import text
from bt_cli.spans.assemble import Branch, assemble
from bt_cli.spans.refill import would_fill
from bt_cli.spans.row import Row
from bt_cli.spans.row_text import add_payload

_STRING = r'("[^"\\]*(?:\\.[^"\\]*)*")'
_PLAIN_ATTRIBUTES = re.compile(rf'\{{"name":{_STRING}(?:,"type":{_STRING})?\}}', re.DOTALL)


def write_tree(rows: Sequence[Row], with_container: bool = False) -> str:
    """The trees of one trace, each line ended by a newline.

    Reading them gives the same rows: a tree whose rows came as rows, and would be filled in when
    read as a tree, says so with ``_bt_as_stored``.
    """
    return "".join(_tree(top, with_container) for top in assemble(rows))


def _tree(top: Branch, with_container: bool) -> str:
    parts = [_top(top)]
    add_payload(parts, top.row, with_container)
    parts.append(',"children":[')
    waiting: list[Branch | str] = ["]}\n"]
    _push(waiting, top)
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        parts.append(_head(item))
        add_payload(parts, item.row, with_container)
        if item.children:
            parts.append(',"children":[')
            waiting.append("]}")
            _push(waiting, item)
        else:
            parts.append("}")
    return "".join(parts)


def _push(waiting: list[Branch | str], branch: Branch) -> None:
    for index in range(len(branch.children) - 1, -1, -1):
        waiting.append(branch.children[index])
        if index:
            waiting.append(",")


def _top(top: Branch) -> str:
    row = top.row
    head = f'{{"id":{text.quote(row.id)},"span_id":{text.quote(row.span_id)}'
    if row.root_span_id is not None:
        head += f',"root_span_id":{text.quote(row.root_span_id)}'
    if top.fragment:
        head += f',"span_parents":{row.span_parents}'
    if would_fill(top):
        head += ',"_bt_as_stored":true'
    return head + _described(row)


def _head(branch: Branch) -> str:
    row = branch.row
    head = f'{{"id":{text.quote(row.id)}'
    if row.span_id != row.id:
        head += f',"span_id":{text.quote(row.span_id)}'
    if len(branch.parents) > 1:
        head += f',"span_parents":{row.span_parents}'
    return head + _described(row)


def _described(row: Row) -> str:
    """Time, name and type: as a tree has them where that says it all, else ``span_attributes`` whole."""
    created = "" if row.created is None else f',"created":{text.quote(row.created)}'
    if row.span_attributes is None:
        return created
    plain = _PLAIN_ATTRIBUTES.fullmatch(row.span_attributes)
    if plain is None or _names(row.extra):
        return f'{created},"span_attributes":{row.span_attributes}'
    name, kind = plain.groups()
    return f'{created},"name":{name}' + (f',"type":{kind}' if kind else "")


def _names(extra: str | None) -> bool:
    """Whether unknown keys hold another name or type, which stands in a tree's place for them."""
    if extra is None or not ('"name":' in extra or '"type":' in extra):
        return False
    return not text.members(extra).keys().isdisjoint(("name", "type"))
