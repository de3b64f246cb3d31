"""The lines of a tree: each span with its guides, long runs of alike siblings folded, where none of them failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice, pairwise
from typing import NamedTuple

from msgspec import Struct

from bt_cli.spans.assemble import Branch
from bt_cli.spans.facts import Facts

FactsOf = Mapping[int, Facts]
"""The facts of each branch by its identity."""

_LINES = {False: ("├─ ", "└─ ", "│  ", "   "), True: ("|- ", "`- ", "|  ", "   ")}


class Folded(NamedTuple):
    """What one line stands for: siblings alike in name and type, or all that is below ``--depth``.

    ``siblings``, ``spans`` with all below them, the range of their durations in seconds.
    """

    siblings: int
    spans: int
    shortest: float | None
    longest: float | None
    errors: int
    below: bool = False


class Entry(Struct):
    """One line: a span, or what is folded. ``parent`` is the place of the entry above it, -1 at the top.

    ``guide`` stands before the name, ``under`` before what else is said of the span.
    """

    branch: Branch | None
    folded: Folded | None
    guide: str
    under: str
    depth: int
    parent: int


class _Pending(NamedTuple):
    item: Branch | Folded
    prefix: str
    last: bool
    depth: int
    parent: int


def entries(
    tops: Sequence[Branch], facts: FactsOf, fold: int | None = None, depth: int | None = None, ascii: bool = False
) -> list[Entry]:
    """The tree in order. Of a run of alike siblings ``fold`` are shown; spans below ``depth`` levels are counted.

    Siblings come by their start where all of them have one.
    """
    tee, corner, pipe, blank = _LINES[ascii]
    made: list[Entry] = []
    waiting = [_Pending(item, "", True, 1, -1) for item in reversed(_folded(tops, facts, fold))]
    while waiting:
        item, prefix, last, level, parent = waiting.pop()
        top = level == 1
        guide = "" if top else prefix + (corner if last else tee)
        inner = "" if top else prefix + (blank if last else pipe)
        if isinstance(item, Folded):
            made.append(Entry(None, item, guide, inner, level, parent))
            continue
        below = _below(item, facts, fold, level == depth)
        made.append(Entry(item, None, guide, inner + (pipe if below else blank), level, parent))
        place = len(made) - 1
        waiting += [_Pending(child, inner, index == 0, level + 1, place) for index, child in enumerate(reversed(below))]
    return made


def _below(branch: Branch, facts: FactsOf, fold: int | None, closed: bool) -> list[Branch | Folded]:
    if closed and branch.children:
        return [_summed(branch.children, facts)._replace(below=True)]
    return _folded(by_start(branch.children, facts), facts, fold)


def by_start(children: Sequence[Branch], facts: FactsOf) -> Sequence[Branch]:
    """Siblings by their start, those of one start as they came; as they came where one has no start."""
    starts = [facts[id(child)].start for child in children]
    if None in starts:
        return children
    return [children[place] for place in sorted(range(len(children)), key=lambda one: starts[one] or 0.0)]


def _folded(children: Sequence[Branch], facts: FactsOf, fold: int | None) -> list[Branch | Folded]:
    if fold is None or len(children) <= fold + 1:
        return list(children)
    shown: list[Branch | Folded] = []
    for _, group in groupby(children, lambda child: (facts[id(child)].name, facts[id(child)].type)):
        shown += _folded_run(list(group), facts, fold)
    return shown


def _folded_run(run: Sequence[Branch], facts: FactsOf, fold: int) -> Iterator[Branch | Folded]:
    """Of alike siblings the first ``fold``, and as many (one at least) in which something failed; the rest counted."""
    if len(run) <= fold + 1:  # one line is said as quickly as it is folded
        yield from run
        return
    failed = (place for place in range(fold, len(run)) if _has_failed(run[place], facts))
    kept = [*range(fold), *islice(failed, max(fold, 1))]
    for place, following in pairwise([-1, *kept, len(run)]):
        if place >= 0:
            yield run[place]
        between = run[place + 1 : following]
        if len(between) > 1:
            yield _summed(between, facts)
        else:
            yield from between


def _has_failed(branch: Branch, facts: FactsOf) -> bool:
    return any(facts[id(one)].error is not None for one in walk([branch]))


def _summed(run: Sequence[Branch], facts: FactsOf) -> Folded:
    durations = [seconds for child in run if (seconds := facts[id(child)].duration) is not None]
    spans = errors = 0
    for branch in walk(run):
        spans += 1
        errors += facts[id(branch)].error is not None
    return Folded(len(run), spans, min(durations, default=None), max(durations, default=None), errors)


def walk(tops: Sequence[Branch]) -> Iterator[Branch]:
    """Every span of some trees, parents first."""
    waiting = list(reversed(tops))
    while waiting:
        branch = waiting.pop()
        yield branch
        waiting += reversed(branch.children)
