"""Trees whose numbers, ids and clocks mislead."""

from __future__ import annotations

import pytest

from bt_cli.pipeline.converting import Conversion
from bt_cli.spans.problem import Problem
from builders import only_row, rows_of


def test_two_spans_of_one_id_are_no_tree() -> None:
    """One would overwrite the other in the store."""
    problem = Conversion().convert(b'{"id":"r","children":[{"id":"c"},{"children":[{"id":"c"}]}]}', bytes(16))
    assert isinstance(problem, Problem)
    assert (problem.code, problem.path) == ("duplicate_id", "children[1].children[0].id")


def test_a_numbered_span_without_children_is_a_trace_of_its_own() -> None:
    """Apps number the spans of each tree; one that has no children is a tree all the same."""
    first, second = (only_row({"span_id": "1", "name": name}) for name in ("first", "second"))
    assert first.root_span_id != second.root_span_id


def test_a_real_start_gets_no_relative_end() -> None:
    """Rule 3.1: a relative clock gives durations, never the end of a dated span."""
    rows = rows_of(b'{"metrics":{"start":1700000000},"children":[{"metrics":{"start":5,"end":9}}]}')
    assert rows[0].metrics == '{"start":1700000000}'


def test_a_given_trace_is_inherited_from_the_enclosing_node() -> None:
    """Rule 1.2: a child inherits root_span_id from the node around it."""
    rows = rows_of(b'{"id":"r","children":[{"id":"c","root_span_id":"other","children":[{"id":"d"}]}]}')
    assert [row.root_span_id for row in rows] == ["r", "other", "other"]


@pytest.mark.parametrize(
    "tree",
    [
        b'{"metrics":{"start":1},"children":[{"metrics":{"start":1700000000}}]}',
        b'{"created":"2023-11-14T22:13:20Z","name":"x"}',
    ],
)
def test_any_time_of_a_trace_goes_into_its_ids(tree: bytes) -> None:
    """Rule 2.3: zero only where no node has a time."""
    assert rows_of(tree)[0].id.startswith("018bcfe5-6800-7")


def test_a_forced_unit_counts_for_created_too() -> None:
    """Rule 3.1: --time-unit says what the numbers of times mean."""
    assert only_row({"created": 1700000000000000}, time_unit="us").created == "2023-11-14T22:13:20.000000+00:00"
