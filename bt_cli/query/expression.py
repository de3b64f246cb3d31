"""``--filter``: a SQL expression over a span's fields → tests. Parsed by sqlglot; values stay values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bt_cli.errors import UsageError
from bt_cli.query.fields import FIELDS, NAMES, resolve, unknown_hint
from bt_cli.query.filters import And, Condition, Not, Operator, Or, Path, Test, Value
from bt_cli.query.patterns import checked
from bt_cli.spans.times import parse_iso, to_seconds

_FLIPPED: dict[str, Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EXAMPLE = "--filter \"scores.Factuality < 0.5 and metadata.model = 'gpt-4o' and error is null\""


def parse_filter(written: str) -> Test:
    """The test that a SQL expression states.

    Raises UsageError with the place, and the nearest field where one is unknown.
    """
    import sqlglot
    from sqlglot.errors import ParseError, TokenError

    try:
        found = sqlglot.parse(written)
    except ParseError as error:
        about = error.errors[0]
        at = max(0, int(about["col"] or 0) - len(str(about["highlight"])))  # the column is that of the token's end
        raise _fault(written, at, f"cannot be read at {about['highlight']!r}") from None
    except TokenError:
        raise _fault(written, max(0, len(written) - 1), "a quote is not closed") from None
    if len(found) != 1 or found[0] is None:
        raise _fault(written, 0, "is not one expression")
    return _Parser(written).test(found[0])


class _Parser:
    """One expression; ``written`` is its text, for messages. Nodes are sqlglot's, told apart by name."""

    def __init__(self, written: str) -> None:
        self._written = written

    def test(self, node: Any) -> Test:
        """The test of a node that is true or false."""
        kind = type(node).__name__
        if kind == "Paren":
            return self.test(node.this)
        if kind == "Not":
            return Not(self.test(node.this))
        if kind in ("And", "Or"):
            return (And if kind == "And" else Or)((self.test(node.left), self.test(node.right)))
        make = _TESTS.get(kind)
        if make is not None:
            return make(self, node)
        if kind in ("Column", "Dot", "Bracket"):
            return self.compare(node, "=", True)
        raise self.fault(node, "is no test")

    def compare(self, node: Any, operator: Operator, value: Value) -> Test:
        """A test of a field against a value of the kind that it holds."""
        field, path = self.field(node)
        kind = FIELDS[field]
        if kind == "time" and value is not None:
            value = self.moment(node, value)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if (kind == "number" and not number) or (kind == "boolean" and not isinstance(value, bool)):
            raise self.fault(node, f"is a {kind}, and {value!r} is none")
        return Condition(field, operator, value, path)

    def moment(self, node: Any, value: Value) -> float:
        """Epoch seconds of ISO text or of an epoch number."""
        moment = parse_iso(value) if isinstance(value, str) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            moment = to_seconds(value)
        if moment is None:
            raise self.fault(node, f"is a time, and {value!r} is none")
        return moment

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
            parts = [node.args.get(part) for part in ("catalog", "db", "table", "this")]
            keys: list[str | int] = [part.name for part in parts if part is not None]
        elif kind == "Dot":
            keys = [*self.steps(node.this), node.expression.name]
        elif kind == "Bracket" and len(node.expressions) == 1:
            index = self.value(node.expressions[0])
            if isinstance(index, bool) or not isinstance(index, str | int):
                raise self.fault(node, "has an index that is neither text nor a whole number")
            keys = [*self.steps(node.this), index]
        else:
            raise self.fault(node, "is no field")
        if any(isinstance(key, str) and '"' in key for key in keys):
            raise self.fault(node, "has a key with a quotation mark, which no filter can ask for")
        return keys

    def value(self, node: Any) -> Value:
        """A literal's value."""
        kind = type(node).__name__
        if kind == "Literal":
            return str(node.this) if node.is_string else _number(node.this)
        if kind == "Boolean":
            return bool(node.this)
        if kind == "Neg":
            value = self.value(node.this)
            if isinstance(value, int | float):
                return -value
        raise self.fault(node, "is no value: a text stands in single quotes")

    def unknown(self, node: Any, steps: list[str | int]) -> UsageError:
        """What is wrong where there is no such field."""
        name = str(steps[0])
        if name in NAMES:
            return self.fault(node, "has nothing below it")
        at = self._written.find(name)
        return _fault(self._written, max(at, 0), f"there is no field {name!r}", unknown_hint(name))

    def fault(self, node: Any, why: str) -> UsageError:
        """What is wrong with a node that a filter can't have."""
        shown = node.sql()
        at = self._written.lower().find(shown.lower())
        return _fault(self._written, max(at, 0), f"{shown} {why}")


def _comparison(operator: Operator) -> Callable[[_Parser, Any], Test]:
    def make(parser: _Parser, node: Any) -> Test:
        left, right = node.left, node.right
        if type(left).__name__ in ("Literal", "Neg", "Boolean"):
            return parser.compare(right, _FLIPPED[operator], parser.value(left))
        return parser.compare(left, operator, parser.value(right))

    return make


def _text(operator: Operator) -> Callable[[_Parser, Any], Test]:
    def make(parser: _Parser, node: Any) -> Test:
        value = parser.value(node.expression)
        if not isinstance(value, str):
            raise parser.fault(node, "needs a text")
        field, path = parser.field(node.this)
        if FIELDS[field] not in ("json", "tags", "id"):
            raise parser.fault(node, f"needs a text, and {node.this.sql()} is a {FIELDS[field]}")
        return Condition(field, operator, checked(str(value), "--filter") if operator == "matches" else value, path)

    return make


def _is(parser: _Parser, node: Any) -> Test:
    if type(node.expression).__name__ == "Boolean":
        return parser.compare(node.this, "=", bool(node.expression.this))
    field, path = parser.field(node.this)
    return Condition(field, "is null", None, path)


def _in(parser: _Parser, node: Any) -> Test:
    if node.args.get("field") is not None:  # 'vip' in tags
        return parser.compare(node.args["field"], "=", parser.value(node.this))
    return Or(tuple(parser.compare(node.this, "=", parser.value(one)) for one in node.expressions))


def _between(parser: _Parser, node: Any) -> Test:
    low, high = parser.value(node.args["low"]), parser.value(node.args["high"])
    return And((parser.compare(node.this, ">=", low), parser.compare(node.this, "<=", high)))


_TESTS: dict[str, Callable[[_Parser, Any], Test]] = {
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
    "Is": _is,
    "In": _in,
    "Between": _between,
}


def _number(digits: str) -> int | float:
    return int(digits) if digits.isdecimal() else float(digits)


def _fault(written: str, at: int, why: str, hint: str | None = None) -> UsageError:
    message = f"--filter: {why} (character {at + 1} of {written!r})"
    return UsageError(message, hint=hint or f"as in {_EXAMPLE}", code="filter")
