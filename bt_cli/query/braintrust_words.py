"""What only Braintrust's SQL has within an expression, in SQLite's words: paths, ``INCLUDES``, ``LIKE``, intervals.

Functions that SQLite lacks are left as they are where `bt_cli.stores.sqlite.functions` has them.
"""

from __future__ import annotations

from typing import Any

from bt_cli.errors import QueryError
from bt_cli.query.braintrust_dialect import misplaced
from bt_cli.spans.row import PAYLOAD

TIME = "%Y-%m-%dT%H:%M:%S"
"""How the text of ``created`` begins; such texts compare as their times do."""

_DAYS = {"WEEK": ("DAY", 7), "QUARTER": ("MONTH", 3)}
_UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_RENAMED = {"least": "min", "greatest": "max", "any_value": "max", "current_timestamp": "now", "len": "bt_length"}
"""Functions that are called otherwise here; ``any_value`` may give any, so the greatest."""
_SHOWN_AS_TEXT = ("input", "output", "expected", "error")
_ABSENT = {
    "any_span": "FROM project_logs('NAME', shape => 'traces') brings whole traces of spans that match",
    "search": "write: input MATCH 'words', or bt export --grep for regular expressions",
}


def write_in_sqlite(tree: Any, sources: set[str], statement: str) -> None:
    """Replaces what SQLite does not know in ``tree``; ``sources`` are the names of tables in it, in lower case.

    Raises QueryError for what has no counterpart, pointing into ``statement``.
    """
    from sqlglot import exp

    for column in list(tree.find_all(exp.Column)):
        _open_path(column, sources)
    for comparison in list(tree.find_all(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)):
        _write_comparison(comparison, sources)
    for test in list(tree.find_all(exp.ArrayContainsAll, exp.Like, exp.ILike, exp.Match)):
        _write_test(test, statement)
    for one in list(tree.find_all(exp.In)):
        _write_in(one)
    for interval in list(tree.find_all(exp.Interval)):
        _write_interval(interval, statement)
    for function in list(tree.find_all(exp.Anonymous, exp.CurrentTimestamp)):
        _write_function(function, statement)


def _open_path(column: Any, sources: set[str]) -> None:
    """Replaces ``metadata.model`` or ``input[0].role`` by the member of the JSON in that column."""
    from sqlglot import exp

    node, steps = column, [part.name for part in column.parts]
    while isinstance(node.parent, exp.Dot | exp.Bracket) and node.arg_key == "this":
        node = node.parent
        steps.append(node.expression.name if isinstance(node, exp.Dot) else _index(node))
    alias = [steps.pop(0)] if len(steps) > 1 and str(steps[0]).lower() in sources else []
    if str(steps[0]).lower() not in PAYLOAD or len(steps) < 2:
        return
    path = "$" + "".join(f"[{one}]" if isinstance(one, int) else f'."{one}"' for one in steps[1:])
    field = exp.column(steps[0], table=alias[0] if alias else None)
    valid = exp.func("json_valid", field)
    node.replace(exp.Case().when(valid, _call("json_extract", field.copy(), exp.Literal.string(path))))


def _write_comparison(comparison: Any, sources: set[str]) -> None:
    """What a column shows as text is compared as what it is: a number in JSON, a transaction, one of the tags."""
    from sqlglot import exp

    sides = (comparison.this, comparison.expression)
    for side, other in (sides, sides[::-1]):
        value = other.this if isinstance(other, exp.Neg) else other
        if not isinstance(side, exp.Column) or not isinstance(value, exp.Literal):
            continue
        if not {part.name.lower() for part in side.parts[:-1]} <= sources:
            continue
        name = side.name.lower()
        if name == "tags" and value.is_string and isinstance(comparison, exp.EQ | exp.NEQ):
            made = _call("bt_includes", side.copy(), value.copy())
            comparison.replace(exp.Not(this=made) if isinstance(comparison, exp.NEQ) else made)
        elif name in _SHOWN_AS_TEXT and not value.is_string:
            valid = exp.func("json_valid", side.copy())
            side.replace(exp.Case().when(valid, _call("json_extract", side.copy(), exp.Literal.string("$"))))
        elif name == "_xact_id" and not value.is_string:
            side.replace(exp.cast(side.copy(), "bigint"))


def _index(bracket: Any) -> str | int:
    inside = bracket.expressions[0] if len(bracket.expressions) == 1 else None
    if inside is None or not (inside.is_string or inside.is_int):
        raise QueryError(f"an index is a whole number or a text: {bracket.sql()}", hint="as in: tags[0]")
    return str(inside.name) if inside.is_string else int(inside.name)


def _write_test(test: Any, statement: str) -> None:
    """``INCLUDES``, ``MATCH`` and both ``LIKE``, which SQLite has not, or otherwise: its ``LIKE`` ignores case."""
    from sqlglot import exp

    if isinstance(test.parent, exp.Escape):
        raise misplaced("escape", statement, "there is no ESCAPE here", "a backslash stands before % and _")
    names = {exp.ArrayContainsAll: "bt_includes", exp.Like: "bt_like", exp.ILike: "bt_ilike", exp.Match: "bt_match"}
    wanted = test.expression.expressions if isinstance(test.expression, exp.Array) else [test.expression]
    calls = [_call(names[type(test)], test.this.copy(), one.copy()) for one in wanted]
    made = calls[0] if len(calls) == 1 else exp.paren(exp.and_(*calls))
    test.replace(exp.Not(this=made) if test.args.get("negate") else made)


def _write_in(test: Any) -> None:
    """``tags IN ('a', 'b')``: any of the tags is one of these."""
    from sqlglot import exp

    if isinstance(test.this, exp.Column) and test.this.name.lower() == "tags" and test.expressions:
        test.replace(exp.paren(exp.or_(*(_call("bt_includes", test.this.copy(), one) for one in test.expressions))))


def _write_interval(interval: Any, statement: str) -> None:
    """Replaces ``time - interval 7 day`` by text that compares with ``created``."""
    from sqlglot import exp

    sum_ = interval.parent
    unit = interval.unit.name.upper().removesuffix("S") if interval.unit else ""
    if unit not in _UNITS or not _is_number(interval.this.name) or not isinstance(sum_, exp.Sub | exp.Add):
        hint = f"as in: now() - interval 7 day; units: {', '.join(_UNITS).lower()}"
        raise misplaced("interval", statement, "an interval is added to a time, or taken from one", hint)
    written, factor = _DAYS.get(unit, (unit, 1))
    sign = "-" if isinstance(sum_, exp.Sub) else "+"
    time = sum_.this if interval.arg_key == "expression" else sum_.expression
    shift = exp.Literal.string(f"{sign}{float(interval.this.name) * factor:g} {written.lower()}")
    sum_.replace(_call("strftime", exp.Literal.string(TIME), time, shift))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _write_function(function: Any, statement: str) -> None:
    from sqlglot import exp

    if isinstance(function, exp.CurrentTimestamp):
        function.replace(_call("now"))
        return
    name = function.name.lower()
    if name in _ABSENT:
        raise misplaced(name, statement, f"there is no {name}() here", _ABSENT[name])
    if name == "estimated_cost" and not function.expressions:
        function.replace(exp.column("cost"))
    elif name == "count_distinct":
        function.replace(_call("count", exp.Distinct(expressions=function.expressions)))
    elif name in ("includes", "contains"):
        function.set("this", "bt_includes")
    elif name in _RENAMED:
        function.set("this", _RENAMED[name])


def _call(name: str, *arguments: Any) -> Any:
    from sqlglot import exp

    return exp.Anonymous(this=name, expressions=list(arguments))
