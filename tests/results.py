"""Results of scorers in a few characters, and the numbers they come to."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from bt_cli.scoring.base import Result
from bt_cli.spans.cases import Side, Trial
from bt_cli.spans.comparison import Comparison, compare
from bt_cli.spans.score_gates import Gates, Verdict, judge
from bt_cli.spans.score_run import ScoreRun
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


def run(*results: Result, gates: Gates | None = None, names: Sequence[str] = ("exact",), **more: Any) -> ScoreRun:
    """A run with these results, of the project ``p``."""
    found = numbers(results, *names)
    comparison = more.get("comparison")
    said = judge(gates or Gates(), found, comparison, more.pop("whole", True))
    facts = {"source": "p", "traces": len(results), "cases": len(results), "elapsed": 2.5, **more}
    return ScoreRun(scorers=found, verdict=said, **facts)


def compared(base: Sequence[float], ours: Sequence[float]) -> Comparison:
    """The scores ``exact`` of a baseline and of a run, pair by pair."""
    sides = []
    for name, values in (("base", base), ("run", ours)):
        side = Side(name)
        for place, value in enumerate(values):
            side.add(Trial(str(place).encode(), {"exact": value}, {}))
        sides.append(side)
    return compare(*sides, "input", lambda: Random(1))
