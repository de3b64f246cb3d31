"""Names in double quotes that are no column: SQLite would take them for texts, and answer something else in silence."""

from __future__ import annotations

import re
import sqlite3

from bt_cli.errors import QueryError
from bt_cli.query.sql_text import place_of_name
from bt_cli.stores.sqlite.views import COLUMNS, DATASET_ROWS, ON_DEMAND, SCORE

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|"(?P<name>(?:[^"]|"")*)"|(?P<word>\w+)|(?P<sign>\S)""", re.DOTALL
)
_BEFORE_COLUMN = re.compile(
    "select|distinct|where|and|or|not|by|on|having|when|then|else|case|in|like|glob|between|is|from|join|"
    "union|all|except|intersect|limit|offset|values|collate|escape|match|regexp"
)
_TABLES = """
    SELECT name FROM main.sqlite_schema
    UNION SELECT c.name FROM main.sqlite_schema AS t, pragma_table_info(t.name) AS c"""


def check_quoted_names(db: sqlite3.Connection, statement: str) -> None:
    """Raises QueryError for a name in double quotes that is no column, table or alias of the query."""
    asked, given = _quoted(statement)
    if not asked:
        return
    ours = {name for columns in COLUMNS.values() for name in columns} | set(COLUMNS) | {*DATASET_ROWS, *ON_DEMAND}
    known = {name.lower() for name in (*ours, *given, *(row[0] for row in db.execute(_TABLES)))}
    for name in asked:
        if name.lower() not in known and not name.lower().startswith(SCORE):
            raise _no_such_column(name, statement, sorted(ours))


def _no_such_column(name: str, statement: str, ours: list[str]) -> QueryError:
    told = QueryError(f'no such column: "{name}"', hint=_hint(name, ours), code="no_such_column", name=f'"{name}"')
    told.point_at(statement, place_of_name(f'"{name}"', statement))
    return told


def _quoted(statement: str) -> tuple[list[str], list[str]]:
    """Names in double quotes: where a column stands, and where the query gives a name itself."""
    asked: list[str] = []
    given: list[str] = []
    before = ""
    for token in _TOKEN.finditer(statement):
        if token["name"] is not None:
            ends = before in (")", "'", '"') or before.isidentifier()
            alias = ends and not _BEFORE_COLUMN.fullmatch(before)
            (given if alias else asked).append(token["name"].replace('""', '"'))
        if not token[0].startswith(("--", "/*")):
            before = (token["word"] or token[0][-1]).lower()
    return asked, given


def _hint(name: str, ours: list[str]) -> str:
    from difflib import get_close_matches

    if name.lower().startswith("scores."):
        return f'did you mean "{SCORE}{name[7:]}"?'
    close = get_close_matches(name, ours, n=1)
    return f'did you mean "{close[0]}"?' if close else "a text stands in single quotes"
