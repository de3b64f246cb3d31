"""The entry point: runs the program, and leaves with an exit code. The only exit.

It imports next to nothing by itself, so that what it sets up counts for all imports, and Ctrl-C
during them ends the program as quietly as later.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

CLOSED_PIPE = 141
INTERRUPTED = 130


def run() -> NoReturn:
    """Runs the program on the command line, and exits."""
    # Modules and records make few cycles: looking for some every 700 objects costs a tenth of the start.
    gc.set_threshold(1_000_000, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = main(sys.argv[1:], "bt-spans" if sys.argv[0].endswith("bt-spans") else "bt")
    code = _flushed(code)
    # What is left goes with the process; without this the interpreter walks all of it once more (8 ms).
    gc.freeze()
    sys.exit(code)


def main(arguments: Sequence[str], name: str = "bt") -> int:
    """Runs one command line; its exit code. Every error has been told when it returns."""
    try:
        from bt_cli.cli.program import execute
        from bt_cli.spans.node import deepen_stack

        deepen_stack()
        return execute(arguments, name)
    except BrokenPipeError:
        _silence_stdout()
        return CLOSED_PIPE
    except KeyboardInterrupt:  # before there was anybody to tell it
        return INTERRUPTED


def _flushed(code: int) -> int:
    """Flushes stdout here, where a closed pipe can still be told from success."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
        return code or CLOSED_PIPE
    except OSError as error:
        _silence_stdout()
        return code or _told_disk(error)
    return code


def _told_disk(error: OSError) -> int:
    """Tells that stdout could not be written; the exit code."""
    from bt_cli.cli.session import Session
    from bt_cli.errors import StoreError

    told = StoreError(f"cannot write: {error.strerror}", hint="make room and run it again", code="disk_full")
    Session().console.error(told)
    return told.exit_code


def _silence_stdout() -> None:
    """Sends what is still buffered nowhere, so that the interpreter's own last flush stays quiet."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
