"""Tokens, cost and scores of whole traces (rules 3.4 and 3.5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bt_cli.spans.facts import facts_of
from bt_cli.spans.rollup import roll_up, trace_cost, trace_score, trace_tokens
from builders import row, rows_of

DOCUMENTED = Path(__file__).parent.parent / "golden" / "input" / "documented.jsonl"


def llm(tokens: int | None = None, *children: Any, **more: Any) -> dict[str, Any]:
    """A model call, with its calls below."""
    metrics = {} if tokens is None else {"tokens": tokens}
    return {"type": "llm", "metrics": metrics, "children": list(children), **more}


def tokens(*children: Any) -> float | None:
    """The tokens of a trace whose root has these children."""
    return trace_tokens(rows_of(json.dumps({"name": "root", "children": children}).encode()))


def test_the_documented_sample_has_sixty_tokens() -> None:
    """Rule 3.4: the two lines of the documentation come to 60."""
    assert trace_tokens(rows_of(DOCUMENTED.read_bytes())) == 60


def test_a_wrapper_is_not_counted_beside_its_call() -> None:
    """An llm span that repeats the usage of one below it adds nothing."""
    assert tokens(llm(30, {"name": "step", "children": [llm(30)]})) == 30


def test_a_wrapper_of_a_call_without_tokens_counts() -> None:
    """Only a descendant that has tokens itself stands for its wrapper."""
    assert tokens(llm(30, llm())) == 30


def test_what_scorers_use_is_left_out() -> None:
    """Spans of purpose scorer are no part of the application's use."""
    assert tokens(llm(30), llm(99, span_attributes={"purpose": "scorer"})) == 30


def test_other_spans_do_not_count() -> None:
    """A total on a task span is an aggregate."""
    assert tokens({"type": "task", "metrics": {"tokens": 30}}, llm(30)) == 30


def test_cached_tokens_are_part_of_their_total() -> None:
    """Prompt and completion make the total; what was cached of the prompt is in it."""
    call = {"prompt_tokens": 20, "completion_tokens": 5, "prompt_cached_tokens": 15}
    assert tokens({"type": "llm", "metrics": call}) == 25


def test_a_row_without_total_has_its_total_tokens() -> None:
    """A row is stored as it came; its total_tokens are its tokens."""
    row = {"span_id": "a", "span_attributes": {"type": "llm"}, "metrics": {"total_tokens": 7}}
    assert trace_tokens(rows_of(json.dumps(row).encode())) == 7


def test_a_row_with_parts_only_has_their_sum() -> None:
    """A row that counts prompt and completion has their sum."""
    row = {"span_id": "a", "span_attributes": {"type": "llm"}, "metrics": {"prompt_tokens": 3, "completion_tokens": 4}}
    assert trace_tokens(rows_of(json.dumps(row).encode())) == 7


def test_no_tokens_are_none() -> None:
    """Unknown is not zero."""
    assert tokens({"name": "step"}) is None


def test_a_cycle_of_calls_ends() -> None:
    """Of spans that are each other's parents, one without tokens is no call below the other."""
    rows = [
        {"span_id": name, "root_span_id": "r", "span_parents": [parent], "span_attributes": {"type": "llm"}, **more}
        for name, parent, more in (("a", "b", {"metrics": {"tokens": 1}}), ("b", "a", {}))
    ]
    assert trace_tokens(rows_of("\n".join(map(json.dumps, rows)).encode())) == 1


def test_cost_is_the_sum_of_estimates() -> None:
    """Cost is metrics.estimated_cost."""
    tree = {"children": [{"metrics": {"estimated_cost": 0.25}}, {"metrics": {"estimated_cost": 0.5}}]}
    assert trace_cost(rows_of(json.dumps(tree).encode())) == 0.75


def test_no_cost_is_none() -> None:
    """Unknown is not free."""
    assert trace_cost(rows_of(b'{"name":"x"}')) is None


def test_the_roots_score_wins() -> None:
    """The root's value is the trace's."""
    tree = {"scores": {"s": 0.2}, "children": [{"scores": {"s": 1}}]}
    assert trace_score(rows_of(json.dumps(tree).encode()), "s") == 0.2


def test_else_the_mean_over_spans() -> None:
    """Without one at the root, the mean; null never counts."""
    tree = {"scores": {"s": None}, "children": [{"scores": {"s": 1}}, {"scores": {"s": 0.5}}, {"scores": {"s": None}}]}
    assert trace_score(rows_of(json.dumps(tree).encode()), "s") == 0.75


