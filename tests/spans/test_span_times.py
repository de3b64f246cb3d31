"""Rules 3.1–3.3: times and what is filled in."""

from __future__ import annotations

import pytest

from bt_cli.spans.times import format_iso, is_absolute, parse_iso, to_seconds
from builders import convert, only_row, value

START = 1_704_916_642.5
ISO = "2024-01-10T19:57:22.500000+00:00"


@pytest.mark.parametrize(
    ("number", "seconds"),
    [
        (START, START),
        (START * 1e3, START),
        (START * 1e6, START),
        (START * 1e9, START),
        (99_999_999_999, 99_999_999_999),
        (1e11, 1e8),
        (1e14, 1e8),
        (1e17, 1e8),
        (-1e14, -1e8),
        (0, 0),
    ],
)
def test_a_numbers_unit_is_told_by_the_number(number: float, seconds: float) -> None:
    """Rule 3.1: below 1e11 seconds, 1e14 ms, 1e17 µs, else ns."""
    assert to_seconds(number) == seconds


@pytest.mark.parametrize(("unit", "seconds"), [("s", 2000.0), ("ms", 2.0), ("us", 0.002), ("ns", 0.000002)])
def test_a_unit_may_be_forced(unit: str, seconds: float) -> None:
    """Rule 3.1: --time-unit wins over the number."""
    assert to_seconds(2000, unit) == seconds


@pytest.mark.parametrize(
    "text", ["2024-01-10T19:57:22.5Z", "2024-01-10T19:57:22.5", "2024-01-10 20:57:22.5+01:00", "20240110T195722.5"]
)
def test_iso_text(text: str) -> None:
    """Rule 3.1: any ISO form; without a zone it is UTC."""
    assert parse_iso(text) == START


@pytest.mark.parametrize("text", ["", "soon", "2024-13-01", "<timestamp>"])
def test_text_that_is_no_date(text: str) -> None:
    """What is no date has no seconds."""
    assert parse_iso(text) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (START, ISO),
        (1704872988.725731, "2024-01-10T07:49:48.725731+00:00"),
        (946684800, "2000-01-01T00:00:00.000000+00:00"),
        (1704067199.9999999, "2024-01-01T00:00:00.000000+00:00"),
    ],
)
def test_created_has_the_documented_form(seconds: float, text: str) -> None:
    """Microseconds and +00:00, always."""
    assert format_iso(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "absolute"), [(946_684_799, False), (946_684_800, True), (4_102_444_799, True), (4_102_444_800, False)]
)
def test_a_date_lies_within_2000_to_2100(seconds: float, absolute: bool) -> None:
    """Rule 3.1: anything else is a relative clock."""
    assert is_absolute(seconds) is absolute


def test_times_are_stored_as_seconds() -> None:
    """Rule 3.1: milliseconds and ISO text become epoch seconds in metrics."""
    row = only_row({"metrics": {"start": 1704916642500, "end": "2024-01-10T19:57:23Z"}})
    assert value(row.metrics) == {"start": START, "end": 1_704_916_643}


def test_the_unit_of_a_conversion() -> None:
    """Rule 3.1: --time-unit forces it for every time of a record."""
    row = only_row({"metrics": {"start": 2_000_000_000_000}}, time_unit="ms")
    assert value(row.metrics) == {"start": 2_000_000_000}


def test_seconds_stay_as_written() -> None:
    """Rule 4.1: metrics whose times are seconds already keep their bytes."""
    text = '{"start": 1704916642.50, "end":1704916643.0}'
    assert only_row(f'{{"metrics":{text}}}'.encode()).metrics == text


def test_a_relative_clock_is_kept_and_counted() -> None:
    """Rule 3.1: it serves for durations only."""
    flat = convert({"metrics": {"start": 1.5, "end": 2}})
    assert (flat.rows[0].metrics, flat.rows[0].created, flat.relative_clocks) == ('{"start":1.5,"end":2}', None, 1)


