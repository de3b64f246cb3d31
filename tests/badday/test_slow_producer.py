"""A pipe that stays open: what came through it is stored meanwhile."""

from __future__ import annotations

import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from badday_steps import ids_in, until

Start = Callable[..., "subprocess.Popen[bytes]"]

PAUSE = 0.02
"""Seconds between records that come slowly, and too fast for a pipe to be seen empty for long."""


def feed(pipe: IO[bytes] | None, data: bytes) -> None:
    """Writes to a program that goes on waiting."""
    assert pipe is not None
    pipe.write(data)
    pipe.flush()


@pytest.mark.parametrize("follow", [[], ["--follow"]], ids=["plain", "follow"])
def test_a_record_is_stored_while_the_pipe_is_open(start: Start, follow: list[str]) -> None:
    """Each record is seen by another connection before the next one is sent."""
    process = start("import", *follow, "--store", "s.db", stdin=subprocess.PIPE)
    for number in range(2):
        feed(process.stdin, b'{"id":"%d"}\n' % number)
        until(lambda number=number: ids_in("s.db") == [str(one) for one in range(number + 1)], "the record")  # type: ignore[misc]
    assert process.poll() is None
    process.communicate()
    assert process.returncode == 0


def test_tee_passes_on_at_once(start: Start) -> None:
    """With --tee the next program sees a line while the pipe stays open."""
    process = start("import", "--tee", "--store", "s.db", stdin=subprocess.PIPE)
    feed(process.stdin, b'{"id":"a"}\n')
    assert process.stdout is not None and process.stdout.readline() == b'{"id":"a"}\n'


def trickle(process: subprocess.Popen[bytes], seen: Callable[[], object]) -> bool:
    """Sends one record after another until ``seen``, or until so many were sent that they make a full chunk."""
    assert process.stdout is not None
    for number in range(500):
        feed(process.stdin, b'{"id":"%d","input":"a","output":"b","children":[]}\n' % number)
        select.select([process.stdout], [], [], PAUSE)
        if seen():
            return True
    return False


@pytest.mark.parametrize("follow", [[], ["--follow"]], ids=["plain", "follow"])
def test_a_trickle_is_stored_as_it_comes(start: Start, follow: list[str]) -> None:
    """Records that come one by one without a pause are stored while more are on their way."""
    process = start("import", *follow, "--store", "s.db", stdin=subprocess.PIPE)
    assert trickle(process, lambda: ids_in("s.db"))


@pytest.mark.parametrize(
    "command",
    [["import", "--tee", "--store", "s.db"], ["convert"], ["score", "-", "--score", "same.py:same"]],
    ids=["import --tee", "convert", "score"],
)
def test_a_trickle_is_passed_on_as_it_comes(start: Start, command: list[str]) -> None:
    """What is written for each record comes out while more records are on their way."""
    Path("same.py").write_text("def same(input, output):\n    return 1.0\n")
    process = start(*command, stdin=subprocess.PIPE)
    assert trickle(process, lambda: select.select([process.stdout], [], [], 0)[0])


def test_half_a_record_waits(start: Start) -> None:
    """A record that comes in two pieces is one record."""
    process = start("import", "--store", "s.db", stdin=subprocess.PIPE)
    feed(process.stdin, b'{"id":"a"}\n{"id":')
    until(lambda: ids_in("s.db") == ["a"], "the first record")
    feed(process.stdin, b'"b"}\n')
    until(lambda: ids_in("s.db") == ["a", "b"], "the second record")
    process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_wait(start: Start, number: int, code: int) -> None:
    """A run that waits for input ends at the signal, with all that came before."""
    process = start("import", "--store", "s.db", stdin=subprocess.PIPE)
    feed(process.stdin, b'{"id":"a"}\n')
    until(lambda: ids_in("s.db"), "the record")
    feed(process.stdin, b'{"id":"b"}\n')
    process.send_signal(number)
    until(lambda: process.poll() is not None, "the end")
    assert (process.returncode, ids_in("s.db")[0]) == (code, "a")


def test_a_producer_that_was_killed(start: Start) -> None:
    """What a producer sent before its end is stored; its half record is told."""
    process = start("import", "--store", "s.db", "-p", "x", stdin=subprocess.PIPE)
    _, told = process.communicate(b'{"id":"a"}\n{"id":"b","inp')
    assert (process.returncode, ids_in("s.db"), b"cut off" in told) == (3, ["a"], True)
