"""Keys that are not ours, learned as they come: most sources use the same few on every span.

Only speed depends on what has been learned. A record that may hold a learned key in another spelling
goes the slow way, since the source's key text is kept.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import UNSET, UnsetType, defstruct, field

from bt_cli.spans import text
from bt_cli.spans.node import NO_MEMBERS, Field, Members, Node
from bt_cli.spans.row import SERVER

_MOST = 64
"""Keys learned; a source with more has keys that are data, and goes the slow way."""
_PLAIN = re.compile(r"[ !#-.0-\[\]-~]{1,100}")
"""Keys that JSON can spell otherwise only by ``\\u00XX``: printable ASCII without ``"``, ``\\`` and ``/``."""
_OTHER_SPELLING = re.compile(rb"\\u00[2-7]")


class Learned:
    """Decodes nodes whose keys are ours or have been learned."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}
        self._decoder = msgspec.json.Decoder(Node)

    def decode(self, record: bytes) -> Node:
        """The node of a record; raises msgspec.ValidationError where a key is unknown or a type is odd."""
        if self._keys and b"\\u00" in record and _OTHER_SPELLING.search(record):
            raise msgspec.ValidationError("a key may be spelled in another way")
        return self._decoder.decode(record)

    def learn(self, top: Node) -> None:
        """Learns the unknown keys of a node and of its first descendants."""
        node: Node | None = top
        found: dict[str, None] = {}
        while node is not None:
            for members in (node.extra, node.server):
                if members:
                    found.update(dict.fromkeys(filter(_can_learn, text.members(members))))
            node = node.children[0] if node.children else None
        if not found.keys() <= self._keys.keys() and len(self._keys | found) <= _MOST:
            self._keys |= found
            self._decoder = msgspec.json.Decoder(_node_type(sorted(self._keys)))


def _can_learn(key: str) -> bool:
    """Whether a key can have a field: one spelling, and not ours with a value of an odd type."""
    return _PLAIN.fullmatch(key) is not None and key not in Node.__struct_encode_fields__


def _node_type(keys: list[str]) -> type[Node]:
    """A node with a field for each of ``keys``, which msgspec fills and `Node.extra` and `Node.server` take up."""
    fields = {key: f"learned_{number}" for number, key in enumerate(keys)}
    extra = [(fields[key], text.quote(key)) for key in keys if key not in SERVER]
    server = [(fields[key], text.quote(key)) for key in keys if key in SERVER]

    def take_up(node: Node) -> None:
        node.extra = _members(node, extra)
        if server:
            node.server = _members(node, server)

    learned = defstruct(
        "LearnedNode",
        [
            *[(name, Field, field(default=UNSET, name=key)) for key, name in fields.items()],
            ("children", list["LearnedNode"] | UnsetType, UNSET),  # type: ignore[name-defined]  # noqa: F821 - set below
        ],
        bases=(Node,),
        namespace={"__post_init__": take_up},
        gc=False,
        forbid_unknown_fields=True,
    )
    learned.LearnedNode = learned  # type: ignore[attr-defined]  # where msgspec looks for the name of its children's type
    return learned  # type: ignore[return-value]  # defstruct does not say that it has these bases


def _members(node: Node, fields: list[tuple[str, str]]) -> Members:
    written = [f"{key}:{str(value, 'utf-8')}" for name, key in fields if (value := getattr(node, name)) is not UNSET]
    return Members(f"{{{','.join(written)}}}") if written else NO_MEMBERS
