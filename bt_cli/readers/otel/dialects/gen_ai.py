"""``gen_ai.*``: OpenTelemetry's conventions for generative AI, the present ones and older names.

Source: the semantic conventions, 1.37 and later, and those before.
"""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.messages import from_numbered, from_parts
from bt_cli.readers.otel.reading import Reading, value_of

FAMILIES: frozenset[str] | None = frozenset(("gen_ai",))

PLAIN = {
    "gen_ai.response.model": ("metadata", "model"),
    "gen_ai.request.model": ("metadata", "model"),
    "gen_ai.provider.name": ("metadata", "provider"),
    "gen_ai.system": ("metadata", "provider"),
    "gen_ai.request.temperature": ("metadata", "temperature"),
    "gen_ai.request.top_p": ("metadata", "top_p"),
    "gen_ai.request.top_k": ("metadata", "top_k"),
    "gen_ai.request.max_tokens": ("metadata", "max_tokens"),
    "gen_ai.request.frequency_penalty": ("metadata", "frequency_penalty"),
    "gen_ai.request.presence_penalty": ("metadata", "presence_penalty"),
    "gen_ai.request.seed": ("metadata", "seed"),
    "gen_ai.request.stop_sequences": ("metadata", "stop_sequences"),
    "gen_ai.request.choice.count": ("metadata", "n"),
    "gen_ai.request.stream": ("metadata", "stream"),
    "gen_ai.conversation.id": ("metadata", "session_id"),
    "session.id": ("metadata", "session_id"),
    "user.id": ("metadata", "user_id"),
    "gen_ai.response.id": ("metadata", "response_id"),
    "gen_ai.response.finish_reasons": ("metadata", "finish_reasons"),
    "gen_ai.response.finish_reason": ("metadata", "finish_reasons"),
    "gen_ai.agent.id": ("metadata", "agent_id"),
    "gen_ai.agent.name": ("metadata", "agent_name"),
    "gen_ai.agent.description": ("metadata", "agent_description"),
    "gen_ai.workflow.name": ("metadata", "workflow_name"),
    "gen_ai.prompt.name": ("metadata", "prompt_name"),
    "gen_ai.tool.name": ("metadata", "tool_name"),
    "gen_ai.tool.call.id": ("metadata", "tool_call_id"),
    "gen_ai.tool.description": ("metadata", "tool_description"),
    "gen_ai.operation.name": ("metadata", "operation"),
    "gen_ai.usage.input_tokens": ("usage", "prompt_tokens"),
    "gen_ai.usage.prompt_tokens": ("usage", "prompt_tokens"),
    "gen_ai.usage.output_tokens": ("usage", "completion_tokens"),
    "gen_ai.usage.completion_tokens": ("usage", "completion_tokens"),
    "gen_ai.usage.total_tokens": ("usage", "tokens"),
    "gen_ai.usage.cache_read.input_tokens": ("usage", "prompt_cached_tokens"),
    "gen_ai.usage.cache_read_input_tokens": ("usage", "prompt_cached_tokens"),
    "gen_ai.usage.cache_creation.input_tokens": ("usage", "prompt_cache_creation_tokens"),
    "gen_ai.usage.cache_creation_input_tokens": ("usage", "prompt_cache_creation_tokens"),
    "gen_ai.usage.reasoning.output_tokens": ("usage", "completion_reasoning_tokens"),
    "gen_ai.usage.reasoning_tokens": ("usage", "completion_reasoning_tokens"),
    "gen_ai.usage.cost": ("metrics", "estimated_cost"),
    "gen_ai.response.time_to_first_chunk": ("metrics", "time_to_first_token"),
}

_TYPES = {
    "chat": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "execute_tool": "tool",
    "invoke_agent": "task",
    "create_agent": "task",
    "invoke_workflow": "task",
    "embeddings": "function",
    "retrieval": "function",
    "evaluate": "score",
}
_OLD_USAGE = {
    "input_tokens": "prompt_tokens",
    "prompt_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "completion_tokens": "completion_tokens",
    "total_tokens": "tokens",
}


