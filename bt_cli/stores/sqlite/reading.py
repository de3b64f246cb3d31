"""Reading back: traces in order, by pages, so that no transaction stays open while the reader waits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import orjson

from bt_cli.query.filters import Condition, SpanFilter, is_about
from bt_cli.spans.row import Row
from bt_cli.stores.base import Fields, NewestFirst, ReadStats
from bt_cli.stores.serving import TraceKey
from bt_cli.stores.sqlite.conditions import Bound, all_as_sql
from bt_cli.stores.sqlite.schema import ROW_COLUMNS

_PAGE_SPANS = 200
_PAGE_TRACES = 500
ARRIVALS = 100

_IN_TRACE = "s.key BETWEEN t.trace << 32 AND (t.trace << 32) + 4294967295"
_ROWS = """
    SELECT {}
    FROM json_each(?) AS t CROSS JOIN spans AS s
    WHERE s.key BETWEEN t.value << 32 AND (t.value << 32) + 4294967295"""
_ALWAYS = ("id", "span_id", "root_span_id", "span_parents")
"""Columns that are read whatever is asked for."""
_LOST = f"""
    SELECT count(*) FROM json_each(?) AS j JOIN traces AS t ON t.trace = j.value
    WHERE t.spans > (SELECT count(*) FROM spans AS s WHERE {_IN_TRACE})"""

_KEY = "SELECT time, root_span_id FROM traces WHERE trace = ?"
_AFTER_ALL = chr(0x10FFFF)


class Page(NamedTuple):
    """Some traces by their numbers, and the test that their spans have to pass; good on any connection."""

    traces: list[int]
    spans: int
    condition: str
    values: list[Any]


class Order(NamedTuple):
    """In which order traces come: ``newest`` first, or as usual, from behind the trace of a key on."""

    newest: NewestFirst | None = None
    after: TraceKey | None = None


def pages(db: sqlite3.Connection, container: int, wanted: SpanFilter, stats: ReadStats, order: Order) -> Iterator[Page]:
    """The wanted traces in order, some 200 spans a page, without those that begin after the first was asked for."""
    condition, values = _on_span(wanted) if wanted.scope == "spans" else ("", [])
    for traces, spans in _pages(db, container, wanted, stats, order):
        yield Page(traces, spans, condition, values)


def end_of(db: sqlite3.Connection, page: Page) -> TraceKey | None:
    """The key of the last trace of a page that is still there; None where all have been deleted."""
    found = (db.execute(_KEY, (trace,)).fetchone() for trace in reversed(page.traces))
    return next((TraceKey(*key) for key in found if key), None)


def arrived(db: sqlite3.Connection, container: int, wanted: SpanFilter, after: int, last: int) -> Page:
    """The first wanted traces numbered above ``after`` up to ``last``, as one page of at most `ARRIVALS`."""
    condition, values = _on_trace(wanted)
    query = f"""
        SELECT t.trace, t.spans FROM traces AS t
        WHERE t.container = ? AND t.trace > ? AND t.trace <= ?{condition} ORDER BY t.trace LIMIT {ARRIVALS}"""
    found = db.execute(query, [container, after, last, *values]).fetchall()
    return Page([trace for trace, _ in found], sum(spans for _, spans in found), "", [])


def read_page(db: sqlite3.Connection, page: Page, fields: Fields = None) -> list[list[Row]]:
    """The rows of a page, a list for each trace; columns that are not among ``fields`` come as None."""
    query = _ROWS.format(_columns(None if fields is None else frozenset(fields))) + page.condition
    found = db.execute(query, [orjson.dumps(page.traces).decode(), *page.values])
    rows = [Row(*values) for values in found]
    if not page.condition and len(rows) < page.spans:
        _refuse_loss(db, page)
    return list(_by_trace(rows))


@cache
def _columns(fields: frozenset[str] | None) -> str:
    """The columns of a row as SQL. Those behind the last one that is wanted are not even looked for."""
    wanted = ROW_COLUMNS if fields is None else [name for name in ROW_COLUMNS if name in fields or name in _ALWAYS]
    columns = [f"s.{name}" if name in wanted else "NULL" for name in ROW_COLUMNS]
    while columns[-1] == "NULL":
        columns.pop()
    return ", ".join(columns)


def _refuse_loss(db: sqlite3.Connection, page: Page) -> None:
    """Raises sqlite3.DatabaseError where spans can't be found that are counted: damage which SQLite does not see.

    Rows may also have been deleted since the page was made; then the counts agree by now.
    """
    lost = db.execute(_LOST, (orjson.dumps(page.traces).decode(),)).fetchone()[0]
    if lost:
        error = sqlite3.DatabaseError(f"{lost} traces lack spans")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _by_trace(rows: list[Row]) -> Iterator[list[Row]]:
    begin = 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or rows[index].root_span_id != rows[begin].root_span_id:
            if index > begin:
                yield rows[begin:index]
            begin = index


def _pages(
    db: sqlite3.Connection, container: int, wanted: SpanFilter, stats: ReadStats, order: Order
) -> Iterator[tuple[list[int], int]]:
    """Numbers of wanted traces in order of (time, root_span_id), timeless ones first, some 200 spans at a time."""
    condition, values = _on_trace(wanted)
    last_trace = db.execute("SELECT max(trace) FROM traces").fetchone()[0]
    if wanted.by_time and order.after is None:
        stats.timeless += _timeless(db, container, wanted)
    down = "" if order.newest is None else " DESC"
    for after, cursor in _phases(order.after) if order.newest is None else _newest_phases(order.newest):
        query = f"""
            SELECT t.trace, t.spans, t.time, t.root_span_id FROM traces AS t
            WHERE t.container = ? AND t.trace <= ? AND {after}{condition}
            ORDER BY t.time{down}, t.root_span_id{down} LIMIT {_PAGE_TRACES}"""
        while found := db.execute(query, [container, last_trace, *cursor, *values]).fetchall():
            yield from cut(found)
            if len(found) < _PAGE_TRACES:
                break
            time, root = found[-1][2:]
            cursor = (root,) if time is None else (time, time, root)


def _timeless(db: sqlite3.Connection, container: int, wanted: SpanFilter) -> int:
    """How many traces or spans match all conditions but those of time, because they have none."""
    others = tuple(one for one in wanted.conditions if not is_about(one, "created"))
    wanted = SpanFilter(others, wanted.scope)
    traces, values = _on_trace(wanted)
    query = f"SELECT count(*) FROM traces AS t WHERE t.container = ? AND t.time IS NULL{traces}"
    if wanted.scope == "spans":
        spans, more = _on_span(wanted)
        query = (
            f"SELECT count(*) FROM traces AS t CROSS JOIN spans AS s ON {_IN_TRACE} "
            f"WHERE t.container = ?{traces} AND s.time IS NULL{spans}"
        )
        values = values + more
    return int(db.execute(query, [container, *values]).fetchone()[0])


_PHASES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("t.root_span_id IS NULL", ()),
    ("t.time IS NULL AND t.root_span_id > ?", ("",)),
    (
        "t.root_span_id IS NOT NULL AND t.time >= ? AND (t.time > ? OR t.root_span_id > ?)",
        (float("-inf"), float("-inf"), ""),
    ),
)
"""Rows without a known trace, timeless traces, the rest: each with the cursor to begin with."""


def _phases(after: TraceKey | None) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The phases, without those that lie before the key."""
    if after is None:
        yield from _PHASES
        return
    _, timeless, dated = _PHASES
    if after.time is not None:
        yield dated[0], (after.time, after.time, after.trace)
        return
    yield (timeless[0], (after.trace,)) if after.trace is not None else timeless
    yield dated


