"""Rows of a container page by page from ``/btql``, in the AST form, which needs no quoting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import orjson
from msgspec import Raw, Struct

from bt_cli.http import Reply, Request
from bt_cli.spans import text
from bt_cli.spans.container import Kind
from bt_cli.spans.decode import decode_node
from bt_cli.spans.flatten import flatten
from bt_cli.spans.ids import content_hash, root_id, uuid_prefix
from bt_cli.spans.problem import Rejected
from bt_cli.spans.row import Row
from bt_cli.stores.braintrust.deployment import Deployment

PAGE_ROWS = 1000
_PAGE_SECONDS = 300.0
Filter = dict[str, Any]

_SERVERS_OWN = frozenset(("audit_data", "is_root", "facets", "classifications", "comments"))
"""Columns that a server adds to each row; beside those of `bt_cli.spans.row.SERVER`."""
_MARK = b'{"log_id":"g"'
"""Has a row be taken for a row, and not for a tree."""


class Source(Struct, frozen=True):
    """A container as a query names it."""

    kind: Kind
    id: str


class _Answer(Struct):
    data: list[Raw]
    cursor: str | None = None


_answers = msgspec.json.Decoder(_Answer)


def pages(
    deployment: Deployment, source: Source, filter: Filter | None, cursor: str | None = None
) -> Iterator[tuple[list[Raw], str | None]]:
    """The rows that match, a page at a time in the order of their arrival, each page with the cursor behind it.

    A short page is not the end: that is an empty one, or one without a cursor.
    """
    while True:
        given = deployment.api.get(_request(source, filter, cursor, deployment.api.stop), _decode)
        if given.data:
            yield given.data, given.cursor or cursor
        if not given.data or not given.cursor:
            return
        cursor = given.cursor


def any_of(column: str, values: Sequence[str]) -> Filter:
    """The test that a column has one of some values."""
    return {"op": "in", "left": ident(column), "right": {"op": "literal", "value": list(values)}}


def either(*tests: Filter) -> Filter:
    """The test that one of some tests holds."""
    return {"op": "or", "children": list(tests)}


def ident(*path: str) -> dict[str, Any]:
    """A column, or what a path in it leads to."""
    return {"op": "ident", "name": list(path)}


def row_of(raw: Raw) -> Row:
    """A row as the server gives it, without what the server added; its columns that are null count as absent.

    What can't be read as a row is kept whole in the metadata of one, so that nothing of a server is lost.
    """
    try:
        return _read(raw)
    except (Rejected, msgspec.DecodeError):
        return _odd(raw)


def _odd(raw: Raw) -> Row:
    written = text.text_of(raw)
    members = text.members(raw) if text.is_object(written) else {}
    named = text.decode(text.text_of(members["id"])) if "id" in members else None
    row_id = named if isinstance(named, str) and named else root_id(uuid_prefix(0), content_hash(bytes(raw)))
    return Row(row_id, row_id, row_id, "[]", metadata=f'{{"_bt":{{"invalid":{{"row":{written}}}}}}}')


def _read(raw: Raw) -> Row:
    kept = {
        name: value for name, value in text.members(raw).items() if bytes(value) != b"null" and name not in _SERVERS_OWN
    }
    written = text.join(kept).encode()
    flat = flatten(decode_node(_MARK + (b"," if kept else b"") + written[1:]), b"\0" * 16)
    if len(flat.rows) > 1:
        raise Rejected("children", "a row has no children", "children")
    row = flat.rows[0]
    row.server = None
    return row


def _request(source: Source, filter: Filter | None, cursor: str | None, stop: Callable[[], int]) -> Request:
    query: dict[str, Any] = {
        "select": [{"op": "star"}],
        "from": {"op": "function", "name": ident(source.kind), "args": [{"op": "literal", "value": source.id}]},
        "sort": [{"dir": "asc", "expr": ident("_pagination_key")}],
        "limit": PAGE_ROWS,
    }
    if filter is not None:
        query["filter"] = filter
    if cursor is not None:
        query["cursor"] = cursor
    body = {"query": query, "fmt": "json", "use_columnstore": False, "brainstore_realtime": True}
    return Request("POST", "/btql", orjson.dumps(body), seconds=_PAGE_SECONDS, stop=stop)


def _decode(reply: Reply) -> _Answer:
    return _answers.decode(reply.body)
