"""What is said in payloads: chat messages as OpenAI, Anthropic, Gemini and the AI SDK write them, as plain text.

Works on decoded values. A message is ``{"role", "content"}``; content is text, or a list of parts where
tools are called: ``text``, ``tool_call`` and ``tool_result`` as autoevals reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.row import Row
from bt_cli.spans.text import decode, encode

Message = dict[str, Any]

_ENVELOPES = ("messages", "choices", "contents", "candidates")
_TEXTS = ("text", "input_text", "output_text")
_CALLS = ("tool_use", "tool-call", "function_call")
_RESULTS = ("tool_result", "tool-result", "function_call_output")
_IDS = ("tool_call_id", "tool_use_id", "call_id", "toolCallId", "id")


def plain_text(value: Any, answer: bool) -> str:
    """A payload as text: a string itself, chat messages what they say, anything else its JSON text.

    Of an ``answer`` the last message that says something; else one message alone is its text, and
    several are told with their roles.
    """
    if isinstance(value, str):
        return value
    said = [
        (one["role"], words) for one in messages(value, "assistant" if answer else "user") if (words := _words(one))
    ]
    if answer and said:
        said = [next((one for one in reversed(said) if one[0] not in ("tool", "system", "user")), said[-1])]
    if said:
        return said[0][1] if len(said) == 1 else "\n\n".join(f"{role}: {words}" for role, words in said)
    return encode(value)


def messages(value: Any, role: str) -> list[Message]:
    """The messages of a payload, ``role`` where they name none; none where it is no conversation."""
    found = [_message(one, role) for one in _listed(value) if not _is_thought(one)]
    return [one for one in found if one is not None] if all(one is not None for one in found) else []


def thread(rows: Sequence[Row]) -> list[Message]:
    """The conversation of a trace: what models were told and answered, each message once.

    A call that hands the history on again adds only what is new. Without a call of a model, the
    root's input and output.
    """
    told = [(row, facts) for row in rows if (facts := facts_of(row)).purpose != "scorer"]
    calls = _in_time([(row, facts) for row, facts in told if facts.type == "llm"])
    if not calls:
        return _exchange(next((row for row, _ in told if row.span_parents == "[]"), None))
    said: list[Message] = []
    histories: list[list[Message]] = []
    for row, _ in calls:
        asked, answered = _side(row.input, "user"), _side(row.output, "assistant")
        known = max((_common(asked, one) for one in histories), default=0)
        said += [*asked[known:], *answered]
        histories = [*histories[-19:], [*asked, *answered]]
    return said


def _in_time(calls: list[tuple[Row, Facts]]) -> list[tuple[Row, Facts]]:
    if any(facts.start is None for _, facts in calls):
        return calls
    return sorted(calls, key=lambda one: one[1].start or 0.0)


def _exchange(row: Row | None) -> list[Message]:
    return [] if row is None else [*_side(row.input, "user"), *_side(row.output, "assistant")]


def _side(written: str | None, role: str) -> list[Message]:
    value = None if written is None else decode(written)
    if value in (None, "", []):
        return []
    return messages(value, role) or [{"role": role, "content": plain_text(value, False)}]


def _common(asked: list[Message], history: list[Message]) -> int:
    same = 0
    for one, other in zip(asked, history, strict=False):
        if one != other:
            break
        same += 1
    return same


def _listed(value: Any) -> list[Any]:
    """The single messages: a list of them, one of them, or an envelope round them."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    for name in _ENVELOPES:
        if isinstance(value.get(name), list):
            return list(value[name])
    if "object" in value and isinstance(value.get("output"), list):  # an answer of OpenAI's Responses
        return list(value["output"])
    response = value.get("response")
    if isinstance(response, dict) and isinstance(response.get("messages"), list):  # one of the AI SDK
        return list(response["messages"])
    return [value] if "role" in value or "message" in value else []


