"""What traces come to in a summary, against values computed by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.spans.parts import LONGEST_GROUP, group_of, needed_fields, parts_of_spans, parts_of_traces
from bt_cli.spans.paths import Path
from bt_cli.spans.row import Row
from bt_cli.spans.summary import Group, Tally, finished
from builders import row, rows_of


def trace(trace_id: str, model: str | None = None, took: float = 1.0, time: float = 0.0, **fields: Any) -> list[Row]:
    """A trace of a root with a duration and a call of 10 tokens and 0.5 USD."""
    call = {"type": "llm", "metrics": {"tokens": 10, "estimated_cost": 0.5}, **fields.pop("call", {})}
    metadata = {} if model is None else {"model": model}
    root = {"id": trace_id, "metadata": metadata, "metrics": {"start": 0, "end": took}, "children": [call], **fields}
    rows = rows_of(json.dumps(root).encode())
    rows[0].time = time
    return rows


TRACES = [
    trace("one", "m", took=1.0, time=10.0, scores={"s": 1}),
    trace("two", "m", took=3.0, time=30.0, scores={"s": 0.5}, error="boom", call={"error": "too"}),
    trace("three", took=8.0, time=20.0, scores={"t": 0}),
]


def tally(traces: list[list[Row]], path: str | None = None, spans: bool = False) -> list[Group]:
    """The groups of some traces; each trace is a page of its own."""
    tallies: dict[str, Tally] = {}
    group_by = Path(path) if path else None
    for one in traces:
        for key, part in (parts_of_spans if spans else parts_of_traces)([one], group_by).groups.items():
            tallies.setdefault(key, Tally()).add(part)
    return finished(tallies, spans)


def test_counts_and_sums() -> None:
    """Three traces of two spans each: what is counted and added up."""
    (whole,) = tally(TRACES)
    assert (whole.traces, whole.spans, whole.errors, whole.failed) == (3, 6, 2, 1)
    assert (whole.tokens.total, whole.cost.total, whole.begin, whole.end) == (30, 1.5, 10, 30)


def test_latency() -> None:
    """Percentiles of the durations 1, 3 and 8: rank 0.95 × 2 = 1.9 lies 0.9 of the way from 3 to 8."""
    (whole,) = tally(TRACES)
    latency = whole.latency
    assert (latency.n, latency.mean, latency.median) == (3, 4, 3)
    assert (latency.p95, latency.p99) == (pytest.approx(7.5), pytest.approx(7.9))


def test_scores_and_those_that_lack_them() -> None:
    """A score's numbers are over the traces that have it; the others are counted as missing."""
    (whole,) = tally(TRACES)
    told = [(one.name, one.values.n, one.values.mean, one.values.median, one.missing) for one in whole.scores]
    assert told == [("s", 2, 0.75, 0.75, 1), ("t", 1, 0, 0, 2)]


def test_groups() -> None:
    """Traces by a value of their root, the largest group first; what has none is a group too."""
    groups = tally(TRACES, "metadata.model")
    assert [(one.value, one.traces, one.errors, one.latency.median) for one in groups] == [
        ("m", 2, 2, 2),
        (None, 1, 0, 8),
    ]


def test_a_group_tells_of_the_scores_of_others() -> None:
    """A score that no trace of a group has is missing in all of them."""
    group = tally(TRACES, "metadata.model")[1]
    assert [(one.name, one.values.n, one.missing) for one in group.scores] == [("s", 0, 1), ("t", 1, 0)]


@pytest.mark.parametrize("value", ["x", "", 1, 1.5, True, ["a"], {"b": 1}])
def test_the_value_of_a_group(value: Any) -> None:
    """A group's value is the JSON value; the empty string is one."""
    (group,) = tally([trace("a", metadata={"k": value})], "metadata.k")
    assert group.value == value


def test_a_long_value_is_cut_but_told_apart() -> None:
    """Two values of a megabyte that differ at their end are two groups with short names."""
    long = "x" * 1_000_000
    groups = tally([trace("a", input=long + "1"), trace("b", input=long + "2")], "input")
    assert len(groups) == 2 and all(len(one.value) < LONGEST_GROUP + 50 for one in groups)


