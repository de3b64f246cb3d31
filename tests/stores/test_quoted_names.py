"""Names in double quotes in a query of ``bt sql``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from bt_cli.errors import QueryError
from bt_cli.stores.sqlite.quoted_names import check_quoted_names


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """A database without tables."""
    made = sqlite3.connect(":memory:")
    yield made
    made.close()


@pytest.mark.parametrize(
    "query",
    [
        'select "name", t."id" from spans as t',
        'select count(*) as "n x" from spans order by "n x"',
        'select count(*) "n x" from spans group by "NAME"',
        'with "a" as (select 1 as "b") select "b" from "a"',
        'select "score.Any" from traces',
        """select 'a "nmae" b' -- "nmae"
        /* "nmae" */ from spans""",
    ],
)
def test_columns_and_aliases_pass(query: str, db: sqlite3.Connection) -> None:
    """What the views have, or the query itself names, is no mistake."""
    check_quoted_names(db, query)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ('select "nmae" from spans', 'did you mean "name"?'),
        ('select 1 from spans where "tokns" > 5', 'did you mean "tokens"?'),
        ('select avg("scores.helpful") from traces', 'did you mean "score.helpful"?'),
        ('select 1 from spans where model = "gpt"', "a text stands in single quotes"),
    ],
)
def test_another_name_is_refused(query: str, hint: str, db: sqlite3.Connection) -> None:
    """SQLite would take it for a text."""
    with pytest.raises(QueryError) as error:
        check_quoted_names(db, query)
    assert error.value.hint == hint
