"""Searches of SQLite that a signal ends."""

from __future__ import annotations

import sqlite3

import pytest

from bt_cli.errors import Interrupted
from bt_cli.query.filters import EVERYTHING, Condition, SpanFilter
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import ReadStats, Submission
from bt_cli.stores.sqlite.interrupting import heeding, interruptible
from builders import row

HERE = Container("here")
NEVER = SpanFilter((Condition("duration", ">", 1),))
LONG = "WITH RECURSIVE n (x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n LIMIT 100000) SELECT max(x) FROM n"


def test_a_store_is_told_when_to_stop() -> None:
    """A search ends with Interrupted; what was read before and what is written are not in its way."""
    signals: list[int] = []
    store = open_store(":memory:", "write", lambda: signals[-1] if signals else 0)
    writing = store.writing(HERE)
    for number in range(500):
        writing.add(Submission([row(f"{number}", trace=f"{number}")], b"%16d" % number))
    first = store.read_traces(HERE, EVERYTHING, ReadStats())
    signals.append(15)
    writing.commit()
    writing.drain()
    writing.close()
    with pytest.raises(Interrupted) as interrupted:
        list(store.read_traces(HERE, NEVER, ReadStats()))
    assert interrupted.value.exit_code == 143
    signals.clear()
    assert list(store.read_traces(HERE, NEVER, ReadStats())) == []
    assert len(list(first)) == 500
    store.close()


def test_only_the_search_can_be_interrupted() -> None:
    """What a reader does with the connection between two finds goes on to its end."""
    db = sqlite3.connect(":memory:")
    stop = [0]
    found = heeding(db, lambda: stop[0], iter([1, 2]))
    assert next(found) == 1
    stop[0] = 2
    assert db.execute(LONG).fetchone() == (100000,)
    assert next(found) == 2
    with pytest.raises(Interrupted), interruptible(db, lambda: stop[0]):
        db.execute(LONG).fetchone()


def test_a_second_interrupt_within_a_function_is_no_failure_of_the_store() -> None:
    """SQLite only says that the function failed; the first signal says why."""
    db = sqlite3.connect(":memory:")

    def hit() -> None:
        raise KeyboardInterrupt

    db.create_function("hit", 0, hit)
    with pytest.raises(Interrupted), interruptible(db, lambda: 2):
        db.execute("SELECT hit()")
    with pytest.raises(sqlite3.OperationalError), interruptible(db, lambda: 0):
        db.execute("SELECT hit()")
