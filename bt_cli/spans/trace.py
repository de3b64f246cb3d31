"""A whole trace in short: one line of a list, the heading of a tree."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.rollup import trace_cost, trace_score, trace_tokens
from bt_cli.spans.row import Row


class TraceFacts(Struct):
    """What a list says of a trace; None where it does not say.

    ``time`` (epoch seconds) and ``created`` are the root's, without a root the earliest span's.
    ``duration`` is the root's in seconds, else that of all spans; ``cost`` USD; ``errors`` counts spans.
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


def trace_facts(rows: Sequence[Row]) -> TraceFacts:
    """The facts of a trace from all its rows, of which there is at least one."""
    every = [facts_of(row) for row in rows]
    roots = [place for place, row in enumerate(rows) if row.span_parents == "[]"]
    place = roots[0] if roots else min(range(len(rows)), key=lambda one: _time(rows[one]))
    first, top = rows[place], every[place]
    names = dict.fromkeys(name for facts in every for name in facts.scores)
    scores = {name: trace_score(rows, name) for name in names}
    duration = top.duration if roots else None
    return TraceFacts(
        id=first.root_span_id,
        name=top.name,
        time=first.time,
        created=first.created,
        duration=_span_of(every) if duration is None else duration,
        tokens=trace_tokens(rows) if any(facts.tokens is not None for facts in every) else None,
        cost=trace_cost(rows),
        spans=len(rows),
        errors=sum(facts.error is not None for facts in every),
        scores={name: value for name, value in scores.items() if value is not None},
        rooted=bool(roots),
    )


def _time(row: Row) -> float:
    return float("inf") if row.time is None else row.time


def _span_of(every: Sequence[Facts]) -> float | None:
    """Seconds from the first start to the last end, without what scoring added, maybe days later."""
    starts = [facts.start for facts in every if facts.start is not None and facts.purpose != "scorer"]
    ends = [facts.end for facts in every if facts.end is not None and facts.purpose != "scorer"]
    return max(ends) - min(starts) if starts and ends else None
