"""Filters as a server can apply them: what is wanted of a span, or more, never less."""

from __future__ import annotations

from bt_cli.query.filters import And, Condition, Or, SpanFilter, Test, Value, is_about
from bt_cli.spans.times import format_iso
from bt_cli.stores.braintrust.fetching import Filter, any_of, either, ident

_OPERATORS = {"=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_COLUMNS = ("scores", "metadata", "metrics", "span_attributes")
_NULLS = {"is null": "isnull", "is not null": "isnotnull"}
_SLACK = {"<": 1.0, "<=": 1.0, ">": -1.0, ">=": -1.0}
"""Seconds by which a time is asked for more widely: servers round what they are given."""
_NAMED = {"name": ("span_attributes", "name"), "type": ("span_attributes", "type"), "model": ("metadata", "model")}


def pushed(wanted: SpanFilter) -> Filter | None:
    """A test that some span passes of each trace that is wanted; None where all must be looked at here.

    With scope ``traces`` a time is that of the root, other tests are of any span: no one span need pass both.
    """
    times = tuple(one for one in wanted.conditions if is_about(one, "created"))
    return _test(And(times if times and wanted.scope == "traces" else wanted.conditions))


def having_id(wanted: str) -> Filter:
    """The test that a span, or its trace, has this id."""
    return either(*(any_of(name, [wanted]) for name in ("id", "span_id", "root_span_id")))


def asked_id(wanted: SpanFilter) -> str | None:
    """The id, or a part of one, of the one trace that is wanted."""
    return next((str(one.value) for one in wanted.conditions if is_about(one, "trace")), None)


def _test(test: Test) -> Filter | None:
    if isinstance(test, And):
        tests = [found for one in test.tests if (found := _test(one)) is not None]
        return {"op": "and", "children": tests} if tests else None
    if isinstance(test, Or):
        parts = [_test(one) for one in test.tests]
        return None if None in parts else {"op": "or", "children": parts}
    return _condition(test) if isinstance(test, Condition) else None


def _condition(test: Condition) -> Filter | None:
    """A test of a time, of an error, or of a member of an object; of all else nothing is said."""
    if test.field == "created":
        return _time(test)
    path = (*_NAMED.get(test.field, (test.field,)), *test.path)
    if path != ("error",) and not _is_member(path):
        return None
    column = ident(*map(str, path))
    if test.operator in _NULLS:
        return {"op": _NULLS[test.operator], "expr": column}
    comparable = isinstance(test.value, str | int | float) and not isinstance(test.value, bool)
    if not (comparable and test.operator in _OPERATORS and _is_member(path)):
        return None
    return _compared(test.operator, column, test.value)


def _is_member(path: tuple[str | int, ...]) -> bool:
    return len(path) > 1 and path[0] in _COLUMNS and all(isinstance(key, str) for key in path)


def _time(test: Condition) -> Filter | None:
    if test.operator not in _SLACK or not isinstance(test.value, int | float):
        return None
    return _compared(test.operator, ident("created"), format_iso(test.value + _SLACK[test.operator]))


def _compared(operator: str, column: Filter, value: Value) -> Filter:
    return {"op": _OPERATORS[operator], "left": column, "right": {"op": "literal", "value": value}}
