"""The writes that all ways of storing a batch share: rows, remembered sources, touched traces."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from bt_cli.stores.base import Submission
from bt_cli.stores.sqlite.schema import ROW_COLUMNS

_INSERT = (
    f"INSERT INTO spans (key, container, {', '.join(ROW_COLUMNS)}) VALUES ({', '.join('?' * (len(ROW_COLUMNS) + 2))})"
)
_TOUCHED = (
    "CREATE TEMP TABLE IF NOT EXISTS touched "
    "(trace INTEGER PRIMARY KEY, counted INTEGER NOT NULL, new INTEGER NOT NULL, changed INTEGER NOT NULL)"
)
_TOUCH = (
    "INSERT INTO touched VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "counted = max(counted, excluded.counted), new = max(new, excluded.new), changed = max(changed, excluded.changed)"
)

Touched = tuple[int, bool | int, bool | int, bool | int]
"""A trace, whether it counts as one of single rows, whether it is new, whether it changed."""
SourceEntry = tuple[int, bytes, int, bool, bool]
"""Key of a record's first row, hash of its source, its spans, whether it is anonymous, whether it is a tree."""


def insert_rows(db: sqlite3.Connection, parameters: Iterable[tuple[object, ...]]) -> None:
    """Inserts rows, each as (key, container, its fields)."""
    db.executemany(_INSERT, parameters)


def remember(db: sqlite3.Connection, sources: Iterable[SourceEntry], new: bool = False) -> None:
    """Keeps the source hashes of records; ``new`` tells that none of their keys has one yet, which is faster."""
    verb = "INSERT" if new else "INSERT OR REPLACE"
    db.executemany(f"{verb} INTO sources VALUES (?, ?, ?, ?, ?)", sources)


def forget_touched(db: sqlite3.Connection) -> None:
    """Begins a run: no trace is touched."""
    db.execute(_TOUCHED)
    db.execute("DELETE FROM touched")


def touch(db: sqlite3.Connection, traces: Iterable[Touched]) -> None:
    """Marks traces for the settlement."""
    db.executemany(_TOUCH, traces)


def drop_emptied(db: sqlite3.Connection, traces: Iterable[int]) -> None:
    """Removes those of ``traces`` that have no rows any more."""
    for trace in traces:
        if db.execute("DELETE FROM traces WHERE trace = ? AND spans = 0", (trace,)).rowcount:
            db.execute("DELETE FROM touched WHERE trace = ?", (trace,))


def has_loose_ends(submission: Submission) -> bool:
    """Whether a record may have parents elsewhere: a single row, a fragment, a tree over several traces."""
    rows = submission.rows
    root = rows[0].root_span_id
    if not submission.tree or rows[0].span_parents != "[]":
        return True
    return any([row.root_span_id != root for row in rows])
