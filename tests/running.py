"""What tests share that run `bt` as a user does: the command, the samples, and what a run left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

BT = [sys.executable, "-m", "bt_cli"]
SAMPLES = Path(__file__).parents[1] / "samples"
PATIENCE = 120.0
"""Seconds after which a test no longer waits for a program."""


@contextmanager
def started(
    command: Sequence[object], patience: float | None = PATIENCE, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a session of its own; whatever is left of it at the end is killed.

    After ``patience`` it is killed too, so that a test that reads what never comes fails instead of waiting for ever.
    None is for servers that outlive a test.
    """
    process = subprocess.Popen([*map(str, command)], start_new_session=True, **options)
    watch = Timer(patience or 0, _kill, [process])
    if patience is not None:
        watch.start()
    try:
        yield process
    finally:
        watch.cancel()
        _kill(process)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Result:
    """What a run of `bt` left: exit code and both streams."""

    code: int
    out: str
    err: str

    def check(self, code: int = 0) -> Result:
        """This result, if it ended with ``code``."""
        assert self.code == code, f"exit {self.code}, not {code}\n{self.err}"
        return self

    @property
    def json(self) -> Any:
        """stdout as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]
