"""A full disk: what was committed stays, and the same command goes on once there is room."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from running import BT, PATIENCE, Result
from traces import generated

pytestmark = pytest.mark.slow
Bt = Callable[..., Result]
BT_LINE = shlex.join(BT)


@cache
def may_mount() -> bool:
    """Whether a file system of its own can be made, seen by nobody else."""
    if os.geteuid() or not shutil.which("unshare"):
        return False
    mount = "mount -t tmpfs -o size=1m none /mnt"
    return not subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, timeout=PATIENCE).returncode


def shell(line: str, *prefix: str) -> Result:
    """Runs a shell command line."""
    done = subprocess.run([*prefix, "bash", "-c", line], capture_output=True, timeout=120)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 5 MB of traces, enough for a process that writes."""
    return generated(800, tmp_path_factory.mktemp("full") / "in.jsonl")


def errors(result: Result) -> list[str]:
    """The lines of an error."""
    return [line for line in result.err.splitlines() if line.startswith(("error: ", "hint: "))]


def test_no_file_may_grow_further(bt: Bt, file: Path) -> None:
    """Where the system stops a store's growth, the run ends with 8, a hint, and no traceback."""
    result = shell(f"ulimit -f 1024; {BT_LINE} import {file} -p x --store s.db").check(8)
    assert len(errors(result)) == 2 and "Traceback" not in result.err, result.err
    bt("import", file, "-p", "x", "--store", "s.db").check()
    bt("store", "verify", "--store", "s.db").check()


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")
@pytest.mark.parametrize("size", ["64k", "1m", "3m"])
def test_a_full_file_system(file: Path, size: str) -> None:
    """A full disk is called that, and what it holds is sound; with more room the same command ends well."""
    Path("disk").mkdir()
    command = f"{BT_LINE} import {file} -p x --store disk/s.db"
    line = (
        f"mount -t tmpfs -o size={size} none disk && {{ {command}; echo $? > code; }}; "
        f"mount -o remount,size=60m disk && {command} -q && {BT_LINE} store verify --store disk/s.db -q"
    )
    result = shell(line, "unshare", "-m").check()
    told = errors(result)
    assert (Path("code").read_text(), len(told), "disk is full" in told[0]) == ("8\n", 2, True), result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["export -p x", "convert in.jsonl"])
def test_output_to_a_full_device(bt: Bt, command: str) -> None:
    """Output that can't be written is an error with a code of its own."""
    Path("in.jsonl").write_text('{"id":"a"}\n')
    bt("import", "in.jsonl", "-p", "x", "--store", "s.db").check()
    result = shell(f"BT_STORE=s.db {BT_LINE} {command} > /dev/full").check(8)
    assert errors(result) and "Traceback" not in result.err


def test_rejects_on_a_full_device(bt: Bt) -> None:
    """Rejects that can't be put aside end the run before their batch is stored."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    result = bt(
        "import", "-p", "x", "--store", "s.db", "--rejects", "/dev/full", stdin='{"id":"a"}\n{"children":5}\n'
    ).check(8)
    assert errors(result) and "Traceback" not in result.err
