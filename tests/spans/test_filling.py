"""Rule 3.2: token totals and the type of model calls, in trees only."""

from __future__ import annotations

import pytest

from builders import convert, only_row, value


@pytest.mark.parametrize("name", ["tokens", "total_tokens", "prompt_tokens", "completion_tokens"])
def test_an_untyped_leaf_with_tokens_is_a_model_call(name: str) -> None:
    """Any token metric tells."""
    assert value(only_row({"metrics": {name: 5}}).span_attributes) == {"type": "llm"}


@pytest.mark.parametrize("given", [{"type": "task"}, {"span_attributes": {"type": "task"}, "children": []}])
def test_a_given_type_stays(given: dict[str, object]) -> None:
    """At either place."""
    assert value(only_row({"metrics": {"tokens": 5}, **given}).span_attributes) == {"type": "task"}


def test_a_type_is_added_to_given_attributes() -> None:
    """What stands there stays in front of it."""
    row = only_row({"metrics": {"tokens": 5}, "span_attributes": {"x": 1}, "children": []})
    assert row.span_attributes == '{"x":1,"type":"llm"}'


def test_a_span_with_children_is_no_model_call() -> None:
    """Aggregates repeat their children's usage."""
    assert convert({"metrics": {"tokens": 5}, "children": [{}]}).rows[0].span_attributes is None


@pytest.mark.parametrize("metrics", [{"cost": 1}, {"tokens": None}])
def test_a_leaf_without_tokens_is_no_model_call(metrics: dict[str, object]) -> None:
    """A null counts for nothing."""
    assert only_row({"metrics": metrics}).span_attributes is None


@pytest.mark.parametrize(
    ("metrics", "tokens"),
    [
        ({"tokens": 7, "prompt_tokens": 1}, "7"),
        ({"total_tokens": 9, "prompt_tokens": 1}, "9"),
        ({"prompt_tokens": 1, "completion_tokens": 2}, "3"),
        ({"prompt_tokens": 4}, "4"),
        ({"prompt_tokens": 1.5, "completion_tokens": 2}, "3.5"),
        ({"tokens": None, "completion_tokens": 2}, "2"),
    ],
)
def test_tokens(metrics: dict[str, object], tokens: str) -> None:
    """tokens, else total_tokens, else prompt + completion; integers stay integers (rule 4.2)."""
    assert str(value(only_row({"metrics": metrics}).metrics)["tokens"]) == tokens


def test_a_sum_of_tokens_may_be_of_any_size() -> None:
    """More than 64 bits do not end the import."""
    metrics = {"prompt_tokens": 2**64 - 1, "completion_tokens": 2**64 - 1}
    assert value(only_row({"metrics": metrics}).metrics)["tokens"] == 2.0**65


def test_added_metrics_leave_the_others_as_written() -> None:
    """Rule 4.2: what we add goes in on the level of raw members."""
    row = only_row(b'{"metrics":{"prompt_tokens":1e1,"x":1.50}}')
    assert row.metrics == '{"prompt_tokens":1e1,"x":1.50,"tokens":10.0}'


def test_null_metrics_are_not_filled() -> None:
    """They have no tokens to add up."""
    assert only_row({"metrics": None}).metrics == "null"


def test_stored_rows_are_not_filled() -> None:
    """``_bt_as_stored`` marks a tree whose rows came as rows."""
    rows = convert({"_bt_as_stored": True, "children": [{"metrics": {"prompt_tokens": 1}}]}).rows
    assert [(row.metrics, row.span_attributes) for row in rows] == [(None, None), ('{"prompt_tokens":1}', None)]
