"""The traces that an import touched, unchanged ones included: by rows of theirs, in bounded memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

_AT_ONCE = 1000


class Touched:
    """Ids of stored rows, of each touched trace at least one; a context manager.

    They lie in a temporary file of SQLite's; what is small never leaves the memory.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE touched (id TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Touched:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add(self, ids: Iterable[str]) -> None:
        """Adds the ids of some rows; known ones change nothing."""
        self._db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", ((one,) for one in ids))

    def ids(self) -> Iterator[str]:
        """All ids, each once."""
        cursor = self._db.execute("SELECT id FROM touched")
        while some := cursor.fetchmany(_AT_ONCE):
            yield from (one for (one,) in some)
