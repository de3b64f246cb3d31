"""Filters as a server can apply them: what is wanted of a span, or more, never less."""

from __future__ import annotations

from bt_cli.query.filters import And, Condition, Or, SpanFilter, Test
from bt_cli.stores.braintrust.fetching import Filter, ident

_OPERATORS = {"=": "eq", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_COLUMNS = ("scores", "metadata", "metrics", "span_attributes")
_NAMED = {"name": ("span_attributes", "name"), "type": ("span_attributes", "type"), "model": ("metadata", "model")}


def pushed(wanted: SpanFilter) -> Filter | None:
    """A test that every span passes which is to bring its trace; None where all must be looked at here."""
    tests = [found for one in wanted.conditions if (found := _test(one)) is not None]
    return {"op": "and", "children": tests} if tests else None


def _test(test: Test) -> Filter | None:
    if isinstance(test, And):
        tests = [found for one in test.tests if (found := _test(one)) is not None]
        return {"op": "and", "children": tests} if tests else None
    if isinstance(test, Or):
        parts = [_test(one) for one in test.tests]
        return None if None in parts else {"op": "or", "children": parts}
    return _condition(test) if isinstance(test, Condition) else None


def _condition(test: Condition) -> Filter | None:
    """One comparison of a member of an object with text or a number; of all else nothing is said."""
    path = (*_NAMED.get(test.field, (test.field,)), *test.path)
    simple = len(path) > 1 and path[0] in _COLUMNS and all(isinstance(key, str) for key in path)
    comparable = isinstance(test.value, str | int | float) and not isinstance(test.value, bool)
    if not (simple and comparable and test.operator in _OPERATORS):
        return None
    value = {"op": "literal", "value": test.value}
    return {"op": _OPERATORS[test.operator], "left": ident(*map(str, path)), "right": value}
