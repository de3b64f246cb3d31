"""OpenLLMetry (Traceloop): ``traceloop.*`` and ``llm.*``; its messages are the older numbered ones of ``gen_ai``.

Source: OpenLLMetry's semantic conventions.
"""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.reading import Reading, value_of

FAMILIES: frozenset[str] | None = frozenset(("traceloop", "llm"))

PLAIN = {
    "traceloop.association.properties.session_id": ("metadata", "session_id"),
    "traceloop.association.properties.user_id": ("metadata", "user_id"),
    "llm.usage.total_tokens": ("usage", "tokens"),
    "llm.user": ("metadata", "user_id"),
    "llm.top_k": ("metadata", "top_k"),
    "llm.frequency_penalty": ("metadata", "frequency_penalty"),
    "llm.presence_penalty": ("metadata", "presence_penalty"),
    "llm.is_streaming": ("metadata", "stream"),
    "gen_ai.is_streaming": ("metadata", "stream"),
    "traceloop.workflow.name": ("metadata", "workflow_name"),
    "traceloop.entity.name": ("metadata", "entity_name"),
    "traceloop.span.kind": ("metadata", "kind"),
}

_TYPES = {"workflow": "task", "task": "task", "agent": "task", "tool": "tool"}
_REQUESTS = {"chat": "llm", "completion": "llm", "embedding": "function", "rerank": "function"}


def read(reading: Reading) -> bool:
    """Takes the tools, a function's arguments and result, and what the caller has associated."""
    bag = reading.bag
    before = len(bag)
    reading.type = (
        reading.type
        or _TYPES.get(str(bag.get("traceloop.span.kind")), "")
        or _REQUESTS.get(str(bag.get("llm.request.type")), "")
    )
    if reading.lacks("tools") and (functions := reading.take_numbered("llm.request.functions")):
        reading.metadata["tools"] = [_function(one) for one in functions]
    for field in ("input", "output"):
        key = f"traceloop.entity.{field}"
        if key in bag and field not in reading.texts:
            reading.put_value(field, _twice(bag.pop(key)))
    for key in [one for one in bag if one.startswith("traceloop.association.properties.") and one not in PLAIN]:
        name = key.removeprefix("traceloop.association.properties.")
        if reading.describe(name, bag[key]):
            del bag[key]
    if prompt := reading.take_nested("traceloop.prompt"):
        reading.metadata.setdefault("prompt", prompt)
    return len(bag) < before or any(key in PLAIN for key in bag)


def _function(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    return {"type": "function", "function": one | {"parameters": value_of(one.get("parameters"))}}


def _twice(value: Any) -> Any:
    """Results are often JSON within JSON: opened at most twice, and only where objects or arrays come out."""
    found = value_of(value)
    if isinstance(found, str) and found[:1] == '"':
        from bt_cli.spans import text

        inner = text.decode(found)
        return value_of(inner) if isinstance(inner, str) else found
    return found
