"""Columns ``"score.NAME"``: which of them a query names, and whether there are such scores."""

from __future__ import annotations

import re
import sqlite3

from bt_cli.errors import QueryError
from bt_cli.query.sql_text import place_of_name
from bt_cli.stores.sqlite.views import SCORE

_QUOTED = re.compile(r'"score\.([^"\\]+)"|\[score\.([^]"\\]+)]|`score\.([^`"\\]+)`', re.IGNORECASE)
_NAMES = """
    SELECT DISTINCT e.key FROM main.spans AS s JOIN json_each(CASE WHEN json_valid(s.scores) THEN s.scores END) AS e
    WHERE e.key IS NOT NULL ORDER BY 1"""
_EXISTS = "SELECT EXISTS (SELECT 1 FROM main.spans WHERE instr(scores, ?))"


def scores_named(db: sqlite3.Connection, statement: str) -> list[str]:
    """The scores whose columns ``statement`` names, in quotation marks.

    Raises QueryError for a score that no span has: SQLite itself takes the name of an unknown column
    in quotation marks for a text.
    """
    found = (one or two or three for one, two, three in _QUOTED.findall(statement))
    wanted = list({name.lower(): name for name in found}.values())
    for place, name in enumerate(wanted):
        if not db.execute(_EXISTS, (f'"{name}"',)).fetchone()[0]:
            wanted[place] = _otherwise_written(name, [row[0] for row in db.execute(_NAMES)], statement)
    return wanted


def _otherwise_written(name: str, known: list[str], statement: str) -> str:
    """The score that ``name`` is but for upper and lower case, as SQL does not tell them apart in columns."""
    from difflib import get_close_matches

    for one in known:
        if one.lower() == name.lower():
            return one
    close = get_close_matches(name, known, n=1) or known[:1]
    hint = f'did you mean "{SCORE}{close[0]}"?' if close else "no span has a score"
    told = QueryError(f"no such column: {SCORE}{name}", hint=hint, code="no_such_column", name=SCORE + name)
    told.point_at(statement, place_of_name(SCORE + name, statement))
    raise told
