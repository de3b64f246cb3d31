"""Chat messages of the shapes that are about."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bt_cli.render.messages import Message, Part, parse_messages, rest_of, said


def parsed(value: Any, role: str = "user") -> list[Message] | None:
    return parse_messages(orjson.dumps(value).decode(), role)


def text(role: str, *texts: str) -> Message:
    return Message(role, tuple(Part("text", one) for one in texts))


CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"q": 1}'}}


@pytest.mark.parametrize(
    "value",
    [
        [{"role": "user", "content": "hi"}],
        {"role": "user", "content": "hi"},
        {"messages": [{"role": "user", "content": "hi"}], "model": "m"},
        [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}],
        {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
        [{"index": 0, "finish_reason": "stop", "message": {"role": "user", "content": "hi"}}],
        {"choices": [{"message": {"role": "user", "content": "hi"}}]},
        {"candidates": [{"content": {"role": "user", "parts": [{"text": "hi"}]}}]},
        [{"message": {"role": None, "content": "hi"}}],
        {"prompt": "hi", "model": "m"},
        {"prompt": [{"role": "user", "content": "hi"}]},
        {"response": {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}, "steps": []},
        {"object": "response", "output": [{"type": "message", "role": "user", "content": [{"type": "output_text", "text": "hi"}]}]},
    ],
)  # fmt: skip
def test_shapes_of_a_message(value: Any) -> None:
    """Lists, envelopes, choices, candidates: all say the same."""
    assert parsed(value) == [text("user", "hi")]


@pytest.mark.parametrize(
    "value", ["hi", 1, None, [], {}, [1], ["a"], [{"a": 1}], {"a": 1}, [{"role": "user"}, {"a": 1}]]
)
def test_other_values_are_no_messages(value: Any) -> None:
    """What is not a conversation is not taken for one."""
    assert parsed(value) is None


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ({"role": "assistant", "content": None, "tool_calls": [CALL]}, Part("call", '{"q": 1}', "find", "c1")),
        ({"role": "assistant", "function_call": {"name": "find", "arguments": "{}"}}, Part("call", "{}", "find")),
        ({"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "find", "input": {"q": 1}}]}, Part("call", '{"q":1}', "find", "c1", True)),
        ({"role": "model", "parts": [{"functionCall": {"name": "find", "args": {"q": 1}}}]}, Part("call", '{"q":1}', "find", "", True)),
        ({"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"}, Part("call", "{}", "find", "c1")),
        ({"role": "tool", "tool_call_id": "c1", "content": "found"}, Part("result", "found", "", "c1")),
        ({"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "found"}]}, Part("result", "found", "", "c1")),
        ({"role": "tool", "content": {"a": 1}}, Part("result", '{"a":1}', "", "", True)),
        ({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "found"}]}, Part("result", "found", "", "c1")),
        ({"role": "user", "parts": [{"functionResponse": {"name": "find", "response": {"a": 1}}}]}, Part("result", '{"a":1}', "find", "", True)),
        ({"type": "function_call_output", "call_id": "c1", "output": "found"}, Part("result", "found", "", "c1")),
        ({"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "find", "input": {}}]}, Part("call", "{}", "find", "c1", True)),
        ({"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c1", "toolName": "find", "output": "x"}]}, Part("result", "x", "find", "c1")),
        ({"role": "tool", "content": [{"type": "tool-result", "output": {"type": "text", "value": "x"}}]}, Part("result", "x")),
        ({"role": "assistant", "content": [{"type": "reasoning", "text": ""}, {"type": "text", "text": "x"}]}, Part("text", "x")),
        ({"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}]}, Part("thinking", "hm")),
        ({"role": "assistant", "content": [{"type": "reasoning", "text": "hm"}]}, Part("thinking", "hm")),
        ({"role": "assistant", "content": None, "refusal": "no"}, Part("text", "no")),
        ({"role": "user", "content": {"a": 1}}, Part("json", '{"a":1}', "", "", True)),
        ({"role": "user", "content": [{"type": "odd", "a": 1}]}, Part("json", '{"type":"odd","a":1}', "", "", True)),
        ({"role": "user", "content": ["plain"]}, Part("text", "plain")),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}, Part("media", "[image, https://x/y.png]")),
    ],
)  # fmt: skip
def test_parts(value: Any, part: Part) -> None:
    """Calls, results, refusals, media, and what nobody knows."""
    found = parsed([value])
    assert found is not None and found[0].parts == (part,)


def test_arguments_keep_their_numbers() -> None:
    """What a call was given is shown as it is written."""
    (message,) = (
        parse_messages(
            '[{"role":"a","content":[{"type":"tool_use","name":"f","input":{"n":123456789012345678901234567890.0}}]}]',
            "user",
        )
        or []
    )
    assert message.parts[0].text == '{"n":123456789012345678901234567890.0}'


@pytest.mark.parametrize(("json", "shown"), [('"hi"', [text("user", "hi")]), (None, []), ("null", []), ("[]", [])])
def test_a_payload_that_is_no_conversation_is_one_message(json: str | None, shown: list[Message]) -> None:
    """Text is said by whom the field belongs to; nothing is said by nobody."""
    assert said(json, "user") == shown


def test_a_system_prompt_comes_first() -> None:
    """Envelopes that have it beside the prompt say both."""
    assert parsed({"prompt": "hi", "system": "be good"}) == [text("system", "be good"), text("user", "hi")]


@pytest.mark.parametrize(
    ("json", "rest"),
    [
        ('{"messages":[],"temperature":0.20}', '{"temperature":0.20}'),
        ('{"prompt":"a","system":"b","n":1}', '{"n":1}'),
        ('{"messages":[]}', None),
        ('{"role":"user"}', None),
        ("[]", None),
    ],
)
def test_what_comes_with_messages(json: str, rest: str | None) -> None:
    """Nothing of an envelope is lost."""
    assert rest_of(json) == rest
