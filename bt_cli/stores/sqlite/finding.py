"""Finding a trace or a span by an id, or by the beginning or end of one; every look-up goes by an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import orjson

SHORTEST = 4
"""Characters that a part of an id needs."""
MOST = 11
"""Matches after which nobody looks for more."""
_AFTER_ALL = chr(0x10FFFF)

_OURS = "container IN (SELECT value FROM json_each(?))"
_TRACE = f"SELECT container, root_span_id, NULL FROM traces WHERE {_OURS} AND"
_TRACE_OF_SPAN = (
    f"SELECT DISTINCT container, root_span_id, NULL FROM spans WHERE root_span_id IS NOT NULL AND {_OURS} AND"
)
_SPAN = f"SELECT container, root_span_id, id FROM spans WHERE root_span_id IS NOT NULL AND {_OURS} AND"
_BY_KEY = f"""key IN (
    SELECT key FROM spans WHERE {_OURS} AND substr(id, ?) = ?
    UNION ALL SELECT key FROM spans WHERE {_OURS} AND span_id <> id AND substr(span_id, ?) = ?)"""

Match = tuple[int, str, str | None]
"""The number of a container, the trace, and the id of the row where a span was asked for."""
Query = tuple[str, Sequence[object]]


def find_traces(db: sqlite3.Connection, containers: Sequence[int], wanted: str) -> list[Match]:
    """The traces with this id, else with a span of this id, else those where ``wanted`` begins or ends one.

    At most `MOST`; ends of span ids are looked at only where nothing else fits.
    """
    ours = orjson.dumps(containers).decode()
    tiers: list[list[Query]] = [
        [(f"{_TRACE} root_span_id = ?", (ours, wanted))],
        [(f"{_TRACE_OF_SPAN} {where}", (ours, wanted)) for where in _EXACT],
    ]
    if len(wanted) >= SHORTEST:
        begins = (ours, wanted, wanted + _AFTER_ALL)
        tiers += [
            [
                (f"{_TRACE} root_span_id >= ? AND root_span_id < ?", begins),
                (f"{_TRACE} substr(root_span_id, ?) = ?", (ours, -len(wanted), wanted)),
                *((f"{_TRACE_OF_SPAN} {where}", begins) for where in _BEGINS),
            ],
            [(f"{_TRACE_OF_SPAN} {_BY_KEY}", _ends(ours, wanted))],
        ]
    return _first(db, tiers)


def find_spans(db: sqlite3.Connection, containers: Sequence[int], wanted: str) -> list[Match]:
    """The spans with this ``id`` or ``span_id``, else those where ``wanted`` begins or ends one; at most `MOST`."""
    ours = orjson.dumps(containers).decode()
    tiers: list[list[Query]] = [[(f"{_SPAN} {where}", (ours, wanted)) for where in _EXACT]]
    if len(wanted) >= SHORTEST:
        begins = (ours, wanted, wanted + _AFTER_ALL)
        tiers.append(
            [*((f"{_SPAN} {where}", begins) for where in _BEGINS), (f"{_SPAN} {_BY_KEY}", _ends(ours, wanted))]
        )
    return _first(db, tiers)


_EXACT = ("id = ?", "span_id <> id AND span_id = ?")
_BEGINS = ("id >= ? AND id < ?", "span_id <> id AND span_id >= ? AND span_id < ?")


def _ends(ours: str, wanted: str) -> Sequence[object]:
    # The first container list is that of the outer query.
    return (ours, *(ours, -len(wanted), wanted) * 2)


def _first(db: sqlite3.Connection, tiers: Iterable[Iterable[Query]]) -> list[Match]:
    """The matches of the first tier that has some."""
    for queries in tiers:
        found: dict[Match, None] = {}
        for query, values in queries:
            found.update(dict.fromkeys(db.execute(f"{query} LIMIT {MOST}", values)))
        if found:
            return list(found)[:MOST]
    return []
