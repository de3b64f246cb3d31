"""The AI SDK of Vercel: ``ai.*``, versions 4 to 6.

Source: the AI SDK's documentation of its telemetry.
"""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.messages import tool_call
from bt_cli.readers.otel.reading import Reading, json_or_text, value_of
from bt_cli.spans import text

FAMILIES: frozenset[str] | None = frozenset(("ai",))

PLAIN = {
    "ai.response.model": ("metadata", "model"),
    "ai.model.id": ("metadata", "model"),
    "ai.response.id": ("metadata", "response_id"),
    "ai.telemetry.functionId": ("metadata", "function_id"),
    "ai.settings.maxTokens": ("metadata", "max_tokens"),
    "ai.settings.maxOutputTokens": ("metadata", "max_tokens"),
    "ai.settings.temperature": ("metadata", "temperature"),
    "ai.settings.topP": ("metadata", "top_p"),
    "ai.settings.maxRetries": ("metadata", "max_retries"),
    "ai.toolCall.name": ("metadata", "tool_name"),
    "ai.toolCall.id": ("metadata", "tool_call_id"),
    "ai.operationId": ("metadata", "operation"),
    "ai.usage.inputTokens": ("usage", "prompt_tokens"),
    "ai.usage.promptTokens": ("usage", "prompt_tokens"),
    "ai.usage.outputTokens": ("usage", "completion_tokens"),
    "ai.usage.completionTokens": ("usage", "completion_tokens"),
    "ai.usage.totalTokens": ("usage", "tokens"),
    "ai.usage.tokens": ("usage", "tokens"),
    "ai.usage.cachedInputTokens": ("usage", "prompt_cached_tokens"),
    "ai.usage.inputTokenDetails.cacheReadTokens": ("usage", "prompt_cached_tokens"),
    "ai.usage.inputTokenDetails.cacheWriteTokens": ("usage", "prompt_cache_creation_tokens"),
    "ai.usage.reasoningTokens": ("usage", "completion_reasoning_tokens"),
    "ai.usage.outputTokenDetails.reasoningTokens": ("usage", "completion_reasoning_tokens"),
}

_CALLS = (".doGenerate", ".doStream")


def read(reading: Reading) -> bool:
    """Takes prompts and answers; a span that only wraps a call is a task, and repeats its counts."""
    bag = reading.bag
    operation = str(bag.get("ai.operationId") or reading.span.name)
    if not operation.startswith("ai."):
        operation = reading.span.name
    if operation == "ai.toolCall":
        reading.type = "tool"
        reading.take_into("input", "ai.toolCall.args")
        reading.take_into("output", "ai.toolCall.result")
    elif operation.startswith("ai."):
        reading.type = "llm" if operation.endswith(_CALLS) else "function" if "mbed" in operation else "task"
    for key in ("ai.prompt.messages", "ai.prompt", "ai.value", "ai.values"):
        reading.take_into("input", key)
    _answer(reading)
    _tools(reading)
    first = bag.get("ai.response.msToFirstChunk")
    if isinstance(first, int | float) and not isinstance(first, bool):
        reading.metrics.setdefault("time_to_first_token", first / 1000)
        del bag["ai.response.msToFirstChunk"]
    if isinstance(provider := bag.get("ai.model.provider"), str):
        reading.metadata.setdefault("provider", provider.partition(".")[0])
        if "." not in provider:
            del bag["ai.model.provider"]
    for key in [one for one in bag if one.startswith("ai.telemetry.metadata.")]:
        if reading.describe(key.removeprefix("ai.telemetry.metadata."), bag[key]):
            del bag[key]
    return True


def _answer(reading: Reading) -> None:
    """Text, thoughts and tool calls of an answer as one message; an object as it is."""
    bag = reading.bag
    if "output" in reading.texts:
        return
    if "ai.response.object" in bag:
        reading.put("output", json_or_text(bag.pop("ai.response.object")))
        return
    if "ai.embedding" in bag or "ai.embeddings" in bag:
        return  # vectors stay where they are
    if not any(f"ai.response.{name}" in bag for name in ("text", "toolCalls", "reasoning")):
        return
    calls = value_of(bag.pop("ai.response.toolCalls", None))
    written = bag.pop("ai.response.text", None)
    message: dict[str, Any] = {"role": "assistant", "content": written or (None if calls else written)}
    if (thoughts := bag.pop("ai.response.reasoning", None)) is not None:
        message["reasoning"] = thoughts
    if isinstance(calls, list) and calls:
        message["tool_calls"] = [_call(one) if isinstance(one, dict) else one for one in calls]
    if (reason := bag.pop("ai.response.finishReason", None)) is not None:
        message["finish_reason"] = reason
    reading.put_value("output", [message])


def _call(call: dict[str, Any]) -> dict[str, Any]:
    arguments = call.get("input", call.get("args"))
    return tool_call(call.get("toolCallId"), call.get("toolName"), arguments)


def _tools(reading: Reading) -> None:
    """Each tool is JSON text of its own."""
    tools = reading.bag.get("ai.prompt.tools")
    if isinstance(tools, list) and reading.lacks("tools"):
        reading.metadata["tools"] = [value_of(one) for one in tools]
        del reading.bag["ai.prompt.tools"]
    if isinstance(choice := reading.bag.get("ai.prompt.toolChoice"), str):
        reading.metadata.setdefault("tool_choice", value_of(choice))
        if text.encode(reading.metadata["tool_choice"]) == text.encode(value_of(choice)):
            del reading.bag["ai.prompt.toolChoice"]
