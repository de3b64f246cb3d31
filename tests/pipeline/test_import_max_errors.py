"""``--max-errors``: a number stops the run, a percentage judges it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Bt = Callable[..., Any]
Write = Callable[..., str]
BAD = b'{"children":5}'


def records(good: int, bad: int) -> list[object]:
    """So many of each, the bad ones first."""
    return [BAD.replace(b"5", b"%d" % n) for n in range(bad)] + [{"id": f"good-{n}"} for n in range(good)]


@pytest.mark.parametrize(
    ("limit", "good", "bad", "code"),
    [
        ([], 9, 1, 3),
        (["0"], 9, 1, 3),
        (["1"], 9, 1, 0),
        (["1"], 9, 2, 3),
        (["10%"], 9, 1, 0),
        (["9.9%"], 9, 1, 3),
        (["0%"], 9, 1, 3),
        (["100%"], 9, 1, 0),
        (["5"], 0, 5, 5),
        (["100%"], 0, 5, 5),
        (["0"], 5, 0, 0),
    ],
)
def test_exit_code(bt: Bt, write: Write, limit: list[str], good: int, bad: int, code: int) -> None:
    """Within the limit 0, above it 3, and 5 where nothing is left."""
    bt("import", write(*records(good, bad)), *(["--max-errors", *limit] if limit else [])).check(code)


@pytest.mark.parametrize("limit", ["many", "-1", "101%", "1.5", "%"])
def test_what_is_no_limit(bt_here: Bt, write: Write, limit: str) -> None:
    """Neither a number of records nor a percentage is a usage mistake."""
    bt_here("import", write({"id": "a"}), f"--max-errors={limit}").check(2)


def test_the_run_stops_after_the_batch(bt_here: Bt, write: Write) -> None:
    """More rejects than the number end the run; the rest of the input is not read."""
    path = write(*records(0, 3), *({"id": f"{n}", "input": "x" * 2000} for n in range(5000)))
    report = bt_here("import", path, "--max-errors", "2", "--json").check(3).json
    assert report["stopped"] == "max_errors" and report["input"]["records"] < 5003


def test_what_was_read_before_the_stop_is_stored(bt_here: Bt, write: Write) -> None:
    """A stopped run keeps its batch, and says what it is."""
    path = write({"id": "kept"}, *records(0, 3), *({"id": f"{n}", "input": "x" * 2000} for n in range(5000)))
    bt_here("import", path, "--max-errors", "2", "-p", "x").check(3)
    assert bt_here("export", "-p", "x", "--trace-id", "kept").check().lines


def test_a_percentage_reads_to_the_end(bt_here: Bt, write: Write) -> None:
    """A percentage can only be judged over everything."""
    path = write(*records(0, 3), *({"id": f"{n}", "input": "x" * 2000} for n in range(1000)))
    report = bt_here("import", path, "--max-errors", "0.1%", "--json").check(3).json
    assert (report["stopped"], report["records"]["new"]) == (None, 1000)
