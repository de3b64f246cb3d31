"""What is said in payloads, for scorers: chat messages of every shape that `messages.py` reads, as plain text.

Takes decoded values. A message is ``{"role", "content"}``; content is text, or a list of parts where
tools are called: ``text``, ``tool_call`` and ``tool_result`` as autoevals reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bt_cli.spans import messages as reading
from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.message_parts import Part
from bt_cli.spans.peek import members, word
from bt_cli.spans.row import Row
from bt_cli.spans.text import decode, encode

Message = dict[str, Any]


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
    return _messages_in(encode(value), role)


def _messages_in(json: str, role: str) -> list[Message]:
    return [_adapted(one) for one in reading.messages_only(json, role)]


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
    if written is None or written in reading.EMPTY:
        return []
    return _messages_in(written, role) or [{"role": role, "content": plain_text(decode(written), False)}]


def _common(asked: list[Message], history: list[Message]) -> int:
    same = 0
    for one, other in zip(asked, history, strict=False):
        if one != other:
            break
        same += 1
    return same


def _adapted(message: reading.Message) -> Message:
    """A message as autoevals reads it: one text, or its parts where they are not only text."""
    parts = [_part(one) for one in _told(message.parts)]
    only_text = all(one["type"] == "text" for one in parts)
    return {"role": message.role, "content": "\n".join(one["text"] for one in parts) if only_text else parts}


def _told(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts without thoughts, and without what stands among the calls of tools and is none."""
    before = ""
    for part in parts:
        if part.kind != "thinking" and (part.kind, before) != ("json", "call"):
            yield part
            before = part.kind


def _part(part: Part) -> Message:
    if part.kind == "call":
        arguments = {"type": "valid", "value": decode(part.text)}
        return {
            "type": "tool_call",
            "tool_call_id": part.id,
            "tool_name": part.name or "unknown",
            "arguments": arguments,
        }
    if part.kind == "result":
        output = decode(part.text) if part.is_json else part.text or None
        return {"type": "tool_result", "tool_call_id": part.id, "tool_name": part.name, "output": output}
    kind = word(members(part.text).get("type")) if part.is_json else None
    if kind is None and part.medium is not None:
        kind = part.medium.type
    return {"type": "text", "text": part.text} if kind is None else {"type": "other", "kind": kind}


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
