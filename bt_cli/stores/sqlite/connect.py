"""Opening a SQLite store: modes, pragmas, migrations, waiting, and the translation of SQLite's errors."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from bt_cli.errors import NotFoundError, StoreError, StoreLockedError
from bt_cli.stores.sqlite.schema import APPLICATION_ID, MIGRATIONS, VERSION

_NOTHING: dict[None, None] = {}
WAIT_SECONDS = 60.0
"""How long a writer waits for another before it gives up."""
_OLDEST_SQLITE = (3, 37, 0)
_MAKES_ONE = "bt import FILE makes one; --store names another"
TEMPORARY = ("", ":memory:")
"""Names of stores that end with their connection: a temporary file of SQLite's, and memory."""


def open_for_writing(path: str) -> sqlite3.Connection:
    """A connection to the store at ``path``, which is created (mode 0600) and migrated as needed.

    ``:memory:`` and ``""`` (a temporary file of SQLite's) are stores of their own.
    """
    _check_library()
    # sqlite3 looks for an adapter of each None and bytes that it binds, and takes long not to find one
    # (a sixth of an import). These give back what they get.
    sqlite3.register_adapter(type(None), _NOTHING.get)
    sqlite3.register_adapter(bytes, bytes)
    with translated(path):
        if path not in TEMPORARY:
            _refuse_folder(path)
            _create(Path(path))
        db = _connect(path)
        patiently(lambda: _check_version(db, path))  # before anything is changed in somebody else's file
        db.execute("PRAGMA page_size = 32768")
        if path in TEMPORARY:
            db.execute("PRAGMA journal_mode = MEMORY")  # OFF would be faster, but a batch must be able to roll back
            db.execute("PRAGMA synchronous = OFF")
        else:
            patiently(lambda: db.execute("PRAGMA journal_mode = WAL"))
            db.execute("PRAGMA synchronous = NORMAL")
            # Checkpoints of 64 MB instead of 16 write each page of a long import fewer times.
            db.execute("PRAGMA wal_autocheckpoint = 2000")
        db.execute("PRAGMA cache_size = -16000" if path != ":memory:" else "PRAGMA cache_size = -2000")
        patiently(lambda: _migrate(db, path))
    return db


def open_for_reading(path: str) -> sqlite3.Connection:
    """A read-only connection to an existing store. Raises NotFoundError where there is none."""
    _check_library()
    if not os.path.exists(path):
        raise NotFoundError(f"there is no store at {path}", hint=_MAKES_ONE, code="store_missing")
    _refuse_folder(path)
    with translated(path):
        uri = f"file:{quote(path)}?mode=ro"
        # A finished store in a folder that can't be written has no WAL and needs no lock.
        if not os.access(Path(path).parent, os.W_OK) and not _has_content(path + "-wal"):
            uri += "&immutable=1"
        db = _connect(uri, uri=True)
        db.execute("PRAGMA cache_size = -16000")
        found = _check_version(db, path)
        if not found:
            raise NotFoundError(f"{path} is empty: no store yet", hint=_MAKES_ONE, code="store_missing")
    if found < VERSION:  # what is read may lie in columns that this version has added
        db.close()
        open_for_writing(path).close()
        return open_for_reading(path)
    return db


def _has_content(path: str) -> bool:
    return os.path.exists(path) and os.path.getsize(path) > 0


def _check_library() -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old; bt needs 3.37 or newer", hint="use a newer Python"
        )


def _connect(name: str, uri: bool = False) -> sqlite3.Connection:
    # A server closes the connections of its threads from another one.
    return sqlite3.connect(
        name, isolation_level=None, uri=uri, timeout=1.0, cached_statements=64, check_same_thread=False
    )


def _refuse_folder(path: str) -> None:
    if os.path.isdir(path):
        raise StoreError(f"{path} is a folder", hint="name a file in it with --store", code="store_unusable")


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _migrate(db: sqlite3.Connection, path: str) -> None:
    if db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        _check_version(db, path)
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        found = _check_version(db, path)
        for migration in MIGRATIONS[found:]:
            migration(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        roll_back(db)
        raise


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """A transaction that writes, begun when no other process does; all of it is stored at the end, or none."""
    patiently(lambda: db.execute("BEGIN IMMEDIATE"))
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        roll_back(db)
        raise


def roll_back(db: sqlite3.Connection) -> None:
    """Ends a transaction that failed, unless SQLite has done so itself, as it does on a full disk."""
    if db.in_transaction:
        db.execute("ROLLBACK")


def _check_version(db: sqlite3.Connection, path: str) -> int:
    """The schema version of a store; 0 for an empty file. Raises StoreError for what is no store of ours."""
    # In this order: what another process is making a store of at this moment has tables and mark at once.
    tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    ours = db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if tables and not ours:
        raise StoreError(
            f"{path} is a SQLite file, but not a store of bt", hint="name another with --store", code="not_a_store"
        )
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer bt (schema {version}, this one knows {VERSION})",
            hint="upgrade bt, or name another store with --store",
            code="store_newer",
        )
    return version


def patiently(action) -> None:  # type: ignore[no-untyped-def]  # any callable; the result is not used
    """Runs ``action`` until no other process is in its way, for `WAIT_SECONDS` at most.

    The pauses are random, so that several writers do not knock in step.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            action()
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > deadline:
                raise
            import random

            time.sleep(random.uniform(0.001, 0.03))  # noqa: S311 - no secret


def _is_busy(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextlib.contextmanager
def translated(path: str) -> Iterator[None]:
    """Turns SQLite's and the file system's errors into ours, with a way out."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # no failure: some row is in the store already
    except sqlite3.Error as error:
        raise _translate(error, path) from error
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror or error}", hint="name another store with --store", code="store_unusable"
        ) from error


def _translate(error: sqlite3.Error, path: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if _is_busy(error):
        return StoreLockedError(
            f"{path} was held by another process for more than {WAIT_SECONDS:.0f} s",
            hint="run the same command again when it is done",
        )
    message, hint, word = _MEANINGS.get(code, (str(error), "bt store verify tells more", "store"))
    return StoreError(f"{path}: {message}", hint=hint, code=word)


_MEANINGS = {
    sqlite3.SQLITE_FULL: (
        "the disk is full",
        "make room and run the same command again; what was stored stays",
        "disk_full",
    ),
    sqlite3.SQLITE_READONLY: (
        "the store is read-only",
        "make it writable, or name another with --store",
        "store_read_only",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the store cannot be opened",
        "check the path and its permissions, or name another with --store",
        "store_unusable",
    ),
    sqlite3.SQLITE_PERM: ("permission denied", "check the permissions, or name another with --store", "store_unusable"),
    sqlite3.SQLITE_NOTADB: ("not a SQLite file", "name another store with --store", "not_a_store"),
    sqlite3.SQLITE_CORRUPT: ("the store is damaged", "bt store verify tells more; restore a backup", "store_corrupt"),
    sqlite3.SQLITE_IOERR: ("reading or writing failed", "check the disk; a full one fails like this too", "store_io"),
}
