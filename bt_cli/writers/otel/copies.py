"""What a row says, once more in the names of OpenTelemetry's conventions, so that other backends show it."""

from __future__ import annotations

from typing import Any

from bt_cli.spans import text
from bt_cli.spans.row import Row

_OPERATIONS = {"llm": "chat", "tool": "execute_tool"}
_USAGE = {
    "prompt_tokens": "gen_ai.usage.input_tokens",
    "completion_tokens": "gen_ai.usage.output_tokens",
    "prompt_cached_tokens": "gen_ai.usage.cache_read.input_tokens",
    "prompt_cache_creation_tokens": "gen_ai.usage.cache_creation.input_tokens",
    "completion_reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
}
_DESCRIBED = {"model": "gen_ai.request.model", "provider": "gen_ai.provider.name"}


def copies_of(row: Row, kind: Any, metadata: str | None, metrics: dict[str, Any]) -> dict[str, Any]:
    """Attributes of ``gen_ai`` for a row of some type: of calls of models and tools; for others none."""
    if kind not in _OPERATIONS:
        return {}
    found: dict[str, Any] = {"gen_ai.operation.name": _OPERATIONS[kind]}
    if kind == "tool":
        return found
    described = text.decode(metadata) if text.is_object(metadata) and metadata else {}
    for name, key in _DESCRIBED.items():
        if isinstance(described.get(name), str):
            found[key] = described[name]
    for name, key in _USAGE.items():
        if isinstance(metrics.get(name), int) and not isinstance(metrics[name], bool):
            found[key] = metrics[name]
    for key, payload in (("gen_ai.input.messages", row.input), ("gen_ai.output.messages", row.output)):
        if payload is not None and '"role"' in payload and (messages := _messages(text.decode(payload))):
            found[key] = text.encode(messages)
    return found


def _messages(payload: Any) -> list[dict[str, Any]]:
    """Messages of OpenAI's form as messages of parts; of anything else none."""
    listed = payload if isinstance(payload, list) else [payload]
    if not all(isinstance(one, dict) and isinstance(one.get("role"), str) for one in listed):
        return []
    return [_message(one) for one in listed]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    parts: list[Any] = []
    if message["role"] == "tool":
        parts.append({"type": "tool_call_response", "id": message.get("tool_call_id"), "response": content})
    elif isinstance(content, list):
        parts += [_part(one) for one in content]
    elif content is not None:
        parts.append({"type": "text", "content": content})
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            arguments = function.get("arguments")
            value = text.decode(arguments) if isinstance(arguments, str) else arguments
            parts.append({"type": "tool_call", "id": call.get("id"), "name": function.get("name"), "arguments": value})
    made = {"role": message["role"], "parts": parts}
    reason = message.get("finish_reason")
    return made | {"finish_reason": reason} if isinstance(reason, str) else made


def _part(part: Any) -> Any:
    if isinstance(part, dict) and part.get("type") == "text" and "text" in part:
        return {"type": "text", "content": part["text"]}
    return part
