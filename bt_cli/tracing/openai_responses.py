"""What the span of a response says: its output items, put together from the events of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bt_cli.tracing.openai_members import member
from bt_cli.tracing.openai_usage import usage_metrics

Event = dict[str, Any]

_METADATA = (
    "id",
    "model",
    "status",
    "created_at",
    "moderation",
    "service_tier",
    "access_programs",
    "object",
    "background",
    "incomplete_details",
)
_ENDS = ("response.completed", "response.incomplete", "response.failed")
_TEXTS = {
    "response.output_text.delta": ("content", "content_index", "output_text", "text"),
    "response.refusal.delta": ("content", "content_index", "refusal", "refusal"),
    "response.reasoning_summary_text.delta": ("summary", "summary_index", "summary_text", "text"),
}
"""Event → the list of an item that it adds text to, what has the index there, and the part's type and member."""
_CALLS = {
    "response.function_call_arguments.delta": "arguments",
    "response.mcp_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
    "response.code_interpreter_call_code.delta": "code",
}


def response_event(answer: Any, given: Mapping[str, Any]) -> Event:
    """Output, metrics and metadata of a whole response."""
    said = {name: member(answer, name) for name in _METADATA}
    event: Event = {
        "metrics": usage_metrics(answer),
        "metadata": {name: value for name, value in said.items() if value is not None},
    }
    output = member(answer, "output")
    if output is not None:
        event["output"] = output
    return event


def response_stream_event(events: Iterable[Any], given: Mapping[str, Any]) -> Event:
    """The same of the events of a stream: of the response that the last one has, else of the pieces that came."""
    items: dict[int, Event] = {}
    for event in events:
        kind = member(event, "type")
        if kind in _ENDS:
            return _of_end(member(event, "response"))
        if kind in ("response.output_item.added", "response.output_item.done"):
            item = member(event, "item")
            there = items.setdefault(member(event, "output_index") or 0, {})
            there |= {key: value for key in _ITEM if (value := member(item, key)) is not None}
        else:
            _add_text(items.setdefault(member(event, "output_index") or 0, {}), event, kind)
    return {"metrics": {}, "metadata": {}, "output": [item for _, item in sorted(items.items()) if item]}


_ITEM = ("id", "type", "role", "status", "name", "call_id")


def _of_end(response: Any) -> Event:
    moderation = member(response, "moderation")
    return {
        "metrics": usage_metrics(response),
        "metadata": {} if moderation is None else {"moderation": moderation},
        "output": member(response, "output"),
    }


def _add_text(item: Event, event: Any, kind: Any) -> None:
    delta = member(event, "delta")
    if not isinstance(delta, str):
        return
    if kind in _CALLS:
        item[_CALLS[kind]] = item.get(_CALLS[kind], "") + delta
    elif kind in _TEXTS:
        listed, indexed, type_, text = _TEXTS[kind]
        parts: list[Event] = item.setdefault(listed, [])
        index = member(event, indexed) or 0
        parts += [{} for _ in range(index + 1 - len(parts))]
        parts[index] |= {"type": type_, text: parts[index].get(text, "") + delta}
