"""Numbers that no float or 64-bit integer holds, in every way to look at a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from running import Result

ODD = [
    {"prompt_tokens": 1e308, "completion_tokens": 1e308},
    {"tokens": 123456789012345678901234567890},
    {"tokens": 1, "estimated_cost": -1.5},
]


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("command", ["view logs", "view trace", "view span", "view thread", "summary"])
def test_odd_numbers_are_shown(command: str, form: list[str], bt_here: Callable[..., Result], tmp_path: Path) -> None:
    """Whatever the numbers, there is an answer."""
    for metrics in ODD:
        (tmp_path / "odd.jsonl").write_text(json.dumps({"id": "aaaa1", "type": "llm", "metrics": metrics}))
        done = bt_here(*command.split(), str(tmp_path / "odd.jsonl"), *form).check()
        assert not form or json.loads(done.out)


def test_a_page_is_not_json(bt_here: Callable[..., Result], tmp_path: Path) -> None:
    """--html and --json are two forms of one answer."""
    (tmp_path / "t.jsonl").write_text('{"id": "aaaa1"}')
    bt_here("view", "trace", str(tmp_path / "t.jsonl"), "--html", str(tmp_path / "p.html"), "--json").check(2)
