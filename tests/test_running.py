"""Programs that tests start always come to an end."""

from __future__ import annotations

import subprocess
import sys

import pytest

import running

STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print("up", flush=True)
signal.pause()
"""
COMMAND = [sys.executable, "-c", STUBBORN]


def test_what_hangs_is_killed_at_the_end() -> None:
    """A program that never ends, and one that it started, are gone when a test has failed."""
    with pytest.raises(AssertionError), running.started(COMMAND, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"up\n"
        raise AssertionError
    assert process.returncode == -9


def test_waiting_for_what_never_comes_ends() -> None:
    """Reading from a program that says nothing, which its child keeps open, ends when patience does."""
    with running.started(COMMAND, patience=0.5, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read() in (b"", b"up\n") and process.wait() == -9
