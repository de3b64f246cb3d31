"""The stream of results: what becomes of a case, in which order, and how a run ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bt_cli.errors import Interrupted, JudgeError, LimitError
from bt_cli.scoring.base import Value
from bt_cli.scoring.engine import score_traces
from bt_cli.scoring.plan import Plan
from bt_cli.scoring.trials import Ending
from bt_cli.spans.row import Row
from builders import row
from scoring_fakes import FakeJudge, FakeScorer, results_of, scored


def traces(number: int) -> list[list[Row]]:
    return [[row(f"t{n}", trace=f"t{n}", output=str(n))] for n in range(number)]


def states(*scorers: FakeScorer, number: int = 1, **plan: Any) -> list[str]:
    return [result.state for one in scored(traces(number), *scorers, **plan) for result in one.results]


def test_a_number_is_scored() -> None:
    """The result has the value, the arguments and the fingerprint."""
    (result,) = results_of(row("a", output='"x"'), FakeScorer(lambda _: Value(0.5, {"why": 1})))
    assert (result.state, result.score, result.metadata) == ("scored", 0.5, {"why": 1})
    assert (result.arguments, result.fingerprint, result.span_id) == ('{"output":"x"}', "f1", "a")


def test_no_opinion_is_skipped() -> None:
    """A scorer may say None."""
    (result,) = results_of(row("a"), FakeScorer(lambda _: None))
    assert (result.state, result.score, result.reason) == ("skipped", None, "no opinion")


def test_saying_nothing_is_no_opinion() -> None:
    """An empty list says no value at all."""
    assert [one.state for one in results_of(row("a"), FakeScorer(lambda _: []))] == ["skipped"]


def test_a_missing_input_is_skipped() -> None:
    """The scorer is not asked, and the reason names what is missing."""
    scorer = FakeScorer()
    scorer.needs = ("expected",)
    (result,) = results_of(row("a", output="1"), scorer)
    assert (result.state, result.reason, scorer.asked) == ("skipped", "missing expected", [])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "no finite number"),
        (float("inf"), "no finite number"),
        (True, "no finite number"),
        ("1", "no finite number"),
        (1.5, "not between 0 and 1"),
        (-0.1, "not between 0 and 1"),
        (Value(0.5, {"x": float("nan")}), "ValueError"),
        (Value(0.5, {"x": object()}), "ValueError"),
        ([Value(0.1, name="x"), Value(0.2, name="x")], "two values of one name"),
    ],
)
def test_what_is_no_score_is_an_error(value: Any, said: str) -> None:
    """It has no number, so that it can't count as one."""
    (result,) = results_of(row("a"), FakeScorer(lambda _: value))
    assert (result.state, result.score) == ("error", None)
    assert said in result.reason


@pytest.mark.parametrize("error", [ValueError("bad \ud800"), RecursionError(), SystemExit(3), JudgeError("malformed")])
def test_what_a_scorer_raises_is_an_error_of_its_case(error: BaseException) -> None:
    """The others go on."""

    def fail(given: Any) -> float:
        if given["output"] == 1:
            raise error
        return 1.0

    assert states(FakeScorer(fail), number=3) == ["scored", "error", "scored"]


def test_a_reason_can_be_written() -> None:
    """Half a surrogate pair in a message does not reach a file, nor do thousands of characters."""

    def fail(_: Any) -> float:
        raise ValueError("\ud800" + "x" * 10_000)

    (result,) = results_of(row("a"), FakeScorer(fail))
    assert result.reason.encode()[:16] == "ValueError: \ufffdx".encode()
    assert len(result.reason) == 500


def test_arguments_that_fail_are_an_error() -> None:
    """What goes wrong before the scorer is asked is its case's too."""

    class Failing(FakeScorer):
        def arguments(self, case: Any) -> Any:
            raise KeyError("nothing there")

    (result,) = results_of(row("a"), Failing())
    assert (result.state, result.reason) == ("error", "KeyError: 'nothing there'")


def test_several_values_are_results_of_their_own() -> None:
    """Each under its name, with the scorer that said it."""
    results = results_of(row("a"), FakeScorer(lambda _: [Value(0.1, name="x"), Value(0.2), Value(None, name="z")]))
    assert [(one.name, one.score, one.scorer) for one in results] == [
        ("x", 0.1, "good"),
        ("good", 0.2, ""),
        ("z", None, "good"),
    ]


def test_the_name_of_another_scorer_is_taken() -> None:
    """Two scorers can't write one score."""
    results = results_of(row("a"), FakeScorer(lambda _: [Value(0.1, name="other")]), FakeScorer(name="other"))
    assert [(one.name, one.state) for one in results] == [("good", "error"), ("other", "scored")]


def test_cases_come_case_by_case_and_scorer_by_scorer() -> None:
    """The order of results is that of the spans, then that of the scorers."""
    trace = [row("a"), row("b", "a")]
    (one,) = scored([trace], FakeScorer(name="x"), FakeScorer(name="y"), on="all")
    assert [(result.span_id, result.name) for result in one.results] == [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]


@pytest.mark.parametrize(
    ("reduce", "score"), [("mean", 0.5), ("median", 0.4), ("mode", 0.3), ("min", 0.3), ("max", 1.0)]
)
def test_trials_are_reduced(reduce: str, score: float) -> None:
    """Only numbers count; the metadata is that of a trial with the value, where there is one."""
    said = iter([Value(0.3, {"n": 0}), Value(0.5, {"n": 1}), None, Value(0.3, {"n": 3}), Value(1.0, {"n": 4}), None])
    (result,) = results_of(row("a"), FakeScorer(lambda _: next(said)), trials=5, reduce=reduce)
    values = [0.3, 0.5, None, 0.3, 1.0]
    wanted = {"mean": 0.525, "median": 0.4}.get(reduce, score)
    assert (result.score, result.values) == (pytest.approx(wanted), values)


