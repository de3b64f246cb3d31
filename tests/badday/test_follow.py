"""``--follow``: a file that grows, shrinks, is replaced, and ends in the middle of a line."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from badday_steps import ids_in, until
from running import Result

pytestmark = pytest.mark.slow
Bt = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]
LOG = Path("app.jsonl")


def append(*names: str) -> None:
    """Adds records of these ids to the log."""
    with LOG.open("ab") as log:
        log.write(b"".join(b'{"id":"%s"}\n' % name.encode() for name in names))


def stored(*names: str) -> None:
    """Waits until exactly these ids are stored."""
    until(lambda: ids_in("s.db") == sorted(names), f"{names} in the store")


@pytest.fixture
def following(start: Start) -> Iterator[Any]:
    """`bt import --follow` that has stored the log's first record."""
    append("a")
    process = start("import", LOG, "--follow", "-p", "x", "--store", "s.db")
    stored("a")
    yield process


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> bytes:
    """Sends a signal; what the program told until its end."""
    process.send_signal(number)
    return process.communicate()[1]


def test_a_growing_file(following: Any) -> None:
    """Records are stored as they are appended."""
    append("b")
    stored("a", "b")
    append("c", "d")
    stored("a", "b", "c", "d")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_drains(following: Any, number: int, code: int) -> None:
    """What lies in the file when the signal comes is stored before the end."""
    append("b", "c")
    end(following, number)
    assert (following.returncode, ids_in("s.db")) == (code, ["a", "b", "c"])


def test_a_file_that_was_cut_to_nothing(following: Any) -> None:
    """A truncated log is read from its beginning again."""
    append("b")
    stored("a", "b")
    LOG.write_bytes(b"")
    append("n")
    stored("a", "b", "n")


def test_a_file_that_was_replaced(following: Any) -> None:
    """A rotated log is left for the new file of its name."""
    LOG.rename("app.jsonl.1")
    append("n")
    stored("a", "n")


def test_a_file_that_was_away_for_a_while(following: Any) -> None:
    """Between rotation and the first new line there may be no file at all."""
    LOG.rename("app.jsonl.1")
    with Path("app.jsonl.1").open("ab") as old:
        old.write(b'{"id":"late"}\n')
    stored("a", "late")
    append("n")
    stored("a", "late", "n")


def test_lines_written_just_before_a_rotation(following: Any) -> None:
    """What was appended and rotated away at once is read before the new file."""
    expected = ["a"]
    for number in range(4):
        append(f"old-{number}")
        os.rename(LOG, f"app.jsonl.{number}")
        append(f"new-{number}")
        expected += [f"old-{number}", f"new-{number}"]
        until(lambda number=number: f"new-{number}" in ids_in("s.db"), "the new file")  # type: ignore[misc]
    assert ids_in("s.db") == sorted(expected)


def test_a_half_line_is_completed(following: Any) -> None:
    """A line that comes in pieces is stored once it is whole."""
    with LOG.open("ab") as log:
        log.write(b'{"id":"b"}\n{"id":')
        log.flush()
        stored("a", "b")
        log.write(b'"c"}\n')
    stored("a", "b", "c")


def test_a_half_line_at_the_end_is_not_lost(bt: Bt, following: Any) -> None:
    """A line that was half written at the signal is stored by the next run, once."""
    with LOG.open("ab") as log:
        log.write(b'{"id":"b","input":"ha')
    end(following)
    with LOG.open("ab") as log:
        log.write(b'lf"}\n')
    report = bt("import", LOG, "-p", "x", "--store", "s.db", "--json").check().json
    assert (report["records"]["new"], ids_in("s.db")) == (1, ["a", "b"])


def test_the_next_run_finds_the_rest_unchanged(bt: Bt, following: Any) -> None:
    """Following is importing: the same file again changes nothing."""
    append("b")
    stored("a", "b")
    end(following)
    assert bt("import", LOG, "-p", "x", "--store", "s.db", "--json").check().json["records"]["unchanged"] == 2
