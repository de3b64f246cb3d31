"""Earlier results: which stand, and which are made anew."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.scoring.base import Result, Value
from builders import row
from scoring_fakes import FakeJudge, FakeScorer, again, results_of, scored

ASKED = row("a", output='"x"')


def second(*scorers: FakeScorer, before: FakeScorer, given: str = '"x"', **plan: Any) -> list[Result]:
    """The results of a second run, after one by another scorer, perhaps on another output."""
    rows = again([row("a", output='"x"')], before)
    rows[0].output = given
    return scored([rows], *scorers, **plan)[0].results


def failing(_: Any) -> float:
    raise ValueError("no")


@pytest.mark.parametrize(
    ("rescore", "same", "other_fingerprint", "other_arguments", "failed"),
    [
        ("missing", "reused", "run", "run", "run"),
        ("changed", "reused", "run", "run", "reused"),
        ("errors", "reused", "reused", "reused", "run"),
        ("all", "run", "run", "run", "run"),
    ],
)
def test_what_is_made_anew(rescore: str, same: str, other_fingerprint: str, other_arguments: str, failed: str) -> None:
    """By what is the same as last time, and by what was asked for."""
    cases = [
        (same, FakeScorer(lambda _: 0.5), "f1", '"x"'),
        (other_fingerprint, FakeScorer(lambda _: 0.5), "f2", '"x"'),
        (other_arguments, FakeScorer(lambda _: 0.5), "f1", '"y"'),
        (failed, FakeScorer(failing), "f1", '"x"'),
    ]
    for wanted, before, fingerprint, given in cases:
        scorer = FakeScorer(lambda _: 0.25, fingerprint=fingerprint)
        (result,) = second(scorer, before=before, given=given, rescore=rescore)
        assert (result.reused, len(scorer.asked)) == ((True, 0) if wanted == "reused" else (False, 1))


@pytest.mark.parametrize(("rescore", "state"), [("missing", "scored"), ("changed", "not_run"), ("errors", "not_run")])
def test_what_was_never_scored(rescore: str, state: str) -> None:
    """Only results that are there can be changed ones, or failed ones."""
    (result,) = results_of(ASKED, FakeScorer(), rescore=rescore)
    assert result.state == state


def test_a_reused_result_is_the_earlier_one() -> None:
    """Value, metadata, trials and arguments."""
    said = iter([0.0, 1.0])
    first = FakeScorer(lambda _: Value(next(said), {"why": ["é"]}))
    rows = again([ASKED], first, trials=2)
    (result,) = scored([rows], FakeScorer(), trials=2)[0].results
    assert (result.state, result.score, result.metadata, result.values) == ("scored", 0.5, {"why": ["é"]}, [0.0, 1.0])
    assert (result.arguments, result.reused) == ('{"output":"x"}', True)


def test_a_skip_is_reused_with_its_reason() -> None:
    """It was the scorer's answer, and may have cost something."""
    (result,) = second(FakeScorer(), before=FakeScorer(lambda _: None))
    assert (result.state, result.reason, result.reused) == ("skipped", "no opinion", True)


def test_an_error_that_stands_has_its_reason() -> None:
    """With ``changed`` what failed is not tried again."""
    (result,) = second(FakeScorer(), before=FakeScorer(failing), rescore="changed")
    assert (result.state, result.reason) == ("error", "ValueError: no")


def test_a_missing_input_that_came_is_scored() -> None:
    """What was skipped for want of it is run."""
    scorer = FakeScorer()
    scorer.needs = ("expected",)
    rows = again([row("a", output="1")], scorer)
    rows[0].expected = "2"
    assert [one.state for one in scored([rows], scorer)[0].results] == ["scored"]


def test_more_trials_are_another_scorer() -> None:
    """One value is no mean of three."""
    (result,) = second(FakeScorer(), before=FakeScorer(), trials=3)
    assert not result.reused


def test_several_values_are_reused_together() -> None:
    """A scorer of many names is known again by its own."""
    both = FakeScorer(lambda _: [Value(0.1, name="x"), Value(0.2, name="y")])
    results = second(FakeScorer(), before=both)
    assert [(one.name, one.score, one.reused) for one in results] == [("x", 0.1, True), ("y", 0.2, True)]


def test_a_value_no_longer_said_does_not_stand() -> None:
    """It would look like one of the last run."""
    both = FakeScorer(lambda _: [Value(0.1, name="x"), Value(0.2, name="y")])
    one = FakeScorer(lambda _: [Value(0.3, name="x")], fingerprint="f2")
    results = second(one, before=both)
    assert [(one.name, one.state, one.reason) for one in results] == [
        ("x", "scored", ""),
        ("y", "skipped", "no longer said"),
    ]


def test_a_failure_is_that_of_all_values() -> None:
    """None of the earlier ones stands."""
    both = FakeScorer(lambda _: [Value(0.1, name="x"), Value(0.2, name="y")])
    results = second(FakeScorer(failing, fingerprint="f2"), before=both)
    assert [(one.name, one.state) for one in results] == [("x", "error"), ("y", "error")]


@pytest.mark.parametrize(
    "span",
    [
        row("s", "a", span_attributes='{"name":"good","type":"score","purpose":"scorer"}'),
        row("s", "a", span_attributes='{"name":"good","type":"score","purpose":"scorer"}', metadata="[]"),
        row("s", "a", span_attributes='{"name":5,"type":"score","purpose":"scorer"}', metadata='{"fingerprint":"f1"}'),
        row("s", "a", span_attributes='{"name":"good","type":"score","x":"scorer"}', metadata='{"fingerprint":"f1"}'),
        row("s", span_attributes='{"name":"good","type":"score","purpose":"scorer"}', metadata='{"fingerprint":"f1"}'),
    ],
)
def test_spans_of_others_are_no_memory(span: Any) -> None:
    """A score span without our marks, or that is no child, is as good as absent."""
    (result,) = [one for one in scored([[ASKED, span]], FakeScorer())[0].results if one.span_id == "a"]
    assert not result.reused


def test_what_is_known_is_reused_after_the_end() -> None:
    """Once a run has ended, earlier results still count; they take no work."""
    rows = again([row("a", output="1")], FakeScorer())
    judge = FakeJudge()
    found = scored([rows], FakeScorer(), stop=lambda: 0, judge=judge)
    assert found[0].results[0].reused
