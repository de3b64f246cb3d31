"""What scorers print goes to standard error, also what their libraries and child processes write."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import BinaryIO

_STDOUT, _STDERR = 1, 2


@contextmanager
def prints_apart(below: bool = True) -> Iterator[None]:
    """Points standard output at standard error while the context lasts, for Python and, if so wanted, ``below`` it."""
    if sys.stdout is not None:
        sys.stdout.flush()  # before what is written past it
    kept = _kept() if below else None
    if kept is None:
        with redirect_stdout(sys.stderr):
            yield
        return
    try:
        _point_stdout_at_stderr()
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)


@contextmanager
def way_out(out: BinaryIO) -> Iterator[tuple[BinaryIO, bool]]:
    """What to write to while prints are apart, and whether they may be so below Python too.

    Standard output gets a stream of its own. What packs or spells out what goes there can't be given one.
    """
    if sys.stdout is None or out is not sys.stdout.buffer:
        yield out, _is_elsewhere(out)
        return
    out.flush()
    with os.fdopen(fcntl.fcntl(_STDOUT, fcntl.F_DUPFD_CLOEXEC, _STDERR + 1), "wb") as own:
        yield own, True


def _kept() -> int | None:
    """Another number for standard output; None where the caller closed it."""
    try:
        return fcntl.fcntl(_STDOUT, fcntl.F_DUPFD_CLOEXEC, _STDERR + 1)
    except OSError:
        return None


def _point_stdout_at_stderr() -> None:
    try:
        os.dup2(_STDERR, _STDOUT)
    except OSError:  # closed by the caller: what is printed goes nowhere
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDOUT)
        os.close(nowhere)


def _is_elsewhere(out: BinaryIO) -> bool:
    try:
        return out.fileno() != _STDOUT
    except (OSError, ValueError, AttributeError):  # it does not say
        return False
