"""`bt` on a pseudo-terminal of a given size, and the golden files of what it shows there and in pipes."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

from running import BT, started

GOLDEN = Path(__file__).parent / "screens"


def opened(columns: int, lines: int = 24) -> tuple[int, int]:
    """A terminal of this size: the end to read its picture from, and the end for a program."""
    screen, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    return screen, line


def environment() -> dict[str, str]:
    """The environment of a program whose terminal says itself how wide it is."""
    return {**{name: value for name, value in os.environ.items() if name != "COLUMNS"}, "TERM": "xterm-256color"}


def read(screen: int) -> bytes:
    """What a terminal shows next; nothing once no program holds it any more."""
    try:
        return os.read(screen, 1 << 16)
    except OSError:  # how Linux says that the other side is closed
        return b""


def shown(*arguments: str, columns: int = 80, lines: int = 24, talk: bool = False, code: int = 0) -> str:
    """What the program writes to a terminal, with ``talk`` also what it says on stderr; it ends with ``code``."""
    screen, line = opened(columns, lines)
    errors = line if talk else subprocess.PIPE
    seen = b""
    with started([*BT, *arguments], stdin=line, stdout=line, stderr=errors, env=environment()) as process:
        os.close(line)
        while block := read(screen):
            seen += block
        os.close(screen)
        _, told = process.communicate()
        text = seen.decode().replace("\r\n", "\n")
        assert process.returncode == code, (told or b"").decode() or text
    return text


def same_as_golden(name: str, text: str, update: bool) -> None:
    """Compares with the expected file of that name; ``update`` writes it anew."""
    expected = GOLDEN / f"{name}.txt"
    if update:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8"), f"{name}: pytest tests/e2e --update-golden, and look at it"
