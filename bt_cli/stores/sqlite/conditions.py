"""Filters as SQL over ``spans AS s``: every value is bound, only our own column names are written out."""

from __future__ import annotations

import sqlite3
from typing import Any

import orjson

from bt_cli.query.fields import FIELDS, resolve
from bt_cli.query.filters import And, Condition, Grep, Not, Or, Path, Test
from bt_cli.query.patterns import grep, includes, like, match, search
from bt_cli.stores.sqlite.span_facts import DURATION, IS_ROOT, TOKENS, XACT

Bound = tuple[str, list[Any]]
"""SQL and the values bound in it."""

_ANY_TEXT = (
    "input",
    "output",
    "expected",
    "error",
    "metadata",
    "tags",
    "span_attributes",
    "context",
    "origin",
    "extra",
)
_IDS = {"id": "s.id", "span_id": "s.span_id", "root_span_id": "s.root_span_id"}
_COLUMNS = {
    "duration": DURATION,
    "tokens": TOKENS,
    "time": "s.time",
    "is_root": f"({IS_ROOT})",
    "place": "s.key",
    "xact": XACT,
}
_OPENED = {"match": "bt_match", "includes": "bt_includes"}
"""Operators that look into whatever a column holds."""
_CHAIN = 100
_TYPES = {str: "('text')", bool: "('true', 'false')", int: "('integer', 'real')", float: "('integer', 'real')"}


def add_functions(db: sqlite3.Connection) -> None:
    """Makes the functions known to a connection that the SQL of filters calls."""
    db.create_function("bt_search", 2, search, deterministic=True)
    db.create_function("bt_grep", -1, grep, deterministic=True)
    db.create_function("bt_match", 2, match, deterministic=True)
    db.create_function("bt_includes", 2, includes, deterministic=True)


def as_sql(test: Test) -> Bound:
    """A test of one span as SQL that is true, false or NULL."""
    if isinstance(test, And | Or):
        parts = [as_sql(one) for one in test.tests]
        joined = _joined([sql for sql, _ in parts], " AND " if isinstance(test, And) else " OR ")
        return joined or ("(1)" if isinstance(test, And) else "(0)"), _values(parts)
    if isinstance(test, Not):
        sql, values = as_sql(test.test)
        return f"(NOT {sql})", values
    if isinstance(test, Grep):
        fields = _ANY_TEXT if test.field is None else (test.field,)
        columns = ", ".join("s." + name for name in fields)
        return f"bt_grep(?, ?, {columns})", [test.pattern, orjson.dumps(test.path).decode()]
    return _condition(test)


def _joined(tests: list[str], word: str) -> str:
    """Tests as one; a chain of more than `_CHAIN` would be too deep for SQLite, which takes it for a tree."""
    while len(tests) > 1:
        tests = [f"({word.join(tests[begin : begin + _CHAIN])})" for begin in range(0, len(tests), _CHAIN)]
    return "".join(tests)


def all_as_sql(tests: list[Test]) -> Bound:
    """Further conditions of a WHERE clause, each with AND before it."""
    parts = [as_sql(one) for one in tests]
    return "".join(f" AND {sql}" for sql, _ in parts), _values(parts)


def _values(parts: list[Bound]) -> list[Any]:
    return [value for _, values in parts for value in values]


def _condition(test: Condition) -> Bound:
    field, path = resolve(test.field, test.path) or (test.field, test.path)
    kind = FIELDS[field]
    if kind == "tags":
        return _tags(test)
    if kind == "json":
        return _json(test, f"s.{field}", path)
    return _operation(test, _IDS.get(field) or _COLUMNS[field])


def _operation(test: Condition, operand: str) -> Bound:
    """A comparison whose operand has the type of the value."""
    if test.operator in ("is null", "is not null"):
        return f"({operand} {test.operator.upper()})", []
    if test.operator in ("like", "ilike", "matches"):
        pattern = str(test.value)
        if test.operator != "matches":
            pattern = like(pattern, ignore_case=test.operator == "ilike")
        return f"bt_search(?, {operand})", [pattern]
    if test.operator in _OPENED:
        return f"{_OPENED[test.operator]}({operand}, ?)", [test.value]
    operator = "=" if test.operator == "text" else test.operator.upper()
    return f"({operand} {operator} ?)", [test.value]


def _json(test: Condition, column: str, path: Path) -> Bound:
    place = _place(path)
    if test.operator in ("is null", "is not null"):
        if not path:
            return f"(nullif({column}, 'null') {test.operator.upper()})", []
        kind = f"CASE WHEN json_valid({column}) THEN nullif(json_type({column}, ?), 'null') END"
        return f"({kind} {test.operator.upper()})", [place]
    if test.operator == "text":
        return _same_text(test, column, place)
    if test.operator in _OPENED:
        sql, values = _operation(test, f"CASE WHEN json_valid({column}) THEN json_extract({column}, ?) END")
        return sql, [place, *values]
    sql, values = _operation(test, f"json_extract({column}, ?)")
    # bt_search takes the pattern before the text.
    bound = [*values, place] if test.operator in ("like", "ilike", "matches") else [place, *values]
    guard = f"json_valid({column}) AND json_type({column}, ?) IN {_TYPES[type(test.value)]}"
    return f"(CASE WHEN {guard} THEN {sql} END)", [place, *bound]


def _same_text(test: Condition, column: str, place: str) -> Bound:
    kind, found = f"json_type({column}, ?)", f"json_extract({column}, ?)"
    sql = (
        f"(CASE WHEN json_valid({column}) THEN CASE WHEN {kind} IN ('text', 'integer', 'real') "
        f"THEN CAST({found} AS TEXT) = ? WHEN {kind} IN ('true', 'false', 'null') THEN {kind} = ? END END)"
    )
    return sql, [place, place, test.value, place, place, test.value]


def _tags(test: Condition) -> Bound:
    """A test that any tag passes; ``<>`` that none is equal."""
    if test.operator in ("is null", "is not null"):
        return f"(nullif(s.tags, 'null') {test.operator.upper()})", []
    negated = test.operator == "<>"
    sql, values = _operation(Condition("tags", "=", test.value) if negated else test, "e.value")
    tags = "CASE WHEN json_valid(s.tags) AND json_type(s.tags) = 'array' THEN s.tags ELSE '[]' END"
    return (
        f"({'NOT ' if negated else ''}EXISTS (SELECT 1 FROM json_each({tags}) AS e WHERE e.type = 'text' AND {sql}))",
        values,
    )


def _place(path: Path) -> str:
    """A path in SQLite's own writing, ``$."choices"[0]``."""
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f'."{key}"' for key in path)
