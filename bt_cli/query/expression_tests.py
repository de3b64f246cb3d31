"""The nodes that sqlglot makes of an expression → tests on fields of a span."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from bt_cli.errors import UsageError
from bt_cli.query.expression_faults import BEYOND, DEEPEST, Written, fault, place_of, too_deep
from bt_cli.query.expression_values import moment_of, number_of, values_of
from bt_cli.query.fields import FIELDS, NAMES, resolve, unknown_hint
from bt_cli.query.filters import And, Condition, Not, Operator, Or, Path, Test, Value
from bt_cli.query.patterns import checked

_FLIPPED: dict[str, Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WORD = re.compile(r"[^\s()=<>!,]*\Z")
_SECONDS = re.compile(r"[\d.]+(ms|s|m|h|d)", re.IGNORECASE)
_AS_IN = {"number": "> 5", "time": "> '2024-01-10'", "id": "= 'x'", "tags": "= 'x'"}
"""How a field of a kind is compared."""


class TestReader:
    """One expression; ``written`` is its text, for messages. Nodes are sqlglot's, told apart by name."""

    def __init__(self, written: Written) -> None:
        self._written = written

    def test(self, node: Any, level: int = 0) -> Test:
        """The test of a node that is true or false."""
        while type(node).__name__ == "Paren":
            node = node.this
        if level > DEEPEST:
            raise too_deep(self._written)
        kind = type(node).__name__
        if kind == "Not":
            return Not(self.test(node.this, level + 1))
        if kind in ("And", "Or"):
            return (And if kind == "And" else Or)(tuple(self.test(one, level + 1) for one in _links(node)))
        if kind == "Boolean":
            return And(()) if node.this else Or(())
        make = _TESTS.get(kind)
        if make is not None:
            found = make(self, node)
            return Not(found) if node.args.get("negate") else found
        if kind in ("Column", "Dot", "Bracket"):
            return self.alone(node)
        raise self.left_over(node) if kind == "Alias" else self.fault(node, "is no test", BEYOND)

    def alone(self, node: Any) -> Test:
        """The test of a field that is true or false itself."""
        kind = FIELDS[self.field(node)[0]]
        if kind not in ("json", "boolean"):
            raise self.fault(node, f"is no test: compare it, as in {node.sql()} {_AS_IN[kind]}")
        return self.compare(node, "=", True)

    def compare(self, node: Any, operator: Operator, value: Value) -> Test:
        """A test of a field against a value of the kind that it holds."""
        field, path = self.field(node)
        kind = FIELDS[field]
        if kind == "time":
            moment = moment_of(value)
            if moment is None:
                raise self.fault(node, f"is a time, and {_shown(value)} is none")
            return Condition(field, operator, moment, path)
        try:
            value = number_of(field, value)
        except ValueError as error:
            raise self.fault(node, f"cannot be {_shown(value)}: {error}") from None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if (kind == "number" and not number) or (kind == "boolean" and not isinstance(value, bool)):
            raise self.fault(node, f"is a {kind}, and {_shown(value)} is none")
        return Condition(field, operator, value, path)

    def field(self, node: Any) -> tuple[str, Path]:
        """The field that a node names, and the path into it."""
        steps = self.steps(node)
        found = resolve(str(steps[0]), tuple(steps[1:]))
        if found is None:
            raise self.unknown(node, steps)
        return found

    def steps(self, node: Any) -> list[str | int]:
        """``output.choices[0].text`` as its keys and indexes."""
        kind = type(node).__name__
        if kind == "Column":
            keys: list[str | int] = [part.name for part in node.parts]
        elif kind == "Dot":
            keys = [*self.steps(node.this), node.expression.name]
        elif kind == "Bracket" and len(node.expressions) == 1:
            index = self.value(node.expressions[0])
            if isinstance(index, bool) or not isinstance(index, str | int):
                raise self.fault(node, "has an index that is neither text nor a whole number")
            keys = [*self.steps(node.this), index]
        else:
            raise self.fault(node, "is no field", BEYOND)
        if any(isinstance(key, str) and '"' in key for key in keys):
            raise self.fault(node, "has a key with a quotation mark, which no filter can ask for")
        return keys

    def value(self, node: Any) -> Value:
        """The value of a literal or of a moment."""
        return self.values(node)[0]

    def values(self, node: Any) -> Sequence[Value]:
        """The values of a list in brackets, or the only one."""
        try:
            found = values_of(node)
        except (ValueError, OverflowError):
            raise self.fault(node, "is no value: a text stands in single quotes", BEYOND) from None
        if not found:
            raise self.fault(node, "has no list of values")
        return found

    def unknown(self, node: Any, steps: list[str | int]) -> UsageError:
        """What is wrong where there is no such field."""
        name = str(steps[0])
        if name in NAMES:
            return self.fault(node, "has nothing below it")
        return fault(self._written, place_of(node), f"there is no field {name!r}", unknown_hint(name), BEYOND)

    def left_over(self, node: Any) -> UsageError:
        """What is wrong with a word that follows a whole test, or clings to its end, as in ``duration > 2s``."""
        text = self._written.text
        at = node.args["alias"].meta.get("start", 0)
        at -= len(_WORD.findall(text[:at])[0])
        word = text[at:].split(maxsplit=1)[0]
        hint = "a duration is in seconds, as in duration > 2" if _SECONDS.fullmatch(word) else None
        return fault(self._written, at, f"cannot be read at {word!r}", hint)

    def fault(self, node: Any, why: str, code: str | None = None) -> UsageError:
        """What is wrong with a node that a filter can't have."""
        return fault(self._written, place_of(node), f"{node.sql()} {why}", code=code)


