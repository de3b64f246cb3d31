"""Which spans are scored: of a trace its root or others, of many traces the first, or some drawn by their ids."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TypeVar

from bt_cli.errors import UsageError
from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.rollup import spans_of_scorers
from bt_cli.spans.row import Row

Pick = Callable[[Sequence[Row]], list[Row]]
"""The spans of a trace that are cases."""
Item = TypeVar("Item")
_NAMED = "name:"


def picker(on: str) -> Pick:
    """What ``--on`` picks: ``root``, ``llm``, ``all`` or ``name:REGEX``, never what scoring added itself.

    Rows that belong to no known trace are not scored, and of spans that share a span id the first.
    Raises UsageError for another word or a pattern that is none.
    """
    if on == "root":
        return _roots
    if on == "llm":
        return lambda rows: _matching(rows, lambda facts: facts.type == "llm")
    if on == "all":
        return lambda rows: _matching(rows, lambda facts: True)
    if on.startswith(_NAMED):
        try:
            found = re.compile(on.removeprefix(_NAMED)).search
        except re.error as error:
            raise UsageError(f"--on {on}: not a regular expression: {error}", hint="--on 'name:^answer'") from error
        return lambda rows: _matching(rows, lambda facts: found(facts.name or "") is not None)
    raise UsageError(f"--on {on}: no such choice", hint="root, llm, all or name:REGEX")


def _roots(rows: Sequence[Row]) -> list[Row]:
    roots = [row for row in rows if row.span_parents == "[]" and row.root_span_id is not None]
    return roots if len(roots) < 2 else _first_of_each(roots)


def _matching(rows: Sequence[Row], wanted: Callable[[Facts], bool]) -> list[Row]:
    every = [facts_of(row) for row in rows]
    ours = spans_of_scorers(rows, every)
    linked = [place for place, row in enumerate(rows) if row.root_span_id is not None and place not in ours]
    return _first_of_each([rows[place] for place in linked if wanted(every[place])])


def _first_of_each(rows: list[Row]) -> list[Row]:
    return list({row.span_id: row for row in reversed(rows)}.values())[::-1]


def sampled(items: Iterable[Item], name_of: Callable[[Item], str], number: int, seed: int) -> Iterator[Item]:
    """``number`` of the items, drawn by the hash of their names, in order; only these are kept meanwhile.

    The same seed draws the same items, and mostly the same where others came in between.
    """
    drawn: list[tuple[int, int, Item]] = []
    for place, item in enumerate(items):
        entry = (-_draw(name_of(item), seed), -place, item)
        if len(drawn) < number:
            heapq.heappush(drawn, entry)
        elif drawn and entry[:2] > drawn[0][:2]:
            heapq.heapreplace(drawn, entry)
    return iter([item for _, _, item in sorted(drawn, key=lambda one: -one[1])])


def _draw(name: str, seed: int) -> int:
    return int.from_bytes(blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "big")


def first(items: Iterable[Item], number: int | None) -> Iterator[Item]:
    """The first items, all where there is no number; a None among them does not count."""
    if number == 0:
        return
    for item in items:
        yield item
        if number is not None and item is not None:
            number -= 1
            if not number:
                return
