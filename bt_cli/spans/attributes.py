"""``span_attributes`` of a tree node: its ``name`` and ``type`` in the place where rows have them."""

from __future__ import annotations

from msgspec import UNSET, Raw

from bt_cli.spans import text
from bt_cli.spans.metrics import Numbers, has_tokens
from bt_cli.spans.node import Members, Node
from bt_cli.spans.shapes import Invalids


def read_attributes(node: Node, found: Numbers | None, invalids: Invalids, index: int) -> str | None:
    """JSON text of a node's span attributes.

    An untyped leaf whose metrics ``found`` have tokens is a model call; with None nothing is filled
    in. A name or type in ``span_attributes`` wins there; one that differs at the node's top level
    stays an unknown key of it.
    """
    name = kind = None
    if node.name is not UNSET:
        name = str(node.name, "utf-8")
        if name[0] != '"':
            name = _odd_word("name", name, invalids, index)
    if node.type is not UNSET:
        kind = str(node.type, "utf-8")
        if kind[0] != '"':
            kind = _odd_word("type", kind, invalids, index)
    if node.span_attributes is not UNSET:
        return _joined(node, name, kind, found, invalids, index)
    if kind is None and found and not node.children and has_tokens(found):
        kind = '"llm"'
    if name is None:
        return None if kind is None else f'{{"type":{kind}}}'
    return f'{{"name":{name}}}' if kind is None else f'{{"name":{name},"type":{kind}}}'


def _odd_word(field: str, word: str, invalids: Invalids, index: int) -> str | None:
    """JSON text of a name or type that is no string; a number as a name becomes one."""
    if field == "name" and word[0] in "-0123456789":
        return f'"{word}"'
    if word != "null":
        invalids[index].move(field, word)
    return None


def _joined(
    node: Node, name: str | None, kind: str | None, found: Numbers | None, invalids: Invalids, index: int
) -> str | None:
    attributes: str | None = text.text_of(node.span_attributes)  # type: ignore[arg-type]  # the caller has checked for UNSET
    if attributes is not None and not text.is_object(attributes) and attributes != "null":
        invalids[index].move("span_attributes", attributes)
        attributes = None
    members = text.members(attributes) if attributes and text.is_object(attributes) else {}
    if kind is None and "type" not in members and found and not node.children and has_tokens(found):
        kind = '"llm"'
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