def read(reading: Reading) -> bool:
    """Takes messages, tool calls, evaluations and what else is no plain value."""
    bag = reading.bag
    operation = bag.get("gen_ai.operation.name")
    if not reading.type and isinstance(operation, str):
        reading.type = _TYPES.get(operation, "")
    if not reading.type and "gen_ai.evaluation.name" in bag:
        reading.type = "score"
    _messages(reading)
    _tool(reading)
    if "gen_ai.tool.definitions" in bag and reading.lacks("tools"):
        definitions = reading.take_json("gen_ai.tool.definitions")
        if definitions is not None:
            reading.metadata["tools"] = definitions
    take_evaluation(reading, bag)
    _old_usage(reading)
    if not reading.type and _is_call(reading):
        reading.type = "llm"
    return True


def _is_call(reading: Reading) -> bool:
    """Older spans do not say what they are: a model with messages or token counts is a call of it."""
    bag = reading.bag
    if not ("gen_ai.request.model" in bag or "gen_ai.response.model" in bag):
        return False
    return "output" in reading.texts or any(key.startswith(("gen_ai.usage.", "llm.usage.")) for key in bag)


def take_messages(reading: Reading, bag: dict[str, Any]) -> None:
    """Input and output from the attributes of a span or of an event."""
    system = _json(reading, bag, "gen_ai.system_instructions") if "input" not in reading.texts else None
    if "input" not in reading.texts:
        given = _json(reading, bag, "gen_ai.input.messages")
        if given is not None or system is not None:
            reading.put_value("input", from_parts(given, system))
    if "output" not in reading.texts:
        made = _json(reading, bag, "gen_ai.output.messages")
        if made is not None:
            reading.put_value("output", from_parts(made))


def _json(reading: Reading, bag: dict[str, Any], key: str) -> Any:
    """An attribute that is JSON text, or a value in events; text that is none stays, and is told."""
    value = bag.get(key)
    if value is None:
        return None
    found = value_of(value)
    if isinstance(found, str):
        reading.losses.append((key, "unparsed"))
        return None
    del bag[key]
    return found


def _messages(reading: Reading) -> None:
    bag = reading.bag
    take_messages(reading, bag)
    for field, names in (
        ("input", ("gen_ai.prompt_json", "gen_ai.prompt")),
        ("output", ("gen_ai.completion_json", "gen_ai.completion")),
    ):
        for name in names:
            reading.take_into(field, name)
        if field not in reading.texts and (numbered := reading.take_numbered(names[1])):
            reading.put_value(field, from_numbered(numbered))


def _tool(reading: Reading) -> None:
    bag = reading.bag
    if "gen_ai.tool.call.arguments" in bag or "gen_ai.tool.call.result" in bag or reading.type == "tool":
        reading.type = reading.type or "tool"
        reading.take_into("input", "gen_ai.tool.call.arguments")
        reading.take_into("output", "gen_ai.tool.call.result")
    if reading.type == "function":
        reading.take_into("input", "gen_ai.retrieval.query.text")
        reading.take_into("output", "gen_ai.retrieval.documents")


def take_evaluation(reading: Reading, bag: dict[str, Any]) -> None:
    """A score from the attributes of a span or of the event ``gen_ai.evaluation.result``."""
    name = bag.get("gen_ai.evaluation.name")
    value = bag.get("gen_ai.evaluation.score.value", bag.get("gen_ai.evaluation.score"))
    if not isinstance(name, str) or isinstance(value, bool) or not isinstance(value, int | float):
        return
    if reading.scores.setdefault(name, value) != value:
        return
    for key in ("gen_ai.evaluation.name", "gen_ai.evaluation.score.value", "gen_ai.evaluation.score"):
        bag.pop(key, None)
    told = {
        word: bag.pop(key)
        for word, key in (
            ("label", "gen_ai.evaluation.score.label"),
            ("comment", "gen_ai.evaluation.explanation"),
        )
        if key in bag
    }
    if told:
        reading.metadata.setdefault("score_details", {}).setdefault(name, told)


def _old_usage(reading: Reading) -> None:
    """The oldest form: one attribute with all counts, as JSON."""
    usage = reading.bag.get("gen_ai.usage")
    found = value_of(usage)
    if not isinstance(found, dict) or not found.keys() <= _OLD_USAGE.keys():
        return
    for name, value in found.items():
        reading.usage.setdefault(_OLD_USAGE[name], value)
    del reading.bag["gen_ai.usage"]
