"""What SQLite says against a query, in words that lead on: the nearest name, and the place."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from bt_cli.errors import BtError, Interrupted, QueryError
from bt_cli.stores.sqlite.connect import translated
from bt_cli.stores.sqlite.views import COLUMNS, SCORE, VIEWS

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
_INCOMPLETE = "incomplete input"
_HIDDEN = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_JSON_COLUMNS = ("metadata", "metrics", "scores", "span_attributes", "input", "output", "expected", "error", "context")
_ONLY_READS = "bt sql reads; bt import and bt projects delete change a store"
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
        what = _verb(statement) or refused or "writing"
        return QueryError(f"a query only reads: {what} was refused", hint=_ONLY_READS, code="read_only")
    if isinstance(error, ValueError):
        return QueryError("the query is no text that SQL could be", hint=message)
    if "binding" in message:
        return QueryError("the query has a placeholder (?, :name, @name, $name)", hint="write the value itself")
    return _located(message, statement, db)


def _verb(statement: str) -> str:
    """The word that a statement begins with, if no query begins so."""
    found = re.match(r"[\s;]*(\w+)", _HIDDEN.sub(" ", statement))
    word = found[1].upper() if found else ""
    return "" if word in ("SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA") else word


def _store_error(error: sqlite3.Error, path: str) -> BtError:
    try:
        with translated(path):
            raise error
    except BtError as told:
        return told


def _located(message: str, statement: str, db: sqlite3.Connection) -> QueryError:
    named = _NO_NAME.fullmatch(message)
    near = _NEAR.fullmatch(message)
    hint, place = _HINTS.get(message), None
    if named:
        kind, name = named[1] or "column", named[2] or named[3]
        hint, place = _name_hint(kind, name, statement, db), _place_of_name(name, statement)
        if named[3]:
            hint = "write which one: spans." + name
    elif near:
        place = _place_of_token(near[1], message, statement, db)
    elif message == _INCOMPLETE:
        message, place = "the query ends too early", len(statement.rstrip().rstrip(";"))
    told = QueryError(message, hint=hint, code="no_such_" + named[1] if named and named[1] else None)
    if place is not None:
        told.point_at(statement, place)
    return told


def _place_of_name(name: str, statement: str) -> int | None:
    """Where a name stands first, outside of texts and comments."""
    plain = _HIDDEN.sub(lambda found: " " * len(found.group()), statement)
    parts = r'["`\]]?\s*\.\s*["`\[]?'.join(re.escape(part) for part in name.split("."))
    found = re.search(rf"(?<!\w){parts}(?!\w)", plain, re.IGNORECASE)
    return found and found.start()


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
        return _nearest(name.rpartition(".")[2], VIEWS, "views")
    if kind == "function":
        return _nearest(name, {row[0] for row in db.execute("PRAGMA function_list")})
    first, _, last = name.rpartition(".")
    if first.lower() in _JSON_COLUMNS:
        return f"write: {first} ->> '{last}'"
    if first.lower() == SCORE.rstrip("."):
        return f'write it in quotation marks: "{name}"'
    views = [view for view in VIEWS if re.search(rf"\b{view}\b", statement, re.IGNORECASE)] or VIEWS
    return _nearest(last, [column for view in views for column in COLUMNS[view]], "columns")


def _nearest(name: str, known: Iterable[str], what: str = "") -> str | None:
    from difflib import get_close_matches

    names = list(dict.fromkeys(known))
    close = get_close_matches(name.lower(), names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"{what}: {', '.join(names)}" if what else None
