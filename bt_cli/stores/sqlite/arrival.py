"""Rows by arrival: as a server pages through them, newest or oldest first, behind a place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from bt_cli.query.filters import And, Condition, Or, Test
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.serving import RowsAsked, StoredRow
from bt_cli.stores.sqlite.conditions import Bound, as_sql
from bt_cli.stores.sqlite.schema import POSITION_BITS, ROW_COLUMNS

_ROW = ", ".join(f"s.{name}" for name in ROW_COLUMNS)
_IN_TRACE = "s.key BETWEEN t.trace << 32 AND (t.trace << 32) + 4294967295"
_LAST_OF_TRACE = (1 << POSITION_BITS) - 1
_BY_ID = ("id", "span_id")


def rows_asked(db: sqlite3.Connection, containers: Mapping[int, Container], asked: RowsAsked) -> list[StoredRow]:
    """The rows of ``containers``, by their numbers, that are asked for."""
    if not containers:
        return []
    test, values = _matching(asked)
    narrow, found = _narrowing(asked.test, list(containers)) if asked.test is not None else ("", [])
    behind, places = _behind(asked)
    down = " DESC" if asked.newest_first else ""
    order = f"t.trace{down}, s.key{down}" if asked.sort == "place" else f"{_TIME}{down}, s.key{down}"
    query = f"""
        SELECT s.key, t.xact, t.container, {_ROW} FROM traces AS t CROSS JOIN spans AS s
        WHERE {_IN_TRACE} AND t.container IN ({", ".join(map(str, containers))}){narrow}{behind}{test}
        ORDER BY {order} LIMIT ?"""
    limit = -1 if asked.limit is None else asked.limit
    rows = db.execute(query, [*found, *places, *values, limit])
    stored = (StoredRow(Row(*fields), key, xact, containers[number]) for key, xact, number, *fields in rows)
    return list(stored if asked.most_bytes is None else _bounded(stored, asked.most_bytes))


def _bounded(rows: Iterable[StoredRow], most_bytes: int) -> Iterator[StoredRow]:
    size = 0
    for one in rows:
        yield one
        size += one.row.size
        if size >= most_bytes:
            return


_TIME = "COALESCE(s.time, t.xact >> 16)"


def _matching(asked: RowsAsked) -> Bound:
    """The test of a row, or of some row of its trace; a row without a time has that of its arrival, as it is shown."""
    if asked.test is None:
        return "", []
    sql, values = as_sql(asked.test)
    sql = sql.replace("s.time", _TIME)
    if asked.shape == "traces":
        sql = f"EXISTS (SELECT 1 FROM spans AS s WHERE {_IN_TRACE} AND {sql})"
    return f" AND {sql}", values


def _behind(asked: RowsAsked) -> tuple[str, list[Any]]:
    """Places behind the one given; traces before it are not even looked into."""
    if asked.after is None:
        return "", []
    trace, sign = asked.after >> POSITION_BITS, "<" if asked.newest_first else ">"
    return f" AND t.trace {sign}= ? AND s.key {sign} ?", [trace, asked.after]


def _narrowing(test: Test, containers: list[int]) -> Bound:
    """The traces that rows of certain ids or traces can be in, found by index; for all other tests nothing."""
    for one in test.tests if isinstance(test, And) else (test,):
        wanted = _equals(one)
        if wanted is None:
            continue
        fields, values = wanted
        ours = f"container IN ({', '.join(map(str, containers))})"
        listed = orjson.dumps(values).decode()
        among = "IN (SELECT value FROM json_each(?))"
        queries = [
            f"SELECT trace FROM traces WHERE {ours} AND root_span_id {among}"
            if field == "root_span_id"
            else f"SELECT key >> 32 FROM spans WHERE {ours} AND {field} {among}{_SPAN_INDEX[field]}"
            for field in fields
        ]
        if "span_id" in fields and "id" not in fields:  # rows whose ids are equal stand in the other index
            queries.append(f"SELECT key >> 32 FROM spans WHERE {ours} AND id {among}")
        return f" AND t.trace IN ({' UNION '.join(queries)})", [listed] * len(queries)
    return "", []


_SPAN_INDEX = {"id": "", "span_id": " AND span_id <> id"}


def _equals(test: Test) -> tuple[list[str], list[Any]] | None:
    """The id fields that must have one of some values for ``test`` to hold; None for any other test."""
    alternatives = test.tests if isinstance(test, Or) else (test,)
    fields: dict[str, None] = {}
    values: dict[Any, None] = {}
    for one in alternatives:
        if not (isinstance(one, Condition) and one.operator == "=" and one.field in (*_BY_ID, "root_span_id")):
            return None
        fields[one.field] = None
        values[one.value] = None
    return list(fields), list(values)
