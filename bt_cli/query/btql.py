"""A query over Braintrust's API → what to read: as BTQL in clauses, as a tree in JSON, or as SQL.

All three become one statement of SQL first, so that there is one grammar of expressions, and one place
that says what can be read row by row, and what only a database answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bt_cli.errors import QueryError
from bt_cli.query.btql_clauses import Clauses, clauses_of, is_btql, statement_of
from bt_cli.query.btql_plan import planned
from bt_cli.query.btql_question import Question
from bt_cli.query.btql_tree import clauses_of_tree
from bt_cli.spans.transactions import place_of_cursor

_FIRST = re.compile(r"[\s(]*(\w+)")
_SQL = ("SELECT", "WITH", "VALUES")


def read_query(query: str | Mapping[str, Any]) -> Question:
    """What ``query`` asks for, in any of the three forms. Raises QueryError with the place of what can't be read."""
    try:
        if not isinstance(query, str):
            return _asked(clauses_of_tree(query))
        if is_btql(query):
            return _asked(clauses_of(query))
        _refuse_other_beginnings(query)
        return planned(query)
    except RecursionError:
        raise QueryError("the query is nested too deeply") from None


def _asked(clauses: Clauses) -> Question:
    try:
        after = place_of_cursor(clauses.cursor) if clauses.cursor else None
    except ValueError as error:
        raise QueryError(str(error)) from None
    return planned(statement_of(clauses), after, clauses.preview)


def _refuse_other_beginnings(query: str) -> None:
    """Raises QueryError for what begins like no query."""
    found = _FIRST.match(query)
    if found is None or found[1].upper() not in _SQL:
        told = QueryError(f"expected a clause or SELECT, got {found[1] if found else query[:20]!r}")
        told.point_at(query, found.start(1) if found else 0)
        raise told
