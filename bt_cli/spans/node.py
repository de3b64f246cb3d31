"""The nested form of a span, as read from one record."""

from __future__ import annotations

import sys

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from bt_cli.spans import text
from bt_cli.spans.mapping import NO_MAPPING, Mapping
from bt_cli.spans.problem import Rejected
from bt_cli.spans.row import SERVER

MAX_DEPTH = 256
"""Spans below each other in one record; checked here, because parsers' own limits depend on their caller's stack."""
TOO_DEEP = f"more than {MAX_DEPTH} spans below each other"

Field = Raw | UnsetType


class Members(str):
    """JSON text of an object that the slow path puts together; empty for none.

    A type of its own that no JSON decodes to, so that a record cannot name the fields which hold it.
    """


NO_MEMBERS = Members()


class Node(Struct, gc=False, forbid_unknown_fields=True):
    """A span with its children; every field as raw JSON text, UNSET where the record has none.

    ``extra`` holds unknown keys and ``server`` Braintrust's own (see `SERVER`); both are filled by
    the slow path only.
    """

    id: str | UnsetType = UNSET
    span_id: str | UnsetType = UNSET
    root_span_id: str | UnsetType = UNSET
    span_parents: Field = UNSET
    created: Field = UNSET
    input: Field = UNSET
    output: Field = UNSET
    expected: Field = UNSET
    error: Field = UNSET
    scores: Field = UNSET
    metadata: Field = UNSET
    metrics: Field = UNSET
    tags: Field = UNSET
    span_attributes: Field = UNSET
    context: Field = UNSET
    origin: Field = UNSET
    name: Field = UNSET
    type: Field = UNSET
    children: list[Node] | UnsetType = UNSET
    is_merge: bool | UnsetType = field(default=UNSET, name="_is_merge")
    as_stored: bool | UnsetType = field(default=UNSET, name="_bt_as_stored")
    extra: Members = NO_MEMBERS
    server: Members = NO_MEMBERS


_fast = msgspec.json.Decoder(Node)
_IDS = frozenset(("id", "span_id", "root_span_id"))
_FLAGS = {"_is_merge": "is_merge", "_bt_as_stored": "as_stored"}
_RAW_FIELDS = frozenset(Node.__struct_fields__[3:18])
_UNSUPPORTED = ("_object_delete", "_array_delete", "_merge_paths")
_BOOLEANS = {b"true": True, b"false": False}


_STACK = 6000


def deepen_stack() -> None:
    """Raises Python's recursion limit once, so that parsers meet `MAX_DEPTH` and deep payloads before it."""
    sys.setrecursionlimit(max(_STACK, sys.getrecursionlimit()))


def decode_node(record: bytes, mapping: Mapping = NO_MAPPING) -> Node:
    """The node of one record, which must be valid JSON in UTF-8.

    Raises `Rejected` for what is no span: not an object, a child that is none, an id that is neither
    text nor number, nesting that no parser takes.
    """
    try:
        if mapping.is_plain:
            try:
                return _fast.decode(record)
            except msgspec.ValidationError:
                pass  # an unknown key or an odd type: the slow path tells which
        return _decode_slowly(record, mapping)
    except RecursionError:
        raise Rejected("too_deep", "nested too deeply to be read") from None


def is_row(node: Node) -> bool:
    """Whether a record is a span in flat form: it names its linkage and has no ``children``.

    A ``span_id`` alone does not say so beside a ``name`` or ``type``, which only trees have: it may
    be the number of a span that happens to have no children.
    """
    if node.children is not UNSET:
        return False
    marks = (node.span_parents, node.span_attributes, node.is_merge)
    if node.root_span_id or node.server or any(mark is not UNSET for mark in marks):
        return True
    return bool(node.span_id) and node.name is UNSET and node.type is UNSET


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
    """Distributes the members of one object over ``node`` and returns its children, still raw."""
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
        node.extra = Members(text.join(extra))
    if server:
        node.server = Members(text.join(server))
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