def test_a_parents_times_come_from_its_descendants() -> None:
    """Rule 3.2: earliest start and latest end of all below."""
    root = convert({"children": [{"metrics": {"start": START + 1, "end": START + 9}}, {"metrics": {"start": START}}]})
    assert value(root.rows[0].metrics) == {"start": START, "end": START + 9}


def test_a_parents_own_times_stay() -> None:
    """Rule 3.2: the source's start and end are never overwritten."""
    root = convert({"metrics": {"start": START, "end": START + 1}, "children": [{"metrics": {"end": START + 5}}]})
    assert value(root.rows[0].metrics) == {"start": START, "end": START + 1}


def test_a_parents_missing_end_alone_is_filled() -> None:
    """Rule 3.2: each of the two by itself."""
    root = convert({"metrics": {"start": START}, "children": [{"metrics": {"start": START + 1, "end": START + 5}}]})
    assert value(root.rows[0].metrics) == {"start": START, "end": START + 5}


def test_without_any_time_there_is_none() -> None:
    """Rule 3.2: never the import's clock."""
    assert [row.metrics for row in convert({"children": [{}]}).rows] == [None, None]


def test_dates_win_over_relative_clocks() -> None:
    """Rule 3.2: a parent's range is not stretched by a clock that counts from somewhere else."""
    root = convert({"children": [{"metrics": {"start": 5.0}}, {"metrics": {"start": START}}]}).rows[0]
    assert value(root.metrics)["start"] == START


def test_relative_clocks_fill_a_parent_that_has_nothing_else() -> None:
    """Rule 3.2: they serve for its duration."""
    root = convert({"children": [{"metrics": {"start": 5.0, "end": 7.5}}]}).rows[0]
    assert value(root.metrics) == {"start": 5, "end": 7.5}


def test_a_row_gets_no_times() -> None:
    """Rule 3.2: flat rows are stored as they came."""
    row = only_row({"id": "a", "span_id": "a", "metrics": {"prompt_tokens": 1}})
    assert (row.metrics, row.created, row.span_attributes) == ('{"prompt_tokens":1}', None, None)


def test_created_is_kept_as_text() -> None:
    """Rule 3.3: its own comes first, unchanged."""
    row = only_row({"created": "2024-01-10T19:57:22.5Z", "metrics": {"start": START + 5}})
    assert (row.created, row.time) == ("2024-01-10T19:57:22.5Z", START)


def test_created_that_is_no_date_is_kept() -> None:
    """Rule 3.3: text stays text."""
    assert only_row({"created": "<timestamp>"}).created == "<timestamp>"


def test_a_rows_time_is_that_of_created() -> None:
    """Rule 3.3: else that of its start."""
    start = {"metrics": {"start": START}}
    rows = [only_row({"span_id": "a", **start}), only_row({"span_id": "a", "created": "2024-01-01", **start})]
    assert [row.time for row in rows] == [START, 1_704_067_200]


def test_a_null_as_created_is_none() -> None:
    """The start takes its place."""
    assert only_row({"created": None, "metrics": {"start": START}}).created == ISO


def test_a_number_as_created_becomes_iso_text() -> None:
    """Its unit is told like that of any number."""
    assert only_row({"created": 1704916642500}).created == ISO


def test_created_comes_from_the_start() -> None:
    """Rule 3.3: its own start is second."""
    assert only_row({"metrics": {"start": START}}).created == ISO


def test_created_comes_from_the_parent() -> None:
    """Rule 3.3: its parent's is third."""
    rows = convert({"created": "2024-01-01", "children": [{}, {"metrics": {"start": START}}]}).rows
    assert [row.created for row in rows] == ["2024-01-01", "2024-01-01", ISO]


def test_created_is_absent_without_any_time() -> None:
    """Rule 3.3: never the clock."""
    assert only_row({"input": 1}).created is None


@pytest.mark.parametrize("given", [5, True, {"x": 1}])
def test_created_of_another_kind_is_kept_aside(given: object) -> None:
    """Rule 4.4: a relative clock, a boolean or an object is no date."""
    row = only_row({"created": given})
    assert (row.created, value(row.metadata)) == (None, {"_bt": {"invalid": {"created": given}}})
