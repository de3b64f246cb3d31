"""Rows of one trace → trees. The inverse of `flatten`; iterative, for any number of spans."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from bt_cli.spans.links import parents_of
from bt_cli.spans.node import MAX_DEPTH
from bt_cli.spans.row import Row


class Branch(Struct, eq=False):
    """One span and the spans nested in it. ``fragment`` tells that it stands at the top without being a root."""

    row: Row
    parents: list[str]
    children: list[Branch] = field(default_factory=list)
    fragment: bool = False


def assemble(rows: Sequence[Row]) -> list[Branch]:
    """The trees of one trace, whose rows come in order of position.

    A span hangs under its first parent. At the top stand roots and, as fragments, orphans, one span
    of each cycle, and what lies more than `MAX_DEPTH` spans deep; nothing is left out.
    """
    branches = [Branch(row, parents_of(row.span_parents)) for row in rows]
    by_span: dict[str, Branch] = {}
    for branch in branches:
        by_span.setdefault(branch.row.span_id, branch)
    tops: list[Branch] = []
    for branch in branches:
        parent = by_span.get(branch.parents[0]) if branch.parents else None
        if parent is None or parent is branch:
            branch.fragment = bool(branch.parents)
            tops.append(branch)
        else:
            parent.children.append(branch)
    reached, cut = _cut_deep(tops)
    tops += cut
    if len(reached) < len(branches):
        _open_cycles(branches, reached, tops, by_span)
    return tops


def _cut_deep(tops: list[Branch]) -> tuple[set[int], list[Branch]]:
    """Takes off what lies too deep: the identities of all branches reached, and those that go to the top."""
    reached: set[int] = set()
    cut: list[Branch] = []
    waiting = [(branch, 1) for branch in reversed(tops)]
    while waiting:
        branch, depth = waiting.pop()
        reached.add(id(branch))
        if depth == MAX_DEPTH and branch.children:
            for child in branch.children:
                child.fragment = True
            cut += branch.children
            waiting += [(child, 1) for child in reversed(branch.children)]
            branch.children = []
        waiting += [(child, depth + 1) for child in reversed(branch.children)]
    return reached, cut


def _open_cycles(branches: list[Branch], reached: set[int], tops: list[Branch], by_span: dict[str, Branch]) -> None:
    """Makes a fragment of the first span of each cycle, which no top reaches."""
    left = [branch for branch in branches if id(branch) not in reached]
    order = {id(branch): index for index, branch in enumerate(left)}
    seen: set[int] = set()
    opened: list[int] = []
    for branch in left:
        path: list[int] = []
        index = order[id(branch)]
        while index not in seen:
            seen.add(index)
            path.append(index)
            index = order[id(by_span[left[index].parents[0]])]
        if index in path:
            opened.append(min(path[path.index(index) :]))
    for index in sorted(opened):
        branch = left[index]
        by_span[branch.parents[0]].children.remove(branch)
        branch.fragment = True
        tops.append(branch)
        tops += _cut_deep([branch])[1]
