"""A judge that asks the test server, with a clock that does not wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bt_cli.scoring.judge.clock import Clock
from bt_cli.scoring.judge.judge import OpenAIJudge
from bt_cli.scoring.judge.opening import open_judge
from bt_cli.scoring.judge.options import JudgeOptions
from bt_cli.settings import load_settings
from judge_process import JudgeServer
from judging import QuickClock


@pytest.fixture
def clock() -> QuickClock:
    """The clock of the judges of a test."""
    return QuickClock()


@pytest.fixture
def said() -> list[str]:
    """What the judges of a test have said."""
    return []


@pytest.fixture
def opened(
    judge_server: JudgeServer, clock: QuickClock, said: list[str], tmp_path: Path
) -> Iterator[Callable[..., OpenAIJudge]]:
    """Opens a judge with these options; model, address, a clock and a cache of the test are given."""
    judges: list[OpenAIJudge] = []

    def open_one(stop: Callable[[], int] = lambda: 0, clock: Clock = clock, **options: Any) -> OpenAIJudge:
        usual = {"model": "m", "base_url": judge_server.url, "cache": str(tmp_path / "judge.db")}
        judge = open_judge(JudgeOptions(**{**usual, **options}), load_settings({}), said.append, stop, clock)
        judges.append(judge)
        return judge

    yield open_one
    for judge in judges:
        judge.close()
