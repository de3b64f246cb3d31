"""What is said in payloads and traces, as plain text and as messages."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.spans.conversation import messages, plain_text, texts, thread
from bt_cli.spans.row import Row
from builders import row


def tool_call(id: str, name: str, value: Any) -> dict[str, Any]:
    return {"type": "tool_call", "tool_call_id": id, "tool_name": name, "arguments": {"type": "valid", "value": value}}


def tool_result(id: str, name: str, output: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_call_id": id, "tool_name": name, "output": output}


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}
SHAPES: list[tuple[str, Any, list[dict[str, Any]]]] = [
    ("a message", said("user", "a"), [said("user", "a")]),
    ("messages", [said("system", "s"), said("user", "a")], [said("system", "s"), said("user", "a")]),
    ("an envelope", {"model": "m", "messages": [said("user", "a")]}, [said("user", "a")]),
    ("choices", [{"index": 0, "message": said("assistant", "a")}], [said("assistant", "a")]),
    ("a reply of chat completions", {"choices": [{"message": said("assistant", "a")}]}, [said("assistant", "a")]),
    ("one choice", {"message": said("assistant", "a")}, [said("assistant", "a")]),
    ("Gemini", {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}, [said("user", "a")]),
    (
        "a candidate of Gemini",
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}}]},
        [said("model", "a")],
    ),
    (
        "the AI SDK",
        {"response": {"messages": [said("assistant", [{"type": "text", "text": "a"}])]}},
        [said("assistant", "a")],
    ),
    (
        "a reply of responses",
        {
            "object": "response",
            "output": [
                {"type": "reasoning", "summary": []},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
            ],
        },
        [said("assistant", "a")],
    ),
    (
        "calls of responses",
        [
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "7"},
        ],
        [said("assistant", [tool_call("c", "f", {})]), said("tool", [tool_result("c", "", "7")])],
    ),
    (
        "several parts",
        said("user", [{"type": "input_text", "text": "a"}, "b", {"text": "c"}]),
        [said("user", "a\nb\nc")],
    ),
    ("no content", said("assistant", None), [said("assistant", "")]),
    ("an object as content", said("user", {"a": 1}), [said("user", '{"a":1}')]),
    ("an odd part", said("user", [5]), [said("user", "5")]),
    ("a refusal", {**said("assistant", None), "refusal": "no"}, [said("assistant", "no")]),
    (
        "an image",
        said("user", [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}]),
        [said("user", [{"type": "text", "text": "a"}, {"type": "other", "kind": "image_url"}])],
    ),
    (
        "tool calls",
        {**said("assistant", "so"), "tool_calls": [CALL, 5]},
        [said("assistant", [{"type": "text", "text": "so"}, tool_call("c1", "add", {"a": 1})])],
    ),
    (
        "a function call",
        {**said("assistant", None), "function_call": {"name": "add", "arguments": "{}"}},
        [said("assistant", [tool_call("", "add", {})])],
    ),
    (
        "a tool's answer",
        {"role": "tool", "tool_call_id": "c1", "content": "7"},
        [said("tool", [tool_result("c1", "", "7")])],
    ),
    (
        "a tool use of Anthropic",
        said("assistant", [{"type": "tool_use", "id": "t", "name": "add", "input": {"a": 1}}]),
        [said("assistant", [tool_call("t", "add", {"a": 1})])],
    ),
    (
        "its result",
        said("user", [{"type": "tool_result", "tool_use_id": "t", "content": "7"}]),
        [said("user", [tool_result("t", "", "7")])],
    ),
    (
        "a call of Gemini",
        said("model", [{"functionCall": {"name": "add", "args": {}}}]),
        [said("model", [tool_call("", "add", {})])],
    ),
    (
        "its answer",
        said("user", [{"functionResponse": {"name": "add", "response": 7}}]),
        [said("user", [tool_result("", "add", 7)])],
    ),
    (
        "a result of the AI SDK",
        said("tool", [{"type": "tool-result", "toolCallId": "t", "toolName": "add"}]),
        [said("tool", [tool_result("t", "add", None)])],
    ),
    (
        "a call without a name",
        said("assistant", [{"type": "tool-call"}]),
        [said("assistant", [tool_call("", "unknown", {})])],
    ),
    ("a role that is no word", {"role": 5, "content": "a"}, [said("user", "a")]),
    ("a part of no kind", said("user", [{"a": 1}]), [said("user", '{"a":1}')]),
    (
        "an image of Gemini",
        said("user", [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]),
        [said("user", [{"type": "other", "kind": "image/png"}])],
    ),
    (
        "thoughts",
        said("assistant", [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}]),
        [said("assistant", "a")],
    ),
    (
        "a system prompt beside messages",
        {"system": "s", "messages": [said("user", "a")]},
        [said("system", "s"), said("user", "a")],
    ),
    ("a prompt among arguments", {"prompt": "translate", "text": "bonjour"}, []),
    ("no conversation", {"answer": 5}, []),
    ("no messages at all", [1, 2], []),
    ("messages and others", [said("user", "a"), {"b": 1}], []),
    ("text", "a", []),
]
TEXTS: list[tuple[Any, bool, str]] = [
    ("a", True, "a"),
    ([said("user", "a"), said("assistant", "b"), said("tool", "c")], True, "b"),
    ([said("user", "a"), said("assistant", "b")], False, "user: a\n\nassistant: b"),
    ([said("user", "a")], False, "a"),
    ([said("user", "a")], True, "a"),
    ([{"role": "tool", "content": [{"text": "x"}, {"text": "y"}]}], True, '[{"text":"x"},{"text":"y"}]'),
    ([{"role": "tool", "content": None}], True, '[{"role":"tool","content":null}]'),
    ([said("assistant", [{"type": "image"}])], True, '[{"role":"assistant","content":[{"type":"image"}]}]'),
    (said("assistant", [{"type": "text", "text": "so"}, {"type": "tool_use", "id": "t", "name": "f"}]), True, "so"),
    ({"text": "a"}, True, "a"),
    ([{"text": "a"}, {"text": "b"}], True, '[{"text":"a"},{"text":"b"}]'),
    ({"é": [1]}, True, '{"é":[1]}'),
    ({"n": 10**30}, True, '{"n":1000000000000000000000000000000}'),
]


@pytest.mark.parametrize(("value", "found"), [shape[1:] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
def test_messages(value: Any, found: list[dict[str, Any]]) -> None:
    """Each shape of a conversation comes to the same kind of messages."""
    assert messages(value, "user") == found


@pytest.mark.parametrize(("value", "answer", "text"), TEXTS)
def test_plain_text(value: Any, answer: bool, text: str) -> None:
    """A payload as text: of an answer the last word, of a question all of it, JSON of anything else."""
    assert plain_text(value, answer) == text


KEYS = [
    "role",
    "content",
    "type",
    "message",
    "parts",
    "tool_calls",
    "function",
    "functionCall",
    "functionResponse",
    "choices",
    "output",
    "object",
    "response",
    "text",
    "name",
    "arguments",
]
WORDS = st.sampled_from(
    ["user", "tool", "assistant", "text", "tool_use", "tool_result", "reasoning", "function_call_output", "image"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner | WORDS, max_size=5),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_any_json_has_a_text(value: Any, answer: bool) -> None:
    """Whatever a payload holds, it has a text, and messages that autoevals can read."""
    assert isinstance(plain_text(value, answer), str)
    for message in messages(value, "user"):
        assert isinstance(message["role"], str)
        assert isinstance(message["content"], str | list)


def test_texts() -> None:
    """Each of several values as text."""
    assert texts(["a", 5, said("assistant", "b")]) == ["a", "5", "b"]


def test_json_keeps_the_order_of_its_keys() -> None:
    """What is no conversation is written as the source ordered it."""
    assert plain_text({"b": 1, "a": [True, None]}, answer=False) == '{"b":1,"a":[true,null]}'


def llm(id: str, asked: Any, answered: Any, start: float | None = None, **fields: str) -> Row:
    """A call of a model below the root."""
    given = {"input": asked, "output": answered, "metrics": None if start is None else {"start": start}}
    written = {name: orjson.dumps(value).decode() for name, value in given.items() if value is not None}
    return row(id, "root", **{"span_attributes": '{"type":"llm"}', **written, **fields})


ROOT = row("root", input='"why?"', output='{"a":1}')


def test_thread_says_each_message_once() -> None:
    """A call that hands on what was said before adds only what is new."""
    first = [said("system", "s"), said("user", "a")]
    rows = [
        ROOT,
        llm("1", first, said("assistant", "b")),
        llm("2", [*first, said("assistant", "b"), said("user", "c")], "d"),
    ]
    assert [(one["role"], one["content"]) for one in thread(rows)] == [
        ("system", "s"),
        ("user", "a"),
        ("assistant", "b"),
        ("user", "c"),
        ("assistant", "d"),
    ]


def test_thread_of_separate_calls() -> None:
    """Calls that share nothing are all told, in the order of their starts."""
    rows = [ROOT, llm("2", "c", "d", 2.0), llm("1", "a", "b", 1.0)]
    assert [one["content"] for one in thread(rows)] == ["a", "b", "c", "d"]


def test_thread_without_starts_is_in_the_order_of_the_trace() -> None:
    """Where one call has no start, the order of the rows is kept."""
    rows = [ROOT, llm("2", "c", "d", 2.0), llm("1", "a", "b")]
    assert [one["content"] for one in thread(rows)] == ["c", "d", "a", "b"]


def test_thread_leaves_out_judges() -> None:
    """What a judge was asked is no part of the conversation."""
    judge = llm("j", "judge", "A", span_attributes='{"type":"llm","purpose":"scorer"}')
    assert [one["content"] for one in thread([ROOT, llm("1", "a", None), judge])] == ["a"]


def test_thread_without_models_is_the_root() -> None:
    """Without a call of a model, the root's input and output are the conversation."""
    assert thread([ROOT, row("x", "root", input='"no"')]) == [said("user", "why?"), said("assistant", '{"a":1}')]


@pytest.mark.parametrize("rows", [[], [row("x", "gone", input='"a"')], [row("root", input="null", output='""')]])
def test_thread_of_nothing(rows: list[Row]) -> None:
    """A trace without a root, or whose root says nothing, has no conversation."""
    assert thread(rows) == []
