"""What tests of bad days share: waiting for events, and looking at processes and stores from outside."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEADLINE = 30.0
"""Seconds after which what was waited for is taken as never coming."""


def until(condition: Callable[[], Any], what: str) -> Any:
    """Waits until ``condition`` holds; what it answered then."""
    deadline = time.monotonic() + DEADLINE
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)
    return answer


def spans_in(path: Path | str) -> int:
    """How many spans another connection sees in a store; 0 where there is none yet."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db,
    ):
        return int(db.execute("SELECT count(*) FROM spans").fetchone()[0])
    return 0


def ids_in(path: Path | str) -> list[str]:
    """The ids of the spans that another connection sees in a store, sorted."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db,
    ):
        return [name for (name,) in db.execute("SELECT id FROM spans ORDER BY id")]
    return []


def members(session: int) -> list[int]:
    """The processes of a session that still run, but for those that have ended and wait to be noticed."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, its_session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                found.append(int(stat.parent.name))
    return found
