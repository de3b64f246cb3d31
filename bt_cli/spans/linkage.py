"""``span_parents`` of a node: what it gives, and what its place in a tree adds."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from bt_cli.spans import text
from bt_cli.spans.node import Node
from bt_cli.spans.shapes import TAGS, Invalids


def given_parents(node: Node, invalids: Invalids, index: int) -> list[str]:
    """The parents that a node names itself; null, ``""`` and ``[]`` mean none."""
    if node.span_parents is UNSET:
        return []
    written = text.text_of(node.span_parents)
    if written in ("null", "[]", '""'):
        return []
    try:
        parents: list[str] = TAGS.decode(written)
    except msgspec.ValidationError:
        invalids[index].move("span_parents", written)
        return []
    return parents


def with_further(enclosing: str, parent: str, given: list[str]) -> str:
    """The enclosing node first (``enclosing`` is JSON text of it alone), then the further parents that are given."""
    if given[:1] == [parent]:
        return as_list(given)
    further = [one for one in given if one != parent]
    return as_list([parent, *further]) if further else enclosing


def as_list(span_ids: list[str]) -> str:
    """``span_parents`` text of some span ids."""
    return f"[{','.join(map(text.quote, span_ids))}]"
