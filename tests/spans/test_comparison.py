"""Two sides case by case, against values computed by hand; and gates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.spans.cases import LONGEST_LABEL, Side, trial_fields, trials
from bt_cli.spans.comparison import Comparison, Measure, compare, interval
from bt_cli.spans.gate import Rule, Verdict, judge
from bt_cli.spans.pairs import cases_of
from bt_cli.spans.paths import Path
from builders import rows_of


def dice() -> Random:
    """Random draws from a fixed beginning."""
    return Random(1)


def case(question: Any = None, took: float | None = None, tokens: int | None = None, **scores: float | None) -> Any:
    """A trace that answers a question."""
    metrics = {} if took is None else {"start": 0, "end": took}
    call = {"type": "llm", "metrics": {} if tokens is None else {"tokens": tokens}}
    return {"input": question, "metrics": metrics, "scores": scores, "children": [call]}


def side(*traces: Any, name: str = "", by: str = "input") -> Side:
    """One side of these traces."""
    made = Side(name)
    for trial in trials([rows_of(json.dumps(one).encode()) for one in traces], Path(by), told=True):
        made.add(trial)
    return made


def compared(base: Side, other: Side) -> Comparison:
    return compare(base, other, "input", dice)


def measured(base: Side, other: Side, name: str = "s") -> Measure:
    """One measure of a comparison."""
    (found,) = [one for one in compared(base, other).measures if one.name == name]
    return found


BASE = side(case("a", 1.0, 10, s=1.0), case("b", 2.0, 20, s=0.5), case("c", 3.0, s=0.0), case("gone", s=0.1))
OTHER = side(case("b", 2.5, 20, s=0.75), case("c", 3.0, 5, s=0.0), case("a", 0.5, 12, s=0.25), case("new", s=0.9))


def test_a_score_by_hand() -> None:
    """Means over the three cases that both have: (1 + 0.5 + 0) / 3 and (0.25 + 0.75 + 0) / 3."""
    found = measured(BASE, OTHER)
    assert (found.n, found.better, found.worse, found.equal) == (3, 1, 1, 1)
    assert (found.base, found.other, found.difference) == (0.5, pytest.approx(1 / 3), pytest.approx(-1 / 6))


def test_less_latency_is_better() -> None:
    """Seconds 1, 2, 3 against 0.5, 2.5, 3: one case better, one worse."""
    found = measured(BASE, OTHER, "latency")
    assert (found.base, found.other, found.difference, found.better, found.worse, found.equal) == (2, 2, 0, 1, 1, 1)


def test_a_value_on_one_side_only_is_no_difference() -> None:
    """Tokens 10, 20, – against 12, 20, 5: two cases compare, the third is counted."""
    found = measured(BASE, OTHER, "tokens")
    assert (found.n, found.base, found.other, found.worse, found.only_base, found.only_other) == (2, 15, 16, 1, 0, 1)


def test_cases_of_one_side() -> None:
    """What only one side has is counted."""
    found = compared(BASE, OTHER)
    assert (found.matched, found.only_base, found.only_other, found.base_traces, found.other_traces) == (3, 1, 1, 4, 4)
    assert (found.base_cases, found.other_cases) == (4, 4)


def test_traces_without_a_key() -> None:
    """A trace whose root has no input can't be matched, and two such are not the same case."""
    found = compared(side(case(None, s=1)), side(case(None, s=1), case("a")))
    assert (found.matched, found.unkeyed_base, found.unkeyed_other, found.only_other) == (0, 1, 1, 1)


def test_trials_are_averaged() -> None:
    """Several traces of a case on one side are trials: (1 + 0 + 0.5) / 3 against 1."""
    found = compared(side(case("a", s=1), case("a", s=0), case("a", s=0.5), case("a")), side(case("a", s=1)))
    (score,) = found.scores
    assert (found.matched, found.repeated, score.n, score.base, score.difference) == (1, 1, 1, 0.5, 0.5)


def test_key_order_does_not_tell_inputs_apart() -> None:
    """Equal JSON is an equal input."""
    assert compared(side(case({"a": 1, "b": 2.0})), side(case({"b": 2, "a": 1}))).matched == 1


