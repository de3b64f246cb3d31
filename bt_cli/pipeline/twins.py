"""Identical records within one source: each after the first gets an ordinal, and so an id of its own."""

from __future__ import annotations

import sqlite3

_IN_MEMORY = 20_000


class Twins:
    """Counts records by content hash; beyond a fixed number in memory, in a temporary file of SQLite's."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}
        self._spilled: sqlite3.Connection | None = None

    def ordinal(self, digest: bytes) -> int:
        """How many records of this content came before."""
        if len(self._seen) >= _IN_MEMORY:
            self._spill()
        if digest not in self._seen:
            self._seen[digest] = self._count_spilled(digest)
        ordinal = self._seen[digest]
        self._seen[digest] = ordinal + 1
        return ordinal

    def _count_spilled(self, digest: bytes) -> int:
        if self._spilled is None:
            return 0
        found = self._spilled.execute("SELECT count FROM seen WHERE digest = ?", (digest,)).fetchone()
        return int(found[0]) if found else 0

    def _spill(self) -> None:
        if self._spilled is None:
            self._spilled = sqlite3.connect("", isolation_level=None)
            self._spilled.execute("PRAGMA journal_mode = OFF")
            self._spilled.execute("PRAGMA cache_size = -4000")
            self._spilled.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY, count INTEGER) WITHOUT ROWID")
        self._spilled.execute("BEGIN")
        self._spilled.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", sorted(self._seen.items()))
        self._spilled.execute("COMMIT")
        self._seen.clear()
