"""Messages that come as events, Claude Code's names, and what becomes of attributes that nobody understands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from otel_spans import row_of, told_of

from bt_cli.spans.otel import typed_attributes

USER = {"role": "user", "content": "hi"}
ANSWER = {"role": "assistant", "content": "hello"}
TEXT_IN = {"role": "user", "parts": [{"type": "text", "content": "hi"}]}
TEXT_OUT = {"role": "assistant", "parts": [{"type": "text", "content": "hello"}], "finish_reason": "stop"}


def js(value: Any) -> str:
    return json.dumps(value)


def events(*named: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": name, "attributes": typed_attributes(attributes)} for name, attributes in named]


EVENTS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "a conversation": (
        events(
            ("gen_ai.system.message", {"content": "be kind"}),
            ("gen_ai.user.message", {"content": "hi"}),
            ("gen_ai.assistant.message", {"content": "hello"}),
            ("gen_ai.tool.message", {"content": "3", "id": "c1"}),
            ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": js(ANSWER)}),
        ),
        {
            "input": [
                {"role": "system", "content": "be kind"},
                USER,
                ANSWER,
                {"role": "tool", "content": "3", "tool_call_id": "c1"},
            ],
            "output": [{**ANSWER, "finish_reason": "stop"}],
        },
    ),
    "an answer that comes last is output": (
        events(("gen_ai.user.message", {"content": "hi"}), ("gen_ai.assistant.message", {"content": "hello"})),
        {"input": [USER], "output": [ANSWER]},
    ),
    "details": (
        events(
            (
                "gen_ai.client.inference.operation.details",
                {"gen_ai.input.messages": [TEXT_IN], "gen_ai.output.messages": [TEXT_OUT]},
            )
        ),
        {"input": [USER], "output": [{**ANSWER, "finish_reason": "stop"}]},
    ),
    "the oldest": (
        events(
            ("gen_ai.content.prompt", {"gen_ai.prompt": js([USER])}),
            ("gen_ai.content.completion", {"gen_ai.completion": js([ANSWER])}),
        ),
        {"input": [USER], "output": [ANSWER]},
    ),
    "an evaluation": (
        events(("gen_ai.evaluation.result", {"gen_ai.evaluation.name": "kind", "gen_ai.evaluation.score.value": 1.0})),
        {"scores": {"kind": 1.0}},
    ),
}


@pytest.mark.parametrize("name", EVENTS)
def test_messages_that_are_events(name: str) -> None:
    """They leave the events, and messages that come before others are input."""
    listed, expected = EVENTS[name]
    row = row_of({"gen_ai.system": "openai"}, events=listed)
    assert {field: row.get(field) for field in expected} == expected
    assert "events" not in row["metadata"].get("otel", {})


def test_events_that_tell_the_messages_beat_attributes() -> None:
    """As Braintrust has it."""
    row = row_of({"gen_ai.prompt": js("older")}, events=events(("gen_ai.user.message", {"content": "hi"})))
    assert row["input"] == [USER]
    assert row["metadata"]["otel"]["attributes"] == {"gen_ai.prompt": '"older"'}


CLAUDE = {
    "model": "claude",
    "input_tokens": 3,
    "output_tokens": 4,
    "cache_read_tokens": 10,
    "cache_creation_tokens": 20,
    "ttft_ms": 500,
    "stop_reason": "end_turn",
}


def test_claude_code() -> None:
    """Its input tokens leave out the cached ones."""
    row = row_of(CLAUDE, name="claude_code.llm_request")
    assert row["span_attributes"]["type"] == "llm"
    assert row["metrics"] | {"start": 0, "end": 0} == {
        "start": 0,
        "end": 0,
        "time_to_first_token": 0.5,
        "prompt_tokens": 33,
        "completion_tokens": 4,
        "prompt_cached_tokens": 10,
        "prompt_cache_creation_tokens": 20,
        "tokens": 37,
    }
    assert (row["metadata"]["model"], row["metadata"]["stop_reason"]) == ("claude", "end_turn")


BROKEN = ["braintrust.input_json", "gen_ai.input.messages", "gen_ai.tool.definitions"]


@pytest.mark.parametrize("key", BROKEN)
def test_what_should_be_json_and_is_none_is_kept_and_told(key: str) -> None:
    """Attributes may have been cut off at a limit."""
    row = row_of({key: '{"cut'})
    assert row["metadata"]["otel"]["attributes"] == {key: '{"cut'}
    assert (key, "unparsed") in told_of({key: '{"cut'}).losses


def test_of_two_names_for_one_thing_the_newer_wins_and_the_other_is_kept() -> None:
    """Unless they say the same."""
    same = row_of({"gen_ai.provider.name": "openai", "gen_ai.system": "openai"})
    other = row_of({"gen_ai.provider.name": "openai", "gen_ai.system": "azure"})
    assert "attributes" not in same["metadata"]["otel"]
    assert other["metadata"]["provider"] == "openai"
    assert other["metadata"]["otel"]["attributes"] == {"gen_ai.system": "azure"}
