"""The nested form of a span, as read from one record."""

from __future__ import annotations

import sys

from msgspec import UNSET, Raw, Struct, UnsetType, field

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

    ``extra`` holds unknown keys and ``server`` Braintrust's own (see `SERVER`); msgspec
    does not fill them.
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


_STACK = 6000


def deepen_stack() -> None:
    """Raises Python's recursion limit once, so that parsers meet `MAX_DEPTH` and deep payloads before it."""
    sys.setrecursionlimit(max(_STACK, sys.getrecursionlimit()))


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
