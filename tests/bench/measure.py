"""Runs a command and measures it from outside: wall time, peak memory, first byte."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
POLL_SECONDS = 0.01
TAIL = 400


class CommandError(Exception):
    """A measured command ended with another exit code than 0."""


@dataclass(frozen=True)
class Finished:
    """What one run of a command took; memory in MB, the process and its children of the same time added.

    ``cpu`` are the seconds of processors, those of its children included.
    """

    seconds: float
    peak_mb: float
    cpu: float
    output: bytes = b""


def run(
    command: list[str],
    *,
    keep_output: bool = False,
    watch_memory: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Finished:
    """Runs a command to its end, its output thrown away unless asked for; ``variables`` join its environment."""
    os.sync()
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = _start(command, subprocess.PIPE if keep_output else subprocess.DEVNULL, errors, variables)
        with _watching(process.pid, watch_memory) as peaks:
            output = process.stdout.read() if process.stdout else b""
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.stdout:
            process.stdout.close()
        if process.returncode != 0:
            raise CommandError(_failure(command, process.returncode, errors))
    peak_kb = max(usage.ru_maxrss, *peaks)
    return Finished(seconds, peak_kb * 1024 / 1e6, usage.ru_utime + usage.ru_stime, output)


def first_byte(command: list[str]) -> float:
    """Seconds until a command's first byte of output; then its reader goes away."""
    os.sync()
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = _start(command, subprocess.PIPE, errors)
        assert process.stdout is not None
        byte = process.stdout.read(1)
        seconds = time.perf_counter() - started
        process.stdout.close()
        process.wait()
        if not byte:
            raise CommandError(_failure(command, process.returncode, errors))
    return seconds


def count_lines(command: list[str]) -> int:
    """How many lines a command prints."""
    with tempfile.TemporaryFile() as errors:
        process = _start(command, subprocess.PIPE, errors)
        assert process.stdout is not None
        lines = sum(block.count(b"\n") for block in iter(lambda: _block(process), b""))
        process.stdout.close()
        if process.wait() != 0:
            raise CommandError(_failure(command, process.returncode, errors))
    return lines


def clean_environment() -> dict[str, str]:
    """The environment without anything that sets up `bt`, Braintrust's client, or Python itself.

    With ``PYTHONDONTWRITEBYTECODE`` set, each run of a program would compile it anew.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith(("BT_", "BRAINTRUST_", "PYTHON"))}


def _block(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    return process.stdout.read(1 << 20)


def _start(
    command: list[str], stdout: int, errors: IO[bytes], variables: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=errors,
        cwd=ROOT,
        env={**clean_environment(), **(variables or {})},
    )


def _failure(command: list[str], code: int, errors: IO[bytes]) -> str:
    """The command without its paths, its exit code and the end of what it said."""
    errors.seek(0)
    said = errors.read().decode(errors="replace").strip()[-TAIL:]
    words = [Path(word).name if os.sep in word else word for word in command]
    return f"{' '.join(words)}: exit code {code}: {said}"


@contextlib.contextmanager
def _watching(pid: int, wanted: bool) -> Iterator[list[int]]:
    """Fills a list with sums over a process and those of its descendants that run: the peak memory of each, in KB."""
    peaks = [0]
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(pid, peaks, done))
    if wanted:
        watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        if wanted:
            watcher.join()


def _watch(pid: int, peaks: list[int], done: threading.Event) -> None:
    while not done.wait(POLL_SECONDS):
        peaks.append(sum(map(_peak_kb, _family(pid))))


def peak_mb(pid: int) -> float:
    """The most memory that a running process ever held, in MB."""
    return _peak_kb(pid) * 1024 / 1e6


def _family(pid: int) -> Iterator[int]:
    """A process and all its descendants, as far as they still run."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                yield from _family(int(child))


def _peak_kb(pid: int) -> int:
    """The most memory a process ever held; 0 once it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
