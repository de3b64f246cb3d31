"""Looking after a store: what it is, whether it is sound, making it smaller, copying it while in use."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable

from bt_cli.errors import StoreError, UsageError
from bt_cli.stores.sqlite.connect import open_for_reading, open_for_writing, translated
from bt_cli.stores.sqlite.schema import VERSION

_COUNTS = {
    "projects": "SELECT count(DISTINCT project) FROM containers",
    "experiments": "SELECT count(*) FROM containers WHERE experiment IS NOT NULL",
    "traces": "SELECT count(*) FROM traces",
    "spans": "SELECT count(*) FROM spans",
}
_CHECKS = {
    "spans without a trace": (
        "SELECT count(*) FROM spans AS s LEFT JOIN traces AS t ON t.trace = s.key >> 32 WHERE t.trace IS NULL"
    ),
    "spans in a trace of another id": (
        "SELECT count(*) FROM spans AS s JOIN traces AS t ON t.trace = s.key >> 32 "
        "WHERE t.root_span_id IS NOT s.root_span_id OR t.container <> s.container"
    ),
    "traces whose count of spans is wrong": (
        "SELECT count(*) FROM traces AS t WHERE t.spans <> "
        "(SELECT count(*) FROM spans AS s WHERE s.key BETWEEN t.trace << 32 AND (t.trace << 32) + 4294967295)"
    ),
    "traces without a container": (
        "SELECT count(*) FROM traces AS t LEFT JOIN containers AS c ON c.container = t.container "
        "WHERE c.container IS NULL"
    ),
    "sources of spans that are gone": (
        "SELECT count(*) FROM sources AS o LEFT JOIN spans AS s ON s.key = o.key WHERE s.key IS NULL"
    ),
}


def _path(url: str) -> str:
    return url.removeprefix("sqlite:")


def store_info(url: str) -> dict[str, object]:
    """What a store is and holds: path, size in bytes, schema, counts, SQLite's settings."""
    path = _path(url)
    with contextlib.closing(open_for_reading(path)) as db, translated(path):
        return {
            "path": path,
            "bytes": sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end)),
            "schema_version": VERSION,
            **{name: db.execute(query).fetchone()[0] for name, query in _COUNTS.items()},
            "page_size": db.execute("PRAGMA page_size").fetchone()[0],
            "journal_mode": db.execute("PRAGMA journal_mode").fetchone()[0],
            "sqlite": sqlite3.sqlite_version,
        }


def verify(url: str) -> list[str]:
    """The problems of a store, SQLite's own and those of its links; empty when it is sound."""
    path = _path(url)
    with contextlib.closing(open_for_reading(path)) as db:
        try:
            problems = [str(row[0]) for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            counts = {what: db.execute(query).fetchone()[0] for what, query in _CHECKS.items()}
        except sqlite3.DatabaseError as error:
            return [str(error)]
    return problems + [f"{count} {what}" for what, count in counts.items() if count]


def vacuum(url: str) -> tuple[int, int]:
    """Rewrites a store without its free pages: its size in bytes before and after."""
    path = _path(url)
    open_for_reading(path).close()  # a missing store is an error, not a new file
    before = os.path.getsize(path)
    with contextlib.closing(open_for_writing(path)) as db, translated(path):
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, os.path.getsize(path)


def backup(url: str, target: str, progress: Callable[[int, int], None] | None = None) -> int:
    """Copies a store in use to a new file, by SQLite's backup API; the copy's size in bytes.

    ``progress`` is called with (pages left, pages in all). Raises UsageError where ``target`` exists.
    """
    path = _path(url)
    if os.path.exists(target):
        raise UsageError(f"{target} exists", hint="name a new file for the backup")
    with contextlib.closing(open_for_reading(path)) as db:
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(
                f"{target}: {error.strerror}", hint="name another place for the backup", code="store_unusable"
            ) from error
        with translated(target), contextlib.closing(sqlite3.connect(target)) as copy:
            db.backup(copy, pages=1000, progress=lambda _, left, total: progress(left, total) if progress else None)
    return os.path.getsize(target)
