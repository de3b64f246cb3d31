"""A scoring run as one side of a comparison."""

from __future__ import annotations

from bt_cli.spans.canonical import digest
from bt_cli.spans.score_baseline import of_scores, scored_trial
from builders import row
from results import compared, other, scored


def test_the_key_is_the_input_of_the_root() -> None:
    """Wherever the root stands among the rows."""
    rows = [row("b", "a", input='"inner"'), row("a", input='{"q": 1}')]
    assert scored_trial(rows, []).key == digest({"q": 1})


def test_a_fragment_goes_by_its_first_span() -> None:
    """Where no row is a root, as everywhere."""
    assert scored_trial([row("b", "gone", input='"x"')], []).key == digest("x")


def test_without_an_input_there_is_no_key() -> None:
    """Such a trace matches nothing."""
    assert scored_trial([row("a")], [scored(1)]).key is None


def test_several_scores_of_a_name_are_their_mean() -> None:
    """As a trace's score is the mean over its spans; errors do not count."""
    trial = scored_trial([row("a", input="1")], [scored(1), scored(0), other("error"), scored(0.5, "b")])
    assert trial.scores == {"exact": 0.5, "b": 0.5}


def test_only_what_the_run_scored_is_compared() -> None:
    """The baseline's other scores, latency, tokens and cost are left out."""
    assert of_scores(compared([1], [1]), ["else"]).measures == []
    assert [one.name for one in of_scores(compared([1], [1]), ["exact"]).measures] == ["exact"]