def test_single_spans() -> None:
    """With spans as what is counted, each has its own duration, tokens, cost, scores and error."""
    (whole,) = tally(TRACES, spans=True)
    assert (whole.traces, whole.spans, whole.errors, whole.failed, whole.latency.n) == (3, 6, 2, 1, 3)
    assert (whole.tokens.n, whole.tokens.total, whole.cost.total) == (3, 30, 1.5)
    assert [(one.name, one.values.n, one.missing) for one in whole.scores] == [("s", 2, 4), ("t", 1, 5)]


def test_spans_group_by_their_own_value() -> None:
    """A trace counts once in each group that has a span of it, and once in the whole."""
    parts = parts_of_spans(TRACES, Path("type"))
    assert {key: (one.traces, one.spans, one.failed) for key, one in parts.groups.items()} == {
        "": (3, 3, 1),
        '"llm"': (3, 3, 1),
    }
    whole = Tally()
    whole.add_all(parts)
    assert (whole.traces, whole.spans, whole.finish().failed) == (3, 6, 1)


def test_wrappers_count_no_tokens_among_spans() -> None:
    """A call that wraps another is no use of its own, span by span either."""
    (whole,) = tally([trace("a", call={"children": [{"type": "llm", "metrics": {"tokens": 10}}]})], spans=True)
    assert (whole.tokens.n, whole.tokens.total) == (1, 10)


def test_disagreements_add_up() -> None:
    """Differences do not cancel each other out."""
    traces = [trace(str(claim), metrics={"tokens": claim}) for claim in (10, 13, 6)]
    (whole,) = tally(traces)
    odd = whole.disagreement
    assert (odd.traces, odd.claimed, odd.used, odd.difference, whole.tokens.total) == (2, 19, 20, 7, 30)


def test_a_trace_without_a_root_groups_by_its_first_span() -> None:
    """A fragment counts all the same, with the duration that its spans have."""
    (group,) = tally([[row("b", "gone", metadata='{"k":1}', metrics='{"start":1,"end":2}')]], "metadata.k")
    assert (group.value, group.traces, group.latency.n) == (1, 1, 1)


@pytest.mark.parametrize("spans", [False, True])
def test_a_scorer_that_failed_is_no_error(spans: bool) -> None:
    """A judge that was down, and what lies below its span, say nothing of the application."""
    scorer = row("score", "a", error='"no judge"', span_attributes='{"type":"score","purpose":"scorer"}')
    (group,) = tally([[row("a"), scorer, row("call", "score", error='"503"')]], spans=spans)
    assert (group.spans, group.errors, group.failed) == (3, 0, 0)


def test_nothing() -> None:
    """No traces come to nothing."""
    whole = Tally().finish()
    assert (whole.traces, whole.latency.n, whole.scores, whole.latency_bins) == (0, 0, [], [])


def test_needed_fields() -> None:
    """No payload is read, but for the field that groups."""
    assert set(needed_fields(None)) == {"error", "scores", "metrics", "span_attributes", "time"}
    assert set(needed_fields(Path("model"))) - set(needed_fields(None)) == {"metadata"}


def test_without_a_path_there_is_one_group() -> None:
    """Everything belongs together."""
    assert group_of(None, row("a")) == ""


@given(st.permutations(range(len(TRACES))), st.sampled_from([None, "metadata.model"]), st.booleans())
def test_order_and_pages_do_not_matter(order: list[int], path: str | None, spans: bool) -> None:
    """Traces in another order give exactly the same numbers."""
    assert tally([TRACES[place] for place in order], path, spans) == tally(TRACES, path, spans)


def test_what_no_sum_can_hold_is_no_value() -> None:
    """Beyond 1e300 a number is left out, since sums of such are no numbers."""
    (whole,) = tally([trace("a", took=1e301), trace("b", took=2.0)])
    assert (whole.latency.n, whole.latency.total) == (1, 2)


def test_a_score_that_is_always_null() -> None:
    """It is told, with no values and missing in each trace."""
    (whole,) = tally([trace("a", scores={"s": None})])
    assert [(one.name, one.values.n, one.missing) for one in whole.scores] == [("s", 0, 1)]
