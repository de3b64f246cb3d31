"""Values → JSON text, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.spans import text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": [1, 1.5, None, "é"]}, '{"a":[1,1.5,null,"é"]}'),
        ("\ud800x", '"\ufffdx"'),
        (10**30, "1" + "0" * 30),
        ([float("nan"), float("-inf")], "[null,null]"),
        (["\ud800", float("inf")], '["\ufffd",null]'),
        ({1: 2}, '{"1":2}'),
    ],
)
def test_values_are_written(value: Any, written: str) -> None:
    """Compact, and always JSON."""
    assert text.encode(value) == written


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("value", [object(), {(1, 2): 3}, {1, 2}])
def test_what_is_no_json_is_refused(value: Any, strict: bool) -> None:
    """With one kind of error."""
    with pytest.raises(ValueError, match="no JSON"):
        text.encode(value, strict)


def test_a_strict_writer_refuses_what_is_no_number() -> None:
    """NaN is no null; a null is."""
    assert text.encode([None], strict=True) == "[null]"
    with pytest.raises(ValueError, match="not JSON compliant"):
        text.encode([float("nan")], strict=True)


@pytest.mark.parametrize("value", [{"a": [1, "é", None]}, 10**30, "\ud83d"])
def test_bytes_are_the_text(value: Any) -> None:
    """What orjson refuses included."""
    assert text.encode_bytes(value) == text.encode(value).encode()
