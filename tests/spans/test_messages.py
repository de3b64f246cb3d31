"""Chat messages of the shapes that are about."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bt_cli.spans.message_parts import Part
from bt_cli.spans.messages import Message, parse_conversation, said


def parsed(value: Any, role: str = "user") -> list[Message] | None:
    found = parse_conversation(orjson.dumps(value).decode(), role)
    return found.messages if found else None


def bare(found: list[Message] | None) -> list[Message]:
    """Messages without what else they have."""
    assert found is not None
    return [Message(one.role, tuple(part._replace(rest=None) for part in one.parts), one.name) for one in found]


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
    assert bare(parsed(value)) == [text("user", "hi")]


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
    ],
)  # fmt: skip
def test_parts(value: Any, part: Part) -> None:
    """Calls, results, refusals, media, and what nobody knows."""
    (found,) = bare(parsed([value]))
    assert found.parts == (part,)


def test_arguments_keep_their_numbers() -> None:
    """What a call was given is shown as it is written."""
    (message,) = said(
        '[{"role":"a","content":[{"type":"tool_use","name":"f","input":{"n":123456789012345678901234567890.0}}]}]',
        "user",
    )
    assert message.parts[0].text == '{"n":123456789012345678901234567890.0}'


@pytest.mark.parametrize(("json", "shown"), [('"hi"', [text("user", "hi")]), (None, []), ("null", []), ("[]", [])])
def test_a_payload_that_is_no_conversation_is_one_message(json: str | None, shown: list[Message]) -> None:
    """Text is said by whom the field belongs to; nothing is said by nobody."""
    assert said(json, "user") == shown


def test_a_system_prompt_comes_first() -> None:
    """Envelopes that have it beside the prompt say both."""
    assert parsed({"prompt": "hi", "system": "be good"}) == [text("system", "be good"), text("user", "hi")]


IMAGE = {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}}


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        ({"messages": [{"role": "user", "content": "a"}], "temperature": 0.5, "seed": None}, {"temperature": 0.5}),
        ({"prompt": "a", "system": "b", "n": 1}, {"n": 1}),
        ({"messages": [{"role": "user", "content": "a"}]}, None),
        ({"choices": [{"message": {"role": "user", "content": "a"}}], "usage": {"n": 1}}, {"usage": {"n": 1}}),
        ({"response": {"messages": [{"role": "user", "content": "a"}], "id": "r"}, "n": 1}, {"response": {"id": "r"}, "n": 1}),
        ({"response": {"messages": [{"role": "user", "content": "a"}]}}, None),
        ({"role": "user", "content": "a"}, None),
    ],
)  # fmt: skip
def test_what_comes_with_messages(value: Any, rest: Any) -> None:
    """Nothing of an envelope is lost."""
    found = parse_conversation(orjson.dumps(value).decode(), "user")
    assert found and (found.rest and orjson.loads(found.rest)) == rest


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        ({"role": "user", "content": "a", "weird": 1, "seed": None}, [{"weird": 1}]),
        ({"role": "user", "content": "a"}, []),
        ({"role": "user", "content": "a", "type": "human"}, [{"type": "human"}]),
        ({"role": 5, "content": "a"}, [{"role": 5}]),
        ({"role": "user", "content": "a", "name": 5, "tool_calls": 1}, [{"name": 5, "tool_calls": 1}]),
        ({"message": {"role": "user", "content": "a", "x": 1}, "finish_reason": "length"}, [{"finish_reason": "length"}, {"x": 1}]),
        ({"content": {"role": "model", "parts": [{"text": "a"}]}, "finishReason": "STOP"}, [{"finishReason": "STOP"}]),
        ({"type": "message", "role": "assistant", "content": [], "stop_reason": "max_tokens"}, [{"stop_reason": "max_tokens"}]),
        ({"type": "reasoning", "summary": [], "id": "rs"}, [{"id": "rs"}]),
    ],
)  # fmt: skip
def test_what_a_message_has_beside_what_is_said(value: Any, rest: list[Any]) -> None:
    """Why a model ended, unknown keys, odd values: all is there, but for nulls."""
    (message,) = parsed([value]) or []
    assert [orjson.loads(one) for one in message.rest] == rest


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        ({"role": "user", "content": [{"type": "text", "text": "a", "citations": [1]}]}, {"citations": [1]}),
        ({"role": "user", "content": [{"type": "thinking", "thinking": "a", "signature": "s"}]}, {"signature": "s"}),
        ({"role": "user", "content": [{"type": "thinking", "thinking": "", "signature": "s"}]}, {"signature": "s"}),
        ({"role": "user", "content": [IMAGE]}, {"image_url": {"detail": "low"}}),
        ({"role": "assistant", "tool_calls": [CALL]}, {"id": "c1"}),
        ({"role": "model", "parts": [{"functionCall": {"name": "f", "id": "i"}, "thoughtSignature": "s"}]}, {"id": "i", "thoughtSignature": "s"}),
        ({"role": "tool", "tool_call_id": "c", "content": "r", "is_error": True}, {"tool_call_id": "c", "is_error": True}),
        ({"type": "function_call_output", "call_id": "c", "output": "r"}, {"call_id": "c"}),
    ],
)  # fmt: skip
def test_what_a_part_has_beside_what_is_said(value: Any, rest: Any) -> None:
    """Ids, signatures, citations and marks of failure are kept with their part."""
    (message,) = parsed([value]) or []
    (part,) = message.parts
    assert part.rest and orjson.loads(part.rest) == rest


def test_what_else_a_message_has_makes_no_other_of_it() -> None:
    """A history hands an answer on without the reason why it ended."""
    answer, history = parsed([{"message": {"role": "assistant", "content": "a"}, "index": 0}, {"role": "assistant", "content": "a"}]) or []  # fmt: skip
    assert answer != history and answer.said == history.said


@pytest.mark.parametrize(
    "value",
    [
        {"system": "be good", "messages": [{"role": "user", "content": "hi"}]},
        {"system": [{"type": "text", "text": "be good"}], "messages": [{"role": "user", "content": "hi"}]},
        {"instructions": "be good", "input": "hi"},
        {"instructions": "be good", "input": [{"role": "user", "content": "hi"}]},
        {"systemInstruction": {"parts": [{"text": "be good"}]}, "contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
    ],
)  # fmt: skip
def test_instructions_come_first(value: Any) -> None:
    """What a model is told beside the messages is the first of them."""
    assert parsed(value) == [text("system", "be good"), text("user", "hi")]


def test_instructions_without_messages_are_said() -> None:
    """An empty list of messages leaves what stands beside it, and what that has beside its text."""
    (message,) = parsed({"system": {"parts": [{"text": "be good"}], "x": 1}, "messages": []}) or []
    assert message == Message("system", (Part("text", "be good"),), "", ('{"x":1}',))


@pytest.mark.parametrize(
    "value",
    [
        {"output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}]},
        {"content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn"},
        {"text": "hi"},
        {"text": "hi", "finishReason": "stop"},
    ],
)
def test_answers_without_a_role(value: Any) -> None:
    """What models answer is an answer, whoever says so."""
    assert bare(parsed(value, "assistant")) == [text("assistant", "hi")]


@pytest.mark.parametrize("value", [{"text": "hi", "lang": "en"}, {"content": "hi"}, {"content": [{"a": 1}]}, {"input": "hi"}, {"messages": "hi"}])  # fmt: skip
def test_texts_of_programs_are_no_messages(value: Any) -> None:
    """A document or the arguments of a tool are nobody's words."""
    assert parsed(value) is None and parsed({"text": "hi"}, "user") is None


