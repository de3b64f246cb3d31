"""A reader that goes away is no error of ours."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from running import BT, Result
from traces import generated

Bt = Callable[..., Result]


@pytest.fixture
def filled(bt: Bt) -> str:
    """A store with more than a pipe holds; its file."""
    generated(60, Path("in.jsonl"))
    bt("import", "in.jsonl", "-p", "x", "--store", "s.db").check()
    return "s.db"


@pytest.mark.parametrize(
    ("command", "reader"),
    [
        ("export -p x --to tree", "head -1"),
        ("export -p x", "head -1"),
        ("export -p x", "true"),
        ("export -p x --compress gzip", "head -c 10"),
        ("convert in.jsonl", "head -1"),
        ("import in.jsonl --tee -q", "head -1"),
    ],
)
def test_it_is_quiet(filled: str, command: str, reader: str) -> None:
    """No traceback and no word, and the exit code of a closed pipe, or success if all had gone through."""
    line = f"{shlex.join(BT)} {command} | {reader} > /dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", f"export BT_STORE={filled}; {line}"], capture_output=True, timeout=60)
    assert (done.returncode in (0, 141), done.stderr) == (True, b"")


def test_head_has_its_line(filled: str) -> None:
    """What the reader asked for, it gets."""
    line = f"{shlex.join(BT)} export -p x --store {filled} | head -1 | wc -l"
    assert subprocess.run(["bash", "-c", line], capture_output=True, timeout=60).stdout.strip() == b"1"
