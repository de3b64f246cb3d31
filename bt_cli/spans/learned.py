"""Keys that are not ours, learned as they come: most sources use the same few on every span.

Only speed depends on what has been learned. A record that may hold a learned key in another spelling
goes the slow way, since the source's key text is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType, defstruct, field

from bt_cli.spans import text
from bt_cli.spans.node import Field, Members, Node
from bt_cli.spans.row import SERVER

_MOST = 64
"""Keys learned; a source with more has keys that are data, and goes the slow way."""
_PLAIN = re.compile(r"[ !#-.0-\[\]-~]{1,100}")
"""Keys that JSON can spell otherwise only by ``\\u00XX``: printable ASCII without ``"``, ``\\`` and ``/``."""
_OTHER_SPELLING = re.compile(rb"\\u00[2-7]")

Decoded = TypeVar("Decoded")
Made = Callable[[list[str]], "msgspec.json.Decoder[Decoded]"]
"""What makes a decoder that knows some learned keys beside ours."""
Unknown = list[tuple[str, str]]
"""Learned keys: the name of the field of each, and its JSON text."""


class Learned(Generic[Decoded]):
    """Decodes what has no keys but ours and learned ones."""

    def __init__(self, made: Made[Decoded], ours: Collection[str]) -> None:
        self._made = made
        self._ours = frozenset(ours)
        self._keys: dict[str, None] = {}
        self._decoder = made([])

    def decode(self, record: bytes) -> Decoded:
        """Raises msgspec.DecodeError; a ValidationError where a key is unknown or a type is odd."""
        if self._keys and b"\\u00" in record and _OTHER_SPELLING.search(record):
            raise msgspec.ValidationError("a key may be spelled in another way")
        return self._decoder.decode(record)

    def learn(self, keys: Iterable[str]) -> None:
        """Learns those of some keys that are not ours and have one spelling."""
        found = {str(key): None for key in keys if key not in self._ours and _PLAIN.fullmatch(key)}
        if not found.keys() <= self._keys.keys() and len(self._keys | found) <= _MOST:
            self._keys |= found
            self._decoder = self._made(sorted(self._keys))


def learned_fields(keys: list[str]) -> tuple[list[tuple[str, Any, Any]], dict[str, str]]:
    """Fields of a struct for learned keys, as `msgspec.defstruct` takes them, and the name of each by its key."""
    names = {key: f"learned_{number}" for number, key in enumerate(keys)}
    return [(name, Field, field(default=UNSET, name=key)) for key, name in names.items()], names


def members_of(one: object, unknown: Unknown) -> str:
    """JSON text of those members of a decoded struct that have learned keys; empty for none."""
    written = [f"{key}:{str(value, 'utf-8')}" for name, key in unknown if (value := getattr(one, name)) is not UNSET]
    return f"{{{','.join(written)}}}" if written else ""


class LearnedNodes(Learned[Node]):
    """Decodes nodes whose keys are ours or have been learned."""

    def __init__(self) -> None:
        super().__init__(_node_decoder, Node.__struct_encode_fields__)

    def learn_from(self, top: Node) -> None:
        """Learns the unknown keys of a node and of its first descendants."""
        node: Node | None = top
        found: dict[str, None] = {}
        while node is not None:
            for members in (node.extra, node.server):
                if members:
                    found.update(dict.fromkeys(text.members(members)))
            node = node.children[0] if node.children else None
        self.learn(found)


def _node_decoder(keys: list[str]) -> msgspec.json.Decoder[Node]:
    """A decoder of nodes with a field for each of ``keys``, which `Node.extra` and `Node.server` take up."""
    if not keys:
        return msgspec.json.Decoder(Node)
    fields, names = learned_fields(keys)
    extra = [(names[key], text.quote(key)) for key in keys if key not in SERVER]
    server = [(names[key], text.quote(key)) for key in keys if key in SERVER]

    def take_up(node: Node) -> None:
        node.extra = Members(members_of(node, extra))
        if server:
            node.server = Members(members_of(node, server))

    learned = defstruct(
        "LearnedNode",
        [
            *fields,
            ("children", list["LearnedNode"] | UnsetType, UNSET),  # type: ignore[name-defined]  # noqa: F821 - set below
        ],
        bases=(Node,),
        namespace={"__post_init__": take_up},
        gc=False,
        forbid_unknown_fields=True,
    )
    learned.LearnedNode = learned  # type: ignore[attr-defined]  # where msgspec looks for the name of its children's type
    return msgspec.json.Decoder(learned)
