"""The core commands use no network: any use of a socket, in any of their processes, is refused here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from running import BT, PATIENCE, SAMPLES, Result

SAMPLE = SAMPLES / "support.jsonl"
REFUSAL = """
import sys

def refuse(event, _arguments):
    if event.startswith("socket."):
        raise PermissionError(f"{event} is refused")

sys.addaudithook(refuse)
"""
COMMANDS = [
    ["import", str(SAMPLE), "-p", "new"],
    ["convert", str(SAMPLE)],
    ["convert", "--check", str(SAMPLE)],
    ["export", "-p", "support"],
    ["export", "--all-projects", "--to", "tree"],
    ["export", "-p", "support", "--filter", "type = 'llm'"],
    ["view", "logs", "-p", "support"],
    ["view", "trace", str(SAMPLE)],
    ["summary", "-p", "support"],
    ["compare", "support", str(SAMPLE)],
    ["score", "-p", "support", "--score", "ExactMatch", "--baseline", str(SAMPLE)],
    ["score", str(SAMPLE), "--score", "Levenshtein"],
    ["score", "--list"],
    ["sql", "select 1"],
    ["projects", "list"],
    ["projects", "view", "support"],
    ["projects", "delete", "support", "--yes"],
    ["experiments", "list"],
    ["store", "info"],
    ["store", "verify"],
    ["store", "vacuum"],
    ["store", "backup", "copy.db"],
    ["status"],
    ["help", "formats"],
    ["--help"],
]


@pytest.fixture
def offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bt: Callable[..., Result], bt_here: Callable[..., Result]
) -> Callable[..., Result]:
    """Runs `bt` where each Python refuses sockets from its start, a key lies around, and the store has traces."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(REFUSAL)
    monkeypatch.setenv("PYTHONPATH", str(hooks))
    monkeypatch.setenv("BRAINTRUST_API_KEY", "sk-not-to-be-used")
    monkeypatch.setenv("BT_STORE", str(tmp_path / "spans.db"))
    bt_here("import", SAMPLE, "-p", "support").check()
    return bt


def test_sockets_are_refused(offline: Callable[..., Result]) -> None:
    """A Python that is started here cannot even make a socket."""
    done = subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket()"], capture_output=True, check=False, timeout=PATIENCE
    )
    assert b"PermissionError: socket.__new__ is refused" in done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]).replace(os.sep, "-"))
def test_command_needs_no_network(command: list[str], offline: Callable[..., Result]) -> None:
    """The command succeeds without a socket."""
    offline(*command).check()


def test_long_import_needs_no_network(offline: Callable[..., Result], tmp_path: Path) -> None:
    """An import that is long enough for processes of its own has none that opens a socket."""
    record = {"name": "long", "input": "x" * 10_000}
    lines = (json.dumps({**record, "id": f"r{number:04}"}) for number in range(1000))
    (tmp_path / "long.jsonl").write_text("\n".join(lines))
    assert offline("import", "long.jsonl", "-p", "long", "--json").check().json["traces"]["new"] == 1000


def test_import_without_any_network(tmp_path: Path) -> None:
    """In a network namespace of its own, which has no way out, an import works."""
    unshare = ["unshare", "--map-root-user", "--net"]
    allowed = shutil.which("unshare") and subprocess.run(
        [*unshare, "true"], capture_output=True, check=False, timeout=PATIENCE
    )
    if not allowed or allowed.returncode:
        pytest.skip("unshare --net is not available here")
    subprocess.run(
        [*unshare, *BT, "import", str(SAMPLE), "--store", str(tmp_path / "s.db")], check=True, timeout=PATIENCE
    )
