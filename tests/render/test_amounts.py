"""Amounts as people read them."""

from __future__ import annotations

import pytest

from bt_cli.render import amounts


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 ms"),
        (0.00025, "0.25 ms"),
        (0.34, "340 ms"),
        (0.9999, "1.00 s"),
        (2.414, "2.41 s"),
        (59.94, "59.9 s"),
        (59.999, "1 min 0 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (-1.5, "-1.50 s"),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    """Two or three digits that matter, in a unit that fits."""
    assert amounts.duration(seconds) == text


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (None, ""),
        (0, "$0.00"),
        (1.25, "$1.25"),
        (1234.5, "$1,234.50"),
        (0.000146, "$0.00015"),
        (0.05, "$0.05"),
        (1e-9, "$1.0e-09"),
    ],
)
def test_money(dollars: float | None, text: str) -> None:
    """Small costs keep two digits."""
    assert amounts.money(dollars) == text


@pytest.mark.parametrize(("value", "text"), [(None, ""), (10277.0, "10,277"), (0.5, "0.5")])
def test_number(value: float | None, text: str) -> None:
    """Grouped, and whole where it is."""
    assert amounts.number(value) == text


@pytest.mark.parametrize(("count", "text"), [(812, "812 B"), (12_345, "12.3 KB"), (1_200_000, "1.2 MB")])
def test_size(count: int, text: str) -> None:
    """Bytes in steps of a thousand."""
    assert amounts.size(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(1767603731.25, "2026-01-05 09:02:11"), (12.0, ""), (None, "")])
def test_moment(seconds: float | None, text: str) -> None:
    """A date in UTC; a relative clock has none."""
    assert amounts.moment(seconds) == text


def test_null_scores_are_not_shown() -> None:
    """A score of null is no score."""
    assert amounts.scores({"a": 1, "b": None, "c": 0.254}, ", ") == "a 1, c 0.254"
