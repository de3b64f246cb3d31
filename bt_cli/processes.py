"""Other processes of this program: messages over their pipes, and how many of them pay."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

PIPE_BYTES = 1 << 20
_LENGTH = struct.Struct("<Q")


def other_processors() -> int:
    """How many processors this process may use beside the one it runs on."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return usable - 1


def start(module: str, arguments: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """A Python that runs ``module``, its input and output piped.

    It is a process group of its own: Ctrl-C is for the parent, which ends the run after a clean
    checkpoint, and with it this process's input.
    """
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=PIPE_BYTES,
        process_group=0 if os.name == "posix" else None,
    )
    _widen(process.stdin)
    _widen(process.stdout)
    return process


def _widen(pipe: IO[bytes] | None) -> None:
    """Lets a message pass through a pipe in few pieces; a thread waits for its turn at each of them."""
    try:
        import fcntl

        assert pipe is not None
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        pass  # another system, or a lower limit: slower, no less right


def send(pipe: IO[bytes], message: bytes) -> None:
    """Writes one message with its length before it."""
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """Reads one message; None at the end, and for one that is cut off."""
    header = pipe.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(header)
    message = pipe.read(length)
    return message if len(message) == length else None
