"""One span with every field: messages to read, the rest as JSON."""

from __future__ import annotations

from bt_cli.render import amounts
from bt_cli.render.excerpt import fewer, text_lines
from bt_cli.render.json_text import brief_lines, json_lines
from bt_cli.render.look import BOLD, CYAN, DIM, GREEN, MAGENTA, RED, YELLOW, Look
from bt_cli.render.media import items, media_of, members, word
from bt_cli.render.messages import Message, Part, parse_messages, rest_of
from bt_cli.spans.facts import Facts
from bt_cli.spans.row import PAYLOAD, Row

_INDENT = "  "
_LONGEST = 200
"""Columns of a name or id that are always shown."""
_ROLES = {"system": DIM, "developer": DIM, "user": CYAN, "assistant": GREEN, "tool": YELLOW, "model": GREEN}


def span_text(row: Row, facts: Facts, look: Look) -> str:
    """The whole of a span."""
    lines = [_heading(facts, look), *_linkage(row, look)]
    for name, json in fields(row):
        lines += ["", look.paint(short(name, look), BOLD), *field_lines(name, json, look)]
    return "\n".join(lines) + "\n"


def fields(row: Row) -> list[tuple[str, str]]:
    """The payload of a span in order, its unknown and server fields last: names and JSON text."""
    known = [(name, value) for name in PAYLOAD if (value := getattr(row, name)) is not None]
    return [*known, *members(row.extra).items(), *members(row.server).items()]


def field_lines(name: str, json: str, look: Look) -> list[str]:
    """One field, indented: messages and what else comes with them; media by type and size."""
    messages = (
        parse_messages(json, "assistant" if name == "output" else "user") if name in ("input", "output") else None
    )
    if messages:
        rest = rest_of(json)
        lines = fewer(message_lines(messages, look, _INDENT), look, _INDENT)
        return lines + (json_lines(rest, look, _INDENT) if rest else [])
    if (plain := word(json)) is not None and media_of(json) is None:
        return text_lines(plain, look, _INDENT)
    return json_lines(json, look, _INDENT)


def message_lines(messages: list[Message], look: Look, indent: str) -> list[str]:
    """Messages one below the other: the role, and what is said further in."""
    lines = []
    for message in messages:
        lines.append(indent + look.paint(short(message.role, look), _ROLES.get(message.role, MAGENTA), BOLD))
        for part in message.parts:
            lines += part_lines(part, look, indent + _INDENT)
    return lines


def part_lines(part: Part, look: Look, indent: str) -> list[str]:
    """A part of a message: text, a call with its arguments, a result, a medium by name."""
    if part.kind == "text":
        return text_lines(part.text, look, indent)
    if part.kind == "thinking":
        return [look.paint(line, DIM) for line in text_lines(f"({part.text})", look, indent)]
    if part.kind == "media":
        return [indent + look.paint(short(part.text, look), MAGENTA)]
    if part.kind == "json":
        return json_lines(part.text, look, indent)
    call = part.kind == "call"
    arrow = ("->" if call else "<-") if look.ascii else ("→" if call else "←")
    first, *rest = brief_lines(part.text, look) if part.is_json else text_lines(part.text, look, "")
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