def test_another_key() -> None:
    """Cases may be matched by any path of the root."""
    one, two = ({"metadata": {"case": 7}, "input": text, "scores": {"s": 1}} for text in "xy")
    assert compared(side(one, by="metadata.case"), side(two, by="metadata.case")).matched == 1


def test_fields_to_read() -> None:
    """Only what keys the cases is read of the payloads."""
    assert set(trial_fields(Path("metadata.case"))) == {"error", "scores", "metrics", "span_attributes", "metadata"}


def test_itself() -> None:
    """A side compared with itself differs in nothing."""
    for one in compared(BASE, BASE).measures:
        assert (one.difference, one.low, one.high, one.better, one.worse, one.verdict) == (0, 0, 0, 0, 0, "equal")


@given(st.permutations(range(8)), st.lists(st.floats(0, 1), min_size=16, max_size=16))
def test_order_does_not_matter(order: list[int], scores: list[float]) -> None:
    """Traces in another order give exactly the same comparison."""
    base = [case(str(place), s=scores[place]) for place in range(8)]
    other = [case(str(place), s=scores[place + 8]) for place in range(8)]
    shuffled = compared(side(*[base[place] for place in order]), side(*[other[place] for place in order]))
    assert shuffled == compared(side(*base), side(*other))


def test_rounding_is_no_difference() -> None:
    """0.1 + 0.2 is 0.3."""
    found = measured(side(case("a", s=0.3)), side(case("a", s=0.1 + 0.2)))
    assert (found.difference, found.equal) == (0, 1)


class Loaded:
    """Dice that show the least value for the first resamples, the largest for the last, else the mean."""

    def __init__(self, least: int, largest: int) -> None:
        self._shown = iter([min] * least + [None] * (2000 - least - largest) + [max] * largest)

    def choices(self, population: Sequence[float], *, k: int) -> list[float]:
        show = next(self._shown)
        return [show(population) if show else 0.0] * k

    def sample(self, population: Sequence[float], k: int) -> list[float]:
        raise AssertionError("few pairs need no dealing")


def test_the_interval_by_hand() -> None:
    """Of the differences 0, 1, 2 the 2.5 % and 97.5 % ranks of 2,000 means are 49.975 and 1949.025."""
    assert interval([0, 1, 2], Loaded(51, 51)) == (0, 2)
    assert interval([0, 1, 2], Loaded(49, 49)) == (1, 1)


