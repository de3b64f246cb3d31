"""Chat messages of OpenTelemetry's conventions → messages as OpenAI's API has them, which Braintrust shows."""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.reading import value_of
from bt_cli.spans import text


def from_parts(messages: Any, system: Any = None) -> list[Any]:
    """Messages made of ``parts`` (gen_ai.input.messages); system instructions come first. Others stay as they are."""
    found: list[Any] = []
    if system is not None:
        found.append(_system(system))
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, dict) and isinstance(message.get("parts"), list):
            found.extend(_of_parts(message))
        elif message is not None:
            found.append(message)
    return found


def _system(instructions: Any) -> Any:
    """Instructions are a list of parts, a list of messages without a role, or text."""
    if isinstance(instructions, list):
        parts: list[Any] = []
        for one in instructions:
            held = one.get("parts") if isinstance(one, dict) else None
            parts.extend(held if isinstance(held, list) else [one])
        return _of_parts({"role": "system", "parts": parts})[0]
    return {"role": "system", "content": instructions}


def _of_parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    """One message, before it the tools' answers that it may hold: to OpenAI each is a message of its own."""
    content: list[Any] = []
    calls: list[Any] = []
    thoughts: list[Any] = []
    answers: list[dict[str, Any]] = []
    for part in message["parts"]:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text":
            content.append({"type": "text", "text": part.get("content", part.get("text"))})
        elif kind == "tool_call":
            calls.append(tool_call(part.get("id"), part.get("name"), part.get("arguments")))
        elif kind == "tool_call_response":
            answer = next((part[key] for key in ("response", "result", "content") if key in part), None)
            answers.append({"role": "tool", "tool_call_id": part.get("id"), "content": answer_text(answer)})
        elif kind in ("reasoning", "thinking"):
            thoughts.append(part.get("content"))
        else:
            content.append(part)
    rest = {key: value for key, value in message.items() if key not in ("role", "parts")}
    if answers and not (content or calls or thoughts):
        answers[-1].update(rest)
        return answers
    made: dict[str, Any] = {"role": message.get("role"), "content": _joined(content)}
    if thoughts:
        made["reasoning"] = "\n".join(map(str, thoughts))
    if calls:
        made["tool_calls"] = calls
    return [*answers, made | rest]


def _joined(content: list[Any]) -> Any:
    """Content that is one text, or none, as OpenAI writes it; else its parts."""
    if not content:
        return None
    if len(content) == 1 and isinstance(content[0], dict) and content[0].get("type") == "text":
        return content[0]["text"]
    return content


def tool_call(call_id: Any, name: Any, arguments: Any) -> dict[str, Any]:
    """A call as OpenAI writes it: the arguments are JSON text."""
    written = arguments if isinstance(arguments, str) else text.encode({} if arguments is None else arguments)
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": written}}


def answer_text(answer: Any) -> Any:
    """A tool's answer as OpenAI writes it: text, that of JSON where it is something else."""
    return answer if isinstance(answer, str) else text.encode(answer)


def from_numbered(listed: list[Any]) -> list[Any]:
    """Messages of numbered attributes (``gen_ai.prompt.0.role``), their tool calls in OpenAI's form."""
    return [_numbered(one) if isinstance(one, dict) else {"content": one} for one in listed]


def _numbered(message: dict[str, Any]) -> dict[str, Any]:
    made = dict(message)
    calls = made.pop("tool_calls", None)
    if "content" in made:
        content = value_of(made["content"])
        if isinstance(content, list) and all(isinstance(one, dict) and "type" in one for one in content):
            made["content"] = content
    elif calls:
        made["content"] = None
    if isinstance(calls, list):
        made["tool_calls"] = [
            tool_call(one.get("id"), one.get("name"), one.get("arguments")) for one in calls if isinstance(one, dict)
        ]
    return made