def test_odd_messages_stand_among_others() -> None:
    """One that is none does not make a list of messages JSON."""
    found = parsed([{"role": "user"}, {"role": "user", "content": "hi"}, "str", None, 7])
    odd = [Message("user", (Part("json", json, is_json=True),)) for json in ('{"role":"user"}', "null", "7")]
    assert found == [odd[0], text("user", "hi"), text("user", "str"), *odd[1:]]


def test_calls_of_the_ai_sdk() -> None:
    """Calls beside the text, and among them what is none."""
    (message,) = (
        parsed({"text": "", "toolCalls": [{"toolCallId": "c", "toolName": "f", "args": {}}, 5]}, "assistant") or []
    )
    assert [part.kind for part in message.parts] == ["call", "json"] and message.parts[0].id == "c"


def test_results_with_media_keep_their_blocks() -> None:
    """Text and image of a result, each as it is; a block that has more is shown with all of it."""
    blocks = [{"type": "text", "text": "a"}, {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}]
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": blocks}]}
    (message,) = parsed([result]) or []
    assert [block.kind for block in message.parts[0].blocks] == ["text", "media"]
    blocks[0]["cache_control"] = "x"
    (message,) = parsed([result]) or []
    assert not message.parts[0].blocks and orjson.loads(message.parts[0].text) == blocks


def test_results_of_several_texts_keep_their_blocks() -> None:
    """Each text is a block of the result, whose own text is the list as it is written."""
    texts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    (message,) = parsed([{"role": "tool", "content": texts}]) or []
    assert [block.text for block in message.parts[0].blocks] == ["a", "b"]
    assert orjson.loads(message.parts[0].text) == texts


def test_thoughts_of_gemini() -> None:
    """A text that is marked as one; a mark without a text is nothing known."""
    (message,) = parsed([{"role": "model", "parts": [{"text": "hm", "thought": True}, {"thought": True}]}]) or []
    assert message.parts == (Part("thinking", "hm"), Part("json", '{"thought":true}', is_json=True))


def test_thoughts_of_responses() -> None:
    """Their summary is a message of the model, wherever it stands."""
    (message,) = parsed([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}]) or []
    assert message == Message("assistant", (Part("thinking", "hm"),))


def test_a_speaker_may_have_a_name() -> None:
    """Several users of one conversation are told apart."""
    (message,) = parsed([{"role": "user", "name": "bob", "content": "hi"}]) or []
    assert (message.role, message.name, message.rest) == ("user", "bob", ())
