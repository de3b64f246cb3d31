"""Paths into a row, and JSON values in one spelling."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.spans.canonical import canonical, digest
from bt_cli.spans.paths import Path
from builders import row

ROW = row(
    "a",
    span_attributes='{"name":"answer","type":"task"}',
    metadata='{"model":"m","gen_ai.system":"s","gen_ai":{"x":1},"deep":{"a":null}}',
    input='{"messages":[{"role":"user"}]}',
    extra='{"request":{"id":7},"name_of":"n"}',
    created="2026-01-01",
    metrics='{"estimated_cost":0.5}',
    output="null",
)


@pytest.mark.parametrize(("path", "expected"), [
    ("name", "answer"),
    ("type", "task"),
    ("model", "m"),
    ("metadata.model", "m"),
    (".metadata.model", "m"),
    ("span_attributes.name", "answer"),
    ("metadata.gen_ai.system", "s"),
    ("metadata.gen_ai.x", 1),
    ("metadata.deep.a", None),
    ("metadata.model.x", None),
    ("input.messages.0.role", "user"),
    ("input.messages.7.role", None),
    ("input.messages.role", None),
    ("id", "a"),
    ("id.x", None),
    ("created", "2026-01-01"),
    ("cost", 0.5),
    ("trace_id", "a"),
    ("request.id", 7),
    ("extra.request.id", 7),
    ("name_of", "n"),
    ("output", None),
    ("expected", None),
    ("nothing", None),
])  # fmt: skip
def test_path(path: str, expected: Any) -> None:
    """A path leads through objects, lists and keys with dots; null and absent are both nothing."""
    assert Path(path).of(ROW) == expected


@pytest.mark.parametrize("path", ["", "metadata..model", "metadata."])
def test_empty_key(path: str) -> None:
    """A path with an empty key is none."""
    with pytest.raises(ValueError, match="not a path"):
        Path(path)


@pytest.mark.parametrize(("one", "other"), [
    ({"a": 1, "b": [1.0, {"c": 2, "d": 3}]}, {"b": [1, {"d": 3, "c": 2}], "a": 1}),
    (100, 1e2),
    ("é", "\u00e9"),
])  # fmt: skip
def test_equal_values_have_one_spelling(one: Any, other: Any) -> None:
    """Key order and the form of a number do not tell values apart."""
    assert canonical(one) == canonical(other) and digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"), [(1, "1"), (True, 1), (None, "null"), ([1, 2], [2, 1]), (10**30, 10**30 + 1)]
)
def test_different_values_differ(one: Any, other: Any) -> None:
    """Type and the order of a list do tell values apart."""
    assert digest(one) != digest(other)
