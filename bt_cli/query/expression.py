"""``--filter``: a SQL expression over a span's fields → tests. Parsed by sqlglot; values stay values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bt_cli.errors import UsageError
from bt_cli.query.expression_faults import EXAMPLE, check_quotes, fault, place_of, unreadable
from bt_cli.query.fields import FIELDS, NAMES, resolve, unknown_hint
from bt_cli.query.filters import And, Condition, Not, Operator, Or, Path, Test, Value
from bt_cli.query.patterns import checked
from bt_cli.spans.times import parse_iso, to_seconds

_FLIPPED: dict[str, Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WORD = re.compile(r"[^\s()=<>!,]*\Z")
_SECONDS = re.compile(r"[\d.]+(ms|s|m|h|d)", re.IGNORECASE)
_DEEPEST = 20
"""Levels of and, or and not within each other: SQLite's own parser takes less than 100 of anything."""
_LONGEST = 10_000
"""Words and signs of an expression: its values stay below the 32,766 that SQLite binds."""


def parse_filter(written: str) -> Test:
    """The test that a SQL expression states.

    Raises UsageError with the place, and the nearest field where one is unknown.
    """
    check_quotes(written)
    try:
        return _parsed(written)
    except RecursionError:
        raise _too_deep() from None


def _parsed(written: str) -> Test:
    import sqlglot
    from sqlglot.errors import ParseError, TokenError

    try:
        tokens = sqlglot.tokenize(written)
        if len(tokens) > _LONGEST:
            raise UsageError(f"--filter: more than {_LONGEST:,} words and signs", code="filter")
        found = sqlglot.parse(written)
    except ParseError as error:
        raise unreadable(written, tokens, error) from None
    except TokenError:
        raise fault(written, 0, "cannot be read") from None
    if not tokens or found[0] is None:
        raise UsageError("--filter: is empty", hint=f"as in {EXAMPLE}", code="filter")
    if len(found) > 1:
        ends = next(token.start for token in tokens if token.text == ";")
        raise fault(written, ends, "is more than one expression")
    return _Parser(written).test(found[0])


class _Parser:
    """One expression; ``written`` is its text, for messages. Nodes are sqlglot's, told apart by name."""

    def __init__(self, written: str) -> None:
        self._written = written

    def test(self, node: Any, level: int = 0) -> Test:
        """The test of a node that is true or false."""
        while type(node).__name__ == "Paren":
            node = node.this
        if level > _DEEPEST:
            raise _too_deep()
        kind = type(node).__name__
        if kind == "Not":
            return Not(self.test(node.this, level + 1))
        if kind in ("And", "Or"):
            return (And if kind == "And" else Or)(tuple(self.test(one, level + 1) for one in _links(node)))
        make = _TESTS.get(kind)
        if make is not None:
            found = make(self, node)
            return Not(found) if node.args.get("negate") else found
        if kind in ("Column", "Dot", "Bracket"):
            return self.alone(node)
        raise self.left_over(node) if kind == "Alias" else self.fault(node, "is no test")

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
        if kind == "time" and value is not None:
            value = self.moment(node, value)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if (kind == "number" and not number) or (kind == "boolean" and not isinstance(value, bool)):
            raise self.fault(node, f"is a {kind}, and {_shown(value)} is none")
        return Condition(field, operator, value, path)

    def moment(self, node: Any, value: Value) -> float:
        """Epoch seconds of ISO text or of an epoch number."""
        moment = parse_iso(value) if isinstance(value, str) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            moment = to_seconds(value)
        if moment is None:
            raise self.fault(node, f"is a time, and {_shown(value)} is none")
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
        return fault(self._written, place_of(node), f"there is no field {name!r}", unknown_hint(name))

    def left_over(self, node: Any) -> UsageError:
        """What is wrong with a word that follows a whole test, or clings to its end, as in ``duration > 2s``."""
        at = node.args["alias"].meta.get("start", 0)
        at -= len(_WORD.findall(self._written[:at])[0])
        word = self._written[at:].split(maxsplit=1)[0]
        hint = "a duration is in seconds, as in duration > 2" if _SECONDS.fullmatch(word) else None
        return fault(self._written, at, f"cannot be read at {word!r}", hint)

    def fault(self, node: Any, why: str) -> UsageError:
        """What is wrong with a node that a filter can't have."""
        return fault(self._written, place_of(node), f"{node.sql()} {why}")


_AS_IN = {"number": "> 5", "time": "> '2024-01-10'", "id": "= 'x'", "tags": "= 'x'"}
"""How a field of a kind is compared."""


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
    if type(node.expression).__name__ != "Null":
        raise parser.fault(node.expression, "is neither null nor true or false")
    return Condition(field, "is null", None, path)


def _in(parser: _Parser, node: Any) -> Test:
    if node.args.get("field") is not None:  # 'vip' in tags
        return parser.compare(node.args["field"], "=", parser.value(node.this))
    if not node.expressions:
        raise parser.fault(node, "has no list of values")
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


def _too_deep() -> UsageError:
    return UsageError("--filter: nested too deep", hint=f"at most {_DEEPEST} levels of and, or and not", code="filter")