def test_an_unknown_score_is_none() -> None:
    """Not scored is not zero."""
    assert trace_score(rows_of(b'{"scores":{"other":1}}'), "s") is None


def disagreement(tree: Any) -> tuple[bool, float, float]:
    """Whether a trace's parents and calls disagree, what the parents claim, and what the calls used."""
    rolled = roll_up(rows_of(json.dumps(tree).encode()))
    return rolled.disagrees, rolled.claimed, rolled.used


def test_what_lies_below_a_scorer_is_left_out() -> None:
    """The calls that a scorer makes are no part of the application's use, whatever they say themselves."""
    scorer = {"name": "judge", "span_attributes": {"purpose": "scorer"}, "children": [llm(99)]}
    assert tokens(llm(30), scorer) == 30


def test_a_wrappers_cost_is_not_counted_beside_its_calls() -> None:
    """A cost that repeats that of spans below it adds nothing."""
    tree = {"metrics": {"estimated_cost": 3}, "children": [{"metrics": {"estimated_cost": one}} for one in (1, 2)]}
    assert trace_cost(rows_of(json.dumps(tree).encode())) == 3


def test_parents_that_agree() -> None:
    """A parent's own sum that is what its calls used is no finding."""
    assert disagreement({"metrics": {"tokens": 50}, "children": [llm(20), llm(30)]}) == (False, 0, 0)


def test_a_parent_that_disagrees() -> None:
    """Its sum is set against what its calls used; the calls count."""
    assert disagreement({"metrics": {"tokens": 70}, "children": [llm(20), llm(30)]}) == (True, 70, 50)


def test_only_the_outermost_disagreement_counts() -> None:
    """A wrong sum that its parent repeats is one finding."""
    assert disagreement({"metrics": {"tokens": 9}, "children": [{"metrics": {"tokens": 9}, "children": [llm(2)]}]}) == (
        True,
        9,
        2,
    )


def test_a_disagreement_below_a_parent_that_agrees() -> None:
    """One that hides below a right sum is found."""
    tree = {"metrics": {"tokens": 5}, "children": [llm(3, llm(2)), llm(3)]}
    assert disagreement(tree) == (True, 3, 2)


def test_a_scorers_sum_claims_nothing() -> None:
    """What a scorer says of its calls is not compared."""
    scorer = {"span_attributes": {"purpose": "scorer"}, "metrics": {"tokens": 9}, "children": [llm(2)]}
    assert disagreement({"children": [scorer, llm(1)]}) == (False, 0, 0)


def test_fragments_have_no_root() -> None:
    """A trace without a root has tokens, and lasts as long as its spans."""
    rolled = roll_up([row("b", "gone", span_attributes='{"type":"llm"}', metrics='{"start":1,"end":2,"tokens":3}')])
    assert (rolled.root, rolled.duration, rolled.tokens) == (None, 1, 3)


def test_the_duration_is_the_roots() -> None:
    """Latency is what the root took."""
    rolled = roll_up([row("b", "a"), row("a", metrics='{"start":1,"end":3.5}')])
    assert (rolled.root, rolled.duration) == (1, 2.5)


def test_odd_ids_are_no_parents_of_others() -> None:
    """An id with a quote is not taken for the text of two parents."""
    calls = {"span_attributes": '{"type":"llm"}', "metrics": '{"tokens":1}'}
    rows = [row('a","b', **calls), row("c", "a", "b", **calls), row("d", 'a","b', **calls)]
    assert roll_up(rows).calls == {1: 1, 2: 1}


def test_odd_shapes_say_nothing() -> None:
    """Fields that a row has in another shape are no facts."""
    odd = row("a", metrics="[1]", scores='"x"', span_attributes="7", metadata="[]", error="null")
    rolled = roll_up([odd])
    assert (rolled.tokens, rolled.cost, rolled.scores, rolled.errors, rolled.duration) == (None, None, {}, 0, None)


def test_a_score_that_is_null_everywhere_is_named() -> None:
    """It has no value, but it is known that it was asked for."""
    assert roll_up([row("a", scores='{"s":null}')]).scores == {"s": None}


def test_metadata_of_another_shape_names_no_model() -> None:
    """A list has no member ``model``."""
    assert facts_of(row("a", metadata="[1]")).model is None


def test_attributes_that_are_no_text() -> None:
    """A number as a name is its text; a type or purpose that is no text says nothing."""
    facts = facts_of(row("a", span_attributes='{"name":5,"type":1,"purpose":[2]}'))
    assert (facts.name, facts.type, facts.purpose) == ("5", None, None)
