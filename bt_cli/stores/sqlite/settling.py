"""The end of a run: rows that came without ``root_span_id`` get their parents', and loose ends are counted."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from msgspec.structs import astuple

from bt_cli.spans.links import Link, broken_links, parents_of
from bt_cli.spans.row import Row
from bt_cli.stores.base import Settlement
from bt_cli.stores.sqlite.careful import forget
from bt_cli.stores.sqlite.places import Places
from bt_cli.stores.sqlite.schema import POSITION_BITS, ROW_COLUMNS

if TYPE_CHECKING:
    from bt_cli.stores.sqlite.writing import SqliteWriting

_UNLINKED = f"SELECT key, {', '.join(ROW_COLUMNS)} FROM spans WHERE container = ? AND root_span_id IS NULL AND key > ? ORDER BY key LIMIT 5000"
_ROOT_OF = (
    "SELECT root_span_id FROM spans WHERE container = ?1 AND id = ?2 AND span_id = ?2 AND root_span_id IS NOT NULL "
    "UNION ALL "
    "SELECT root_span_id FROM spans WHERE container = ?1 AND span_id = ?2 AND span_id <> id AND root_span_id IS NOT NULL "
    "LIMIT 1"
)
_LINKS = "SELECT span_id, span_parents FROM spans WHERE key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295"


def settle(writing: SqliteWriting, container: int) -> Settlement:
    """Links and counts, within the caller's transaction."""
    db = writing.db
    if db.execute("SELECT 1 FROM traces WHERE container = ? AND root_span_id IS NULL", (container,)).fetchone():
        while _link_some(writing, container):
            pass
    settlement = Settlement()
    query = "SELECT count(*), coalesce(sum(new), 0), coalesce(sum(changed AND NOT new), 0) FROM touched WHERE counted"
    counted, settlement.new_traces, settlement.changed_traces = db.execute(query).fetchone()
    settlement.unchanged_traces = counted - settlement.new_traces - settlement.changed_traces
    last = -1
    while touched := db.execute("SELECT trace FROM touched WHERE trace > ? ORDER BY trace LIMIT 1000", (last,)).fetchall():
        last = touched[-1][0]
        for (trace,) in touched:
            links = (Link(span_id, parents_of(parents)) for span_id, parents in db.execute(_LINKS, (trace,)))
            broken = broken_links(links)
            settlement.orphans += broken.orphans
            settlement.cycles += broken.cycles
    return settlement


def _link_some(writing: SqliteWriting, container: int) -> bool:
    """One pass over the unlinked rows; True if it has linked any, so that their children may follow."""
    db = writing.db
    linked = False
    last = -1
    while found := db.execute(_UNLINKED, (container, last)).fetchall():
        last = found[-1][0]
        moves = []
        for key, *fields in found:
            row = Row(*fields)
            row.root_span_id = _root(db, container, row)
            if row.root_span_id is not None:
                moves.append((key, row))
        if moves:
            _move(writing, container, moves)
            linked = True
    return linked


def _root(db: sqlite3.Connection, container: int, row: Row) -> str | None:
    for parent in parents_of(row.span_parents):
        found = db.execute(_ROOT_OF, (container, parent)).fetchone()
        if found:
            return str(found[0])
    return None


def _move(writing: SqliteWriting, container: int, moves: list[tuple[int, Row]]) -> None:
    db = writing.db
    places = Places(db, container)
    places.open_traces({row.root_span_id for _, row in moves})
    new_keys = [(places.next_key(row), key, row) for key, row in moves]
    sources = []
    for new_key, key, _ in new_keys:
        sources += [(new_key, *rest) for rest in db.execute("SELECT hash, spans, anonymous, tree FROM sources WHERE key = ?", (key,))]
    forget(db, [(key,) for key, _ in moves])
    writing.insert((new_key, container, *astuple(row)) for new_key, _, row in new_keys)
    writing.remember(sources)
    writing.touch((places.trace_of(row), 1, places.is_new(places.trace_of(row)), 1) for _, row in moves)
    db.execute("DELETE FROM traces WHERE root_span_id IS NULL AND spans = 0")
    db.execute("DELETE FROM touched WHERE trace = ?", (moves[0][0] >> POSITION_BITS,))
    places.store()
