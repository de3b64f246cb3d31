"""A judge at the seam to autoevals, with replies that a test sets, and short ways to build and run scorers."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import orjson

from bt_cli.scoring.base import Case, JudgeTotals, Missing, Scorer, Value
from bt_cli.scoring.build import Models, build_scorers, parse_specs
from bt_cli.spans.row import Row
from builders import row

MODELS = Models("judge-1", "embed-1")
FILLED = {
    "input": "What is the sum of 1+1?",
    "output": "The sum is 2.",
    "expected": "2",
    "metadata": {
        "context": ["One and one is two.", "Two is a number."],
        "criteria": "be brief",
        "instructions": "add",
        "language": "Spanish",
    },
}
"""A case that has every input that a scorer of autoevals needs."""
TOOLS: dict[str, Any] = {
    "select_choice": {"reasons": "because", "choice": "C"},
    "extract_entities": {"entities": ["one", "two"]},
    "extract_sentences": {"sentences": [{"sentence": "One and one is two.", "reasons": ["it says so"]}]},
    "verify": {"reason": "it helps", "verdict": 1},
    "judge_statements": {
        "faithfulness": [
            {"statement": "1", "verdict": 1, "reason": "yes"},
            {"statement": "2", "verdict": 0, "reason": "no"},
        ]
    },
    "generate_question": {"question": "What is 1+1?", "noncommittal": False},
    "classify_statements": {"TP": ["a", "b"], "FP": ["c"], "FN": []},
}


class FakeJudge:
    """Answers tool calls out of a table, embeds texts by their length, and remembers what it was asked."""

    def __init__(self, **tools: Any) -> None:
        self.tools = {**TOOLS, **tools}
        self.asked: list[tuple[str, Any]] = []
        self.totals = JudgeTotals()

    def complete(self, request: Any) -> Any:
        """The reply that the table has for the tool."""
        self.asked.append(("complete", request))
        name = request["tool_choice"]["function"]["name"]
        reply = self.tools[name] if name != "extract_statements" else self._statements(request)
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            return reply(request)
        call = {"function": {"name": name, "arguments": json.dumps(reply)}}
        return {"choices": [{"message": {"role": "assistant", "tool_calls": [call]}}]}

    def _statements(self, request: dict[str, Any]) -> Any:
        """Two scorers have a tool of this name, with different replies."""
        if "extract_statements" in self.tools:
            return self.tools["extract_statements"]
        items = request["tools"][0]["function"]["parameters"]["properties"]["statements"]["items"]
        if items.get("type") == "string":
            return {"statements": ["1", "2"]}
        return {"statements": [{"statement": "x", "attributed": one, "reason": "so"} for one in (1, 1, 1, 0)]}

    def embed(self, request: Any) -> Any:
        """A vector that grows towards one side with the length of the text."""
        self.asked.append(("embed", request))
        return {"data": [{"embedding": [1.0, len(request["input"]) / 100]}]}

    def moderate(self, request: Any) -> Any:
        """Harmful is what says so."""
        self.asked.append(("moderation", request))
        bad = "bomb" in request["input"]
        return {"results": [{"flagged": bad, "category_scores": {"violence": 0.9 if bad else 0.1}}]}

    def recording(self, trial: int) -> Any:
        """Records nothing."""
        return nullcontext([])

    def close(self) -> None:
        """Has nothing to end."""

    def requests(self, kind: str = "complete") -> list[dict[str, Any]]:
        """What was asked of one kind."""
        return [request for one, request in self.asked if one == kind]

    def prompt(self) -> str:
        """The text of the only question."""
        (request,) = self.requests()
        return str(request["messages"][0]["content"])


def scorer(spec: str, *score_map: str, judge: FakeJudge | None = None, models: Models = MODELS) -> Scorer:
    """The only scorer of a SPEC."""
    (built,) = build_scorers(parse_specs([spec]), score_map, lambda: judge, models)
    return built


def case(**fields: Any) -> Case:
    """A root alone in its trace, with payloads as values."""
    made = row("root", **{name: orjson.dumps(value).decode() for name, value in fields.items()})
    return Case(made, [made])


def in_trace(*rows: Row) -> Case:
    """The first of some rows as a case."""
    return Case(rows[0], list(rows))


def run(built: Scorer, on: Case) -> list[Value] | Missing:
    """What a scorer says of a case, its arguments passed through JSON as the engine does."""
    arguments = built.arguments(on)
    if isinstance(arguments, Missing):
        return arguments
    orjson.dumps(arguments)
    return built.score(on, arguments)


def one(spec: str, on: Case, *score_map: str, judge: FakeJudge | None = None) -> Value:
    """The only value of a scorer."""
    values = run(scorer(spec, *score_map, judge=judge), on)
    assert isinstance(values, list), values
    (value,) = values
    return value


Reply = Callable[[dict[str, Any]], Any]
