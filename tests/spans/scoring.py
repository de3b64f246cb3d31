"""Results of scorers in a few characters, and the numbers they come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bt_cli.scoring.base import Result
from bt_cli.spans.score_gates import Gates, Verdict, judge
from bt_cli.spans.score_tally import ScorerNumbers, ScoreTally


def scored(score: float, name: str = "exact", **more: Any) -> Result:
    """A score."""
    return Result(name, more.pop("span_id", "s"), "scored", score, **more)


def other(state: Any, reason: str = "", name: str = "exact", **more: Any) -> Result:
    """A result without a score."""
    return Result(name, more.pop("span_id", "s"), state, reason=reason, **more)


def numbers(results: Sequence[Result], *names: str) -> list[ScorerNumbers]:
    """What results come to; the n-th is of the trace ``t<n>``."""
    tally = ScoreTally(names)
    for place, result in enumerate(results):
        tally.add(result, f"t{place}")
    return tally.finish()


def exact(*results: Result) -> ScorerNumbers:
    """The numbers of the one scorer ``exact``."""
    return numbers(results, "exact")[0]


def verdict(gates: Gates, *results: Result, whole: bool = True, **more: Any) -> Verdict:
    """What gates say of results of the scorer ``exact``."""
    return judge(gates, numbers(results, "exact"), more.get("comparison"), whole)
