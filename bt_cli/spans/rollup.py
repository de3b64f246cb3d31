"""Numbers of a whole trace, each the sum or mean that its spans mean, once for every command and store."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from bt_cli.spans.facts import facts_of, numbers_of, scores_of
from bt_cli.spans.links import parents_of
from bt_cli.spans.row import Row


def trace_tokens(rows: Sequence[Row]) -> float | None:
    """The tokens of a trace; None where no span has any.

    Summed over ``llm`` spans without a token-bearing ``llm`` descendant, since a wrapper repeats what
    its calls used, and without what scorers used. Cached and reasoning tokens are parts of their totals.
    """
    children: dict[str, list[Row]] = {}
    for row in rows:
        for parent in parents_of(row.span_parents)[:1]:
            children.setdefault(parent, []).append(row)
    bearing = {row.span_id: tokens for row in rows if (tokens := _tokens(row)) is not None}
    counted = [tokens for span_id, tokens in bearing.items() if not _has_below(span_id, children, bearing)]
    return sum(counted) if counted else None


def trace_cost(rows: Sequence[Row]) -> float | None:
    """The cost of a trace in USD: the sum of ``metrics.estimated_cost``, None where no span has it."""
    costs = [cost for row in rows if (cost := numbers_of(row.metrics).get("estimated_cost")) is not None]
    return sum(costs) if costs else None


def trace_score(rows: Sequence[Row], name: str) -> float | None:
    """One score of a trace: the root's, else the mean over its spans; null never counts."""
    values = [
        (row.span_parents != "[]", value) for row in rows if (value := scores_of(row.scores).get(name)) is not None
    ]
    roots = [value for nested, value in values if not nested]
    if roots:
        return roots[0]
    return fmean(value for _, value in values) if values else None


def _tokens(row: Row) -> float | None:
    facts = facts_of(row)
    return facts.tokens if facts.type == "llm" and facts.purpose != "scorer" else None


def _has_below(span_id: str, children: dict[str, list[Row]], bearing: dict[str, float]) -> bool:
    waiting = list(children.get(span_id, ()))
    seen = {span_id}
    while waiting:
        row = waiting.pop()
        if row.span_id in seen:
            continue
        if row.span_id in bearing:
            return True
        seen.add(row.span_id)
        waiting += children.get(row.span_id, ())
    return False
