"""One span with every field: messages to read, the rest as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.render import amounts
from bt_cli.render.attachments import attachment_lines
from bt_cli.render.excerpt import fewer, text_lines
from bt_cli.render.json_text import brief_lines, json_lines
from bt_cli.render.look import BOLD, CYAN, DIM, GREEN, MAGENTA, RED, YELLOW, Look
from bt_cli.render.media import named
from bt_cli.spans.attachments import Located
from bt_cli.spans.facts import Facts
from bt_cli.spans.media import media_of
from bt_cli.spans.message_parts import Part
from bt_cli.spans.messages import Conversation, Message, parse_conversation
from bt_cli.spans.peek import items, members, word
from bt_cli.spans.row import PAYLOAD, Row

_INDENT = "  "
_LONGEST = 200
"""Columns of a name or id that are always shown."""
_ROLES = {"system": DIM, "developer": DIM, "user": CYAN, "assistant": GREEN, "tool": YELLOW, "model": GREEN}


def span_text(row: Row, facts: Facts, look: Look, attachments: Sequence[Located] = ()) -> str:
    """The whole of a span, and where its attachments lie."""
    lines = [_heading(facts, look), *_linkage(row, look)]
    for name, json in fields(row):
        lines += ["", look.paint(short(name, look), BOLD), *field_lines(name, json, look)]
    lines += attachment_lines(attachments, look)
    return "\n".join(lines) + "\n"


def fields(row: Row) -> list[tuple[str, str]]:
    """The payload of a span in order, its unknown and server fields last: names and JSON text."""
    known = [(name, value) for name in PAYLOAD if (value := getattr(row, name)) is not None]
    return [*known, *members(row.extra).items(), *members(row.server).items()]


def field_lines(name: str, json: str, look: Look) -> list[str]:
    """One field, indented: messages and what else comes with them; media by type and size."""
    if found := conversation_in(name, json):
        lines = fewer(message_lines(found.messages, look, _INDENT, whole=True), look, _INDENT)
        return lines + (json_lines(found.rest, look, _INDENT) if found.rest else [])
    if (plain := word(json)) is not None and media_of(json) is None:
        return text_lines(plain, look, _INDENT)
    return json_lines(json, look, _INDENT)


def conversation_in(name: str, json: str) -> Conversation | None:
    """What is said in a field of a span; None where that is no conversation."""
    role = {"input": "user", "output": "assistant"}.get(name)
    return parse_conversation(json, role) if role else None


def message_lines(messages: list[Message], look: Look, indent: str, whole: bool = False) -> list[str]:
    """Messages one below the other: the role, and what is said further in; if ``whole``, all else that they have."""
    lines = []
    for message in messages:
        if not message.parts and not whole:
            continue
        role = f"{message.role} ({message.name})" if message.name else message.role
        lines.append(indent + look.paint(short(role, look), _ROLES.get(message.role, MAGENTA), BOLD))
        for part in message.parts:
            lines += part_lines(part, look, indent + _INDENT)
            lines += _rest_lines(part.rest, look, indent + _INDENT) if whole else []
        lines += [line for rest in message.rest for line in _rest_lines(rest, look, indent + _INDENT)] if whole else []
    return lines


def _rest_lines(rest: str | None, look: Look, indent: str) -> list[str]:
    """What a part or message has that nobody says: its id, why it ended, and the like."""
    return [indent + line for line in brief_lines(rest, look)] if rest else []


def plain(part: Part) -> str | None:
    """What a part says in words, media named by type and size; None where it is JSON."""
    if part.medium is not None:
        return named(part.medium)
    if part.blocks:
        return "\n".join(plain(one) or "" for one in part.blocks)
    return None if part.is_json else part.text


def part_lines(part: Part, look: Look, indent: str) -> list[str]:
    """A part of a message: text, a call with its arguments, a result, a medium by name."""
    words = plain(part)
    if part.kind == "thinking":
        return [look.paint(line, DIM) for line in text_lines(f"({words})", look, indent)] if words else []
    if part.kind == "media":
        return [indent + look.paint(short(words or "", look), MAGENTA)]
    if part.kind in ("text", "json"):
        return json_lines(part.text, look, indent) if words is None else text_lines(words, look, indent)
    call = part.kind == "call"
    arrow = ("->" if call else "<-") if look.ascii else ("→" if call else "←")
    first, *rest = brief_lines(part.text, look) if words is None else text_lines(words, look, "")
    named = look.paint(short(part.name, look), YELLOW) + " " if part.name else ""
    blank = " " * (len(arrow) + 1)
    return [f"{indent}{look.paint(arrow, YELLOW)} {named}{first}", *(indent + blank + line for line in rest)]


def _heading(facts: Facts, look: Look) -> str:
    told = [
        amounts.duration(facts.duration),
        short(facts.model or "", look),
        f"{amounts.tokens(facts.tokens)} tokens" if facts.tokens is not None else "",
        amounts.cost(facts.cost),
        short(amounts.scores(facts.scores, ", "), look),
        look.paint(f"{look.cross} error", RED) if facts.error is not None else "",
    ]
    return look.dot.join([look.paint(title(facts, look), BOLD), *(one for one in told if one)])


def _linkage(row: Row, look: Look) -> list[str]:
    pairs = [
        ("id", row.id),
        ("span_id", row.span_id),
        ("root_span_id", row.root_span_id),
        ("span_parents", ", ".join(word(one) or "" for one in items(row.span_parents)) or None),
        ("created", row.created),
    ]
    return [f"{look.paint(f'{name:<12}', DIM)} {short(value, look)}" for name, value in pairs if value]


def title(facts: Facts, look: Look) -> str:
    """Name and type of a span."""
    return short((facts.name or "(no name)") + (f" [{facts.type}]" if facts.type else ""), look)


def short(text: str, look: Look) -> str:
    """A name, id or the like on one line; where there is a width, cut if it is longer than a few ids."""
    return look.fit(look.clean(text), max(look.room, _LONGEST))
