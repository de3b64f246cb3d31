"""A trace in one row, as shape ``summary`` of Braintrust's API has it: the columns that its root does not give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from bt_cli.spans import text
from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.rollup import Rollup, roll_up, spans_of_scorers
from bt_cli.spans.row import Row

_TOKENS = ("prompt_tokens", "completion_tokens", "prompt_cached_tokens", "prompt_cache_creation_tokens")


class TraceSummary(Struct, frozen=True):
    """What one row says of a whole trace.

    ``place`` is the index of the row that stands for it: the root, or else the first. ``scores`` are those
    of `Rollup`, None where there are none; ``metrics`` and ``span_type_info`` have the members that
    Braintrust's have, times in seconds.
    """

    place: int
    scores: dict[str, float | None] | None
    metrics: dict[str, Any]
    span_type_info: dict[str, Any]


def trace_summary(rows: Sequence[Row]) -> TraceSummary:
    """The summary of a trace from all of its rows, of which there is at least one; scorers' spans count for nothing."""
    facts = [facts_of(row) for row in rows]
    rolled = roll_up(rows, facts)
    place = rolled.root or 0
    left_out = spans_of_scorers(rows, facts)
    counted = [index for index in range(len(rows)) if index not in left_out]
    return TraceSummary(
        place, rolled.scores or None, _metrics(rows, facts, rolled, counted), _info(rows[place], rolled)
    )


def _metrics(rows: Sequence[Row], facts: Sequence[Facts], rolled: Rollup, counted: list[int]) -> dict[str, Any]:
    calls = [_object(rows[index].metrics) for index in rolled.calls]
    llm = [index for index in counted if facts[index].type == "llm"]
    tool = [index for index in counted if facts[index].type == "tool"]
    durations = [facts[index].duration for index in llm if facts[index].duration is not None]
    firsts = (_object(rows[index].metrics).get("time_to_first_token") for index in llm)
    return {
        **{name: _sum(call.get(name) for call in calls) for name in _TOKENS},
        "total_tokens": rolled.tokens,
        "estimated_cost": rolled.cost,
        "llm_calls": len(llm),
        "tool_calls": len(tool),
        "errors": rolled.errors,
        "llm_errors": sum(facts[index].error is not None for index in llm),
        "tool_errors": sum(facts[index].error is not None for index in tool),
        "start": min((one for index in counted if (one := facts[index].start) is not None), default=None),
        "end": max((one for index in counted if (one := facts[index].end) is not None), default=None),
        "duration": rolled.duration,
        "llm_duration": durations or None,
        "time_to_first_token": next((first for first in firsts if _is_number(first)), None),
    }


def _info(root: Row, rolled: Rollup) -> dict[str, Any]:
    attributes = _object(root.span_attributes)
    metrics = _object(root.metrics)
    return {
        "exec_counter": attributes.get("exec_counter"),
        "name": attributes.get("name"),
        "type": attributes.get("type"),
        "cached": metrics.get("cached"),
        "in_progress": None,
        "has_error": rolled.errors > 0,
        "remote": attributes.get("remote"),
    }


def _object(written: str | None) -> dict[str, Any]:
    found = text.decode(written) if written else None
    return found if isinstance(found, dict) else {}


def _sum(values: Iterable[Any]) -> int | float | None:
    numbers = [value for value in values if _is_number(value)]
    return sum(numbers) if numbers else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
