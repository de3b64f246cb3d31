"""How instrumentations name things: attributes of one span, and what the row gets of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from otel_spans import row_of, told_of

USER = {"role": "user", "content": "hi"}
ANSWER = {"role": "assistant", "content": "hello"}


def js(value: Any) -> str:
    return json.dumps(value)


def parts(role: str, *held: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": list(held), **more}


TEXT_IN = parts("user", {"type": "text", "content": "hi"})
TEXT_OUT = parts("assistant", {"type": "text", "content": "hello"}, finish_reason="stop")
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}

Case = tuple[dict[str, Any], dict[str, Any]]
"""Attributes, and fields of the row; of metadata and metrics those named."""

BRAINTRUST: dict[str, Case] = {
    "payloads are JSON text, as it is": (
        {"braintrust.input_json": '{"q": 1.50}', "braintrust.output_json": '"x"', "braintrust.expected_json": "[1]"},
        {"input": {"q": 1.5}, "output": "x", "expected": [1]},
    ),
    "plain payloads": ({"braintrust.input": "hi", "braintrust.output": '{"a":1}'}, {"input": "hi", "output": {"a": 1}}),
    "flattened payloads": (
        {"braintrust.input.0.role": "user", "braintrust.input.0.content": "hi"},
        {"input": [USER]},
    ),
    "objects": (
        {
            "braintrust.metadata": '{"model":"m"}',
            "braintrust.metrics": '{"tokens":3}',
            "braintrust.scores": '{"s":0.5}',
            "braintrust.span_attributes": '{"type":"llm","name":"n"}',
        },
        {
            "metadata": {"model": "m"},
            "metrics": {"tokens": 3},
            "scores": {"s": 0.5},
            "span_attributes": {"type": "llm", "name": "n"},
        },
    ),
    "members one by one come on top": (
        {"braintrust.metadata": '{"model":"m","a":1}', "braintrust.metadata.model": "n", "braintrust.scores.s": 1.0},
        {"metadata": {"model": "n", "a": 1}, "scores": {"s": 1.0}},
    ),
    "tags as a list": ({"braintrust.tags": ["a", "b"]}, {"tags": ["a", "b"]}),
    "tags as JSON": ({"braintrust.tags": '["a"]'}, {"tags": ["a"]}),
    "context and origin": (
        {"braintrust.context_json": '{"k":1}', "braintrust.origin": '{"id":"x"}'},
        {"context": {"k": 1}, "origin": {"id": "x"}},
    ),
}
GEN_AI: dict[str, Case] = {
    "messages of parts": (
        {"gen_ai.input.messages": js([TEXT_IN]), "gen_ai.output.messages": js([TEXT_OUT])},
        {"input": [USER], "output": [{**ANSWER, "finish_reason": "stop"}]},
    ),
    "system instructions come first": (
        {
            "gen_ai.system_instructions": js([{"type": "text", "content": "be kind"}]),
            "gen_ai.input.messages": js([TEXT_IN]),
        },
        {"input": [{"role": "system", "content": "be kind"}, USER]},
    ),
    "tool calls and their answers": (
        {
            "gen_ai.input.messages": js(
                [
                    parts("assistant", {"type": "tool_call", "id": "c1", "name": "add", "arguments": {"a": 1}}),
                    parts("tool", {"type": "tool_call_response", "id": "c1", "response": {"b": 2}}),
                ]
            )
        },
        {
            "input": [
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "tool", "tool_call_id": "c1", "content": '{"b":2}'},
            ]
        },
    ),
    "reasoning, and parts of other kinds": (
        {
            "gen_ai.output.messages": js(
                [parts("assistant", {"type": "reasoning", "content": "hm"}, {"type": "blob", "mime_type": "image/png"})]
            )
        },
        {"output": [{"role": "assistant", "content": [{"type": "blob", "mime_type": "image/png"}], "reasoning": "hm"}]},
    ),
    "operations are types": ({"gen_ai.operation.name": "chat"}, {"type": "llm", "metadata": {"operation": "chat"}}),
    "an agent is a task": (
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a"},
        {"type": "task", "metadata": {"agent_name": "a"}},
    ),
    "model and parameters": (
        {
            "gen_ai.request.model": "m",
            "gen_ai.response.model": "m-1",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.temperature": 0.5,
            "gen_ai.request.max_tokens": 9,
            "gen_ai.conversation.id": "s",
        },
        {
            "metadata": {
                "model": "m-1",
                "provider": "openai",
                "temperature": 0.5,
                "max_tokens": 9,
                "session_id": "s",
                "otel": {"attributes": {"gen_ai.request.model": "m"}, "scope": {"name": "my.scope"}},
            }
        },
    ),
    "tokens": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read.input_tokens": 4,
            "gen_ai.usage.reasoning.output_tokens": 2,
        },
        {
            "metrics": {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "tokens": 15,
                "prompt_cached_tokens": 4,
                "completion_reasoning_tokens": 2,
            }
        },
    ),
    "a count without the cached tokens gets them": (
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read.input_tokens": 90,
        },
        {"metrics": {"prompt_tokens": 100, "tokens": 105, "prompt_cached_tokens": 90}},
    ),
    "a wrapper's tokens are a sum": (
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 10},
        {"metadata": {"aggregated_usage": {"prompt_tokens": 10}}},
    ),
    "older names": (
        {
            "gen_ai.system": "anthropic",
            "gen_ai.request.model": "m",
            "gen_ai.usage.prompt_tokens": 1,
            "gen_ai.usage.completion_tokens": 2,
        },
        {
            "type": "llm",
            "metadata": {"provider": "anthropic"},
            "metrics": {"prompt_tokens": 1, "completion_tokens": 2, "tokens": 3},
        },
    ),
    "prompt and completion as JSON": (
        {"gen_ai.prompt": js([USER]), "gen_ai.completion": js([ANSWER])},
        {"input": [USER], "output": [ANSWER]},
    ),
    "usage as one object": (
        {"gen_ai.operation.name": "chat", "gen_ai.usage": js({"input_tokens": 1, "output_tokens": 2})},
        {"metrics": {"prompt_tokens": 1, "completion_tokens": 2, "tokens": 3}},
    ),
    "a tool": (
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "add",
            "gen_ai.tool.call.arguments": '{"a":1}',
            "gen_ai.tool.call.result": "3",
        },
        {"type": "tool", "input": {"a": 1}, "output": "3", "metadata": {"tool_name": "add"}},
    ),
    "definitions of tools": (
        {"gen_ai.tool.definitions": js([{"name": "add"}])},
        {"metadata": {"tools": [{"name": "add"}]}},
    ),
    "an evaluation": (
        {
            "gen_ai.evaluation.name": "kind",
            "gen_ai.evaluation.score.value": 0.75,
            "gen_ai.evaluation.explanation": "so",
        },
        {"type": "score", "scores": {"kind": 0.75}, "metadata": {"score_details": {"kind": {"comment": "so"}}}},
    ),
}
TRACELOOP: dict[str, Case] = {
    "numbered messages": (
        {
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hi",
            "gen_ai.prompt.10.role": "user",
            "gen_ai.prompt.10.content": "there",
            "gen_ai.prompt.2.role": "assistant",
            "gen_ai.prompt.2.tool_calls.0.id": "c1",
            "gen_ai.prompt.2.tool_calls.0.name": "add",
            "gen_ai.prompt.2.tool_calls.0.arguments": '{"a":1}',
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "hello",
            "llm.request.type": "chat",
            "llm.usage.total_tokens": 9,
        },
        {
            "type": "llm",
            "input": [
                USER,
                {"role": "assistant", "content": None, "tool_calls": [CALL]},
                {"role": "user", "content": "there"},
            ],
            "output": [ANSWER],
            "metrics": {"tokens": 9},
        },
    ),
    "functions": (
        {"llm.request.functions.0.name": "add", "llm.request.functions.0.parameters": '{"type":"object"}'},
        {"metadata": {"tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]}},
    ),
    "a workflow": (
        {
            "traceloop.span.kind": "workflow",
            "traceloop.entity.name": "joke",
            "traceloop.entity.input": js({"args": [], "kwargs": {"a": 1}}),
            "traceloop.entity.output": js(js({"b": 1})),
            "traceloop.association.properties.user_id": "u",
            "traceloop.association.properties.plan": "free",
        },
        {
            "type": "task",
            "input": {"args": [], "kwargs": {"a": 1}},
            "output": {"b": 1},
            "metadata": {"entity_name": "joke", "user_id": "u", "plan": "free"},
        },
    ),
}
OPENINFERENCE: dict[str, Case] = {
    "a call of a model": (
        {
            "openinference.span.kind": "LLM",
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "hi",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "add",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"a":1}',
            "llm.model_name": "m",
            "llm.invocation_parameters": js({"temperature": 0.1}),
            "llm.token_count.prompt": 3,
            "llm.token_count.completion": 4,
            "llm.token_count.total": 7,
            "llm.cost.total": 0.5,
            "llm.cost.prompt": 0.25,
        },
        {
            "type": "llm",
            "input": [USER],
            "output": [{"role": "assistant", "content": None, "tool_calls": [CALL]}],
            "metadata": {"model": "m", "temperature": 0.1, "cost": {"prompt": 0.25}},
            "metrics": {"prompt_tokens": 3, "completion_tokens": 4, "tokens": 7, "estimated_cost": 0.5},
        },
    ),
    "contents with a picture": (
        {
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.contents.0.message_content.type": "text",
            "llm.input_messages.0.message.contents.0.message_content.text": "look",
            "llm.input_messages.0.message.contents.1.message_content.type": "image",
            "llm.input_messages.0.message.contents.1.message_content.image.image.url": "https://e.x/i.png",
        },
        {
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "look"},
                        {"type": "image_url", "image_url": {"url": "https://e.x/i.png"}},
                    ],
                }
            ]
        },
    ),
    "values with their kind": (
        {
            "openinference.span.kind": "CHAIN",
            "input.value": "7",
            "input.mime_type": "text/plain",
            "output.value": "7",
            "output.mime_type": "application/json",
        },
        {"type": "task", "input": "7", "output": 7},
    ),
    "documents": (
        {
            "openinference.span.kind": "RETRIEVER",
            "retrieval.documents.0.document.content": "a",
            "retrieval.documents.0.document.metadata": '{"source":"x"}',
        },
        {"type": "function", "output": [{"content": "a", "metadata": {"source": "x"}}]},
    ),
    "a tool": (
        {"openinference.span.kind": "TOOL", "tool.name": "add", "tool.parameters": '{"a":1}', "output.value": "3"},
        {"type": "tool", "input": {"a": 1}, "output": "3", "metadata": {"tool_name": "add"}},
    ),
    "tools, metadata and tags": (
        {"llm.tools.0.tool.json_schema": '{"name":"add"}', "metadata": '{"k":1}', "tag.tags": ["t"], "session.id": "s"},
        {"metadata": {"tools": [{"name": "add"}], "k": 1, "session_id": "s"}, "tags": ["t"]},
    ),
}
AI_SDK: dict[str, Case] = {
    "a call": (
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.id": "m",
            "ai.model.provider": "openai.responses",
            "ai.prompt.messages": js([USER]),
            "ai.prompt.tools": [js({"name": "add"})],
            "ai.response.text": "",
            "ai.response.toolCalls": js([{"toolCallId": "c1", "toolName": "add", "input": '{"a":1}'}]),
            "ai.response.finishReason": "tool-calls",
            "ai.response.msToFirstChunk": 250.0,
            "ai.usage.inputTokens": 3,
            "ai.usage.outputTokens": 4,
            "ai.telemetry.functionId": "f",
            "ai.telemetry.metadata.plan": "free",
        },
        {
            "type": "llm",
            "input": [USER],
            "output": [{"role": "assistant", "content": None, "tool_calls": [CALL], "finish_reason": "tool-calls"}],
            "metadata": {
                "model": "m",
                "provider": "openai",
                "tools": [{"name": "add"}],
                "function_id": "f",
                "plan": "free",
            },
            "metrics": {"time_to_first_token": 0.25, "prompt_tokens": 3, "completion_tokens": 4, "tokens": 7},
        },
    ),
    "its wrapper": (
        {
            "ai.operationId": "ai.generateText",
            "ai.prompt": js({"prompt": "hi"}),
            "ai.response.text": "hello",
            "ai.usage.promptTokens": 3,
        },
        {
            "type": "task",
            "input": {"prompt": "hi"},
            "output": [ANSWER],
            "metadata": {"aggregated_usage": {"prompt_tokens": 3}},
        },
    ),
    "an object": (
        {"ai.operationId": "ai.generateObject.doGenerate", "ai.response.object": '{"a":1}'},
        {"type": "llm", "output": {"a": 1}},
    ),
    "a tool": (
        {
            "ai.operationId": "ai.toolCall",
            "ai.toolCall.name": "add",
            "ai.toolCall.args": '{"a":1}',
            "ai.toolCall.result": '{"b":2}',
        },
        {"type": "tool", "input": {"a": 1}, "output": {"b": 2}, "metadata": {"tool_name": "add"}},
    ),
}
LOGFIRE: dict[str, Case] = {
    "an agent": (
        {
            "agent_name": "a",
            "model_name": "m",
            "pydantic_ai.all_messages": js([TEXT_IN, TEXT_OUT]),
            "final_result": "hello",
            "logfire.msg": "a run",
            "logfire.tags": ["t"],
        },
        {
            "type": "task",
            "input": [USER, {**ANSWER, "finish_reason": "stop"}],
            "output": "hello",
            "tags": ["t"],
            "metadata": {"agent_name": "a", "model": "m", "message": "a run"},
        },
    ),
    "events in an attribute": (
        {
            "gen_ai.operation.name": "chat",
            "events": js(
                [
                    {"event.name": "gen_ai.user.message", "role": "user", "content": "hi", "gen_ai.message.index": 0},
                    {"event.name": "gen_ai.choice", "index": 0, "message": ANSWER},
                ]
            ),
        },
        {"type": "llm", "input": [USER], "output": [ANSWER]},
    ),
    "a tool": (
        {"gen_ai.tool.name": "add", "tool_arguments": '{"a":1}', "tool_response": "3"},
        {"type": "tool", "input": {"a": 1}, "output": "3"},
    ),
}
CASES = {
    f"{dialect}: {name}": case
    for dialect, cases in (
        ("braintrust", BRAINTRUST),
        ("gen_ai", GEN_AI),
        ("traceloop", TRACELOOP),
        ("openinference", OPENINFERENCE),
        ("ai-sdk", AI_SDK),
        ("logfire", LOGFIRE),
    )
    for name, case in cases.items()
}


@pytest.mark.parametrize("name", CASES)
def test_a_dialect(name: str) -> None:
    """The fields that the attributes mean."""
    attributes, expected = CASES[name]
    row = row_of(attributes)
    found: dict[str, Any] = {}
    for field, value in expected.items():
        if field == "type":
            found[field] = row["span_attributes"].get("type")
        elif field in ("metadata", "metrics"):
            found[field] = {key: row.get(field, {}).get(key) for key in value}
        else:
            found[field] = row.get(field)
    assert found == expected
    assert told_of(attributes).dialects


@pytest.mark.parametrize("name", CASES)
def test_nothing_of_an_attribute_is_lost(name: str) -> None:
    """Each number and text of the attributes is somewhere in the row, or said by the type of the span."""
    attributes, _ = CASES[name]
    written = json.dumps(row_of(attributes), ensure_ascii=False)
    for key, value in attributes.items():
        if isinstance(value, str) and value and not value.startswith(("{", "[", '"')):
            assert value in written or key in ("ai.model.provider", "input.mime_type", "output.mime_type"), key


@pytest.mark.parametrize("extra", ["5", "[]", "{}", '{"id":"x"}', '{"cut'])
def test_further_members_that_are_none_stay_attributes(extra: str) -> None:
    """They would make a row that cannot be read, or that says two things."""
    assert row_of({"bt.extra": extra})["metadata"]["otel"]["attributes"] == {"bt.extra": extra}
