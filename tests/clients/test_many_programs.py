"""Many programs that log at once."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from running import started
from sdks import PROGRAMS, Served

CLIENTS = 32
TRACES = 150
ROUNDS = 3


@pytest.mark.slow
def test_32_programs_at_once(served: Served, exported: Callable[..., list[Any]], child_env: dict[str, str]) -> None:
    """Nothing of what 32 programs log at once is lost or double, round after round, and the server's memory stays flat."""
    peaks = []
    for number in range(ROUNDS):
        with ExitStack() as life:
            running = [
                life.enter_context(started(crowd_member(number, client), env=child_env)) for client in range(CLIENTS)
            ]
            assert [one.wait(300) for one in running] == [0] * CLIENTS
        peaks.append(memory_of(served.server.process.pid))
    rows = exported("-p", "crowd")
    roots = {row["span_id"]: row for row in rows if not row["span_parents"]}
    logged = Counter((row["input"]["from"], row["input"]["number"]) for row in roots.values())
    assert logged == Counter(
        (f"{number}-{client}", trace)
        for number in range(ROUNDS)
        for client in range(CLIENTS)
        for trace in range(TRACES)
    )
    assert all(row["output"] == {"done": row["input"]["number"]} for row in roots.values())
    steps = Counter(row["span_parents"][0] for row in rows if row["span_parents"])
    assert steps == Counter(dict.fromkeys(roots, 1))
    assert all(row["metrics"]["end"] >= row["metrics"]["start"] for row in rows)
    assert peaks[-1] < peaks[0] + 60, f"MB after each round: {peaks}"


def crowd_member(number: int, client: int) -> list[object]:
    return [sys.executable, PROGRAMS / "crowd.py", "crowd", f"{number}-{client}", TRACES]


def memory_of(pid: int) -> int:
    """The most memory that a process has held so far, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) >> 10
