"""Tokens, cost and duration of a trace in SQL, without scorers; sums also without wrappers that repeat them (rule 3.4).

It says what `bt_cli.spans.rollup` does, and a contract test compares the two on any graphs of spans.
"""

from __future__ import annotations

from bt_cli.stores.sqlite.span_facts import DURATION, END, IS_ROOT, IS_SCORER, START

IN_TRACE = "s.key BETWEEN t.trace << 32 AND (t.trace << 32) + 4294967295"
"""Of a span ``s``: it is in the trace ``t``."""
PARENT = "json_extract(s.span_parents, '$[0]')"


_ABOVE = f"""(SELECT min(key) FROM (
                SELECT p.key FROM main.spans AS p INDEXED BY spans_by_id
                    WHERE p.container = s.container AND p.id = {PARENT}
                    AND p.span_id = p.id AND p.key >> 32 = s.key >> 32
                UNION ALL SELECT p.key FROM main.spans AS p INDEXED BY spans_by_span_id
                    WHERE p.container = s.container AND p.span_id = {PARENT} AND p.span_id <> p.id
                    AND p.key >> 32 = s.key >> 32))"""
"""The key of a span's first parent."""
# Spans are looked up by key only: SQLite makes no index for a list that depends on the trace.
_OF = "AS w CROSS JOIN main.spans AS s ON s.key = w.key"


def counted(value: str, condition: str) -> str:
    """The sum of ``value`` over spans ``s`` with ``condition``, below which is none such, and above which no scorer.

    Most traces have no such span with anything below it and no scorer, and a sum does. Else the work grows
    with the spans, however deep they lie: each is stepped on once on the way up. Only where a model call
    lies below a scorer the way up is taken from each call by itself.
    """
    spans = f"FROM main.spans AS s WHERE {IN_TRACE} AND"
    return f"""CASE WHEN NOT EXISTS (SELECT 1 {spans} {IS_SCORER}) AND NOT EXISTS (
        SELECT s.span_id {spans} {condition} INTERSECT SELECT {PARENT} FROM main.spans AS s WHERE {IN_TRACE})
    THEN (SELECT sum({value}) {spans} {condition})
    ELSE (WITH RECURSIVE
        holders (key) AS (SELECT s.key {spans} {condition}),
        {_without_scorers(spans)},
        {_uncovered(condition)}
        SELECT sum({value}) FROM (SELECT key FROM calls EXCEPT SELECT key FROM (
            SELECT key FROM wrappers EXCEPT SELECT key FROM (
                SELECT key FROM alone EXCEPT SELECT origin FROM others WHERE origin = key))) {_OF})
    END"""


def trace_duration() -> str:
    """How long a trace took: its root, else from the first start to the last end of what scoring did not add."""
    spans = f"FROM main.spans AS s WHERE {IN_TRACE}"
    lasted = f"SELECT round(max({END}) - min({START}), 6)"
    return f"""coalesce((SELECT {DURATION} {spans} AND {IS_ROOT} ORDER BY s.key LIMIT 1),
    CASE WHEN NOT EXISTS (SELECT 1 {spans} AND {IS_SCORER}) THEN ({lasted} {spans})
    ELSE (WITH RECURSIVE
        holders (key) AS (SELECT s.key {spans}),
        {_without_scorers(f"{spans} AND")}
        {lasted} FROM calls {_OF})
    END)"""


def _without_scorers(spans: str) -> str:
    """``calls``: the holders of a value that no scorer has above it, or is.

    ``lineage`` are the spans above any of them; without a scorer among these, nobody looks further.
    """
    return f"""lineage (key) AS (
            SELECT key FROM (SELECT EXISTS (SELECT 1 {spans} {IS_SCORER}) AS any) CROSS JOIN holders WHERE any
            UNION SELECT {_ABOVE} FROM lineage {_OF}),
        above (origin, key) AS (
            SELECT key, key FROM (SELECT EXISTS (SELECT 1 FROM lineage {_OF} WHERE {IS_SCORER}) AS any)
                CROSS JOIN holders WHERE any
            UNION SELECT w.origin, {_ABOVE} FROM above {_OF}),
        calls (key) AS (SELECT key FROM holders EXCEPT SELECT w.origin FROM above {_OF} WHERE {IS_SCORER})"""


def _uncovered(condition: str) -> str:
    """``wrappers``: calls above others. The way up ends at the next call, so that ``up`` has each span once.

    On a cycle it may come back to where it began: such a call is ``alone``, unless ``others`` lead there too.
    """
    on = f"WHERE ({condition}) IS NOT TRUE"
    return f"""up (key) AS (SELECT {_ABOVE} FROM calls {_OF} UNION SELECT {_ABOVE} FROM up {_OF} {on}),
        wrappers (key) AS (SELECT key FROM calls INTERSECT SELECT key FROM up),
        own (origin, key) AS (
            SELECT w.key, {_ABOVE} FROM wrappers {_OF} UNION SELECT w.origin, {_ABOVE} FROM own {_OF} {on}),
        alone (key) AS (SELECT key FROM own WHERE origin = key),
        others (origin, key) AS (
            SELECT a.key, {_ABOVE} FROM alone AS a CROSS JOIN calls {_OF} WHERE w.key <> a.key
            UNION SELECT w.origin, {_ABOVE} FROM others {_OF} {on})"""


def errors() -> str:
    """How many spans of a trace have an error; what scoring added, and what lies below it, counts as little."""
    spans = f"FROM main.spans AS s WHERE {IN_TRACE} AND"
    failed = "nullif(s.error, 'null') IS NOT NULL"
    return f"""CASE WHEN NOT EXISTS (SELECT 1 {spans} {IS_SCORER}) THEN (SELECT count(*) {spans} {failed})
    ELSE (SELECT count(*) {spans} {failed} AND NOT EXISTS (
        WITH RECURSIVE up (key) AS (SELECT s.key UNION SELECT {_ABOVE} FROM up {_OF})
        SELECT 1 FROM up {_OF} WHERE {IS_SCORER}))
    END"""
