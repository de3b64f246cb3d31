"""Gates: whether a scoring run may pass."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.spans.score_gates import Allowance, FailUnder, Gates, MinPass, drop_rule
from results import compared, other, scored, verdict


def under(least: float, **more: Any) -> Gates:
    return Gates(fail_under=(FailUnder("exact", least),), **more)


def share(threshold: float, percent: float) -> Gates:
    return Gates(min_pass=(MinPass("exact", threshold, percent),))


@pytest.mark.parametrize(("mean", "state"), [(0.9, "passed"), (0.9 - 1e-12, "passed"), (0.8999, "failed")])
def test_a_mean_at_the_edge_passes(mean: float, state: str) -> None:
    """0.9 with 0.9 passes, and rounding decides nothing."""
    assert verdict(under(0.9), scored(mean)).state == state


def test_a_failed_gate_is_exit_code_4() -> None:
    """And 0 where it only reports."""
    assert verdict(under(0.5), scored(0.1)).exit_code == 4
    assert verdict(under(0.5, report_only=True), scored(0.1)).exit_code == 0


def test_report_only_forgives_no_incomplete_run() -> None:
    """Errors are 3, whatever the gates only report."""
    assert verdict(under(0.5, report_only=True), scored(1), other("error")).exit_code == 3


@pytest.mark.parametrize(("lack", "state"), [("errors", "error"), ("not_run", "not_run")])
def test_incomplete_data_is_no_verdict(lack: str, state: str) -> None:
    """3 comes before 4: a mean that is too low is not judged where cases failed or were not run."""
    found = verdict(under(0.5), scored(0), other(state))
    assert (found.state, found.exit_code, found.checks[0].lack) == ("incomplete", 3, lack)


def test_errors_within_the_limit_are_judged() -> None:
    """One error in two is allowed by 50 %, and the gate looks at what was scored."""
    found = verdict(under(0.5, max_errors=Allowance(percent=50)), scored(0.2), other("error"))
    assert (found.state, found.exit_code) == ("failed", 4)


def test_errors_without_a_gate_are_told_too() -> None:
    """The default allows none: 3."""
    found = verdict(Gates(), scored(1), other("error"))
    assert (found.exit_code, [check.kind for check in found.checks]) == (3, ["max_score_errors"])


def test_too_many_skipped_cases_are_no_verdict() -> None:
    """A mean over too few cases says nothing."""
    gates = Gates(max_skipped=Allowance(1))
    assert verdict(gates, scored(1), other("skipped")).exit_code == 0
    assert verdict(gates, scored(1), other("skipped"), other("skipped")).exit_code == 3


def test_all_skipped_is_allowed_without_a_gate() -> None:
    """And none is judged with one: no case has a score."""
    assert verdict(Gates(), other("skipped")).exit_code == 0
    assert verdict(under(0), other("skipped")).checks[0].lack == "no_case"


@pytest.mark.parametrize("gates", [under(0.5), share(0.5, 10)])
def test_a_gate_without_cases_is_no_verdict(gates: Gates) -> None:
    """No case is no success."""
    assert verdict(gates).exit_code == 3


@pytest.mark.parametrize("gates", [Gates(fail_under=(FailUnder("else", 0),)), Gates(min_pass=(MinPass("else", 0, 0),))])
def test_a_gate_of_a_score_that_never_came_is_no_verdict(gates: Gates) -> None:
    """A function that gives several scores may leave one out."""
    assert verdict(gates, scored(1)).exit_code == 3


def test_no_case_and_no_gate_is_no_failure() -> None:
    """Nothing was asked."""
    assert (verdict(Gates()).state, verdict(Gates()).exit_code) == ("none", 0)


def test_a_run_that_was_cut_short_has_no_verdict() -> None:
    """Also where the cases so far would pass."""
    assert verdict(under(0.5), scored(1), whole=False).checks[0].lack == "cut_short"


@pytest.mark.parametrize(("percent", "state"), [(66, "passed"), (100 * 2 / 3, "passed"), (67, "failed")])
def test_a_share_of_cases_must_pass(percent: float, state: str) -> None:
    """Two of three have 0.5 or more."""
    assert verdict(share(0.5, percent), scored(0.5), scored(1), scored(0.4)).state == state


def test_errors_are_outside_the_share() -> None:
    """Of the cases with a score all pass; the errors are a matter of their own limit."""
    gates = Gates(min_pass=(MinPass("exact", 0.5, 100),), max_errors=Allowance(1))
    assert verdict(gates, scored(1), other("error")).state == "passed"


@pytest.mark.parametrize(("delta", "state"), [("0.1", "passed"), ("0.05", "failed"), ("20%", "passed")])
def test_a_drop_against_the_baseline(delta: str, state: str) -> None:
    """The mean falls from 0.8 to 0.7; a percentage is of the baseline's mean."""
    gates = Gates(max_drop=(drop_rule(f"exact={delta}"),))
    assert verdict(gates, scored(0.7), comparison=compared([0.8], [0.7])).state == state


def test_a_drop_without_pairs_is_no_verdict() -> None:
    """The baseline has none of the cases."""
    gates = Gates(max_drop=(drop_rule("exact"),))
    assert verdict(gates, scored(0.7), comparison=compared([], [0.7])).checks[0].lack == "no_pair"


def test_a_drop_over_incomplete_data_is_no_verdict() -> None:
    """Errors come first here too."""
    gates = Gates(max_drop=(drop_rule("exact=0"),))
    found = verdict(gates, scored(0.7), other("error"), comparison=compared([0.8], [0.7]))
    assert (found.checks[0].state, found.checks[0].lack) == ("unknown", "errors")


def test_the_hardest_threshold_is_that_of_a_case() -> None:
    """JUnit has one failure a case."""
    gates = Gates(min_pass=(MinPass("exact", 0.9, 10), MinPass("exact", 0.5, 90)))
    assert gates.thresholds() == {"exact": 0.9}


def test_names_of_gates_come_once() -> None:
    """In the order of the command line."""
    gates = Gates((FailUnder("a", 0),), (MinPass("b", 0, 0), MinPass("a", 0, 0)), (drop_rule("c=0"),))
    assert gates.names == ["a", "b", "c"]


def test_parses_what_is_documented() -> None:
    """A name may have any signs in it."""
    assert FailUnder.parse("a=b=0.8") == FailUnder("a=b", 0.8)
    assert MinPass.parse("Fact >= .5 : 90%") == MinPass("Fact", 0.5, 90)
    assert (Allowance.parse("3"), Allowance.parse("2.5%")) == (Allowance(3), Allowance(percent=2.5))


@pytest.mark.parametrize(
    ("parse", "written"),
    [
        (FailUnder.parse, "0.8"),
        (FailUnder.parse, "=0.8"),
        (FailUnder.parse, "a=1.2"),
        (FailUnder.parse, "a=nan"),
        (FailUnder.parse, "a="),
        (MinPass.parse, "a>0.5:90%"),
        (MinPass.parse, "a>=0.5:90"),
        (MinPass.parse, "a>=0.5:120%"),
        (MinPass.parse, "a>=1.2.3:90%"),
        (Allowance.parse, "-1"),
        (Allowance.parse, "many"),
        (Allowance.parse, "101%"),
        (drop_rule, ""),
        (drop_rule, "a=b=1"),
    ],
)
def test_refuses_what_is_no_gate(parse: Any, written: str) -> None:
    """What can't be judged is refused before the first case."""
    with pytest.raises(ValueError):
        parse(written)
