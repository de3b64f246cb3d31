"""Braintrust's SDKs as programs, and the server that they log to."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving import Serving

PROGRAMS = Path(__file__).with_name("programs")


@dataclass(frozen=True)
class Served:
    """A running server and the file of its store."""

    server: Serving
    store: Path


@dataclass(frozen=True)
class Sdk:
    """One of Braintrust's SDKs: how its programs end and what runs them."""

    name: str
    command: tuple[str, ...]
    ending: str
    folder: Path
    environment: dict[str, str]

    @property
    def is_python(self) -> bool:
        """Whether it is Python's, in any version."""
        return self.ending == ".py"

    def run(self, program: str, *arguments: object) -> Any:
        """Runs one of the programs in an empty folder; the JSON of the last line that it prints."""
        command = [*self.command, str(self.folder / (program + self.ending)), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env=self.environment, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])
