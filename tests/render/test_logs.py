"""Lists of traces."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.render import logs
from bt_cli.render.look import cells
from bt_cli.spans.trace import TraceFacts
from seeing import look


def short(**fields: Any) -> TraceFacts:
    """A trace in short."""
    usual: dict[str, Any] = {
        "id": "trace-12345678", "name": "answer", "time": 1767603731.25, "created": "2026-01-05T09:02:11Z",
        "duration": 2.41, "tokens": 800.0, "cost": 0.5, "spans": 6, "errors": 0, "scores": {"good": 0.5}, "rooted": True,
    }  # fmt: skip
    return TraceFacts(**{**usual, **fields})


def page(*traces: TraceFacts, **options: Any) -> list[str]:
    """The lines of a page on a terminal."""
    how = look(**options)
    columns = logs.columns_for(traces, how)
    return [logs.heading(columns, how).rstrip("\n"), *(logs.line(one, columns, how).rstrip("\n") for one in traces)]


def test_a_line_in_a_pipe_has_plain_numbers() -> None:
    """Tab-separated: seconds, USD, the whole id."""
    assert logs.separated_line(short(errors=2), look()) == (
        "2026-01-05T09:02:11.250000+00:00\tanswer\t2.41\t800\t0.5\t6\t2\tgood=0.5\ttrace-12345678\n"
    )


def test_what_is_not_known_is_empty_in_a_pipe() -> None:
    """Every line has as many fields as the heading."""
    line = logs.separated_line(short(time=None, created=None, duration=None, tokens=None, cost=None, name=None), look())
    assert line.split("\t")[:5] == [""] * 5 and line.count("\t") == logs.separated_heading().count("\t")


def test_a_line_on_a_terminal() -> None:
    """Amounts as people read them, the last 8 characters of the id."""
    assert page(short(errors=2), width=200)[1].split() == (
        ["2026-01-05", "09:02:11", "answer", "2.41", "s", "800", "$0.50", "6", "✗", "2", "good", "0.5", "12345678"]
    )


def test_columns_without_content_are_left_out() -> None:
    """No cost known, no column of costs."""
    assert "cost" not in page(short(cost=None), width=200)[0]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_a_list_fits(width: int) -> None:
    """Names and scores are cut, then columns go; the id always stays whole."""
    lines = page(short(name="猫" * 99, scores={"s" * 99: 1}, errors=3), width=width)
    assert max(map(cells, lines)) <= width and lines[1].endswith("12345678")


def test_free_room_goes_to_the_names() -> None:
    """What other columns leave is used."""
    assert "n" * 30 in page(short(name="n" * 30, scores={}), width=100)[1]


def test_a_trace_without_root_says_so() -> None:
    """It is not mistaken for a nameless one."""
    assert "(no root yet)" in page(short(name=None, rooted=False), width=200)[1]
    assert "(no name)" in page(short(name=None), width=200)[1]


def test_errors_are_red() -> None:
    """The name of a failed trace stands out, besides its mark."""
    line = page(short(errors=1), width=200, color=True)[1]
    assert "\x1b[31manswer\x1b[0m" in line


def test_columns_of_traces_to_come() -> None:
    """Before anything is known the list has its usual columns, as many as fit."""
    assert [one.name for one in logs.usual_columns(look(width=200)).shown] == list(logs.COLUMNS)
    few = logs.usual_columns(look(width=40))
    assert {"name", "id"} <= {one.name for one in few.shown} and "spans" in few.left_out


def test_eighty_columns_hold_all() -> None:
    """Times without year and seconds, narrow gaps, short names and scores, before any column goes."""
    full = short(name="n" * 40, duration=3599.0, tokens=123456.0, cost=0.00015, spans=12345, errors=99)
    columns = logs.columns_for([full], look(width=80))
    assert [one.name for one in columns.shown] == list(logs.COLUMNS) and logs.no_room(columns) == ""
    assert page(full, width=80)[1].startswith("01-05 09:02 nnnnnnnnnn… ")
    assert logs.usual_columns(look(width=80)).left_out == []


def test_columns_without_room_are_named() -> None:
    """What is not shown is said, with the way to see it."""
    told = logs.no_room(logs.columns_for([short(errors=2)], look(width=40)))
    assert told.startswith("No room for: tokens, cost, spans") and "--json" in told


def test_hostile_names_stay_on_their_line() -> None:
    """Tabs, line ends and escape codes are spelled out."""
    assert "a\\tb\\n\\x1b[2J" in page(short(name="a\tb\n\x1b[2J"), width=200)[1]
