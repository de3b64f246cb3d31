"""Numbers as people read them: one rule for each quantity."""

from __future__ import annotations

from math import inf, nan

import pytest

from bt_cli.render import amounts


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0 s"),
        (1e-7, "0 s"),
        (-1e-9, "0 s"),
        (0.000001, "0.001 ms"),
        (0.00025, "0.250 ms"),
        (0.0123, "12.3 ms"),
        (0.34, "340 ms"),
        (0.9994, "999 ms"),
        (0.9999, "1.00 s"),
        (2.412, "2.41 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125.4, "2 min 5 s"),
        (3599.6, "1 h 0 min"),
        (7260.0, "2 h 1 min"),
        (-1.5, "-1.50 s"),
        (inf, ""),
        (nan, ""),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    """Three digits that count, to the microsecond, in a unit that fits."""
    assert amounts.duration(seconds) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (None, ""),
        (0, "$0"),
        (1e-10, "$0"),
        (1.234e-7, "$0.000000123"),
        (0.000146, "$0.000146"),
        (0.0013, "$0.0013"),
        (0.05, "$0.05"),
        (0.1234, "$0.123"),
        (0.9996, "$1.00"),
        (1.5, "$1.50"),
        (1234.5, "$1,234.50"),
        (-3.0, "-$3.00"),
    ],
)
def test_cost(usd: float | None, text: str) -> None:
    """Cents, below a dollar three digits that count; never an exponent."""
    assert amounts.cost(usd) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, ""), (10277.0, "10,277"), (0.5, "0.5"), (12.34, "12.3"), (12.04, "12"), (761.4, "761"), (inf, "")],
)
def test_tokens(count: float | None, text: str) -> None:
    """Grouped and whole; a mean below 100 has a decimal where it is not zero."""
    assert amounts.tokens(count) == text


@pytest.mark.parametrize(
    ("value", "text", "aligned"),
    [
        (0.0, "0", "0.000"),
        (0.4, "0.4", "0.400"),
        (0.9126, "0.913", "0.913"),
        (1.0, "1", "1.000"),
        (0.9996, "1", "1.000"),
        (-0.25, "-0.25", "-0.250"),
        (-0.0001, "0", "0.000"),
    ],
)
def test_score(value: float, text: str, aligned: str) -> None:
    """Three decimals at most, and in a column always three: the same number both times."""
    assert (amounts.score(value), amounts.aligned_score(value)) == (text, aligned)
    assert float(text) == float(aligned)


@pytest.mark.parametrize("kind", ["latency", "tokens", "cost"])
@pytest.mark.parametrize("value", [0.0, 0.00123, 0.4, 12.34, 3807.0])
def test_a_table_writes_as_a_line_does(kind: str, value: float) -> None:
    """Only scores are filled up in a table."""
    assert amounts.aligned(kind, value) == amounts.amount(kind, value)


@pytest.mark.parametrize("kind", ["latency", "tokens", "cost", "score"])
@pytest.mark.parametrize("value", [None, nan, inf])
def test_no_number_in_a_table(kind: str, value: float | None) -> None:
    """What there is not has a mark of its own, which zero has not."""
    assert amounts.aligned(kind, value) == amounts.amount(kind, value) == amounts.difference(kind, value) == "–"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("score", 0.0, "0.000"),
        ("score", 0.0001, "0.000"),
        ("score", 0.25, "+0.250"),
        ("score", -0.25, "-0.250"),
        ("latency", -0.335, "-335 ms"),
        ("latency", 1e-9, "0 s"),
        ("tokens", 0.04, "0"),
        ("cost", 0.0000125, "+$0.0000125"),
    ],
)
def test_difference(kind: str, value: float | None, text: str) -> None:
    """A sign before all but what shows as zero."""
    assert amounts.difference(kind, value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(812, "812 B"), (12_345, "12.3 KB"), (999_949, "999.9 KB"), (1_200_000, "1.2 MB"), (3_400_000_000, "3.4 GB")],
)
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


@pytest.mark.parametrize(("number", "text"), [(1, "1 span"), (0, "0 spans"), (8415, "8,415 spans")])
def test_count(number: int, text: str) -> None:
    """Numbers are grouped; one thing is singular."""
    assert amounts.count(number, "span") == text


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, None),
        (3807.0, 3807),
        (0.30000000000000004, 0.3),
        (14813.099999999991, 14813.1),
        (inf, None),
        (nan, None),
    ],
)
def test_plain(value: float | None, number: float | None) -> None:
    """Programs get whole numbers as integers, twelve digits of others, and null for what JSON has not."""
    assert amounts.plain(value) == number and isinstance(amounts.plain(value), type(number))


@pytest.mark.parametrize(("value", "text"), [(0.2, "200 ms"), (0.001, "1 ms"), (5.0, "5 s"), (2000.0, "2,000 s")])
def test_edge(value: float, text: str) -> None:
    """Edges of a histogram are round."""
    assert amounts.edge(value) == text
