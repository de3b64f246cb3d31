"""Where new rows of one batch go: the trace of each, and the next position in it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from math import inf

import orjson
from msgspec import Struct

from bt_cli.spans.row import Row
from bt_cli.stores.sqlite.schema import POSITION_BITS

_KNOWN_TRACES = (
    "SELECT root_span_id, trace FROM traces WHERE container = ? AND root_span_id IN (SELECT value FROM json_each(?))"
)
_UNLINKED_TRACE = "SELECT NULL, trace FROM traces WHERE container = ? AND root_span_id IS NULL"
_LAST_KEY = "SELECT max(key) FROM spans WHERE key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295"
_NEXT_TRANSACTION = "UPDATE transactions SET last = max(last + 1, ?) RETURNING last"
_REFRESH = """
    UPDATE traces SET spans = spans + ?2, xact = ?3, time = (
        SELECT CASE WHEN max(span_parents = '[]') THEN min(time) FILTER (WHERE span_parents = '[]') ELSE min(time) END
        FROM spans WHERE key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295)
    WHERE trace = ?1"""


class _Trace(Struct):
    """A trace that a batch writes to."""

    number: int
    root: str | None
    next: int = 0
    """The position of its next row."""
    added: int = 0
    """Rows of this batch."""
    order: tuple[bool, float] = (True, inf)
    """Of the row that has the most say in its time; see `_order`."""


def _order(row: Row) -> tuple[bool, float]:
    """What orders the rows of a trace by their say in its time: roots first, then the earliest."""
    return row.span_parents != "[]", inf if row.time is None else row.time


def next_transaction(db: sqlite3.Connection) -> int:
    """The number of the transaction that is open: seconds << 16 | counter, above all before it."""
    (last,) = db.execute(_NEXT_TRANSACTION, (int(time.time()) << 16,)).fetchone()
    return int(last)


class Places:
    """Numbers traces and positions within one transaction; `store` writes the traces at its end.

    The time of a trace is that of its root, where that has none no time; of a trace without a root
    the earliest of its spans. It orders exports and does not depend on the order of arrival.
    """

    def __init__(self, db: sqlite3.Connection, container: int) -> None:
        self._db = db
        self._container = container
        self._stored = self._last = int(db.execute("SELECT coalesce(max(trace), 0) FROM traces").fetchone()[0])
        self._traces: dict[str | None, _Trace] = {}
        self._refreshed: set[int] = set()

    def open_traces(self, roots: set[str | None]) -> None:
        """Looks up which of ``roots`` have a trace already; the others get one with their first row."""
        named = orjson.dumps([root for root in roots if root is not None]).decode()
        found = self._db.execute(_KNOWN_TRACES, (self._container, named)).fetchall()
        if None in roots:
            found += self._db.execute(_UNLINKED_TRACE, (self._container,))
        for root, number in found:
            last = self._db.execute(_LAST_KEY, (number,)).fetchone()[0]
            self._traces[root] = _Trace(number, root, 0 if last is None else (last & 0xFFFFFFFF) + 1)

    def next_key(self, row: Row) -> int:
        """The key of a new row, in its trace after all before it."""
        trace = self._traces.get(row.root_span_id)
        if trace is None:
            self._last += 1
            self._traces[row.root_span_id] = trace = _Trace(self._last, row.root_span_id)
        position = trace.next
        trace.next = position + 1
        trace.added += 1
        order = _order(row)
        if order < trace.order:
            trace.order = order
        return trace.number << POSITION_BITS | position

    def next_keys(self, rows: list[Row]) -> Sequence[int]:
        """The keys of the rows of one record, which most often are a trace of their own."""
        root = rows[0].root_span_id
        if len(rows) == 1 or root in self._traces or any(row.root_span_id != root for row in rows):
            return [self.next_key(row) for row in rows]
        first = self.next_key(rows[0])
        trace = self._traces[root]
        trace.next = trace.added = len(rows)
        if rows[0].span_parents != "[]":
            trace.order = min(map(_order, rows))
        return range(first, first + len(rows))

    def trace_of(self, row: Row) -> int:
        """The number of a row's trace, which `open_traces` or `next_key` has seen."""
        return self._traces[row.root_span_id].number

    def is_new(self, trace: int) -> bool:
        """Whether this batch has made the trace."""
        return trace > self._stored

    def refresh(self, trace: int) -> None:
        """Asks for a trace's time to be worked out again: one of its rows was changed."""
        self._refreshed.add(trace)

    def store(self) -> None:
        """Writes new traces, and the times of those that have got or changed spans."""
        xact = next_transaction(self._db)
        new = [
            (one.number, self._container, one.root, None if one.order[1] == inf else one.order[1], one.added, xact)
            for one in self._traces.values()
            if self.is_new(one.number)
        ]
        self._db.executemany("INSERT INTO traces VALUES (?, ?, ?, nullif(?, 9e999), ?, ?)", new)
        added = dict.fromkeys(self._refreshed, 0)
        added.update({one.number: one.added for one in self._traces.values() if one.added})
        self._db.executemany(_REFRESH, [(trace, rows, xact) for trace, rows in added.items() if not self.is_new(trace)])
