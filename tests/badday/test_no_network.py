"""The core commands never open a socket."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from running import BT, Result

Bt = Callable[..., Result]
COMMANDS = [
    "import in.jsonl -p x",
    "import in.jsonl -p y --dry-run",
    "convert in.jsonl",
    "convert in.jsonl --to tree",
    "export -p x",
    "export -p x --to tree",
    "projects list",
    "store info",
    "store verify",
    "store vacuum",
    "status",
    "--help",
]
REFUSES = """
import socket

class Refused(socket.socket):
    def __init__(self, *args, **kwargs):
        open("socket-opened", "a").write("yes")
        raise OSError("no sockets here")

socket.socket = Refused
socket.create_connection = Refused
socket.getaddrinfo = Refused
"""


@pytest.fixture
def filled(bt: Bt) -> None:
    """A store and a file."""
    Path("in.jsonl").write_text('{"id":"a"}\n')
    bt("import", "in.jsonl", "-p", "x", "--store", "s.db").check()


@pytest.mark.parametrize("command", COMMANDS)
def test_no_socket_is_opened(bt: Bt, filled: None, command: str, tmp_path: Path) -> None:
    """A key in the environment and a program without sockets: every command works, and none tries."""
    Path("hooks").mkdir()
    Path("hooks/sitecustomize.py").write_text(REFUSES)
    path = os.pathsep.join(filter(None, ("hooks", os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "BT_STORE": "s.db", "BRAINTRUST_API_KEY": "sk-test"}
    bt(*command.split(), env=environment).check()
    assert not Path("socket-opened").exists()


def test_without_any_network(filled: None) -> None:
    """In a world without network an import works as ever."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("needs the right to leave the network")
    done = subprocess.run(
        ["unshare", "-rn", *BT, "import", "in.jsonl", "--store", "n.db"], capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
