"""A dry run: the real store is opened read-only, and the run writes to temporary tables of the same names.

SQLite finds a temporary table before one of the file. So the ordinary code runs unchanged, once the
rows and traces that a batch will meet have been copied over.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson

from bt_cli.spans.container import Container
from bt_cli.stores.base import Known, Outcome, Settlement, Submission
from bt_cli.stores.sqlite.connect import translated
from bt_cli.stores.sqlite.schema import MIGRATIONS, ROW_COLUMNS
from bt_cli.stores.sqlite.store import SqliteStore
from bt_cli.stores.sqlite.writing import SqliteWriting

_SPAN_COLUMNS = ", ".join(("key", "container", *ROW_COLUMNS))
_COPY_TRACES = (
    "INSERT OR IGNORE INTO temp.traces SELECT * FROM main.traces WHERE container = ?1 AND "
    "(trace IN (SELECT s.key >> 32 FROM main.spans AS s "
    "WHERE s.container = ?1 AND s.id IN (SELECT value FROM json_each(?2))) "
    "OR root_span_id IN (SELECT value FROM json_each(?3)) OR root_span_id IS NULL)"
)
_COPY_SPANS = (
    f"INSERT OR IGNORE INTO temp.spans ({_SPAN_COLUMNS}) SELECT {_SPAN_COLUMNS} FROM main.spans "
    "WHERE container = ?1 AND id IN (SELECT value FROM json_each(?2))"
)


_NEW_TRACES = 1 << 30
_UNLINKED = "SELECT trace FROM main.traces WHERE container = ?1 AND root_span_id IS NULL"
_PARENTS = """
    WITH parents AS (
        SELECT DISTINCT p.value AS span_id FROM temp.spans AS s, json_each(s.span_parents) AS p
        WHERE s.container = ?1 AND s.root_span_id IS NULL)
    SELECT s.key >> 32 FROM parents AS p CROSS JOIN main.spans AS s ON s.container = ?1 AND s.id = p.span_id
    UNION SELECT s.key >> 32 FROM parents AS p CROSS JOIN main.spans AS s
    ON s.container = ?1 AND s.span_id = p.span_id AND s.span_id <> s.id"""
_TOUCHED = "SELECT trace FROM temp.touched WHERE ?1 IS NOT NULL"
_COPY_WHOLE_SPANS = (
    f"INSERT OR IGNORE INTO temp.spans ({_SPAN_COLUMNS}) SELECT {_SPAN_COLUMNS} FROM main.spans "
    "WHERE key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295"
)


class DryStore(SqliteStore):
    """A store whose writes go nowhere; an absent one, or an empty file, is an empty store."""

    def __init__(self, path: str) -> None:
        there = Path(path)
        self._overlaid = there.exists() and (there.is_dir() or there.stat().st_size > 0)
        super().__init__(path if self._overlaid else "", read_only=self._overlaid)
        self.path = path
        if self._overlaid:
            with translated(path):
                for migration in MIGRATIONS:
                    migration(self.db, "temp.")
                self.db.execute("INSERT INTO temp.containers SELECT * FROM main.containers")
                # New traces are numbered from here on, away from those that others add meanwhile.
                self.db.execute("INSERT INTO temp.traces VALUES (?, -1, NULL, NULL, 1, 0)", (_NEW_TRACES,))

    def writing(self, container: Container, expected_bytes: int | None = None) -> SqliteWriting:
        """Begins a run that compares with the store and leaves it as it is."""
        if not self._overlaid:
            return self.direct_writing(container)
        return _DryWriting(self.db, self.path, lambda: self._open_container(container))


class _DryWriting(SqliteWriting):
    id_query = "SELECT id FROM main.spans WHERE key = ?1 UNION SELECT id FROM temp.spans WHERE key = ?1"

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        with translated(self._path):
            for source in sources:
                self.db.execute(
                    "INSERT OR IGNORE INTO temp.sources SELECT * FROM main.sources WHERE hash = ?", (source,)
                )
        return super().known(sources)

    def apply(self, submissions: Sequence[Submission]) -> list[Outcome]:
        ids = orjson.dumps([row.id for one in submissions for row in one.rows]).decode()
        roots = orjson.dumps([row.root_span_id for one in submissions for row in one.rows]).decode()
        with translated(self._path):
            self.db.execute(_COPY_TRACES, (self.container, ids, roots))
            self.db.execute(_COPY_SPANS, (self.container, ids))
        return super().apply(submissions)

    def settle(self) -> Settlement:
        # Links are looked for and counted over whole traces, of which batches have brought only parts.
        with translated(self._path):
            for traces in (_UNLINKED, _PARENTS, _TOUCHED):
                for (trace,) in self.db.execute(traces, (self.container,)).fetchall():
                    self.db.execute(
                        "INSERT OR IGNORE INTO temp.traces SELECT * FROM main.traces WHERE trace = ?", (trace,)
                    )
                    self.db.execute(_COPY_WHOLE_SPANS, (trace,))
        return super().settle()
