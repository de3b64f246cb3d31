"""Chat messages in a payload, of the shapes that OpenAI, Anthropic, Gemini and the AI SDK write.

Nothing is lost: what a message, a choice or an envelope has beside what is said comes as its ``rest``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bt_cli.spans.message_parts import Part, called, given, part_of, value_part
from bt_cli.spans.peek import Members, first_word, items, left, members, word

_REQUESTS = ("messages", "contents", "input", "prompt")
_ANSWERS = ("choices", "candidates", "output")
_SYSTEM = ("system", "instructions", "systemInstruction", "system_instruction")
_SINGLE = ("function_call", "function_call_output", "reasoning")
_BODY = ("content", "parts", "summary", "text")
_SAYS = (*_BODY, "tool_calls", "toolCalls", "function_call", "refusal")
_BESIDE_TEXT = ("finishReason", "finish_reason", "toolCalls", "toolResults", "steps", "usage")
"""Members of an answer of the AI SDK, of which at least one stands beside its text."""
EMPTY = ("null", '""', "[]")
"""JSON that says nothing."""


class Message(NamedTuple):
    """Who says what. ``rest`` are objects of what else the message has, and the choice round it."""

    role: str
    parts: tuple[Part, ...]
    name: str = ""
    rest: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[object, ...]:
        """What makes a message the same as another: a history hands on what is said, but not always all the rest."""
        return self.role, self.name, tuple(part._replace(rest=None) for part in self.parts)


class Conversation(NamedTuple):
    """The messages of a payload, and what its envelope has beside them as one JSON object."""

    messages: list[Message]
    rest: str | None = None


def parse_conversation(json: str | None, role: str) -> Conversation | None:
    """What is said in a payload, ``role`` where a message names none; None where it is no conversation.

    Among messages anything else is a message of that role, as it stands.
    """
    for before, listed, rest in _forms(json):
        if (before and not listed) or any(_is_message(members(one), role) for one in listed):
            return Conversation([*before, *(_message(one, role) for one in listed)], rest)
    return None


def said(json: str | None, role: str) -> list[Message]:
    """The messages of a payload, or the whole of it as one; none for null."""
    if json is None or json in EMPTY:
        return []
    found = parse_conversation(json, role)
    return found.messages if found else [Message(role, (value_part(json, "text"),))]


def messages_only(json: str, role: str) -> list[Message]:
    """The messages of a payload that is a list of nothing else, or holds one; thoughts between them are left out.

    For those who need what is said and nothing besides: the words of a program with ``prompt`` and more are none,
    and of texts without a role only a single one is an answer.
    """
    for before, listed, _ in _forms(json):
        spoken = [one for one in listed if word(members(one).get("type")) != "reasoning"]
        if spoken and all(_is_message(members(one), role if one == json else "") for one in spoken):
            return [*before, *(_message(one, role) for one in spoken)]
    return []


_Form = tuple[list[Message], list[str], str | None]
"""Messages that are known, the JSON of others after them, and what else an envelope has."""


def _forms(json: str | None) -> Iterator[_Form]:
    """What a payload may be: an envelope, one message, or a list of them."""
    value = members(json)
    for name in _REQUESTS:
        if name in value and value[name][:1] in '["':
            yield from _request(value, name)
    for name in _ANSWERS:
        if name in value:
            yield [], items(value[name]), left(value, name)
    if "messages" in (response := members(value.get("response"))):  # an answer of the AI SDK
        inner = left(response, "messages")
        yield [], items(response["messages"]), left({**value, "response": inner or "null"})
    yield [], items(json) or [json or ""], None


def _request(value: Members, name: str) -> Iterator[_Form]:
    """What a model is asked; instructions that stand beside it come first."""
    systems = [key for key in _SYSTEM if key in value and value[key] not in EMPTY]
    before = [_instructions(value[key]) for key in systems]
    rest = left(value, name, *systems)
    if value[name][:1] == "[":
        yield before, items(value[name]), rest
    elif name == "prompt" or (name == "input" and before):
        yield [*before, Message("user", (value_part(value[name], "text"),))], [], rest


def _instructions(json: str) -> Message:
    value = members(json)
    parts = _content_parts(value.get("parts", json))
    rest = left(value, "parts", "role") if "parts" in value else None
    return Message("system", tuple(parts), "", (rest,) if rest else ())


def _is_message(value: Members, role: str) -> bool:
    inner, _ = _unwrapped(value)
    return _speaks(inner, role)


def _unwrapped(value: Members) -> tuple[Members, str | None]:
    """The message itself, and what a choice has beside it."""
    if message := members(value.get("message")):  # one of several choices
        return message, left(value, "message")
    content = members(value.get("content"))
    if "role" not in value and "parts" in content:  # a candidate of Gemini's
        return content, left(value, "content")
    return value, None


def _speaks(value: Members, role: str) -> bool:
    """Whether an object is a message."""
    kind = word(value.get("type"))
    if kind in _SINGLE or ("role" in value and any(name in value for name in _SAYS)):
        return True
    if word(value.get("text")) is not None and role == "assistant":  # an answer of the AI SDK
        return len(value) == 1 or any(name in value for name in _BESIDE_TEXT)
    blocks = items(value.get("content") or value.get("parts"))
    return bool(blocks) and all("type" in (one := members(block)) or "text" in one for block in blocks)


def _message(json: str, role: str) -> Message:
    value, beside = _unwrapped(members(json))
    if not _speaks(value, role):
        return Message(role, (value_part(json, "text"),))
    kind = word(value.get("type"))
    if kind == "function_call":
        found = _of_part("assistant", called(value))
    elif kind == "function_call_output":
        found = _of_part("tool", given(value))
    else:
        found = _spoken(value, "assistant" if kind == "reasoning" else word(value.get("role")) or role)
    return found._replace(rest=(*([beside] if beside else []), *found.rest))


def _of_part(role: str, part: Part) -> Message:
    """A message that is nothing but a part: what else it has is the part's."""
    return Message(role, (part,))


def _spoken(value: Members, role: str) -> Message:
    body = next((name for name in _BODY if value.get(name, "null") != "null"), "content")
    parts = _content_parts(value.get(body, "null"))
    if word(value.get("type")) == "reasoning":
        parts = [part._replace(kind="thinking") for part in parts]
    shown = [
        *(["type"] if word(value.get("type")) in ("message", "reasoning") else []),
        body,
        *(["role"] if word(value.get("role")) else []),
    ]
    if role in ("tool", "function") and not any(part.kind == "result" for part in parts):
        whole = given(
            {**{name: one for name, one in value.items() if name not in shown}, "content": value.get(body, '""')}
        )
        return _of_part(role, whole)
    if refusal := word(value.get("refusal")):
        parts.append(Part("text", refusal))
        shown.append("refusal")
    for name in ("tool_calls", "toolCalls"):
        if calls := items(value.get(name)):
            parts += [
                called(found, "function") if (found := members(one)) else value_part(one, "text") for one in calls
            ]
            shown.append(name)
    if function := members(value.get("function_call")):
        parts.append(called(function))
        shown.append("function_call")
    name = first_word(value, "name")
    rest = left(value, *shown, *(["name"] if name else []))
    return Message(role, tuple(parts), name, (rest,) if rest else ())


def _content_parts(content: str) -> list[Part]:
    """The parts of what is said: of a list each, of anything else the one that it is; thoughts that say nothing go."""
    if content in EMPTY:
        return []
    parts = [part_of(one) for one in items(content) or [content]]
    return [part for part in parts if part.text or part.rest or part.kind != "thinking"]
