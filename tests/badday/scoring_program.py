"""Scores a store slowly, as a program that can be killed: ``scoring_program.py STORE LOG MILLISECONDS``.

Each case that is scored is a line of the log, written before the score is said.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bt_cli.cli.signals import stopping
from bt_cli.pipeline.score import score_store
from bt_cli.query.filters import EVERYTHING
from bt_cli.scoring.plan import Plan
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from scoring_fakes import FakeJudge, FakeScorer


def main(store_at: str, log_at: str, milliseconds: str) -> int:
    """One run; 128 + the number of a signal that ended it."""
    store = open_store(store_at, "write")
    with open(log_at, "a", buffering=1) as log:

        def say(given: Mapping[str, Any]) -> float:
            time.sleep(int(milliseconds) / 1000)
            log.write(f"{given['output']}\n")
            return 0.5

        plan = Plan([FakeScorer(say, judged=True)], FakeJudge(), concurrency=8)
        with stopping() as stop:
            score_store(store, Container("x"), EVERYTHING, plan, lambda _: None, lambda _: None, stop)
    store.close()
    return stop.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