def _links(node: Any) -> list[Any]:
    """The tests that a chain of ``and``, or of ``or``, consists of: thousands are no deeper than two."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if type(one) is type(node):
            waiting += [one.expression, one.this]
        else:
            found.append(one)
    return found


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _comparison(operator: Operator) -> Callable[[TestReader, Any], Test]:
    def make(reader: TestReader, node: Any) -> Test:
        left, right = node.left, node.right
        if type(left).__name__ in ("Literal", "Neg", "Boolean"):
            return reader.compare(right, _FLIPPED[operator], reader.value(left))
        return reader.compare(left, operator, reader.value(right))

    return make


def _text(operator: Operator) -> Callable[[TestReader, Any], Test]:
    def make(reader: TestReader, node: Any) -> Test:
        value = reader.value(node.expression)
        if not isinstance(value, str):
            raise reader.fault(node, "needs a text")
        field, path = reader.field(node.this)
        if FIELDS[field] not in ("json", "tags", "id"):
            raise reader.fault(node, f"needs a text, and {node.this.sql()} is a {FIELDS[field]}")
        return Condition(field, operator, checked(str(value), "--filter") if operator == "matches" else value, path)

    return make


def _includes(reader: TestReader, node: Any) -> Test:
    """``tags INCLUDES 'vip'``, or all of a list: a list has it, an object has it as a key."""
    field, path = reader.field(node.this)
    if FIELDS[field] not in ("json", "tags"):
        raise reader.fault(node, f"needs a list, and {node.this.sql()} is a {FIELDS[field]}")
    operator: Operator = "=" if field == "tags" else "includes"
    tests = tuple(Condition(field, operator, value, path) for value in reader.values(node.expression))
    return tests[0] if len(tests) == 1 else And(tests)


def _is(reader: TestReader, node: Any) -> Test:
    if type(node.expression).__name__ == "Boolean":
        return reader.compare(node.this, "=", bool(node.expression.this))
    field, path = reader.field(node.this)
    if type(node.expression).__name__ != "Null":
        raise reader.fault(node.expression, "is neither null nor true or false")
    return Condition(field, "is null", None, path)


def _in(reader: TestReader, node: Any) -> Test:
    if node.args.get("field") is not None:  # 'vip' in tags
        return reader.compare(node.args["field"], "=", reader.value(node.this))
    if not node.expressions:
        raise reader.fault(node, "has no list of values")
    return Or(tuple(reader.compare(node.this, "=", reader.value(one)) for one in node.expressions))


def _between(reader: TestReader, node: Any) -> Test:
    low, high = reader.value(node.args["low"]), reader.value(node.args["high"])
    return And((reader.compare(node.this, ">=", low), reader.compare(node.this, "<=", high)))


_TESTS: dict[str, Callable[[TestReader, Any], Test]] = {
    "EQ": _comparison("="),
    "NEQ": _comparison("<>"),
    "LT": _comparison("<"),
    "LTE": _comparison("<="),
    "GT": _comparison(">"),
    "GTE": _comparison(">="),
    "Like": _text("like"),
    "ILike": _text("ilike"),
    "Glob": _text("glob"),
    "RegexpLike": _text("matches"),
    "Match": _text("match"),
    "ArrayContainsAll": _includes,
    "Is": _is,
    "In": _in,
    "Between": _between,
}
