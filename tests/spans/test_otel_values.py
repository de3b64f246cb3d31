"""Ids, values and attributes of OpenTelemetry that are odd."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.spans.otel import MAX_VALUE_DEPTH, plain_attributes, plain_value, read_id, typed_value
from bt_cli.spans.problem import Rejected

IDS = [
    ("B7AD6B7169203331", "b7ad6b7169203331", True),
    ("t61rcWkgMzE=", "b7ad6b7169203331", True),
    ("0000000000000000", "", True),
    ("AAAAAAAAAAA=", "", True),
    ("", "", True),
    ("abc!", "abc!", False),
    ("abcd", "abcd", False),
]


@pytest.mark.parametrize(("written", "expected", "standard"), IDS)
def test_ids_of_spans(written: str, expected: str, standard: bool) -> None:
    """Hexadecimal, base64, zeros, and what is neither."""
    assert read_id(written, 8) == (expected, standard)


ATTRIBUTES: list[tuple[Any, dict[str, Any]]] = [
    ({"a": 1}, {}),
    (None, {}),
    ([5, {"value": 1}, {"key": 7, "value": 1}], {}),
    ([{"key": "a", "value": {"intValue": "1"}}, {"key": "a", "value": {"intValue": "2"}}], {"a": 2}),
    ([{"key": "a", "value": "bare"}], {"a": "bare"}),
    ([{"key": "a"}], {"a": None}),
]


@pytest.mark.parametrize(("listed", "expected"), ATTRIBUTES)
def test_attributes(listed: Any, expected: dict[str, Any]) -> None:
    """What is no attribute is none; of a key twice the last counts."""
    assert plain_attributes(listed) == expected


VALUES: list[tuple[Any, Any]] = [
    ({"doubleValue": "x"}, {"doubleValue": "x"}),
    ({"doubleValue": "-Infinity"}, {"doubleValue": "-Infinity"}),
    ({"arrayValue": 5}, []),
    ({"kvlistValue": 5}, {}),
    ({"intValue": None}, {"intValue": None}),
    ({"stringValue": "a", "intValue": "1"}, {"stringValue": "a", "intValue": "1"}),
]


@pytest.mark.parametrize(("written", "expected"), VALUES)
def test_odd_values(written: Any, expected: Any) -> None:
    """Nothing of them is lost."""
    assert plain_value(written) == expected


def test_values_within_each_other_have_an_end() -> None:
    """Before any parser's."""
    value: Any = {"intValue": "1"}
    for _ in range(MAX_VALUE_DEPTH):
        value = {"arrayValue": {"values": [value]}}
    with pytest.raises(Rejected):
        plain_value(value)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_integers_beyond_64_bits_are_text(value: int) -> None:
    """OTLP has no place for them."""
    assert typed_value(value) == {"stringValue": str(value)}
