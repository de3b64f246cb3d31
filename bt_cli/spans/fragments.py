"""Why a span stands at the top of a trace without being its root."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bt_cli.spans.assemble import Branch
from bt_cli.spans.links import parents_of
from bt_cli.spans.row import Row

Why = Literal["orphan", "cycle", "deep"]
"""Its parent is not there, it is its own ancestor, or it lies below `MAX_DEPTH` others."""


def fragments_of(tops: Sequence[Branch], rows: Sequence[Row]) -> dict[int, Why]:
    """The reason for each fragment among the trees ``tops`` of ``rows``, by the identity of its branch."""
    loose = [branch for branch in tops if branch.fragment]
    if not loose:
        return {}
    parents: dict[str, str | None] = {}
    for row in rows:
        parents.setdefault(row.span_id, next(iter(parents_of(row.span_parents)), None))
    circling = _circling(parents)
    found: dict[int, Why] = {}
    for branch in loose:
        if branch.parents[0] not in parents:
            found[id(branch)] = "orphan"
        else:
            found[id(branch)] = "cycle" if branch.row.span_id in circling else "deep"
    return found


def _circling(parents: dict[str, str | None]) -> set[str]:
    """The spans that are their own ancestors."""
    seen: set[str] = set()
    circling: set[str] = set()
    for start in parents:
        path: list[str] = []
        at: str | None = start
        while at is not None and at in parents and at not in seen:
            seen.add(at)
            path.append(at)
            at = parents[at]
        if at in path:
            circling.update(path[path.index(at) :])
    return circling
