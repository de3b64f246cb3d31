"""A whole trace in short: one line of a list, the heading of a tree."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.rollup import NEEDED, roll_up
from bt_cli.spans.row import Row

SHORT = (*NEEDED, "created", "time")
"""Fields of a row that a trace in short looks at, beside its linkage."""


class TraceFacts(Struct, array_like=True, gc=False):
    """What a list says of a trace; None where it does not say.

    ``time`` (epoch seconds) and ``created`` are the root's, without a root the earliest span's.
    ``duration`` is the root's in seconds, else that of all spans; ``cost`` USD; ``errors`` counts spans,
    without scorers.
    """

    id: str | None
    name: str | None
    time: float | None
    created: str | None
    duration: float | None
    tokens: float | None
    cost: float | None
    spans: int
    errors: int
    scores: dict[str, float]
    rooted: bool


def trace_facts(rows: Sequence[Row], facts: Sequence[Facts] | None = None) -> TraceFacts:
    """The facts of a trace from all its rows, of which there is at least one; ``facts`` where the caller has theirs."""
    every = [facts_of(row) for row in rows] if facts is None else facts
    rolled = roll_up(rows, every)
    place = min(range(len(rows)), key=lambda one: _time(rows[one])) if rolled.root is None else rolled.root
    first = rows[place]
    return TraceFacts(
        id=first.root_span_id,
        name=every[place].name,
        time=first.time,
        created=first.created,
        duration=rolled.duration,
        tokens=rolled.tokens,
        cost=rolled.cost,
        spans=len(rows),
        errors=rolled.errors,
        scores={name: value for name, value in rolled.scores.items() if value is not None},
        rooted=rolled.root is not None,
    )


def _time(row: Row) -> float:
    return float("inf") if row.time is None else row.time
