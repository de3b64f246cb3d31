"""What tests share that run `bt` as a user does: the command, the samples, and what a run left."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BT = [sys.executable, "-m", "bt_cli"]
SAMPLES = Path(__file__).parents[1] / "samples"


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
