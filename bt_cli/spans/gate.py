"""``--fail-on-regression``: whether a comparison may pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

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
    """What a gate says of one measure; ``unknown`` where no case has it on both sides."""

    measure: str
    state: Literal["passed", "failed", "unknown"]
    worse_by: float | None
    allowed: float
    """Both in the measure's unit."""


def judge(comparison: Comparison, rules: Sequence[Rule]) -> list[Verdict]:
    """What the gates say. The means decide, not the interval: noise is what a DELTA is for.

    A gate without a name over sides that share no score is ``unknown`` too.
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
    return verdicts


def _find(comparison: Comparison, name: str) -> Measure | None:
    """The measure of a name; a score called ``latency`` hides the latency."""
    return next((one for one in comparison.measures if one.name == name), None)


def _verdict(measure: Measure | None, rule: Rule, name: str) -> Verdict:
    if measure is None or measure.difference is None or measure.base is None:
        return Verdict(name, "unknown", None, rule.delta)
    worse_by = -measure.difference * measure.good
    allowed = abs(measure.base) * rule.delta / 100 if rule.percent else rule.delta
    failed = worse_by > allowed + _SLACK * max(1.0, abs(measure.base))
    return Verdict(name, "failed" if failed else "passed", worse_by, allowed)
