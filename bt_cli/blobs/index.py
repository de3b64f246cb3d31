"""The keys of attachments and what is said of them: a SQLite file beside the contents."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple
from urllib.parse import quote

from bt_cli.errors import StoreError

Status = Literal["uploading", "done", "error"]
"""Braintrust's words for how far an upload is."""

_WAIT_SECONDS = 60.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS attachments (
    key TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    org TEXT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    sha256 TEXT,
    size INTEGER,
    upload TEXT NOT NULL UNIQUE,
    download TEXT NOT NULL UNIQUE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attachments_by_content ON attachments (sha256);
"""


class Attachment(NamedTuple):
    """What is known of one attachment."""

    key: str
    filename: str
    content_type: str
    org: str
    status: Status
    error: str | None
    """Why the upload failed, in the words of who tried."""
    sha256: str | None
    """None until the content is there."""
    size: int | None
    """Bytes."""
    upload: str
    """The secret with which its content may be written …"""
    download: str
    """… and the one with which it may be read."""


_COLUMNS = ", ".join(Attachment._fields)


class Index:
    """The table of attachments in a file, which is made where it is missing; used by several threads and processes.

    One that may not be written to can be read.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._told():
            self._db = _for_reading(path) if _is_fixed(path) else _for_writing(path)

    def find(self, column: Literal["key", "upload", "download"], value: str) -> Attachment | None:
        """The attachment with this key or secret."""
        with self._lock, self._told():
            return self._find(column, value)

    @contextmanager
    def changing(self) -> Iterator[Index]:
        """A transaction: nobody else writes within, and it is durable at the end; nothing of it is kept on an error."""
        with self._lock, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def current(self, key: str) -> Attachment | None:
        """The attachment with this key; within `changing`."""
        return self._find("key", key)

    def put(self, attachment: Attachment) -> None:
        """Stores what is known of an attachment; within `changing`."""
        marks = ", ".join("?" * len(attachment))
        self._db.execute(f"INSERT OR REPLACE INTO attachments ({_COLUMNS}) VALUES ({marks})", attachment)

    def uses(self, sha256: str) -> bool:
        """Whether any attachment has this content; within `changing`."""
        return self._db.execute("SELECT 1 FROM attachments WHERE sha256 = ? LIMIT 1", (sha256,)).fetchone() is not None

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            full = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
            code = "disk_full" if full else None
            raise StoreError(f"{self._path} cannot be used: {error}", code=code, file=self._path) from error

    def _find(self, column: str, value: str) -> Attachment | None:
        found = self._db.execute(f"SELECT {_COLUMNS} FROM attachments WHERE {column} = ?", (value,)).fetchone()
        return Attachment(*found) if found else None


def _is_fixed(path: str) -> bool:
    """Whether a file is there and may only be read."""
    return os.path.exists(path) and not os.access(path, os.W_OK)


def _for_reading(path: str) -> sqlite3.Connection:
    return _connect(f"file:{quote(path)}?mode=ro", uri=True)


def _for_writing(path: str) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = _connect(path)
    db.executescript(_SCHEMA)
    return db


def _connect(name: str, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(name, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False, uri=uri)