def _is_thought(value: Any) -> bool:
    """Whether it is what OpenAI's Responses put between messages."""
    return isinstance(value, dict) and value.get("type") == "reasoning" and "role" not in value


def _message(value: Any, role: str) -> Message | None:
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("message"), dict):  # a choice of several
        value = value["message"]
    elif "role" not in value and isinstance(value.get("content"), dict):  # a candidate of Gemini's
        value = value["content"]
    kind = value.get("type")
    if kind in _CALLS:
        return {"role": "assistant", "content": [_call(value)]}
    if kind in _RESULTS:
        return {"role": "tool", "content": [_result(value, value.get("output"))]}
    if "role" not in value:
        return None
    who = _name_of(value["role"]) or role
    content = value.get("content") if value.get("content") is not None else value.get("parts")
    return {"role": who, "content": _content(value, content, who)}


def _content(value: dict[str, Any], content: Any, role: str) -> str | list[Message]:
    parts = [_part(one) for one in content] if isinstance(content, list) else _plain_part(content)
    if role in ("tool", "function") and not any(one["type"] == "tool_result" for one in parts):
        return [_result(value, content)]
    parts += _plain_part(value.get("refusal"))
    called = value.get("tool_calls")
    parts += [_call(one) for one in called if isinstance(one, dict)] if isinstance(called, list) else []
    if isinstance(value.get("function_call"), dict):
        parts.append(_call(value["function_call"]))
    if all(one["type"] == "text" for one in parts):
        return "\n".join(one["text"] for one in parts)
    return parts


def _plain_part(content: Any) -> list[Message]:
    if content in (None, ""):
        return []
    return [{"type": "text", "text": content if isinstance(content, str) else encode(content)}]


def _part(value: Any) -> Message:
    if isinstance(value, dict):
        kind = value.get("type")
        called, given = value.get("functionCall"), value.get("functionResponse")  # Gemini's
        if kind in _CALLS or isinstance(called, dict):
            return _call(called if isinstance(called, dict) else value)
        if kind in _RESULTS or isinstance(given, dict):
            given = given if isinstance(given, dict) else value
            return _result(given, next((given[key] for key in ("content", "output", "response") if key in given), None))
        if isinstance(value.get("text"), str) and (kind is None or kind in _TEXTS):
            return {"type": "text", "text": value["text"]}
        if isinstance(kind, str):  # thoughts, images, sounds, files: told by their kind
            return {"type": "other", "kind": kind}
    return {"type": "text", "text": value if isinstance(value, str) else encode(value)}


def _call(value: dict[str, Any]) -> Message:
    inner = value.get("function")
    called = inner if isinstance(inner, dict) else value
    given: Any = next((called[name] for name in ("arguments", "input", "args") if name in called), {})
    if isinstance(given, str):
        given = decode(given)
    name = _name_of(called.get("name")) or _name_of(called.get("toolName")) or "unknown"
    return {
        "type": "tool_call",
        "tool_call_id": _id_of(value),
        "tool_name": name,
        "arguments": {"type": "valid", "value": given},
    }


def _result(value: dict[str, Any], output: Any) -> Message:
    name = _name_of(value.get("name")) or _name_of(value.get("toolName"))
    return {"type": "tool_result", "tool_call_id": _id_of(value), "tool_name": name, "output": output}


def _id_of(value: dict[str, Any]) -> str:
    return next((value[name] for name in _IDS if isinstance(value.get(name), str)), "")


def _name_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(message: Message) -> str:
    """What a message says in words; empty where it only calls a tool."""
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(words for one in content if (words := _words_of(one)))


def _words_of(part: Message) -> str:
    if part["type"] == "text":
        return str(part["text"])
    return plain_text(part["output"], True) if part["type"] == "tool_result" and part["output"] is not None else ""


def texts(values: Iterable[Any]) -> list[str]:
    """Each of some values as text."""
    return [plain_text(one, True) for one in values]
