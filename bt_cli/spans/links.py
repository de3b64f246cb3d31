"""The parents within one trace: orphans, cycles, and the order in which a tree shows its spans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

_strings = msgspec.json.Decoder(list[str])


class Link(NamedTuple):
    """A span and the spans it names as parents."""

    span_id: str
    parents: list[str]


class Broken(NamedTuple):
    """Spans of one trace that no root reaches by first parents."""

    orphans: int
    cycles: int


def parents_of(span_parents: str) -> list[str]:
    """The span ids of a ``span_parents`` text."""
    parents: list[str] = _strings.decode(span_parents)
    return parents


def broken_links(links: Iterable[Link]) -> Broken:
    """How many spans of a trace have a missing first parent, and how many lie on or below a cycle."""
    children: dict[str, list[str]] = {}
    reached: list[str] = []
    total = orphans = 0
    known: set[str] = set()
    for link in links:
        total += 1
        known.add(link.span_id)
        if link.parents:
            children.setdefault(link.parents[0], []).append(link.span_id)
        else:
            reached.append(link.span_id)
    for parent, below in children.items():
        if parent not in known:
            orphans += len(below)
            reached += below
    seen = 0
    while reached:
        span_id = reached.pop()
        seen += 1
        reached += children.pop(span_id, ())
    return Broken(orphans, total - seen)
