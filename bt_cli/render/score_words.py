"""What a scoring run says in sentences: the verdict, each gate, the judge; the same in every report."""

from __future__ import annotations

from collections.abc import Callable

from bt_cli.render.amounts import aligned, amount, cost, count, difference, duration, integer
from bt_cli.spans.comparison import Measure
from bt_cli.spans.score_gates import Check, Verdict
from bt_cli.spans.score_run import JudgeUse, ScoreRun
from bt_cli.spans.score_tally import SLACK, LowScore

VERDICTS = {"passed": "passed", "failed": "failed", "incomplete": "no verdict", "none": "no gates"}
NO_REASON = "no opinion"
"""Stands for the reason of a scorer that was skipped and gave none."""
_LACKS = {
    "missing": "not all of it is there",
    "cut_short": "the run was cut short",
    "not_run": "not every case was run",
    "errors": "too many errors",
    "skipped": "too many cases skipped",
    "no_case": "no case was scored",
    "no_pair": "no case has a score in the baseline",
}


_MISSING: dict[str, Callable[[int], str]] = {
    "rejected": lambda number: f"input: {count(number, 'record')} rejected",
    "broken_off": lambda _: "input: not read to its end",
    "baseline": lambda _: "baseline: not all of it could be read",
    "refused": lambda number: f"store: {count(number, 'trace')} could not be given scores",
}
"""What a run has not seen or kept, by the kind of `Missing`."""


def check_words(check: Check) -> str:
    """``factuality: mean 0.812, at least 0.800 is asked`` …, without the score's name made safe."""
    if check.lack == "missing" and check.kind in _MISSING:
        return _MISSING[check.kind](int(check.value or 0))
    if check.value is None and check.lack:
        return f"{check.name}: no verdict: {_LACKS[check.lack]}"
    return f"{check.name}: {_finding(check)}{_why(check)}"


def verdict_words(verdict: Verdict) -> str:
    """The verdict in a word or two; that it only reports, where it does."""
    word = VERDICTS[verdict.state]
    return f"{word} (report only)" if verdict.report_only and verdict.state == "failed" else word


def judge_words(use: JudgeUse, dot: str) -> str:
    """Calls, answers out of the cache, retries, tokens and cost."""
    retries = f"{integer(use.retries)} {'retry' if use.retries == 1 else 'retries'}"
    parts = [count(use.calls, "call"), f"{integer(use.cached)} from the cache", retries]
    parts.append(f"{integer(use.prompt_tokens)} + {integer(use.completion_tokens)} tokens")
    priced = use.calls - use.unpriced
    if priced > 0 or use.cost:
        parts.append(cost(use.cost))
    if use.unpriced:
        parts.append("cost unknown" if priced <= 0 else f"{count(use.unpriced, 'call')} of unknown cost")
    return dot.join(parts)


def run_words(run: ScoreRun, dot: str) -> str:
    """How much was scored, in what time, and whether that is all of it."""
    parts = [count(run.traces, "trace"), count(run.cases, "case")]
    reused = sum(one.reused for one in run.scorers)
    if reused:
        parts.append(f"{count(reused, 'result')} of an earlier run")
    if run.partial:
        parts.append("a part of the traces")
    if run.unread:
        parts.append("the rest was not read")
    return dot.join([*parts, duration(run.elapsed)])


def baseline_words(measure: Measure) -> str:
    """``+0.021 [−0.004, +0.046] against 0.790: 12 better, 3 worse of 40``."""
    if measure.difference is None:
        return "no case has a score in the baseline"
    within = ""
    if measure.low is not None:
        within = f" [{difference('score', measure.low)}, {difference('score', measure.high)}]"
    return (
        f"{difference('score', measure.difference)}{within} against {aligned('score', measure.base)}: "
        f"{integer(measure.better)} better, {integer(measure.worse)} worse of {integer(measure.n)}"
    )


def is_low(low: LowScore) -> bool:
    """Whether a score shows as less than 1."""
    return aligned("score", low.score) != aligned("score", 1.0)


def _finding(check: Check) -> str:
    if check.kind == "fail_under":
        found, wanted = _told_apart(check.value, check.wanted)
        return f"mean {found}, at least {wanted} is asked"
    if check.kind == "min_pass":
        return f"{_percent(check.value)} have {check.threshold:g} or more, at least {_percent(check.wanted)} is asked"
    if check.kind == "max_drop":
        found, wanted = _told_apart(check.value, check.wanted)
        if check.value is not None and check.value <= SLACK:
            return f"no worse than the baseline, and {wanted} is allowed"
        return f"worse than the baseline by {found}, and {wanted} is allowed"
    number = int(check.value or 0)
    if check.kind == "not_run":
        return f"{integer(number)} not run"
    what = "skipped" if check.kind == "max_skipped" else "error" if number == 1 else "errors"
    return f"{integer(number)} {what}, {check.wanted:,.0f} allowed"


def _why(check: Check) -> str:
    limits = ("max_score_errors", "max_skipped", "not_run")
    return f" – no verdict: {_LACKS[check.lack]}" if check.lack and check.kind not in limits else ""


def _told_apart(value: float | None, wanted: float) -> tuple[str, str]:
    """Two scores with as many digits as tell them apart, three at least."""
    if value is None:
        return aligned("score", None), aligned("score", wanted)
    for digits in range(3, 9):
        texts = f"{value:.{digits}f}", f"{wanted:.{digits}f}"
        if texts[0] != texts[1]:
            return texts
    return aligned("score", value), aligned("score", wanted)


def _percent(value: float | None) -> str:
    return amount("score", None) if value is None else f"{value:.4g} %"
