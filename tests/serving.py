"""`bt serve` as a process, and how tests talk to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from running import BT, PATIENCE, started

_WITH_PARENT = Path(__file__).with_name("with_parent.py")


@dataclass
class Serving:
    """A running server: its address, its process, and what it has said on stderr."""

    url: str
    process: subprocess.Popen[bytes]
    lines: list[str]
    _reader: Thread = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which Braintrust's SDKs find it."""
        return {"BRAINTRUST_APP_URL": self.url, "BRAINTRUST_API_URL": self.url, "BRAINTRUST_API_KEY": "any"}

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Ends the server by a signal; its exit code. All that it said is in ``lines`` then."""
        self.process.send_signal(signum)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


@contextmanager
def serving(store: Path | str, *options: object, **process: Any) -> Iterator[Serving]:
    """A server over a store at a free port, which serves when this yields and ends with this process.

    ``options`` are those of `bt serve`.
    """
    bound = [sys.executable, "-IS", _WITH_PARENT, os.getpid()]
    command = [*bound, *BT, "serve", "--store", str(store), "--port", "0", "--json", *map(str, options)]
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE, **process}
    with started(command, patience=None, **pipes) as running:
        assert running.stderr is not None
        first = running.stderr.readline().decode()
        lines = [first]
        try:
            url = json.loads(first)["url"]
        except (ValueError, KeyError):
            raise AssertionError(f"bt serve did not start: {first}{running.stderr.read().decode()}") from None
        stream = running.stderr
        reader = Thread(target=lambda: lines.extend(line.decode() for line in stream), daemon=True)
        reader.start()
        try:
            yield Serving(url, running, lines, reader)
        finally:
            if running.poll() is None:
                running.kill()
            running.wait(PATIENCE)
            reader.join(PATIENCE)
