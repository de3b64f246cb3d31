"""What the tests of the judge share: a clock that waits at once, and a question like those of autoevals' scorers."""

from __future__ import annotations

import json
from typing import Any

from bt_cli.scoring.judge.clock import Clock
from bt_cli.scoring.judge.judge import OpenAIJudge

SCHEMA = {
    "type": "object",
    "properties": {"reasons": {"type": "string"}, "choice": {"type": "string", "enum": ["A", "B", "C"]}},
    "required": ["reasons", "choice"],
}
TOOLS = [{"type": "function", "function": {"name": "select_choice", "description": "", "parameters": SCHEMA}}]
START = 1_700_000_000.0


class QuickClock(Clock):
    """Waiting takes no time, and is written down."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.now = 0.0

    def time(self) -> float:
        return START + self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def chance(self) -> float:
        return 1.0


def request(text: str = "Is it so?", model: str = "m", **more: Any) -> dict[str, Any]:
    """What a scorer with a choice asks."""
    choice = {"type": "function", "function": {"name": "select_choice"}}
    messages = [{"role": "user", "content": text}]
    return {"model": model, "messages": messages, "tools": TOOLS, "tool_choice": choice, **more}


def choose(judge: OpenAIJudge, text: str = "Is it so?", **more: Any) -> str:
    """The choice of the judge."""
    return str(arguments(judge.complete(request(text, **more)))["choice"])


def arguments(reply: dict[str, Any]) -> Any:
    """The arguments of the tool that a reply calls."""
    return json.loads(reply["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])
