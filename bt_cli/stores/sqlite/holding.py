"""The traces that hold some rows, of which there may be millions: told apart and ordered in temporary tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice

import orjson

from bt_cli.stores.sqlite.reading import Page, cut

_IDS = 1000
_PAGE_TRACES = 500
_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS held (trace INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS held_in_order (place INTEGER PRIMARY KEY, trace INTEGER NOT NULL)",
    "DELETE FROM temp.held",
    "DELETE FROM temp.held_in_order",
)
_HOLD = """
    INSERT OR IGNORE INTO temp.held
    SELECT s.key >> 32 FROM json_each(?) AS j CROSS JOIN spans AS s ON s.container = ? AND s.id = j.value"""
_ORDER = """
    INSERT INTO temp.held_in_order (trace)
    SELECT t.trace FROM temp.held AS h CROSS JOIN traces AS t ON t.trace = h.trace
    ORDER BY t.root_span_id IS NOT NULL, t.time, t.root_span_id"""
_NEXT = f"""
    SELECT t.trace, t.spans, h.place FROM temp.held_in_order AS h CROSS JOIN traces AS t ON t.trace = h.trace
    WHERE h.place > ? ORDER BY h.place LIMIT {_PAGE_TRACES}"""


def pages_holding(db: sqlite3.Connection, container: int, ids: Iterable[str]) -> Iterator[Page]:
    """Pages of the traces that the rows with these ids belong to; one such reading at a time on a connection."""
    for statement in _TABLES:
        db.execute(statement)
    left = iter(ids)
    while some := list(islice(left, _IDS)):
        db.execute(_HOLD, (orjson.dumps(some).decode(), container))
    db.execute(_ORDER)
    last = 0
    while found := db.execute(_NEXT, (last,)).fetchall():
        last = found[-1][2]
        for traces, spans in cut(found):
            yield Page(traces, spans, "", [])
