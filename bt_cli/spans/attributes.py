"""``span_attributes`` of a tree node: its ``name`` and ``type`` in the place where rows have them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, Raw

from bt_cli.spans import text
from bt_cli.spans.node import Field, Members, Node
from bt_cli.spans.shapes import Invalid


def read_attributes(node: Node, llm: bool, invalid: Callable[[], Invalid]) -> str | None:
    """JSON text of a node's span attributes; ``llm`` tells that an untyped node is a model call.

    A name or type in ``span_attributes`` wins there; one that differs at the node's top level stays
    an unknown key of it.
    """
    name = _word("name", node.name, invalid)
    kind = _word("type", node.type, invalid)
    if node.span_attributes is not UNSET:
        return _joined(node, name, kind or ('"llm"' if llm else None), invalid)
    if kind is None:
        kind = '"llm"' if llm else None
    if name is None:
        return None if kind is None else f'{{"type":{kind}}}'
    return f'{{"name":{name}}}' if kind is None else f'{{"name":{name},"type":{kind}}}'


def is_typed(node: Node) -> bool:
    """Whether the source gives a type, at either place."""
    if node.type is not UNSET and bytes(node.type) != b"null":
        return True
    if node.span_attributes is UNSET:
        return False
    attributes = text.text_of(node.span_attributes)
    return text.is_object(attributes) and "type" in text.members(attributes)


def _word(field: str, value: Field, invalid: Callable[[], Invalid]) -> str | None:
    """JSON text of a name or type; a number as a name becomes text."""
    if value is UNSET:
        return None
    word = text.text_of(value)
    if word[0] == '"':
        return word
    if field == "name" and word[0] in "-0123456789":
        return f'"{word}"'
    if word != "null":
        invalid().move(field, word)
    return None


def _joined(node: Node, name: str | None, kind: str | None, invalid: Callable[[], Invalid]) -> str | None:
    attributes = text.text_of(node.span_attributes)  # type: ignore[arg-type]  # the caller has checked for UNSET
    if not text.is_object(attributes):
        if attributes != "null":
            invalid().move("span_attributes", attributes)
        elif name is None and kind is None:
            return attributes
        attributes = "{}"
    members = text.members(attributes)
    extra: dict[str, Raw] = {}
    for key, value in (("name", name), ("type", kind)):
        if value is None:
            continue
        if key not in members:
            members[key] = text.raw(value)
            attributes = text.join(members)
        elif text.decode(text.text_of(members[key])) != text.decode(value):
            extra[key] = text.raw(value)
    if extra:
        node.extra = Members(text.join({**(text.members(node.extra) if node.extra else {}), **extra}))
    return attributes
