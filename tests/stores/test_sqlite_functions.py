"""Functions of queries that SQLite has not itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from bt_cli.stores.sqlite.functions import UNITS, add_query_functions

MOMENT = "2024-05-16T07:49:48.725+02:00"
BEGINNINGS = {
    "second": "2024-05-16T05:49:48",
    "minute": "2024-05-16T05:49:00",
    "hour": "2024-05-16T05:00:00",
    "day": "2024-05-16T00:00:00",
    "week": "2024-05-13T00:00:00",
    "month": "2024-05-01T00:00:00",
    "quarter": "2024-04-01T00:00:00",
    "year": "2024-01-01T00:00:00",
    "15 minutes": "2024-05-16T05:45:00",
    "2 Hours": "2024-05-16T04:00:00",
}


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """A connection that has the functions."""
    made = sqlite3.connect(":memory:")
    add_query_functions(made)
    yield made
    made.close()


@pytest.mark.parametrize("unit", BEGINNINGS)
def test_the_beginning_of_a_unit(unit: str, db: sqlite3.Connection) -> None:
    """date_trunc cuts to it, in UTC; each unit is a function of its own too."""
    assert db.execute("select date_trunc(?, ?)", (unit, MOMENT)).fetchone() == (BEGINNINGS[unit],)
    if unit in UNITS:
        assert db.execute(f"select {unit}(?)", (MOMENT,)).fetchone() == (BEGINNINGS[unit],)


@pytest.mark.parametrize(("value", "found"), [(1715838588.7, "2024-05-16T00:00:00"), (None, None), ("soon", None)])
def test_other_moments(value: object, found: str | None, db: sqlite3.Connection) -> None:
    """Epoch seconds are times too; what is no time has no day."""
    assert db.execute("select day(?)", (value,)).fetchone() == (found,)


@pytest.mark.parametrize("unit", ["fortnight", "2 weeks", "0 days", ""])
def test_what_is_no_unit(unit: str, db: sqlite3.Connection) -> None:
    """Only days and less come in multiples."""
    with pytest.raises(sqlite3.OperationalError):
        db.execute("select date_trunc(?, ?)", (unit, MOMENT)).fetchone()


def test_percentile(db: sqlite3.Connection) -> None:
    """Between the two nearest values; what is no number never counts, and none of none is NULL."""
    values = "(select 1 as x union all select 4 union all select 2 union all select null union all select 'x')"
    query = f"select percentile(x, 0.5), percentile(x, 0), percentile(x, 0.75), percentile(null, 0.5) from {values}"
    assert db.execute(query).fetchone() == (2, 1, 3, None)


def test_now_is_one_moment(db: sqlite3.Connection) -> None:
    """However often a query asks."""
    assert db.execute("select now() = now()").fetchone() == (1,)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('["a",1]', (1, 2)),
        ('{"a":1}', (1, 1)),
        ("[no list", (0, 8)),
        ("a", (0, 1)),
        (5, (0, None)),
        (None, (None, None)),
    ],
)
def test_lists_in_text(value: object, found: tuple[object, ...], db: sqlite3.Connection) -> None:
    """A list has its elements and an object its keys; other values include nothing."""
    assert db.execute("select bt_includes(?1, 'a'), bt_length(?1)", (value,)).fetchone() == found
