"""A whole trace in short."""

from __future__ import annotations

from bt_cli.spans.cases import trials
from bt_cli.spans.parts import parts_of_traces
from bt_cli.spans.paths import Path
from bt_cli.spans.rollup import trace_duration
from bt_cli.spans.trace import trace_facts
from builders import row


def test_the_root_gives_name_and_duration() -> None:
    """Name, time and duration are the root's, wherever it stands."""
    child = row("c", "a", span_attributes='{"name":"child"}', metrics='{"start":0,"end":9}')
    root = row("a", span_attributes='{"name":"top"}', metrics='{"start":1,"end":3}', created="2024-01-01T00:00:00Z")
    facts = trace_facts([child, root])
    assert (facts.name, facts.duration, facts.created, facts.rooted) == ("top", 2, "2024-01-01T00:00:00Z", True)


def test_a_root_without_times_lasts_as_long_as_its_spans() -> None:
    """From the first start to the last end."""
    spans = [row("a"), row("b", "a", metrics='{"start":2,"end":3}'), row("c", "a", metrics='{"start":1,"end":5}')]
    assert trace_facts(spans).duration == 4


def test_scoring_days_later_does_not_last() -> None:
    """What scoring added has no say in how long a trace without times of its root took."""
    scorer = row("s", "a", span_attributes='{"purpose":"scorer"}', metrics='{"start":9000,"end":9001}')
    assert trace_facts([row("a"), row("b", "a", metrics='{"start":2,"end":3}'), scorer]).duration == 1


def test_a_trace_without_a_root_lasts_as_long_as_what_scoring_did_not_add() -> None:
    """Scorers and what they call may run days later; every command has this one duration."""
    spans = [
        row("b", "gone", metrics='{"start":1,"end":1.7123456789}'),
        row("c", "gone", metrics='{"start":1.5,"end":2.25}'),
        row("judge", "gone", span_attributes='{"purpose":"scorer"}', metrics='{"start":0,"end":90}'),
        row("call", "judge", metrics='{"start":70,"end":80}'),
    ]
    assert trace_facts(spans).duration == trace_duration(spans) == 1.25
    (trial,) = trials([spans], Path("input"), told=False)
    assert parts_of_traces([spans], None).groups[""].durations == [trial.usage["latency"]] == [1.25]


def test_no_times_no_duration() -> None:
    """A trace without times says nothing of its duration."""
    assert trace_facts([row("a", metrics='{"start":1}')]).duration is None


def test_without_a_root_the_earliest_span_stands_for_the_trace() -> None:
    """A fragment is called by its first span, and known to lack a root."""
    late, early = row("l", "gone", time=5.0), row("e", "gone", time=2.0, span_attributes='{"name":"early"}')  # type: ignore[arg-type]
    timeless = row("t", "gone")
    facts = trace_facts([timeless, late, early])
    assert (facts.name, facts.time, facts.rooted) == ("early", 2.0, False)


def test_numbers_are_the_traces() -> None:
    """Tokens, cost and scores by the rules of roll-ups; spans and errors are counted, a null error is none."""
    root = row("a", scores='{"good":1,"none":null}', error="null")
    call = row("b", "a", span_attributes='{"type":"llm"}', metrics='{"tokens":7,"estimated_cost":0.5}', error='"x"')
    facts = trace_facts([root, call])
    assert (facts.tokens, facts.cost, facts.spans, facts.errors, facts.scores) == (7, 0.5, 2, 1, {"good": 1})


def test_no_tokens_are_not_zero_tokens() -> None:
    """A trace that says nothing of tokens has none."""
    assert trace_facts([row("a")]).tokens is None
