"""`bt` with its output on a pseudo-terminal of a given size, and the golden files of what it shows there."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

from running import BT

GOLDEN = Path(__file__).parent / "view"
PATIENCE = 60.0
"""Seconds after which a test that waits for the program gives up."""


def shown(*arguments: str, columns: int = 80, lines: int = 24) -> str:
    """What the program writes to a terminal; what it says on stderr is not in it."""
    screen, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen(
        [*BT, *arguments], stdin=subprocess.DEVNULL, stdout=line, stderr=subprocess.PIPE, env=environment
    )
    os.close(line)
    seen = b""
    while block := _read(screen):
        seen += block
    os.close(screen)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told.decode()
    return seen.decode().replace("\r\n", "\n")


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 1 << 16)
    except OSError:  # how Linux says that the other side is closed
        return b""


def same_as_golden(name: str, text: str, update: bool) -> None:
    """Compares with the expected file of that name; ``update`` writes it anew."""
    expected = GOLDEN / f"{name}.txt"
    if update:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8"), f"{name}: pytest tests/e2e --update-golden, and look at it"
