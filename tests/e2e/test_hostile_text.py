"""Text from traces never steers a terminal: not what is shown there, nor what a pipe brings there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from running import Result
from screen import shown

HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\x7f \u202eright\u2066 \u200b \r \0 a\nb 👩\u200d👧"
STEERING = set("\x1b\x07\x9b\x7f\u202e\u2066\u200b\r\0")
VIEWS = (["trace"], ["span"], ["thread"], ["trace", "--max-chars", "400"], ["span", "--max-chars", "400"])
JSON = (
    ["view", "trace", "--json"],
    ["view", "span", "--json"],
    ["view", "thread", "--json"],
    ["view", "logs", "--json"],
    ["summary", "--group-by", "name", "--json"],
    ["convert"],
)


@pytest.fixture(autouse=True)
def hostile() -> None:
    """A file with hostile text wherever text may be."""
    message = {"role": HOSTILE, "content": HOSTILE}
    span = {"name": HOSTILE, "type": "llm", "input": [message], "output": {HOSTILE: HOSTILE}, "error": HOSTILE}
    Path("hostile.jsonl").write_text(json.dumps({"id": "a" + HOSTILE, **span, "metadata": {"model": HOSTILE}}))


@pytest.mark.parametrize("command", VIEWS, ids=" ".join)
def test_a_view_in_a_pipe(command: list[str], bt: Callable[..., Result]) -> None:
    """A layout is for people, also through `head` or `less -R`: nothing in it steers; emoji stay whole."""
    name, *options = command
    text = bt("view", name, "hostile.jsonl", *options).check().out
    assert not set(text) & STEERING and r"\x1b[2J" in text and r"\u200b" in text and "👩\u200d👧" in text


def test_a_list_in_a_pipe(bt: Callable[..., Result]) -> None:
    """Tab-separated lines are for programs: all but tabs and line ends is as it is. With a width it is a layout."""
    assert HOSTILE.replace("\r", "\\r").replace("\n", "\\n") in bt("view", "logs", "hostile.jsonl").check().out
    assert not set(bt("view", "logs", "hostile.jsonl", "--width", "200").check().out) & STEERING


@pytest.mark.parametrize("command", JSON, ids=" ".join)
def test_json_on_a_terminal(command: list[str], bt: Callable[..., Result]) -> None:
    """It has nothing that steers, and is the same JSON as in a pipe, which has the text as it was."""
    place = 2 if command[0] == "view" else 1
    arguments = [*command[:place], "hostile.jsonl", *command[place:]]
    seen, piped = shown(*arguments, columns=100), bt(*arguments).check().out
    assert not set(seen) & STEERING and set(piped) & STEERING
    assert without_source(json.loads(seen)) == without_source(json.loads(piped))


def without_source(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("source", "elapsed_s")}
