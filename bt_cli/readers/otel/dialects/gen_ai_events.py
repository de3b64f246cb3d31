"""Messages that come as events of a span: ``gen_ai.user.message``, ``gen_ai.choice`` and newer ones.

Source: the semantic conventions for events of generative AI.
"""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.dialects.gen_ai import take_evaluation, take_messages
from bt_cli.readers.otel.messages import from_numbered
from bt_cli.readers.otel.reading import Reading, json_or_text, value_of
from bt_cli.readers.otel.span import Event

FAMILIES: frozenset[str] | None = None
PLAIN: dict[str, tuple[str, str]] = {}

_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.tool.message": "tool",
    "gen_ai.assistant.message": "assistant",
}
_DETAILS = "gen_ai.client.inference.operation.details"
_WHOLE = {
    "gen_ai.content.prompt": ("input", "gen_ai.prompt"),
    "gen_ai.content.completion": ("output", "gen_ai.completion"),
}


def read(reading: Reading) -> bool:
    """Takes the messages out of a span's events; an event of which nothing is left goes."""
    if not any(one.name.startswith("gen_ai.") for one in reading.events):
        return False
    before = len(reading.events)
    given: list[Any] = []
    made: list[Any] = []
    kept: list[Event] = []
    for event in reading.events:
        if event.name in _ROLES:
            # The answers of earlier turns, which come before the last word of the others, are input.
            given, made = _with_message(event, given, made)
        elif event.name == "gen_ai.choice":
            made.append(_choice(dict(event.attributes)))
        else:
            rest = dict(event.attributes)
            _take(reading, event.name, rest)
            _keep_rest(reading, event, rest, kept)
    if given:
        reading.put_value("input", given)
    if made:
        reading.put_value("output", made)
    reading.events = kept
    return len(kept) < before


def _take(reading: Reading, name: str, attributes: dict[str, Any]) -> None:
    """Takes out of the attributes of one event what is known."""
    if name == _DETAILS:
        take_messages(reading, attributes)
    elif name == "gen_ai.evaluation.result":
        take_evaluation(reading, attributes)
    elif name in _WHOLE:
        field, key = _WHOLE[name]
        if key in attributes and field not in reading.texts:
            reading.put(field, json_or_text(attributes.pop(key)))


def _keep_rest(reading: Reading, event: Event, rest: dict[str, Any], kept: list[Event]) -> None:
    """What an event says beside the messages belongs to the span, which mostly says the same."""
    if rest == event.attributes:
        kept.append(event)
        return
    for key, value in rest.items():
        if reading.bag.setdefault(key, value) != value:
            kept.append(Event(event.name, event.time, {key: value}))


def _with_message(event: Event, given: list[Any], made: list[Any]) -> tuple[list[Any], list[Any]]:
    message = {"role": _ROLES[event.name], "content": None} | _held(dict(event.attributes))
    if event.name == "gen_ai.assistant.message":
        return given, [*made, message]
    return [*given, *made, message], []


def _choice(attributes: dict[str, Any]) -> dict[str, Any]:
    message = value_of(attributes.pop("message", None))
    if not isinstance(message, dict):
        message = {} if message is None else {"content": message}
    attributes.pop("index", None)
    return {"role": "assistant", "content": None} | message | _held(attributes)


def _held(attributes: dict[str, Any]) -> dict[str, Any]:
    """The members of a message: of those that repeat the span's (``gen_ai.system``) none."""
    made = {key: value for key, value in attributes.items() if not key.startswith("gen_ai.")}
    if isinstance(body := value_of(made.pop("body", None)), dict):
        made = body | made
    if "id" in made and "tool_call_id" not in made:
        made["tool_call_id"] = made.pop("id")
    if "content" in made:
        made["content"] = value_of(made["content"])
    if "tool_calls" in made:
        calls = value_of(made["tool_calls"])
        already = isinstance(calls, list) and all(isinstance(one, dict) and "function" in one for one in calls)
        made["tool_calls"] = calls if already else from_numbered([{"tool_calls": calls}])[0].get("tool_calls", calls)
    return made