def test_trials_without_a_number_are_skipped() -> None:
    """A mean of nothing is nothing."""
    (result,) = results_of(row("a"), FakeScorer(lambda _: None), trials=2)
    assert (result.state, result.values) == ("skipped", [None, None])


def test_the_error_of_one_trial_is_that_of_the_case() -> None:
    """No mean hides it, and the trials after it are saved."""
    said = iter([1.0, float("nan"), 1.0])
    scorer = FakeScorer(lambda _: next(said))
    (result,) = results_of(row("a"), scorer, trials=3)
    assert (result.state, len(scorer.asked)) == ("error", 2)


def test_calls_are_kept_where_a_scorer_fails() -> None:
    """A judge that was asked has cost something."""
    judge = FakeJudge()

    def fail(_: Any) -> float:
        judge.ask()
        raise JudgeError("no choice in the reply")

    (result,) = results_of(row("a"), FakeScorer(fail, judged=True), judge=judge)
    assert (result.state, len(result.calls)) == ("error", 1)


def test_each_trial_is_told_to_the_judge() -> None:
    """The judge's cache has to tell them apart."""
    judge = FakeJudge()
    results_of(row("a"), FakeScorer(judged=True), judge=judge, trials=3)
    assert judge.trials == [0, 1, 2]


def test_offline_scorers_run_in_the_thread_that_reads() -> None:
    """A pool would only slow them down."""
    seen = []
    results_of(row("a"), FakeScorer(lambda _: seen.append(threading.current_thread()) or 1.0))
    assert seen == [threading.main_thread()]


def test_results_keep_the_order_of_the_input() -> None:
    """The first trace is answered last, and comes out first."""
    done = {n: threading.Event() for n in range(8)}

    def wait(given: Any) -> float:
        n = given["output"]
        if n + 1 in done:
            assert done[n + 1].wait(30)
        done[n].set()
        return n / 10

    found = scored(traces(8), FakeScorer(wait, judged=True), judge=FakeJudge(), concurrency=8)
    assert [one.results[0].score for one in found] == [n / 10 for n in range(8)]


def test_the_window_is_bounded() -> None:
    """While the first trace waits, only so many others are read."""
    goes_on = threading.Event()
    read = []

    def reading() -> Iterator[list[Row]]:
        for trace in traces(100):
            read.append(trace)
            yield trace

    scorer = FakeScorer(lambda _: goes_on.wait(30) and 1.0, judged=True)
    found = score_traces(reading(), Plan([scorer], FakeJudge(), concurrency=2), Ending(lambda: 0))
    assert next(found) is None
    waiting = len(read)
    goes_on.set()
    assert (waiting, len([one for one in found if one is not None])) == (9, 100)


def test_awaited_input_lets_results_out() -> None:
    """A None in the input finishes what has begun."""
    (trace,) = traces(1)
    found = score_traces(iter([trace, None]), Plan([FakeScorer(judged=True)], FakeJudge()), Ending(lambda: 0))
    assert [one is not None for one in found if one is None or one.results][-2:] == [True, False]


def limited(given: Any) -> float:
    if given["output"] >= 1:
        raise LimitError("--max-cost 1 is reached")
    return 1.0


@pytest.mark.parametrize("judged", [False, True])
def test_a_limit_ends_the_run(judged: bool) -> None:
    """What is finished stays, the rest is not run and counted, and says why."""
    ending = Ending(lambda: 0)
    plan = Plan([FakeScorer(limited, judged=judged)], FakeJudge(), concurrency=1)
    found = [one.results[0] for one in score_traces(iter(traces(6)), plan, ending) if one is not None]
    assert [one.state for one in found] == ["scored"] + ["not_run"] * 5
    assert (found[-1].reason, type(ending.error)) == ("--max-cost 1 is reached", LimitError)


def test_a_stop_lets_calls_in_flight_finish() -> None:
    """Their results are kept; what waits for a thread is not run, and nothing more is read."""
    stopped = threading.Event()

    def say(_: Any) -> float:
        stopped.set()
        return 1.0

    ending = Ending(stopped.is_set)
    plan = Plan([FakeScorer(say, judged=True)], FakeJudge(), concurrency=1)

    def reading() -> Iterator[list[Row]]:
        every = traces(10)
        yield every[0]
        assert stopped.wait(30)
        yield from every[1:]

    found = [one.results[0].state for one in score_traces(reading(), plan, ending) if one is not None]
    assert (found, ending.interrupted, ending.error) == (["scored"], True, None)


def test_a_stop_ends_between_trials() -> None:
    """The calls that were made are in the judge's cache."""
    ending = Ending(lambda: 0)

    def say(_: Any) -> float:
        ending.interrupted = True
        return 1.0

    stream = score_traces(iter(traces(1)), Plan([scorer := FakeScorer(say)], trials=5), ending)
    assert [one.results[0].state for one in stream if one is not None] == ["not_run"]
    assert len(scorer.asked) == 1


def test_a_judge_that_was_interrupted_leaves_its_case_not_run() -> None:
    """A wait that a signal ended is no error of the case."""

    def wait(_: Any) -> float:
        raise Interrupted(2)

    assert states(FakeScorer(wait, judged=True), judge=FakeJudge()) == ["not_run"]