@pytest.mark.parametrize("pairs", [400, 1000, 10_000])
def test_the_interval_is_as_wide_as_the_noise(pairs: int) -> None:
    """Of so many differences, half of them 0 and half 1, it is 0.5 ± 1.96 standard errors."""
    low, high = interval([0.0, 1.0] * (pairs // 2), dice())
    error = 1.96 * 0.5 / pairs**0.5
    assert (low, high) == (pytest.approx(0.5 - error, rel=0.02), pytest.approx(0.5 + error, rel=0.02))


def test_equal_differences_have_no_noise() -> None:
    """Where every case moves alike, so does every resample."""
    assert interval([0.25] * 5, dice()) == (0.25, 0.25)


@pytest.mark.parametrize(("scores", "verdict"), [
    ([(0, 1)] * 9, "better"),
    ([(1, 0)] * 9, "worse"),
    ([(0, 1), (1, 0)] * 9, "noise"),
    ([(1, 1)] * 9, "equal"),
    ([(0, 1)], "noise"),
    ([(0, None)], "equal"),
])  # fmt: skip
def test_verdict(scores: list[tuple[float, float | None]], verdict: str) -> None:
    """Better or worse only if the interval leaves no doubt; one case leaves all of it."""
    base = side(*(case(place, s=one) for place, (one, _) in enumerate(scores)))
    other = side(*(case(place, s=two) for place, (_, two) in enumerate(scores)))
    assert measured(base, other).verdict == verdict


def test_slower_is_worse() -> None:
    """A rise of latency is for the worse."""
    base, other = (side(*(case(place, took) for place in range(3))) for took in (1.0, 2.0))
    assert measured(base, other, "latency").verdict == "worse"


@pytest.mark.parametrize(("only", "labels"), [
    (None, ["a", "b", "c"]),
    ("regressions", ["a"]),
    ("improvements", ["b"]),
    ("changed", ["a", "b"]),
])  # fmt: skip
def test_only_some_cases(only: Any, labels: list[str]) -> None:
    """Cases by what their scores did; slower or faster is no matter where there are scores."""
    assert [one.label for one in cases_of(BASE, OTHER, only).both] == labels


def test_without_scores_other_measures_choose() -> None:
    """Where no case has a score, latency, tokens and cost decide."""
    base, other = side(case("a", 1.0), case("b", 1.0)), side(case("a", 2.0), case("b", 1.0))
    assert [one.label for one in cases_of(base, other, "regressions")] == ["a"]


def test_cases_that_one_side_has() -> None:
    """They are told with their traces and values; none of them moved."""
    base = side({"id": "x", **case("gone", s=1)}, case("both"), {"id": "z", **case("also gone")})
    other = side(case("both"), {"id": "y", **case("new", s=0)}, {"id": "w", **case("new", s=1)})
    told = cases_of(base, other, None)
    assert [
        (one.where, one.label, one.base_traces, one.other_traces) for one in [*told.only_base, *told.only_other]
    ] == [
        ("base", "also gone", ["z"], []),
        ("base", "gone", ["x"], []),
        ("other", "new", [], ["w", "y"]),
    ]
    assert (len(told.both), len(told.only_base), len(told.only_other)) == (1, 2, 1)
    assert [(one.base, one.other, one.verdict) for pair in told.only_other for one in pair.values] == [
        (None, 0.5, None)
    ]
    assert [*cases_of(base, other, "changed")] == []


@pytest.mark.parametrize(("other", "verdict"), [(0.5, "worse"), (1.0, "equal"), (None, None)])
def test_verdict_of_a_case(other: float | None, verdict: str | None) -> None:
    """A case got better or worse in a measure, or neither, or can't be compared."""
    (pair,) = cases_of(side(case("a", s=1.0)), side(case("a", s=other)), None)
    assert [one.verdict for one in pair.values] == [verdict]


def test_a_case_in_full() -> None:
    """A case has its traces on both sides and the values of each measure that one of them has."""
    (found,) = cases_of(side({"id": "x", **case("q", s=1)}), side({"id": "y", **case("q", t=0)}), None)
    assert (found.label, found.base_traces, found.other_traces) == ("q", ["x"], ["y"])
    assert [(one.name, one.base, one.other, one.difference, one.gain) for one in found.values] == [
        ("s", 1, None, None, 0),
        ("t", None, 0, None, 0),
    ]


def test_a_long_key_is_cut() -> None:
    """A case of a megabyte has a short label."""
    (found,) = cases_of(side(case("x" * 1_000_000)), side(case("x" * 1_000_000)), None)
    assert len(found.label) == LONGEST_LABEL


def test_a_key_that_is_no_text() -> None:
    """Other JSON is told as its text."""
    (found,) = cases_of(side(case({"b": 1, "a": 2})), side(case({"a": 2, "b": 1})), None)
    assert found.label == '{"a":2,"b":1}'


def whatever_is_missing(missing: int, of: int) -> bool:
    """The limit of a gate that takes what there is."""
    return False


def any_missing(missing: int, of: int) -> bool:
    """The limit of a gate that wants all of it."""
    return missing > 0


def verdicts(*rules: str, base: Side = BASE, other: Side = OTHER) -> list[tuple[str, str]]:
    """The measures that some gates look at, and what they say."""
    found = judge(compared(base, other), [Rule.parse(rule) for rule in rules], whatever_is_missing)
    return [(one.measure, one.state) for one in found]


@pytest.mark.parametrize(("rule", "state"), [
    ("s", "failed"),
    ("s=0.16", "failed"),
    ("s=0.17", "passed"),
    ("s=33%", "failed"),
    ("s=34%", "passed"),
    ("latency", "passed"),
    ("tokens", "failed"),
    ("tokens=1", "passed"),
    ("cost", "unknown"),
    ("nothing", "unknown"),
])  # fmt: skip
def test_gate(rule: str, state: str) -> None:
    """s falls by a sixth, a third of 0.5; tokens rise by one; no trace has a cost."""
    assert verdicts(rule) == [(rule.partition("=")[0], state)]


def test_a_gate_for_all_scores() -> None:
    """Without a name, each score of the base is looked at, but not those that have a gate of their own."""
    base, other = side(case("a", s=1, t=1, u=1)), side(case("a", s=0, t=0.9, v=1))
    assert verdicts("", "t=0.2", base=base, other=other) == [("s", "failed"), ("u", "unknown"), ("t", "passed")]


@pytest.mark.parametrize("other", [side(), side(case("b", s=1)), side(case("a"))])
def test_nothing_to_judge(other: Side) -> None:
    """A gate over sides that share no case, or no score, is no verdict."""
    assert {state for _, state in verdicts("", base=side(case("a", s=1)), other=other)} == {"unknown"}


def test_a_gate_tells_how_much() -> None:
    """What was lost and what is allowed, in the measure's unit."""
    found = judge(compared(BASE, OTHER), [Rule.parse("s=10%")], whatever_is_missing)
    assert found == [Verdict("s", "failed", pytest.approx(1 / 6), pytest.approx(0.05), missing=1, of=4)]


def test_no_verdict_where_cases_are_missing() -> None:
    """BASE has four cases, OTHER three of them: what the three say is no verdict."""
    (found,) = judge(compared(BASE, OTHER), [Rule.parse("s=1")], any_missing)
    assert (found.state, found.missing, found.of, found.missing_are) == ("incomplete", 1, 4, "cases")


def test_no_verdict_where_values_are_missing() -> None:
    """A case that lost its score is missing for that score, not for another; one without a score lacks none."""
    base = side(case("a", s=1, t=1), case("b", s=1, t=1), case("c", t=1))
    other = side(case("a", s=1, t=1), case("b", t=1), case("c", t=1), case("new", s=1, t=1))
    found = judge(compared(base, other), [Rule.parse(""), Rule.parse("latency")], any_missing)
    assert [(one.measure, one.state, one.missing, one.of, one.missing_are) for one in found] == [
        ("s", "incomplete", 1, 2, "values"),
        ("t", "passed", 0, 3, "values"),
        ("latency", "unknown", 0, 0, "values"),
    ]


def test_new_cases_are_no_fault() -> None:
    """What only OTHER has keeps no gate from its verdict."""
    base, other = side(case("a", s=1)), side(case("a", s=1), case("b", s=0))
    assert [one.state for one in judge(compared(base, other), [Rule()], any_missing)] == ["passed"]


@pytest.mark.parametrize("written", ["=1", "s=", "s=x", "s=-1", "s=1=2", "s=1%%"])
def test_not_a_gate(written: str) -> None:
    """A gate is NAME or NAME=DELTA."""
    with pytest.raises(ValueError, match="NAME"):
        Rule.parse(written)


@pytest.mark.parametrize(("written", "rule"), [
    ("", Rule()),
    ("a b", Rule("a b")),
    ("s=.5", Rule("s", 0.5)),
    ("s=1e-3", Rule("s", 0.001)),
    ("latency=10%", Rule("latency", 10.0, True)),
])  # fmt: skip
def test_gates_as_written(written: str, rule: Rule) -> None:
    """A name, and how much is allowed."""
    assert Rule.parse(written) == rule


def test_a_side_of_numbers_only() -> None:
    """A side whose cases are not told one by one compares like one whose cases are."""
    made = Side("")
    for trial in trials([rows_of(json.dumps(case("a", s=1)).encode())] * 2, Path("input"), told=False):
        assert (trial.label, trial.trace) == ("", "")
        made.add(trial)
    assert list(made.trials) == [2] and compared(made, BASE).matched == 1
