"""Looking into JSON text of any shape."""

from __future__ import annotations

import pytest

from bt_cli.spans.peek import count, first_word, items, left, members, word


@pytest.mark.parametrize("json", [None, "null", "7", '"a"', "{", "[", '{"a":}', "[1,}", "[" * 9000])
def test_what_is_not_there_is_none(json: str | None) -> None:
    """Another shape, and text that no parser takes, have nothing in them."""
    assert members(json) == {} and items(json) == []


def test_what_is_there_is_as_written() -> None:
    """Members and items are JSON text; a word is decoded."""
    assert members('{"a": 1.0}') == {"a": "1.0"} and items('[1.0, "b"]') == ["1.0", '"b"']
    assert word('"\\u00e9"') == "é" and word("7") is None and word(None) is None
    assert count("7") == 7 and count("true") is None and count(None) is None


def test_the_first_word_that_says_something() -> None:
    """Empty texts and other values are passed over."""
    assert first_word({"a": '""', "b": "7", "c": '"x"'}, "a", "b", "c") == "x" and first_word({}, "a") == ""


def test_what_is_left() -> None:
    """All but what is shown and nulls, in its order and as written."""
    assert left({"b": "1.0", "a": "null", "c": "2", "d": "3"}, "c") == '{"b":1.0,"d":3}'
    assert left({"a": "null"}) is None
