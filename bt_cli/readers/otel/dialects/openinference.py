"""OpenInference: what Arize's instrumentations write (LangChain, LlamaIndex, CrewAI, smolagents, OpenAI Agents …).

Source: the OpenInference specification.
"""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.messages import tool_call
from bt_cli.readers.otel.reading import Reading, json_or_text, value_of

FAMILIES: frozenset[str] | None = frozenset(
    ("openinference", "llm", "input", "output", "retrieval", "tool", "reranker", "metadata", "tag")
)

PLAIN = {
    "llm.response.model_name": ("metadata", "model"),
    "llm.model_name": ("metadata", "model"),
    "llm.request.model_name": ("metadata", "model"),
    "llm.provider": ("metadata", "provider"),
    "llm.system": ("metadata", "provider"),
    "agent.name": ("metadata", "agent_name"),
    "tool.name": ("metadata", "tool_name"),
    "tool.id": ("metadata", "tool_call_id"),
    "tool.description": ("metadata", "tool_description"),
    "openinference.span.kind": ("metadata", "kind"),
    "llm.token_count.prompt": ("usage", "prompt_tokens"),
    "llm.token_count.completion": ("usage", "completion_tokens"),
    "llm.token_count.total": ("usage", "tokens"),
    "llm.token_count.prompt_details.cache_read": ("usage", "prompt_cached_tokens"),
    "llm.token_count.prompt_details.cache_write": ("usage", "prompt_cache_creation_tokens"),
    "llm.token_count.prompt_details.audio": ("usage", "prompt_audio_tokens"),
    "llm.token_count.completion_details.reasoning": ("usage", "completion_reasoning_tokens"),
    "llm.token_count.completion_details.audio": ("usage", "completion_audio_tokens"),
    "llm.cost.total": ("metrics", "estimated_cost"),
}

_TYPES = {
    "LLM": "llm",
    "TOOL": "tool",
    "AGENT": "task",
    "CHAIN": "task",
    "RETRIEVER": "function",
    "RERANKER": "function",
    "EMBEDDING": "function",
    "GUARDRAIL": "function",
    "PROMPT": "function",
    "EVALUATOR": "score",
}


def read(reading: Reading) -> bool:
    """Takes messages, documents, parameters and values."""
    bag = reading.bag
    before = len(bag)
    kind = str(bag.get("openinference.span.kind", "")).upper()
    reading.type = reading.type or _TYPES.get(kind, "")
    if "llm" in reading.families:
        _model(reading)
    if kind == "TOOL":
        reading.take_into("input", "tool.parameters")
    documents = reading.take_numbered("retrieval.documents") or reading.take_numbered("reranker.output_documents")
    if documents:
        reading.put_value("output", [_document(one) for one in documents])
    for field in ("input", "output"):
        _value(reading, field)
    _metadata(reading)
    return len(bag) < before


def _model(reading: Reading) -> None:
    for field in ("input", "output"):
        if field not in reading.texts and (listed := reading.take_numbered(f"llm.{field}_messages")):
            reading.put_value(field, [_message(one) for one in listed])
    parameters = reading.bag.get("llm.invocation_parameters")
    found = value_of(parameters)
    if isinstance(found, dict):
        del reading.bag["llm.invocation_parameters"]
        for name, value in found.items():
            if value is not None and not reading.describe(name, value):
                reading.metadata.setdefault("invocation_parameters", {})[name] = value
    if reading.lacks("tools") and (tools := reading.take_numbered("llm.tools")):
        reading.metadata["tools"] = [_schema(one) for one in tools]
    if costs := reading.take_nested("llm.cost"):
        total = costs.pop("total", None)
        if isinstance(total, int | float):
            reading.metrics.setdefault("estimated_cost", total)
        if costs:
            reading.metadata.setdefault("cost", costs)


def _schema(tool: Any) -> Any:
    held = tool.get("tool", tool) if isinstance(tool, dict) else tool
    return value_of(held.get("json_schema", held)) if isinstance(held, dict) else held


def _message(one: Any) -> Any:
    """One message: ``{"message": {"role": …, "contents": [{"message_content": …}], "tool_calls": […]}}``."""
    held = one.get("message", one) if isinstance(one, dict) else one
    if not isinstance(held, dict):
        return held
    made = dict(held)
    contents = made.pop("contents", None)
    calls = made.pop("tool_calls", None)
    if isinstance(contents, list) and "content" not in made:
        made["content"] = [_content(part) for part in contents]
    if calls and "content" not in made:
        made["content"] = None
    if isinstance(calls, list):
        made["tool_calls"] = [_call(call) for call in calls]
    return made


def _content(part: Any) -> Any:
    held = part.get("message_content", part) if isinstance(part, dict) else part
    if not isinstance(held, dict):
        return held
    url = held.get("image", {}).get("image", {}).get("url") if isinstance(held.get("image"), dict) else None
    return {"type": "image_url", "image_url": {"url": url}} if url else held


def _call(call: Any) -> Any:
    held = call.get("tool_call", call) if isinstance(call, dict) else call
    if not isinstance(held, dict) or not isinstance(function := held.get("function"), dict):
        return held
    return tool_call(held.get("id"), function.get("name"), function.get("arguments"))


def _document(one: Any) -> Any:
    held = one.get("document", one) if isinstance(one, dict) else one
    if isinstance(held, dict) and "metadata" in held:
        return held | {"metadata": value_of(held["metadata"])}
    return held


def _value(reading: Reading, field: str) -> None:
    """``input.value`` is JSON where its type says so, or where it looks like it and nothing says otherwise."""
    key, kind = f"{field}.value", f"{field}.mime_type"
    if key not in reading.bag or field in reading.texts:
        return
    mime = reading.bag.pop(kind, None)
    value = reading.bag.pop(key)
    if mime == "text/plain":
        reading.put_value(field, value)
    else:
        reading.put(field, json_or_text(value, nested_only=mime != "application/json"))


def _metadata(reading: Reading) -> None:
    described = value_of(reading.bag.get("metadata"))
    if isinstance(described, dict):
        del reading.bag["metadata"]
        for name, value in described.items():
            if not reading.describe(name, value):
                reading.metadata.setdefault("metadata", {})[name] = value
    tags = value_of(reading.bag.get("tag.tags"))
    if isinstance(tags, list):
        reading.tags.extend(tags)
        del reading.bag["tag.tags"]
