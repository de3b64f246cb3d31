"""Input that cannot be used: message, hint and exit code of each."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from badday_steps import ids_in, until
from running import Result

Bt = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]
CASES = {
    "missing": ("missing.jsonl", "missing.jsonl: No such file or directory"),
    "glob without a match": ("logs/*.jsonl.gz", "logs/*.jsonl.gz: no file matches"),
    "empty folder": ("logs", "logs: the folder has no trace files"),
    "link to nothing": ("link.jsonl", "link.jsonl: No such file or directory"),
    "below a file": ("in.jsonl/x", "in.jsonl/x: Not a directory"),
}


@pytest.fixture(autouse=True)
def files() -> None:
    """A folder without traces, a link to nothing, and a good file."""
    Path("logs").mkdir()
    Path("logs/readme.txt").write_text("no traces")
    Path("logs/.hidden.jsonl").write_text('{"id":"h"}\n')
    Path("link.jsonl").symlink_to("nowhere")
    Path("in.jsonl").write_text('{"id":"a"}\n')


@pytest.mark.parametrize(("path", "message"), CASES.values(), ids=CASES)
def test_message_hint_and_exit_code(bt_here: Bt, path: str, message: str) -> None:
    """What can't be found is said before anything is read."""
    result = bt_here("import", path)
    assert (result.code, f"error: {message}" in result.err, "hint: " in result.err) == (5, True, True), result.err


@pytest.mark.parametrize("path", [path for path, _ in CASES.values()], ids=CASES)
def test_nothing_is_stored(bt: Bt, path: str) -> None:
    """A file that is there is not stored where another is missing."""
    bt("import", "in.jsonl", path, "-p", "x", "--store", "s.db").check(5)
    assert ids_in("s.db") == []


def test_a_file_that_vanishes_while_others_are_read(start: Start) -> None:
    """What was read is stored, and the run says which file it could not read."""
    process = start("import", "-", "in.jsonl", "--store", "s.db", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b'{"id":"first"}\n')
    process.stdin.flush()
    until(lambda: ids_in("s.db"), "the first record")
    Path("in.jsonl").unlink()
    _, told = process.communicate()
    assert (process.returncode, ids_in("s.db"), b"in.jsonl: No such file or directory" in told) == (3, ["first"], True)


@pytest.mark.parametrize("name", ["cut.gz", "cut.zst"])
def test_a_cut_archive(bt: Bt, name: str) -> None:
    """What could be unpacked is stored; the rest is told with exit code 3."""
    import gzip
    import random

    import zstandard

    noise = random.Random(5)
    lines = b"".join(b'{"id":"%d","input":"%s"}\n' % (n, noise.randbytes(300).hex().encode()) for n in range(2000))
    packed = gzip.compress(lines) if name == "cut.gz" else zstandard.compress(lines)
    Path(name).write_bytes(packed[: len(packed) // 2])
    result = bt("import", name, "--store", "s.db")
    assert (result.code, f"{name}: " in result.err, len(ids_in("s.db")) > 100) == (3, True, True), result.err


def test_a_binary_file(bt: Bt) -> None:
    """A file that holds nothing of ours is rejected as a whole, without a traceback."""
    Path("noise.jsonl").write_bytes(bytes(range(256)) * 40)
    result = bt("import", "noise.jsonl").check(5)
    assert "Traceback" not in result.err and "not valid JSON" in result.err


def test_empty_input(bt: Bt) -> None:
    """No records at all is done, with a word about it."""
    assert "No records" in bt("import", "-p", "x").check().err
