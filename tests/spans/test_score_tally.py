"""The numbers of a scoring run."""

from __future__ import annotations

import math

import pytest

from bt_cli.spans.score_tally import OTHERS
from results import exact, numbers, other, scored


def test_four_states_are_counted_apart() -> None:
    """Scored, skipped, failed and not run are four numbers."""
    found = exact(scored(1), other("skipped"), other("error"), other("not_run"), other("error"))
    assert (found.scored, found.skipped, found.errors, found.not_run, found.cases) == (1, 1, 2, 1, 5)


def test_an_error_is_no_zero() -> None:
    """Only scores count in the mean."""
    assert exact(scored(0.8), other("error"), other("skipped"), other("not_run")).mean == 0.8


def test_nothing_scored_has_no_mean() -> None:
    """Where nothing is scored there is no number at all."""
    found = exact(other("error"))
    assert (found.mean, found.min, found.p10, found.median, found.max) == (None,) * 5


@pytest.mark.parametrize("score", [math.nan, math.inf, None])
def test_a_score_that_is_no_number_is_an_error(score: float | None) -> None:
    """NaN never reaches a mean."""
    found = exact(scored(0.5), scored(score))  # type: ignore[arg-type]
    assert (found.mean, found.scored, found.errors) == (0.5, 1, 1)


def test_quantiles_are_those_of_the_scores() -> None:
    """Min, p10, median and max of eleven scores from 0 to 1."""
    found = exact(*(scored(place / 10) for place in range(11)))
    assert (found.min, found.p10, found.median, found.max) == (0, 0.1, 0.5, 1)


def test_the_lowest_five_are_told_first_come_first() -> None:
    """Of equal scores the earlier ones are among the worst, in the order of the input."""
    found = exact(*(scored(score, span_id=f"s{place}") for place, score in enumerate([1, 0, 0.5, 0, 0, 0, 0, 0.1])))
    assert [(low.score, low.trace, low.span) for low in found.worst] == [
        (0, f"t{place}", f"s{place}") for place in (1, 3, 4, 5, 6)
    ]


def test_choices_are_counted_the_most_frequent_first() -> None:
    """What a judge chose is counted by choice."""
    assert list(exact(*(scored(1, metadata={"choice": one}) for one in "BAAC")).choices.items()) == [
        ("A", 2),
        ("B", 1),
        ("C", 1),
    ]


def test_a_choice_that_is_no_text_is_left_out() -> None:
    """A custom scorer's own ``choice`` may be anything."""
    assert exact(scored(1, metadata={"choice": ["A"]})).choices == {}


def test_reasons_are_counted() -> None:
    """Why cases failed and were skipped, by reason."""
    found = exact(other("error", "timeout"), other("error", "timeout"), other("skipped", "missing expected"))
    assert (found.why_failed, found.why_skipped) == ({"timeout": 2}, {"missing expected": 1})


def test_many_reasons_fill_no_memory() -> None:
    """Beyond fifty reasons the rest is counted together."""
    found = exact(*(other("error", f"at {place}") for place in range(80)))
    assert len(found.why_failed) == 51 and found.why_failed[OTHERS] == 30


def test_reused_results_count() -> None:
    """A result of an earlier run is one of this run too."""
    found = exact(scored(1, reused=True), scored(0))
    assert (found.scored, found.reused, found.mean) == (2, 1, 0.5)


def test_scorers_come_in_the_order_of_the_command_line() -> None:
    """Names that a scorer makes up follow, and leave no empty line for the name that it was given."""
    found = numbers([scored(1, "made_up"), scored(1, "a"), scored(1, "b")], "b", "makes_up", "a")
    assert [(one.name, one.scored) for one in found] == [("b", 1), ("a", 1), ("made_up", 1)]


def test_without_cases_every_scorer_is_told() -> None:
    """With four zeros."""
    assert [(one.name, one.cases) for one in numbers([], "b", "a")] == [("b", 0), ("a", 0)]


def test_rounding_does_not_fail_a_case() -> None:
    """0.1 + 0.2 is at least 0.3, and so is a hair less."""
    assert exact(scored(0.1 + 0.2), scored(0.3 - 1e-12), scored(0.29)).at_least(0.3) == 2
