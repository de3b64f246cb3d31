"""A clean environment for every test, and `bt` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def clean_env(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine reach a test: a home of its own, and none of our variables."""
    for name in list(os.environ):
        if name.startswith(("BT_", "BRAINTRUST_", "OPENAI_", "XDG_")) or name in ("NO_COLOR", "FORCE_COLOR", "CI"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)


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


BT = [sys.executable, "-m", "bt_cli"]


@pytest.fixture
def bt() -> Callable[..., Result]:
    """Runs `bt` with arguments; ``stdin`` is text or bytes for its standard input."""

    def run(*args: object, stdin: str | bytes = b"", **options: Any) -> Result:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run([*BT, *map(str, args)], input=given, capture_output=True, timeout=120, **options)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
