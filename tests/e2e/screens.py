"""What a command shows on a terminal of some width, compared with a golden file."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

from running import BT

HERE = Path(__file__).parent / "screens"


def screen(columns: int, *arguments: str) -> str:
    """All that `bt` shows on a terminal of so many columns, both streams; line ends as ``\\n``."""
    reader, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen([*BT, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=line, stderr=line)
    os.close(line)
    seen = b""
    try:
        while block := os.read(reader, 1 << 16):
            seen += block
    except OSError:  # how Linux says that the other side is closed
        pass
    finally:
        os.close(reader)
        process.wait(60)
    return seen.decode().replace("\r\n", "\n")


def compare_with_golden(name: str, text: str, update: bool) -> None:
    """Asserts that ``text`` is what tests/e2e/screens/NAME.txt has; ``update`` writes it anew."""
    expected = HERE / f"{name}.txt"
    if update:
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