def _newest_phases(newest: NewestFirst) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The phases the other way round, without those that lie before the key."""
    time, trace = newest
    if time is not None or trace is None:
        dated = "t.root_span_id IS NOT NULL AND t.time <= ? AND (t.time < ? OR t.root_span_id < ?)"
        end = float("inf") if time is None else time
        yield dated, (end, end, trace or "")
    yield "t.time IS NULL AND t.root_span_id < ?", (trace if time is None and trace is not None else _AFTER_ALL,)
    yield _PHASES[0]


def _on_trace(wanted: SpanFilter) -> Bound:
    """The test of a trace: its own time and id, and that one of its spans matches the rest."""
    sql, values = "", []
    for one in wanted.conditions:
        if isinstance(one, Condition) and (
            one.field == "trace" or (one.field == "created" and wanted.scope == "traces")
        ):
            sql += f" AND {_TRACE_COLUMNS[one.field]} {one.operator} ?"
            values.append(one.value)
    inner, inner_values = _on_span(wanted)
    if inner:
        sql += f" AND EXISTS (SELECT 1 FROM spans AS s WHERE {_IN_TRACE}{inner})"
    return sql, values + inner_values


_TRACE_COLUMNS = {"trace": "t.root_span_id", "created": "t.time"}


def _on_span(wanted: SpanFilter) -> Bound:
    """The test of one span; with scope ``traces`` its time does not matter."""
    apart = ("trace", "created") if wanted.scope == "traces" else ("trace",)
    return all_as_sql([one for one in wanted.conditions if not is_about(one, *apart)])


def cut(found: Iterable[tuple[int, ...]]) -> Iterator[tuple[list[int], int]]:
    """Traces, each its number and its spans, as pages: the traces of each and the spans in all."""
    page: list[int] = []
    spans = 0
    for trace, size, *_ in found:
        if page and spans + size > _PAGE_SPANS:
            yield page, spans
            page, spans = [], 0
        page.append(trace)
        spans += size
    if page:
        yield page, spans
