"""Logfire and Pydantic AI.

Source: their documentation.
"""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.messages import from_parts
from bt_cli.readers.otel.reading import Reading, value_of

FAMILIES: frozenset[str] | None = frozenset(
    ("logfire", "pydantic_ai", "all_messages_events", "events", "final_result", "agent_name", "tool_arguments")
)

PLAIN = {
    "agent_name": ("metadata", "agent_name"),
    "model_name": ("metadata", "model"),
    "operation.cost": ("metrics", "estimated_cost"),
    "logfire.msg": ("metadata", "message"),
    "gen_ai.aggregated_usage.input_tokens": ("metadata", "aggregated_input_tokens"),
    "gen_ai.aggregated_usage.output_tokens": ("metadata", "aggregated_output_tokens"),
}

_LISTS = ("pydantic_ai.all_messages", "all_messages_events", "events")


def read(reading: Reading) -> bool:
    """Takes an agent's messages and result, a tool's arguments and answer, and tags."""
    bag = reading.bag
    before = len(bag)
    tool = bag.get("gen_ai.tool.name") is not None or "tool_arguments" in bag
    if tool:
        reading.type = reading.type or "tool"
        reading.take_into("input", "tool_arguments")
        reading.take_into("output", "tool_response")
    elif "agent_name" in bag or "final_result" in bag:
        reading.type = reading.type or "task"
    reading.take_into("output", "final_result")
    for key in _LISTS:
        _messages(reading, key)
    tags = value_of(bag.get("logfire.tags"))
    if isinstance(tags, list):
        reading.tags.extend(tags)
        del bag["logfire.tags"]
    return len(bag) < before or "logfire" in reading.families


def _messages(reading: Reading, key: str) -> None:
    """A conversation: what came last from the assistant is the output, all before it the input."""
    listed = value_of(reading.bag.get(key))
    if not isinstance(listed, list) or "input" in reading.texts:
        return
    messages = from_parts([_plain(one) for one in listed])
    if not messages:
        return
    last = messages[-1]
    answered = isinstance(last, dict) and last.get("role") == "assistant"
    del reading.bag[key]
    if answered and reading.put_value("output", [last]):
        messages = messages[:-1]
    reading.put_value("input", messages)


def _plain(one: Any) -> Any:
    """Messages that were events name themselves and the message that they belong to, and choices hold theirs."""
    if not isinstance(one, dict) or "event.name" not in one:
        return one
    message = one["message"] if isinstance(one.get("message"), dict) else one
    plain = {key: value for key, value in message.items() if key not in ("event.name", "gen_ai.message.index")}
    role = str(one["event.name"]).removeprefix("gen_ai.").removesuffix(".message")
    return {"role": "assistant" if role == "choice" else role} | plain
