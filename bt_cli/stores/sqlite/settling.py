"""The end of a run: rows that came without ``root_span_id`` get their parents', and loose ends are counted."""

from __future__ import annotations

import sqlite3

from bt_cli.spans.links import Link, broken_links, parents_of
from bt_cli.spans.row import Row
from bt_cli.stores.base import Settlement
from bt_cli.stores.sqlite.places import Places
from bt_cli.stores.sqlite.statements import drop_emptied, touch

_PAGE = 5000
_IN_TRACE = "key BETWEEN {0} << 32 AND ({0} << 32) + 4294967295"
_UNLINKED = "SELECT trace FROM traces WHERE container = ? AND root_span_id IS NULL"
_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS waiting (key INTEGER, place INTEGER, parent TEXT)",
    "CREATE INDEX IF NOT EXISTS temp.waiting_by_parent ON waiting (parent)",
    "CREATE TEMP TABLE IF NOT EXISTS linked (key INTEGER PRIMARY KEY, span_id TEXT, root TEXT, round INTEGER)",
    "CREATE INDEX IF NOT EXISTS temp.linked_by_round ON linked (round)",
    "DELETE FROM temp.waiting",
    "DELETE FROM temp.linked",
)
_WAIT = (
    "INSERT INTO temp.waiting SELECT s.key, p.key, p.value FROM spans AS s, json_each(s.span_parents) AS p "
    f"WHERE s.{_IN_TRACE.format('?')}"
)
_BY_STORED = """
    INSERT OR IGNORE INTO temp.linked
    SELECT w.key, s.span_id, coalesce(
        (SELECT root_span_id FROM spans
            WHERE container = ?1 AND id = w.parent AND span_id = w.parent AND root_span_id IS NOT NULL),
        (SELECT root_span_id FROM spans
            WHERE container = ?1 AND span_id = w.parent AND span_id <> id AND root_span_id IS NOT NULL)) AS found, ?2
    FROM temp.waiting AS w JOIN spans AS s ON s.key = w.key
    WHERE {place} AND found IS NOT NULL ORDER BY w.place"""
_BY_LINKED = """
    INSERT OR IGNORE INTO temp.linked
    SELECT w.key, s.span_id, l.root, ?1
    FROM temp.linked AS l CROSS JOIN temp.waiting AS w CROSS JOIN spans AS s
    WHERE {place} AND w.parent = l.span_id AND s.key = w.key ORDER BY w.place"""
_FIRST_BY_STORED = _BY_STORED.format(place="w.place = 0")
_FIRST_BY_LINKED = _BY_LINKED.format(place="l.round = ?1 - 1 AND w.place = 0")
_FURTHER_BY_STORED = _BY_STORED.format(place="w.place > 0")
_FURTHER_BY_LINKED = _BY_LINKED.format(place="w.place > 0")
_LINKED = (
    "SELECT l.key, l.root, s.id, s.span_id, s.span_parents, s.created, s.time "
    f"FROM temp.linked AS l JOIN spans AS s ON s.key = l.key WHERE l.key > ? ORDER BY l.key LIMIT {_PAGE}"
)
_COUNTED = "SELECT count(*), coalesce(sum(new), 0), coalesce(sum(changed AND NOT new), 0) FROM touched WHERE counted"
_GONE = "DELETE FROM touched WHERE trace NOT IN (SELECT trace FROM traces)"
_LINKS = f"SELECT span_id, span_parents FROM spans WHERE {_IN_TRACE.format('?1')}"


def settle(db: sqlite3.Connection, container: int) -> Settlement:
    """Links and counts, within the caller's transaction."""
    link(db, container)
    db.execute(_GONE)
    counted, new, changed = db.execute(_COUNTED).fetchone()
    settlement = Settlement(new_traces=new, changed_traces=changed, unchanged_traces=counted - new - changed)
    _count_loose_ends(db, settlement)
    return settlement


def link(db: sqlite3.Connection, container: int) -> None:
    """Moves rows of unknown traces to those of their parents, as far as these are stored; within a transaction."""
    unlinked = [trace for (trace,) in db.execute(_UNLINKED, (container,)).fetchall()]
    if unlinked:
        _find_links(db, container, unlinked)
        _move_linked(db, container)
        drop_emptied(db, unlinked)


def _find_links(db: sqlite3.Connection, container: int, unlinked: list[int]) -> None:
    """Fills ``linked``, from the spans whose trace is known down to their last descendants.

    A row belongs where its first parent does; only where that has no trace, a further one decides.
    """
    for statement in _TABLES:
        db.execute(statement)
    for trace in unlinked:
        db.execute(_WAIT, (trace, trace))
    link_round = 0
    found = db.execute(_FIRST_BY_STORED, (container, link_round)).rowcount
    while True:
        while found:
            link_round += 1
            found = db.execute(_FIRST_BY_LINKED, (link_round,)).rowcount
        found = db.execute(_FURTHER_BY_STORED, (container, link_round)).rowcount
        found += db.execute(_FURTHER_BY_LINKED, (link_round,)).rowcount
        if not found:
            return


def _move_linked(db: sqlite3.Connection, container: int) -> None:
    """Moves the rows of ``linked`` to the ends of their traces, in the order in which they came."""
    last = -1
    while page := db.execute(_LINKED, (last,)).fetchall():
        last = page[-1][0]
        moves = [(key, Row(id, span_id, root, *rest)) for key, root, id, span_id, *rest in page]
        _move(db, container, moves)


def _move(db: sqlite3.Connection, container: int, moves: list[tuple[int, Row]]) -> None:
    places = Places(db, container)
    places.open_traces({row.root_span_id for _, row in moves})
    keys = [(places.next_key(row), key) for key, row in moves]
    roots = [row.root_span_id for _, row in moves]
    db.executemany(
        "UPDATE spans SET key = ?, root_span_id = ? WHERE key = ?",
        ((new, root, old) for (new, old), root in zip(keys, roots, strict=True)),
    )
    db.executemany("UPDATE sources SET key = ? WHERE key = ?", keys)
    db.executemany("UPDATE traces SET spans = spans - 1 WHERE trace = ? >> 32", ((old,) for _, old in keys))
    traces = {places.trace_of(row) for _, row in moves}
    touch(db, ((trace, 1, places.is_new(trace), 1) for trace in traces))
    places.store()


def _count_loose_ends(db: sqlite3.Connection, settlement: Settlement) -> None:
    last = -1
    while touched := db.execute(
        "SELECT trace FROM touched WHERE trace > ? ORDER BY trace LIMIT 1000", (last,)
    ).fetchall():
        last = touched[-1][0]
        for (trace,) in touched:
            links = (Link(span_id, parents_of(parents)) for span_id, parents in db.execute(_LINKS, (trace,)))
            broken = broken_links(links)
            settlement.orphans += broken.orphans
            settlement.cycles += broken.cycles
