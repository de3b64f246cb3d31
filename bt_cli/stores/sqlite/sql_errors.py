"""What SQLite says against a query, in words that lead on: the nearest name, and the place."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from bt_cli.errors import BtError, Interrupted, QueryError
from bt_cli.query.braintrust_sql import DATASET_VIEW
from bt_cli.query.sql_text import place_of_name, refusal, writing_verb
from bt_cli.stores.sqlite.connect import translated
from bt_cli.stores.sqlite.functions import FAILURES
from bt_cli.stores.sqlite.views import COLUMNS, DATASET_ROWS, SCORE, VIEWS

_ABOUT_THE_QUERY = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_RANGE,
)
_NO_NAME = re.compile(r"no such (column|table|function): (.*)|ambiguous column name: (.*)", re.DOTALL)
_NEAR = re.compile(r'near "(.*)": syntax error', re.DOTALL)
_SCORE_ASKED = re.compile(r"""scores["\s]*(?:,|->>?)\s*'(?:\$\.)?"?([^'"]+)""", re.IGNORECASE)
"""Where the translation of ``scores.NAME``, or a user, asks for a part of that column."""
_INCOMPLETE = "incomplete input"
_JSON_COLUMNS = ("metadata", "metrics", "scores", "span_attributes", "input", "output", "expected", "error", "context")
_CALLS = ("project_logs", "experiment", "dataset")
_OTHERWISE_CALLED = dict.fromkeys(("logs", "rows", "events", "calls", "observations"), "spans") | dict.fromkeys(
    ("runs", "sessions", "threads"), "traces"
)
"""What others call what is in our views."""
_FOREIGN_FUNCTIONS = {
    "count_distinct": "write: count(distinct x)",
    "any_value": "write: max(x)",
    "greatest": "write: max(x, y)",
    "least": "write: min(x, y)",
    "len": "write: length(x), or json_array_length(x)",
    "estimated_cost": "write: cost",
    "median": "write: percentile(x, 0.5)",
    "concat": "write: x || y",
}
_BRAINTRUSTS_WORDS = ("includes", "contains", "ilike", "match", "interval")
_ONLY_BRAINTRUSTS = "that is Braintrust's SQL, which needs FROM project_logs('NAME') or experiment('NAME')"
_HINTS = {
    "malformed JSON": "some values are text; write: case when json_valid(input) then input ->> 'key' end",
    "You can only execute one statement at a time.": "one query a run",
    "string or blob too big": "a value has at most 1,000,000,000 bytes",
}


def explained(
    error: Exception, statement: str, db: sqlite3.Connection, path: str, signum: int, refused: str | None
) -> BtError:
    """The error to raise: a QueryError, or what is wrong with the store at ``path``."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_INTERRUPT:
        return Interrupted(signum)
    if isinstance(error, sqlite3.Error) and code not in _ABOUT_THE_QUERY:
        return _store_error(error, path)
    message = str(error)
    if refused is not None or message.startswith("cannot modify"):
        return refusal(writing_verb(statement) or refused or "writing")
    if isinstance(error, ValueError):
        return QueryError("the query is no text that SQL could be", hint=message)
    if "binding" in message:
        return QueryError("the query has a placeholder (?, :name, @name, $name)", hint="write the value itself")
    return _located(message, statement, db)


def _store_error(error: sqlite3.Error, path: str) -> BtError:
    try:
        with translated(path):
            raise error
    except BtError as told:
        return told


def _located(message: str, statement: str, db: sqlite3.Connection) -> QueryError:
    named = _NO_NAME.fullmatch(message)
    near = _NEAR.fullmatch(message)
    if named:
        return _about_a_name(message, named[1] or "column", named[2] or named[3], statement, db)
    hint, place = _HINTS.get(message), None
    if near:
        place = _place_of_token(near[1], message, statement, db)
        hint = _ONLY_BRAINTRUSTS if near[1].lower() in _BRAINTRUSTS_WORDS else None
    elif message == _INCOMPLETE:
        message, place = "the query ends too early", len(statement.rstrip().rstrip(";"))
    elif message.startswith("user-defined "):
        message, hint = "a function was called with what it does not take", FAILURES
    told = QueryError(message, hint=hint)
    told.point_at(statement, place)
    return told


def _about_a_name(message: str, kind: str, name: str, statement: str, db: sqlite3.Connection) -> QueryError:
    ambiguous = message.startswith("ambiguous")
    hint = f"write which one: spans.{name}" if ambiguous else _name_hint(kind, name, statement, db)
    told = QueryError(message, hint=hint, code=None if ambiguous else f"no_such_{kind}", name=name)
    told.point_at(statement, place_of_name(name, statement))
    return told


def _place_of_token(token: str, message: str, statement: str, db: sqlite3.Connection) -> int | None:
    """Where the parser stumbled: at the first such token up to which, but no further, it says the same."""
    explain = "" if statement.lstrip()[:7].lower() == "explain" else "EXPLAIN "
    start = statement.find(token)
    while start >= 0:
        try:
            db.execute(explain + statement[: start + len(token)])
        except (sqlite3.Error, sqlite3.Warning) as error:
            if str(error) == message:
                return start
        start = statement.find(token, start + 1)
    return None


def _name_hint(kind: str, name: str, statement: str, db: sqlite3.Connection) -> str | None:
    if kind == "table":
        return _table_hint(name.rpartition(".")[2])
    if kind == "function":
        known = {row[0] for row in db.execute("PRAGMA function_list") if not row[0].startswith("bt_")}
        return _FOREIGN_FUNCTIONS.get(name.lower()) or _nearest(name, known)
    first, _, last = name.rpartition(".")
    if last.lower() == "scores":
        asked = _SCORE_ASKED.search(statement)
        return f'a score of a trace is a column: "{SCORE}{asked[1] if asked else "NAME"}"'
    if first.lower() == SCORE.rstrip("."):
        return f'write it in quotation marks: "{name}"'
    column = _close(first, _JSON_COLUMNS) if first else None
    if column:
        return f"write: {column} ->> '{last}'"
    if DATASET_VIEW in statement:
        return _nearest(last, DATASET_ROWS, "columns")
    views = [view for view in VIEWS if re.search(rf"\b{view}\b", statement, re.IGNORECASE)] or VIEWS
    return _nearest(last, [column for view in views for column in COLUMNS[view]], "columns")


def _table_hint(name: str) -> str | None:
    if name.lower() in _CALLS:
        return f"write: FROM {name.lower()}('NAME')"
    known = {name: name for name in VIEWS} | _OTHERWISE_CALLED
    close = _close(name, known)
    return f"did you mean {known[close]!r}?" if close else f"views: {', '.join(VIEWS)}"


def _nearest(name: str, known: Iterable[str], what: str = "") -> str | None:
    names = list(dict.fromkeys(known))
    close = _close(name, names)
    if close:
        return f"did you mean {close!r}?"
    return f"{what}: {', '.join(names)}" if what else None


def _close(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name.lower(), known, n=1)), None)
