"""The values of an expression: literals, moments reckoned from now, Braintrust's transactions and places."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from bt_cli.query.filters import Value
from bt_cli.spans.times import parse_iso, to_seconds
from bt_cli.spans.transactions import place_of_key, xact_of_id

_UNITS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 604800}
"""Units of an interval that are the same length always."""
_AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*\Z")
_LARGEST = 2**63
"""Integers from here on are compared as floating-point numbers, as SQLite's JSON functions read them."""


def value_of(node: Any) -> Value:
    """The value of a literal, or the moment (epoch seconds) of ``NOW() - INTERVAL 1 DAY``; ValueError for others."""
    kind = type(node).__name__
    if kind == "Paren":
        return value_of(node.this)
    if kind == "Literal":
        return str(node.this) if node.is_string else _number(node.this)
    if kind == "Boolean":
        return bool(node.this)
    if kind == "Neg":
        value = value_of(node.this)
        if isinstance(value, int | float):
            return -value
    if kind == "CurrentTimestamp" or (kind == "Anonymous" and node.name.lower() == "now" and not node.expressions):
        return time.time()
    if kind in ("Sub", "Add"):
        return _shifted(node)
    raise ValueError(kind)


def values_of(node: Any) -> Sequence[Value]:
    """The values of a list in brackets, or of a single value."""
    return [value_of(one) for one in node.expressions] if type(node).__name__ == "Array" else [value_of(node)]


def moment_of(value: Value) -> float | None:
    """Epoch seconds of ISO text or of an epoch number; None for what is no time."""
    if isinstance(value, str):
        return parse_iso(value)
    return None if value is None or isinstance(value, bool) else to_seconds(value)


def number_of(field: str, value: Value) -> Value:
    """A ``_pagination_key`` or ``_xact_id`` as the number it stands for; any other value as it is."""
    if field == "place" and isinstance(value, str):
        return place_of_key(value)
    if field == "xact" and isinstance(value, str | int) and not isinstance(value, bool):
        return xact_of_id(str(value))
    return value


def _shifted(node: Any) -> float:
    """A moment and an interval after it; raises ValueError for months, which differ in length."""
    moment, interval = moment_of(value_of(node.this)), node.expression
    amount = _AMOUNT.match(interval.name) if type(interval).__name__ == "Interval" else None
    seconds = _UNITS.get(str(interval.args.get("unit") or "").upper().removesuffix("S")) if amount else None
    if moment is None or amount is None or seconds is None:
        raise ValueError("no interval")
    shift = float(amount[1]) * seconds
    return moment - shift if type(node).__name__ == "Sub" else moment + shift


def _number(digits: str) -> int | float:
    return int(digits) if digits.isdecimal() and int(digits) < _LARGEST else float(digits)
