"""Writes a file of traces for the benchmarks: one tree a line, the same for the same seed.

    python tests/bench/generate.py 40000 out.jsonl

A trace has about 8.5 spans and 6.5 KB: a root, two or three steps, one to three LLM calls in each.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from words import Words

Node = dict[str, Any]

FIRST_START = 1_735_689_600.0
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet", "mistral-large")
STEPS = ("retrieve_context", "draft_answer", "check_facts", "rewrite", "pick_tool")
TOOLS = ("find_order", "search_articles", "open_ticket", "convert_currency")
TEMPLATES = ("support_v3", "support_v4", "summary_short", "contract_review")
TAGS = ("production", "beta", "escalated", "de", "long-context")
RAW_UTF8_SHARE = 0.1


class Traces:
    """An endless, seeded source of traces whose starts never go back."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._words = Words(self._rng)
        self._now = FIRST_START

    def trace(self) -> Node:
        """One tree: the run, its steps, their LLM calls."""
        rng, start = self._rng, self._now
        question = self._words.text(rng.randint(1, 2))
        self._advance(0.001, 0.01)
        steps = [self._step(question) for _ in range(rng.randint(2, 3))]
        root: Node = {
            "name": "run_input",
            "input": {"question": question, "history": [self._words.text(1)]},
            "output": self._words.text(rng.randint(2, 4)),
            "expected": self._words.text(rng.randint(1, 2)),
            "metadata": {"template": rng.choice(TEMPLATES), "user_id": f"u-{rng.randrange(9000)}"},
            "metrics": {"start": start, "end": self._advance(0.001, 0.02)},
        }
        root.update(self._judgement())
        root["children"] = steps
        self._now = start + rng.uniform(0.2, 3.0)
        return root

    def raw_utf8(self) -> bool:
        """Whether the next line is to be written without escapes, as many languages do."""
        return self._rng.random() < RAW_UTF8_SHARE

    def _judgement(self) -> Node:
        """Scores on a third of the runs, tags on a quarter."""
        rng = self._rng
        found: Node = {}
        if rng.random() < 0.33:
            found["scores"] = {"Factuality": rng.choice((0, 0.6, 1)), "helpful": rng.random()}
        if rng.random() < 0.25:
            found["tags"] = rng.sample(TAGS, rng.randint(1, 2))
        return found

    def _step(self, question: str) -> Node:
        rng, start = self._rng, self._now
        self._advance(0.001, 0.01)
        calls = [self._call(question) for _ in range(rng.randint(1, 3))]
        return {
            "name": rng.choice(STEPS),
            "input": {"question": question, "attempt": rng.randint(1, 3)},
            "output": calls[-1]["output"]["content"],
            "metadata": {"cache": rng.random() < 0.5},
            "metrics": {"start": start, "end": self._advance(0.001, 0.01)},
            "children": calls,
        }

    def _call(self, question: str) -> Node:
        rng, start = self._rng, self._now
        prompt_tokens, completion_tokens = rng.randint(80, 3000), rng.randint(5, 400)
        return {
            "name": "chat_completion",
            "input": self._messages(question),
            "output": self._answer(),
            "metadata": {"model": rng.choice(MODELS), "params": self._params()},
            "metrics": {
                "start": start,
                "end": self._advance(0.2, 4.0),
                "tokens": prompt_tokens + completion_tokens,
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
            },
        }

    def _messages(self, question: str) -> list[Node]:
        rng = self._rng
        messages: list[Node] = [
            {"role": "system", "content": self._words.text(1)},
            {"role": "user", "content": question},
        ]
        if rng.random() < 0.2:
            call = self._tool_call()
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
            result = json.dumps({"found": rng.randint(0, 9), "note": self._words.text(1)})
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        return messages

    def _answer(self) -> Node:
        uses_tool = self._rng.random() < 0.15
        return {
            "content": None if uses_tool else self._words.text(self._rng.randint(1, 3)),
            "role": "assistant",
            "function_call": None,
            "tool_calls": [self._tool_call()] if uses_tool else None,
        }

    def _tool_call(self) -> Node:
        arguments = json.dumps({"query": self._words.text(1), "limit": self._rng.randint(1, 20)})
        function = {"name": self._rng.choice(TOOLS), "arguments": arguments}
        return {
            "id": f"call_{self._rng.getrandbits(64):016x}",
            "type": "function",
            "function": function,
        }

    def _params(self) -> Node:
        rng = self._rng
        return {
            "max_tokens": rng.choice((256, 512, 1024)),
            "temperature": rng.choice((0, 0.2, 0.7)),
            "top_p": 1,
            "frequency_penalty": 0.0,
            "stop": None,
        }

    def _advance(self, least: float, most: float) -> float:
        """Moves the clock on and says where it stands, to the microsecond."""
        self._now = round(self._now + self._rng.uniform(least, most), 6)
        return self._now


def add_unknown_key(node: Node, number: int) -> int:
    """Puts a key that no format knows on every node; the number of the next node."""
    node["x_worker"] = {"shard": number % 16, "host": f"w-{number % 97}"}
    number += 1
    for child in node.get("children", ()):
        number = add_unknown_key(child, number)
    return number


def lines(count: int, seed: int, unknown_key: bool = False) -> Iterator[str]:
    """The lines of a file of this many traces; the unknown key changes nothing else in it."""
    traces = Traces(seed)
    number = 0
    for _ in range(count):
        trace = traces.trace()
        if unknown_key:
            number = add_unknown_key(trace, number)
        yield json.dumps(trace, ensure_ascii=not traces.raw_utf8())


def main() -> None:
    """Writes the file that the command line asks for."""
    parser = argparse.ArgumentParser(description="Writes a file of traces for the benchmarks.")
    parser.add_argument("traces", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--unknown-key", action="store_true", help="one on every node")
    options = parser.parse_args()
    with options.file.open("w", encoding="utf-8", newline="\n") as out:
        for line in lines(options.traces, options.seed, options.unknown_key):
            out.write(line + "\n")


if __name__ == "__main__":
    main()
