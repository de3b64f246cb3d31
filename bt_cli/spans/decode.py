"""Record → node: by msgspec at one go where every key is ours or known, else level by level."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Raw, UnsetType

from bt_cli.spans import text
from bt_cli.spans.learned import LearnedNodes
from bt_cli.spans.mapping import NO_MAPPING, Mapping
from bt_cli.spans.node import MAX_DEPTH, TOO_DEEP, Members, Node
from bt_cli.spans.problem import Rejected
from bt_cli.spans.row import SERVER

_IDS = frozenset(("id", "span_id", "root_span_id"))
_FLAGS = {"_is_merge": "is_merge", "_bt_as_stored": "as_stored"}
_RAW_FIELDS = frozenset(Node.__struct_fields__[3:18])
_UNSUPPORTED = ("_object_delete", "_array_delete", "_merge_paths")
_BOOLEANS = {b"true": True, b"false": False}

_learned = LearnedNodes()


def decode_node(record: bytes, mapping: Mapping = NO_MAPPING) -> Node:
    """The node of one record, which must be valid JSON in UTF-8.

    Raises `Rejected` for what is no span: not an object, a child that is none, an id that is neither
    text nor number, nesting that no parser takes.
    """
    try:
        if not mapping.is_plain:
            return _decode_slowly(record, mapping)
        try:
            return _learned.decode(record)
        except msgspec.ValidationError:  # a key that is new, or an odd type: the slow path tells which
            node = _decode_slowly(record, mapping)
            _learned.learn_from(node)
            return node
    except RecursionError:
        raise Rejected("too_deep", "nested too deeply to be read") from None


def _decode_slowly(record: bytes, mapping: Mapping) -> Node:
    """Level by level: each object is split once, its values stay raw, and unknown keys are kept."""
    top = Node()
    stack = [(Raw(record), top, "", 1)]
    while stack:
        raw, node, path, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise Rejected("too_deep", TOO_DEEP, path.removesuffix("."))
        for index, child in enumerate(_fill(node, raw, mapping, path)):
            below = Node()
            node.children.append(below)  # type: ignore[union-attr]  # _fill has set a list
            stack.append((child, below, f"{path}{mapping.children}[{index}].", depth + 1))
    return top


def _fill(node: Node, raw: Raw, mapping: Mapping, path: str) -> list[Raw]:
    """Distributes the members of one object over ``node`` and returns its children, still raw.

    Unknown keys are sorted, because the short way (`LearnedNodes`) does not see their order.
    """
    try:
        members = text.members(raw)
    except msgspec.DecodeError:
        what = "a child is not an object" if path else "not an object"
        raise Rejected("child_not_object" if path else "not_object", what, path.removesuffix(".")) from None
    mapping.apply(members)
    children = _children(members, mapping, path)
    if children is not None:
        node.children = []
    extra: dict[str, Raw] = {}
    server: dict[str, Raw] = {}
    for key, value in members.items():
        if key in _RAW_FIELDS:
            setattr(node, key, value)
        elif key in _IDS:
            setattr(node, key, _id(key, value, path))
        elif key in _FLAGS and bytes(value) in _BOOLEANS:
            setattr(node, _FLAGS[key], _BOOLEANS[bytes(value)])
        elif key in _UNSUPPORTED:
            raise Rejected("unsupported_field", f"{key} is an instruction that bt does not carry out", path + key)
        else:
            (server if key in SERVER else extra)[key] = value
    if extra:
        node.extra = Members(text.join(dict(sorted(extra.items()))))
    if server:
        node.server = Members(text.join(dict(sorted(server.items()))))
    return children or []


def _children(members: dict[str, Raw], mapping: Mapping, path: str) -> list[Raw] | None:
    """Takes the children out of ``members``: None where there is no such member, a null is an empty list.

    Our own name for them always works too, so that an exported tree is read with the same mapping.
    """
    found: list[Raw] | None = None
    for name in dict.fromkeys((mapping.children, "children")):
        value = members.pop(name, None)
        if value is None:
            continue
        try:
            found = (found or []) + ([] if bytes(value) == b"null" else text.items(value))
        except msgspec.DecodeError:
            raise Rejected("children_not_list", f"{name} is not a list", path + name) from None
    return found


def _id(key: str, value: Raw, path: str) -> str | UnsetType:
    """An id as text: a number keeps its digits, null and empty text mean absent."""
    written = text.text_of(value)
    if written in ("null", '""'):
        return UNSET
    if written[0] == '"':
        return str(text.decode(written))
    if written[0] in "-0123456789":
        return written
    raise Rejected("bad_id", f"{key} is neither text nor a number", path + key)
