"""Widths, cuts and colours."""

from __future__ import annotations

import pytest

from bt_cli.render.look import RED, cells, cut, pad
from seeing import look


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("café", 4), ("猫", 2), ("e\u0301", 1), ("🎉", 2), ("", 0)])
def test_width_of_text(text: str, width: int) -> None:
    """Wide characters take two columns, combining ones none."""
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("猫猫", 3, "猫…"),
        ("猫猫", 2, "…"),
        ("ab", 1, "…"),
        ("ab", 0, ""),
        ("a", -1, ""),
    ],
)
def test_cut_text_fits(text: str, width: int, shown: str) -> None:
    """A cut is always seen, and never wider than asked."""
    assert cut(text, width) == shown


def test_padding_counts_columns() -> None:
    """Columns stay aligned beside wide characters."""
    assert (pad("猫", 4), pad("ab", 4, right=True)) == ("猫  ", "  ab")


def test_colours_only_where_there_are_some() -> None:
    """Without colours nothing is added to the text."""
    assert look().paint("a", RED) == "a"
    assert look(color=True).paint("a", RED) == "\x1b[31ma\x1b[0m"
    assert look(color=True).paint("", RED) == ""
