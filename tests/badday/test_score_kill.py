"""Scoring that is killed or interrupted, and begun again: nothing is doubled, little is done twice."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from running import Result, started

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("scoring_program.py")
TRACES = 400


@pytest.fixture
def loaded(tmp_path: Path, bt: Callable[..., Result]) -> Path:
    """A store with traces that are not scored yet."""
    store = tmp_path / "spans.db"
    lines = b"".join(orjson.dumps({"id": f"t{n:03}", "output": n}) + b"\n" for n in range(TRACES))
    assert bt("import", "-p", "x", "--store", store, stdin=lines).code == 0
    return store


def command(store: Path, log: Path, milliseconds: int) -> list[str]:
    return [sys.executable, str(PROGRAM), str(store), str(log), str(milliseconds)]


def finished(store: Path, log: Path) -> int:
    """Begins a run that nobody ends; its exit code."""
    with started(command(store, log, 0)) as process:
        return process.wait(60)


def ended(store: Path, log: Path, number: int, after: int) -> int:
    """Begins a run, sends it a signal once the log has so many lines; its exit code."""
    with started(command(store, log, 30)) as process:
        while not log.exists() or log.read_bytes().count(b"\n") < after:
            assert process.poll() is None
        process.send_signal(number)
        return process.wait(60)


def score_spans(bt: Callable[..., Result], store: Path) -> list[str]:
    """The ids of the score spans in the store."""
    out = bt("export", "-p", "x", "--store", store).out
    rows = [orjson.loads(line) for line in out.splitlines()]
    return [row["id"] for row in rows if row.get("span_attributes", {}).get("purpose") == "scorer"]


@pytest.mark.parametrize("after", [40, 390])
def test_killed_and_again(loaded: Path, tmp_path: Path, bt: Callable[..., Result], after: int) -> None:
    """All traces are scored once; what is scored again had not been stored for a second."""
    log = tmp_path / "log"
    assert ended(loaded, log, signal.SIGKILL, after) == -signal.SIGKILL
    assert finished(loaded, log) == 0
    spans = score_spans(bt, loaded)
    assert len(spans) == len(set(spans)) == TRACES


def test_interrupted_and_again(loaded: Path, tmp_path: Path, bt: Callable[..., Result]) -> None:
    """What was in flight is finished and stored; no case is scored twice."""
    log = tmp_path / "log"
    assert ended(loaded, log, signal.SIGINT, 100) == 130
    assert finished(loaded, log) == 0
    scored = log.read_text().split()
    assert len(scored) == len(set(scored)) == TRACES
    assert len(score_spans(bt, loaded)) == TRACES


def test_a_second_interrupt_does_not_wait(loaded: Path, tmp_path: Path) -> None:
    """Threads that wait for a judge do not hold the program."""
    with started(command(loaded, tmp_path / "log", 60_000)) as process:
        while "scoring_program" not in Path(f"/proc/{process.pid}/cmdline").read_text() or _threads(process.pid) < 9:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
        assert process.returncode != 0


def _threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
