"""Chat messages in a payload, of the shapes that OpenAI, Anthropic and Gemini write."""

from __future__ import annotations

from typing import Literal, NamedTuple

from bt_cli.render.media import Members, items, media_of, members, word

Kind = Literal["text", "call", "result", "media", "json"]
_RESPONSES = ("message", "function_call", "function_call_output", "reasoning")
_TEXTS = ("text", "input_text", "output_text", "summary_text")


class Part(NamedTuple):
    """A piece of a message.

    ``text`` is what is said, of a ``call`` the arguments; plain text, or JSON text where ``is_json``.
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


def _listed(json: str | None) -> list[str]:
    """The JSON of the single messages: a list of them, one of them, or an envelope round them."""
    value = members(json)
    for name in ("messages", "choices", "contents", "candidates"):
        if name in value:
            return items(value[name])
    if "output" in value and "object" in value:  # an answer of OpenAI's Responses
        return items(value["output"])
    if "role" in value or "message" in value:
        return [json] if json else []
    return items(json)


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
    if role in ("tool", "function"):
        return (_result(content, value),)
    parts = [_part(one) for one in items(content)]
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
    if kind == "tool_use":
        return _called(value, word(value.get("id")) or "")
    if kind == "tool_result":
        return _result(value.get("content"), value)
    if "functionCall" in value:
        return _called(members(value["functionCall"]), "")
    if "functionResponse" in value:
        response = members(value["functionResponse"])
        return _result(response.get("response"), response)
    medium = media_of(json)
    return Part("media", str(medium)) if medium is not None else Part("json", json, is_json=True)


def _called(value: Members, id: str) -> Part:
    given = next((value[name] for name in ("arguments", "input", "args") if name in value), "{}")
    return value_part(given, "call", word(value.get("name")) or "", id)


def _result(content: str | None, value: Members) -> Part:
    id = next((found for name in ("tool_call_id", "tool_use_id", "call_id") if (found := word(value.get(name)))), "")
    name = word(value.get("name")) or ""
    blocks = [_part(one) for one in items(content)]
    if blocks and all(one.kind in ("text", "media") for one in blocks):
        return Part("result", "\n".join(one.text for one in blocks), name, id)
    return value_part(content or '""', "result", name, id)
