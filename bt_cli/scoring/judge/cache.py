"""Replies that were paid for once, in a SQLite file: a crash or a second run repeats only what was in flight.

A reply is committed before it counts. In WAL mode that is a write to the operating system, not to the disk: it
survives kill -9, and costs a few hundredths of a millisecond.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import orjson
from msgspec import Struct

from bt_cli.scoring.judge.usage import Usage

_APPLICATION_ID = 0x62746A63
"""``btjc``; a file of another program is left alone."""
_VERSION = 1
_WAIT_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE replies (
    key BLOB PRIMARY KEY, host TEXT, model TEXT, request BLOB, reply BLOB, start REAL, "end" REAL, usage TEXT
);
"""


class Kept(Struct, frozen=True):
    """A reply as it came: the two bodies, when (epoch seconds), and what all attempts used."""

    request: bytes
    reply: bytes
    start: float
    end: float
    usage: Usage


def cache_key(url: str, body: bytes, trial: int, repeat: int) -> bytes:
    """What a reply is kept under: the same question, at the same place, in the same trial, asked as often before.

    A scorer that asks the same several times, as AnswerRelevancy does, wants several opinions.
    """
    return hashlib.sha256(b"%b\n%d %d\n%b" % (url.encode(), trial, repeat, body)).digest()


class Cache:
    """Replies by their key; safe for many threads and many processes.

    A file that cannot be used is said once, and the run goes on without one.
    """

    def __init__(self, path: str, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        try:
            self._db = _open(path)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    @property
    def usable(self) -> bool:
        """Whether there is a file to look into."""
        return self._db is not None

    def find(self, key: bytes) -> Kept | None:
        """The reply that is kept under a key."""
        query = 'SELECT request, reply, start, "end", usage FROM replies WHERE key = ?'
        with self._lock:
            if self._db is None:
                return None
            try:
                row = self._db.execute(query, (key,)).fetchone()
            except sqlite3.Error as error:
                self._give_up(error)
                return None
        if row is None:
            return None
        metrics, cost = orjson.loads(row[4])
        return Kept(row[0], row[1], row[2], row[3], Usage(metrics, cost))

    def keep(self, key: bytes, host: str, model: str, kept: Kept) -> None:
        """Keeps a reply; when this returns, a killed process does not lose it."""
        usage = orjson.dumps((kept.usage.metrics, kept.usage.cost)).decode()
        values = (key, host, model, kept.request, kept.reply, kept.start, kept.end, usage)
        with self._lock:
            if self._db is None:
                return
            try:
                self._db.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            except sqlite3.Error as error:
                self._give_up(error)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._db is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._db.close()
            self._db = None

    def _give_up(self, error: Exception) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
        self._db = None
        reason = error.strerror if isinstance(error, OSError) else str(error)
        self._say(f"The judge's cache {self._path} cannot be used: {reason}. Going on without it.")


def _open(path: str) -> sqlite3.Connection:
    """A connection to the cache at ``path``, which is made (mode 0600) where there is none."""
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _prepare(db)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection) -> None:
    owner, version = _number(db, "application_id"), _number(db, "user_version")
    if (owner, version) != (_APPLICATION_ID, _VERSION):
        if owner or version or db.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise sqlite3.DatabaseError("it is no cache of this version of bt")
        _create(db)
    with contextlib.suppress(sqlite3.OperationalError):  # another process is just setting it
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")


def _create(db: sqlite3.Connection) -> None:
    """Makes the table; of two processes that do it at once, the second finds it made."""
    db.execute("BEGIN IMMEDIATE")
    if not _number(db, "user_version"):
        db.execute(_SCHEMA)
        db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])
