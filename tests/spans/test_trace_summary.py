"""A trace summed up in one row."""

from __future__ import annotations

import json

import pytest

from bt_cli.spans.row import Row
from bt_cli.spans.trace_summary import trace_summary


def row(id: str, parent: str | None = None, **fields: object) -> Row:
    """A row whose payload is given as values."""
    written = {name: json.dumps(value) for name, value in fields.items()}
    return Row(id, id, "r", json.dumps([parent] if parent else []), **written)


def test_calls_tools_and_errors_are_counted() -> None:
    """By the type of a span; what scorers did is not the application's."""
    summary = trace_summary(
        [
            row(
                "r", span_attributes={"type": "task", "name": "root", "exec_counter": 7}, metrics={"start": 1, "end": 9}
            ),
            row(
                "a", "r", span_attributes={"type": "llm"}, metrics={"start": 2, "end": 4, "prompt_tokens": 5}, error="x"
            ),
            row("b", "r", span_attributes={"type": "tool"}, error={"why": 1}),
            row("c", "r", span_attributes={"type": "llm", "purpose": "scorer"}, metrics={"tokens": 99, "end": 50}),
        ]
    )
    metrics = summary.metrics
    assert (metrics["llm_calls"], metrics["tool_calls"], metrics["errors"]) == (1, 1, 2)
    assert (metrics["llm_errors"], metrics["tool_errors"]) == (1, 1)
    assert (metrics["prompt_tokens"], metrics["completion_tokens"], metrics["total_tokens"]) == (5, None, 5)
    assert (metrics["start"], metrics["end"], metrics["duration"], metrics["llm_duration"]) == (1, 9, 8, [2])
    assert summary.span_type_info["has_error"] is True
    assert (summary.span_type_info["name"], summary.span_type_info["exec_counter"]) == ("root", 7)


def test_a_trace_that_says_nothing() -> None:
    """Numbers that no span has are null; without a root the first row stands for the trace."""
    summary = trace_summary([row("a", "gone"), row("b", "gone", metrics=[1], span_attributes="x")])
    assert (summary.place, summary.scores) == (0, None)
    assert summary.metrics["start"] is None and summary.metrics["llm_duration"] is None
    assert summary.span_type_info["type"] is None


@pytest.mark.parametrize(("first", "told"), [(0.5, 0.5), (True, None), ("soon", None)])
def test_time_to_the_first_token_is_a_calls(first: object, told: float | None) -> None:
    """It is that of the first call that has one as a number."""
    calls = [row("a", "r", span_attributes={"type": "llm"}, metrics={"time_to_first_token": first})]
    assert trace_summary([row("r"), *calls]).metrics["time_to_first_token"] == told


def test_scores_are_the_roots_else_the_mean() -> None:
    """Rule 3.5, as everywhere."""
    summary = trace_summary([row("r", scores={"a": 1}), row("x", "r", scores={"a": 0, "b": 0.5})])
    assert summary.scores == {"a": 1, "b": 0.5}
