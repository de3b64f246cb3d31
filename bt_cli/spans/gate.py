"""``--fail-on-regression``: whether a comparison may pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bt_cli.spans.comparison import Comparison, Measure

_SLACK = 1e-9
_RULE = re.compile(r"(?s)(?P<name>.+?)(=(?P<delta>\d*\.?\d+(e-?\d+)?)(?P<percent>%)?)?")


class Rule(Struct, frozen=True):
    """One gate: a measure may not get worse by more than ``delta``; with ``percent`` that is of the base's mean.

    ``name`` None means every score that the base has.
    """

    name: str | None = None
    delta: float = 0.0
    percent: bool = False

    @classmethod
    def parse(cls, written: str) -> Rule:
        """``NAME``, ``NAME=0.02`` or ``latency=10%``; empty for every score. Raises ValueError."""
        if not written:
            return cls()
        match = _RULE.fullmatch(written)
        if match is None or "=" in match["name"]:
            raise ValueError(f"not NAME or NAME=DELTA: {written!r}")
        return cls(match["name"], float(match["delta"] or 0), match["percent"] is not None)


class Verdict(Struct, frozen=True):
    """What a gate says of one measure.

    ``unknown`` where no case has it on both sides, ``incomplete`` where OTHER lacks too much of what
    BASE has: ``missing`` of ``of`` cases, or values of this measure where there are enough cases.
    """

    measure: str
    state: Literal["passed", "failed", "unknown", "incomplete"]
    worse_by: float | None
    allowed: float
    """Both in the measure's unit."""
    missing: int = 0
    of: int = 0
    missing_are: Literal["cases", "values"] = "values"


TooMany = Callable[[int, int], bool]
"""Whether so many missing ones of so many are too many for a verdict."""


def judge(comparison: Comparison, rules: Sequence[Rule], too_many: TooMany) -> list[Verdict]:
    """What the gates say. The means decide, not the interval: noise is what a DELTA is for.

    A gate without a name over sides that share no score is ``unknown`` too. Where too many cases are
    missing, no gate has a verdict.
    """
    verdicts = []
    named = {rule.name for rule in rules}
    for rule in rules:
        if rule.name is not None:
            verdicts.append(_verdict(_find(comparison, rule.name), rule, rule.name))
            continue
        scores = [one for one in comparison.scores if one.name not in named and (one.n or one.only_base)]
        verdicts += [_verdict(one, rule, one.name) for one in scores]
        if not comparison.scores or not comparison.matched:
            verdicts.append(Verdict("scores", "unknown", None, rule.delta))
    return [_complete(one, comparison, too_many) for one in verdicts]


def _complete(verdict: Verdict, comparison: Comparison, too_many: TooMany) -> Verdict:
    """``verdict`` where it is about enough cases."""
    if verdict.state == "unknown":
        return verdict
    missing, cases = comparison.only_base, comparison.base_cases
    if too_many(missing, cases):
        return replace(verdict, state="incomplete", missing=missing, of=cases, missing_are="cases")
    return replace(verdict, state="incomplete") if too_many(verdict.missing, verdict.of) else verdict


def _find(comparison: Comparison, name: str) -> Measure | None:
    """The measure of a name; a score called ``latency`` hides the latency."""
    return next((one for one in comparison.measures if one.name == name), None)


def _verdict(measure: Measure | None, rule: Rule, name: str) -> Verdict:
    if measure is None or measure.difference is None or measure.base is None:
        return Verdict(name, "unknown", None, rule.delta)
    worse_by = -measure.difference * measure.good
    allowed = abs(measure.base) * rule.delta / 100 if rule.percent else rule.delta
    failed = worse_by > allowed + _SLACK * max(1.0, abs(measure.base))
    state: Literal["failed", "passed"] = "failed" if failed else "passed"
    return Verdict(name, state, worse_by, allowed, measure.only_base, measure.n + measure.only_base)
