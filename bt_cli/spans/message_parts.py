"""The parts of chat messages: text, thoughts, calls of tools and their results, media."""

from __future__ import annotations

from typing import Literal, NamedTuple

from bt_cli.spans.media import Media, beside, media_of
from bt_cli.spans.peek import Members, first_word, items, left, members, word

Kind = Literal["text", "thinking", "call", "result", "media", "json"]
_TEXTS = ("text", "input_text", "output_text", "summary_text")
_THOUGHTS = ("thinking", "reasoning")
_CALLS = ("tool_use", "tool-call")
_RESULTS = ("tool_result", "tool-result")
_IDS = ("tool_call_id", "tool_use_id", "call_id", "toolCallId", "id")
_GIVEN = ("content", "output", "response", "result")
_NAMES = ("name", "toolName")
_ARGUMENTS = ("arguments", "input", "args")


class Part(NamedTuple):
    """A piece of a message.

    ``text`` is what is said or thought, of a ``call`` the arguments; plain text, or JSON text where ``is_json``.
    ``name`` is the tool's, ``id`` ties a result to its call. Of media ``text`` is the part's JSON. A result of
    several texts or media has them as ``blocks``. ``rest`` is an object of what else the part has.
    """

    kind: Kind
    text: str
    name: str = ""
    id: str = ""
    is_json: bool = False
    medium: Media | None = None
    blocks: tuple[Part, ...] = ()
    rest: str | None = None


def value_part(json: str, kind: Literal["text", "call", "result"], name: str = "", id: str = "") -> Part:
    """A value as a part: a string is its text, anything else its JSON."""
    plain = word(json)
    if plain is not None:
        return Part(kind, plain, name, id)
    return Part("json" if kind == "text" else kind, json, name, id, True)


def part_of(json: str) -> Part:
    """A part of the shapes that OpenAI, Anthropic, Gemini and the AI SDK write; what is of none is its JSON."""
    value = members(json)
    kind = word(value.get("type"))
    if not value:
        return value_part(json, "text")
    if kind in _THOUGHTS or value.get("thought") == "true":  # the latter Gemini's
        name = "thinking" if "thinking" in value else "text"
        if (thought := word(value.get(name))) is not None:
            return Part("thinking", thought, rest=left(value, "type", "thought", name))
    elif "text" in value and (kind is None or kind in _TEXTS):
        return value_part(value["text"], "text")._replace(rest=left(value, "type", "text"))
    if kind in _CALLS or "functionCall" in value:
        return called(value, "functionCall")
    if kind in _RESULTS or "functionResponse" in value:
        return given(value, "functionResponse")
    medium = media_of(json)
    return (
        Part("json", json, is_json=True)
        if medium is None
        else Part("media", json, "", "", True, medium, (), beside(json))
    )


def called(value: Members, inner: str = "") -> Part:
    """A call of a tool, whose name and arguments may be in a member ``inner``."""
    tool = _tool(value, inner, _ARGUMENTS)
    return value_part(tool.value or "{}", "call", tool.name, tool.id)._replace(rest=tool.rest)


def given(value: Members, inner: str = "") -> Part:
    """What a tool gave; that and its name may be in a member ``inner``."""
    tool = _tool(value, inner, _GIVEN)
    return _result(tool.value or '""', tool.name, tool.id)._replace(rest=tool.rest)


class _Tool(NamedTuple):
    """What a part says of a tool, and what else the part has."""

    value: str | None
    name: str
    id: str
    rest: str | None


def _tool(value: Members, inner: str, values: tuple[str, ...]) -> _Tool:
    within = members(value.get(inner))
    whole = {**within, **value}
    shown = next((name for name in values if name in whole), "")
    naming = next((name for name in _NAMES if first_word(whole, name)), "")
    rest = left(whole, "type", shown, naming, *([inner] if within else []))
    return _Tool(whole.get(shown), first_word(whole, naming), first_word(whole, *_IDS), rest)


def _result(content: str, name: str, id: str) -> Part:
    wrapped = members(content)
    if wrapped.keys() == {"type", "value"} and word(wrapped["type"]) in ("text", "json"):  # as the AI SDK wraps them
        content = wrapped["value"]
    blocks = tuple(part_of(one) for one in items(content))
    if not blocks or any(one.kind not in ("text", "media") or one.rest for one in blocks):
        return value_part(content, "result", name, id)
    if len(blocks) == 1 and blocks[0].medium is None:
        return Part("result", blocks[0].text, name, id)
    return Part("result", content, name, id, True, None, blocks)
