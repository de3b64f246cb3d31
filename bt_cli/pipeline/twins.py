"""Identical records within one source: each after the first gets an ordinal, and so an id of its own."""

from __future__ import annotations

import sqlite3

_IN_MEMORY = 20_000
_MARK_BYTES = 3
"""Bytes of a digest that choose its mark: 2 MiB of marks, so that few new records of a few million look spilled."""


class Twins:
    """Counts records by content hash; beyond a fixed number in memory, in a temporary file of SQLite's."""

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}
        self._spilled: sqlite3.Connection | None = None
        self._marks = bytearray()
        """A bit for each beginning of a digest, set where one of the spilled has it: most that are new have not."""

    def ordinal(self, digest: bytes) -> int:
        """How many records of this content came before."""
        if len(self._seen) >= _IN_MEMORY:
            self._spill()
        ordinal = self._seen.get(digest)
        if ordinal is None:
            ordinal = self._count_spilled(digest) if self._spilled is not None else 0
        self._seen[digest] = ordinal + 1
        return ordinal

    def _count_spilled(self, digest: bytes) -> int:
        mark = int.from_bytes(digest[:_MARK_BYTES], "big")
        if not self._marks[mark >> 3] & 1 << (mark & 7):
            return 0
        assert self._spilled is not None
        found = self._spilled.execute("SELECT count FROM seen WHERE digest = ?", (digest,)).fetchone()
        return int(found[0]) if found else 0

    def _spill(self) -> None:
        if self._spilled is None:
            self._spilled = sqlite3.connect("", isolation_level=None)
            self._spilled.execute("PRAGMA journal_mode = OFF")
            self._spilled.execute("PRAGMA cache_size = -4000")
            self._spilled.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY, count INTEGER) WITHOUT ROWID")
            self._marks = bytearray(1 << (8 * _MARK_BYTES - 3))
        self._spilled.execute("BEGIN")
        self._spilled.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", sorted(self._seen.items()))
        self._spilled.execute("COMMIT")
        for digest in self._seen:
            mark = int.from_bytes(digest[:_MARK_BYTES], "big")
            self._marks[mark >> 3] |= 1 << (mark & 7)
        self._seen.clear()
