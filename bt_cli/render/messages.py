"""Chat messages in a payload, of the shapes that OpenAI, Anthropic, Gemini and the AI SDK write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bt_cli.render.media import Members, items, media_of, members, word
from bt_cli.spans import text

Kind = Literal["text", "thinking", "call", "result", "media", "json"]
_RESPONSES = ("message", "function_call", "function_call_output", "reasoning")
_TEXTS = ("text", "input_text", "output_text", "summary_text")
_THOUGHTS = ("thinking", "reasoning")
_IDS = ("tool_call_id", "tool_use_id", "call_id", "toolCallId")
_GIVEN = ("content", "output", "response", "result")
_ENVELOPES = ("messages", "choices", "contents", "candidates")


class Part(NamedTuple):
    """A piece of a message.

    ``text`` is what is said or thought, of a ``call`` the arguments; plain text, or JSON text where ``is_json``.
    ``name`` is the tool's, ``id`` ties a result to its call.
    """

    kind: Kind
    text: str
    name: str = ""
    id: str = ""
    is_json: bool = False


class Message(NamedTuple):
    """Who says what."""

    role: str
    parts: tuple[Part, ...]


def parse_messages(json: str | None, role: str) -> list[Message] | None:
    """The messages that a payload holds, ``role`` where they name none; None where it is no conversation."""
    listed = _listed(json)
    if not listed:
        return None
    found = [_message(members(one), role) for one in listed]
    return [one for one in found if one is not None] if all(found) else None


def said(json: str | None, role: str) -> list[Message]:
    """The messages of a payload, or the whole of it as one; none for null."""
    if json is None or json in ("null", '""', "[]"):
        return []
    return parse_messages(json, role) or [Message(role, (value_part(json, "text"),))]


def value_part(json: str, kind: Literal["text", "call", "result"], name: str = "", id: str = "") -> Part:
    """A value as a part: a string is its text, anything else its JSON."""
    plain = word(json)
    if plain is not None:
        return Part(kind, plain, name, id)
    return Part("json" if kind == "text" else kind, json, name, id, True)


def rest_of(json: str) -> str | None:
    """What an envelope has beside its messages, as one JSON object; None where it has nothing else."""
    value = members(json)
    taken = next((names for names in _taken(value) if names), ())
    rest = {name: text.raw(one) for name, one in value.items() if name not in taken}
    return text.join(rest) if taken and rest else None


def _taken(value: Members) -> Iterator[tuple[str, ...]]:
    """The members of an envelope that hold its messages, looked for in this order."""
    yield from ((name,) for name in _ENVELOPES if name in value)
    if "output" in value and "object" in value:  # an answer of OpenAI's Responses
        yield ("output",)
    if "messages" in members(value.get("response")):  # an answer of the AI SDK
        yield ("response",)
    if "prompt" in value and value["prompt"][:1] in '"[':
        yield ("system", "prompt")


def _listed(json: str | None) -> list[str]:
    """The JSON of the single messages: a list of them, one of them, or an envelope round them."""
    value = members(json)
    taken = next(_taken(value), None)
    if taken == ("response",):
        return items(members(value["response"])["messages"])
    if taken == ("system", "prompt"):
        return _prompted(value)
    if taken:
        return items(value[taken[0]])
    if "role" in value or "message" in value:
        return [json] if json else []
    return items(json)


def _prompted(value: Members) -> list[str]:
    said = [("system", value["system"])] if "system" in value else []
    if value["prompt"][:1] == '"':
        said.append(("user", value["prompt"]))
    made = [f'{{"role":"{role}","content":{content}}}' for role, content in said]
    return made + items(value["prompt"])


def _message(value: Members, role: str) -> Message | None:
    if "message" in value:  # a choice of several
        value = members(value["message"])
    elif "content" in value and "role" not in value and members(value["content"]):  # a candidate of Gemini's
        value = members(value["content"])
    kind = word(value.get("type"))
    if "role" not in value and kind not in _RESPONSES:
        return None
    if kind == "function_call":
        return Message("assistant", (_called(value, word(value.get("call_id")) or ""),))
    if kind == "function_call_output":
        return Message("tool", (_result(value.get("output"), value),))
    own = word(value.get("role")) or role
    return Message(own, _parts(value, own))


def _parts(value: Members, role: str) -> tuple[Part, ...]:
    content = value.get("content") or value.get("parts") or value.get("summary")
    parts = [part for one in items(content) if (part := _part(one)).text or part.kind != "thinking"]
    if role in ("tool", "function") and not any(part.kind == "result" for part in parts):
        return (_result(content, value),)
    if not parts and content and content not in ("null", '""', "[]"):
        parts = [value_part(content, "text")]
    if refusal := word(value.get("refusal")):
        parts.append(Part("text", refusal))
    for call in items(value.get("tool_calls")):
        found = members(call)
        parts.append(_called(members(found.get("function")) or found, word(found.get("id")) or ""))
    if "function_call" in value and (called := members(value["function_call"])):
        parts.append(_called(called, ""))
    return tuple(parts)


def _part(json: str) -> Part:
    value = members(json)
    kind = word(value.get("type"))
    if not value:
        return value_part(json, "text")
    if kind in _TEXTS or (kind is None and "text" in value):
        return value_part(value.get("text", '""'), "text")
    if kind in _THOUGHTS and (thought := word(value.get("thinking") or value.get("text"))) is not None:
        return Part("thinking", thought)
    if kind in ("tool_use", "tool-call") or "functionCall" in value:
        called = members(value.get("functionCall")) or value
        return _called(called, word(called.get("id") or called.get("toolCallId")) or "")
    if kind in ("tool_result", "tool-result") or "functionResponse" in value:
        given = members(value.get("functionResponse")) or value
        return _result(next((given[name] for name in _GIVEN if name in given), None), given)
    medium = media_of(json)
    return Part("media", str(medium)) if medium is not None else Part("json", json, is_json=True)


def _called(value: Members, id: str) -> Part:
    given = next((value[name] for name in ("arguments", "input", "args") if name in value), "{}")
    return value_part(given, "call", word(value.get("name") or value.get("toolName")) or "", id)


def _result(content: str | None, value: Members) -> Part:
    id = next((found for name in _IDS if (found := word(value.get(name)))), "")
    name = word(value.get("name") or value.get("toolName")) or ""
    wrapped = members(content)
    if word(wrapped.get("type")) in ("text", "json") and "value" in wrapped:  # as the AI SDK wraps them
        content = wrapped["value"]
    blocks = [_part(one) for one in items(content)]
    if blocks and all(one.kind in ("text", "media") for one in blocks):
        return Part("result", "\n".join(one.text for one in blocks), name, id)
    return value_part(content or '""', "result", name, id)
