"""`kill -9` at any point, then the same command: nothing lost, nothing double."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from badday_steps import members, until
from running import BT, PATIENCE, Result
from traces import generated

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]
Bt = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]
SEED = 20240521
POINTS = 50


class Undisturbed(NamedTuple):
    """An import that nobody killed: its input, what it took, and what it left."""

    file: Path
    seconds: float
    size: int
    exported: bytes


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """An import of enough for a process that writes and for several commits."""
    folder = tmp_path_factory.mktemp("undisturbed")
    file = generated(1500, folder / "in.jsonl")
    store = folder / "spans.db"
    began = time.monotonic()
    subprocess.run([*BT, "import", "-q", "-p", "x", "--store", store, file], check=True, timeout=PATIENCE)
    seconds = time.monotonic() - began
    export = [*BT, "export", "-p", "x", "--to", "tree", "--store", store]
    return Undisturbed(
        file,
        seconds,
        store.stat().st_size,
        subprocess.run(export, check=True, capture_output=True, timeout=PATIENCE).stdout,
    )


def size_of(store: Path) -> int:
    """Bytes of a store and its log."""
    with contextlib.suppress(FileNotFoundError):
        return store.stat().st_size + Path(f"{store}-wal").stat().st_size
    return 0


def wait_for_the_point(
    point: int, process: subprocess.Popen[bytes], store: Path, undisturbed: Undisturbed
) -> random.Random:
    """Every other point is a moment, the others are a number of bytes written, most of which lie inside commits."""
    chance = random.Random(SEED + point)
    part = chance.random()
    if point % 2:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(part * undisturbed.seconds)
    else:
        until(lambda: process.poll() is not None or size_of(store) >= part * undisturbed.size, "bytes in the store")
    return chance


@pytest.mark.parametrize("point", range(POINTS))
def test_the_same_command_again(bt: Bt, start: Start, tmp_path: Path, undisturbed: Undisturbed, point: int) -> None:
    """After a kill the same command ends with the store of an undisturbed import, and leaves no process behind."""
    store = tmp_path / "spans.db"
    command = ("import", "-p", "x", "--store", store, undisturbed.file)
    process = start(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    chance = wait_for_the_point(point, process, store, undisturbed)
    # The program alone, the program with all its processes, or one of those alone.
    victims = chance.choice(([process.pid], members(process.pid), members(process.pid)[-1:]))
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    process.wait()
    report = bt(*command, "--json").check().json
    until(lambda: not members(process.pid), "the end of the killed program's processes")
    exported = bt("export", "-p", "x", "--to", "tree", "--store", store).check().out.encode()
    assert (report["traces"]["new"] + report["traces"]["unchanged"], exported == undisturbed.exported) == (1500, True)
    bt("store", "verify", "--store", store).check()


def test_the_process_that_writes_is_killed(bt: Bt, start: Start, tmp_path: Path, undisturbed: Undisturbed) -> None:
    """Without its writing process a run ends with 8, and says that it can be run again."""
    store = tmp_path / "spans.db"
    process = start("import", "-p", "x", "--store", store, undisturbed.file)
    writer: Any = until(lambda: [one for one in members(process.pid) if is_writer(one)], "the process that writes")
    os.kill(writer[0], signal.SIGKILL)
    _, told = process.communicate()
    assert (process.returncode, b"run the same command again" in told) == (8, True)


def is_writer(pid: int) -> bool:
    """Whether a process is the one that writes to the store."""
    with contextlib.suppress(OSError):
        return b"bt_cli.stores.sqlite" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def test_a_killed_program_leaves_no_traceback(start: Start, tmp_path: Path, undisturbed: Undisturbed) -> None:
    """The processes of a killed program end in silence."""
    told = b""
    for attempt in range(6):
        store = tmp_path / f"{attempt}.db"
        process = start("import", "-q", "-p", "x", "--store", store, undisturbed.file)
        until(lambda store=store: size_of(store) > undisturbed.size // 4, "bytes in the store")  # type: ignore[misc]
        process.kill()
        told += process.communicate()[1]
    assert b"Traceback" not in told


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_the_writing_process_starts(
    start: Start, tmp_path: Path, undisturbed: Undisturbed, number: int, code: int
) -> None:
    """Ctrl-C reaches all processes of a terminal; at any moment the run ends cleanly."""
    process = start("import", "-p", "x", "--store", tmp_path / "spans.db", undisturbed.file)
    until(lambda: any(map(is_writer, members(process.pid))), "the process that writes")
    os.killpg(process.pid, number)
    _, told = process.communicate()
    assert (process.returncode, b"Traceback" in told) == (code, False)
