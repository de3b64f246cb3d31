"""``bt compare``: two sides case by case, and whether what differs is more than noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import fsum
from statistics import fmean
from typing import Literal

from msgspec import Struct

from bt_cli.spans.cases import USAGE, Case, Side
from bt_cli.spans.statistics import quantile

RESAMPLES = 2_000
_MOST_UNITS = 1_000
_SLACK = 1e-9
"""Differences below this share of the values are rounding."""

Draw = Callable[[Sequence[float], int], Sequence[float]]
"""Draws so many of some numbers, with replacement."""
Kind = Literal["score", "latency", "tokens", "cost"]
Only = Literal["regressions", "improvements", "changed"]


class Measure(Struct, frozen=True):
    """One score, or latency, tokens or cost, over the ``n`` cases that have a value on both sides.

    ``difference`` is the mean of other − base, ``low`` and ``high`` bound it with 95 % confidence.
    ``better`` and ``worse`` count cases, whichever direction is the good one. Values are None where
    no case has both; ``only_base`` and ``only_other`` count the cases with a value on one side.
    """

    name: str
    kind: Kind
    n: int
    base: float | None
    other: float | None
    difference: float | None
    low: float | None
    high: float | None
    better: int
    worse: int
    equal: int
    only_base: int
    only_other: int

    @property
    def good(self) -> float:
        """1 where more is better, −1 where less is."""
        return 1.0 if self.kind == "score" else -1.0

    @property
    def verdict(self) -> Literal["better", "worse", "noise", "equal"]:
        """What the interval says: ``noise`` where it has zero within."""
        if self.difference is None or (not self.better and not self.worse):
            return "equal"
        assert self.low is not None and self.high is not None
        if self.low <= 0 <= self.high:
            return "noise"
        return "better" if self.difference * self.good > 0 else "worse"


class Value(Struct, frozen=True):
    """One measure of one case: the means of its trials on both sides, None where a side has none."""

    name: str
    kind: Kind
    base: float | None
    other: float | None

    @property
    def difference(self) -> float | None:
        """Other − base; exactly zero where they differ by rounding only."""
        return None if self.base is None or self.other is None else _difference(self.base, self.other)

    @property
    def gain(self) -> float:
        """The difference in the good direction; 0 where there is none."""
        return (self.difference or 0.0) * (1.0 if self.kind == "score" else -1.0)


class CasePair(Struct, frozen=True):
    """A case that both sides have."""

    label: str
    base_traces: list[str]
    other_traces: list[str]
    values: list[Value]


class Comparison(Struct, frozen=True):
    """Two sides: the measures over the cases they share, and what only one of them has."""

    base: str
    other: str
    by: str
    matched: int
    repeated: int
    """Cases with several traces on a side, whose values are the means of these trials."""
    only_base: int
    only_other: int
    unkeyed_base: int
    unkeyed_other: int
    base_traces: int
    other_traces: int
    measures: list[Measure]
    cases: list[CasePair]

    @property
    def scores(self) -> list[Measure]:
        """The measures that are scores."""
        return [one for one in self.measures if one.kind == "score"]


def compare(base: Side, other: Side, by: str, draw: Callable[[], Draw]) -> Comparison:
    """Compares the cases of two sides that have the same key; the order of their traces does not matter.

    ``draw`` begins a fresh sequence of random draws, so that each measure has the same ones.
    """
    keys = sorted(base.cases.keys() & other.cases.keys())
    pairs = [_pair(base.cases[key], other.cases[key]) for key in keys]
    names: list[tuple[str, Kind]] = [(name, "score") for name in sorted(_score_names(base, other))]
    names += [(name, name) for name in USAGE]  # type: ignore[misc]  # USAGE has these words
    measures = [_measure(name, kind, pairs, draw()) for name, kind in names]
    repeated = sum(len(pair.base_traces) > 1 or len(pair.other_traces) > 1 for pair in pairs)
    return Comparison(
        base=base.name,
        other=other.name,
        by=by,
        matched=len(keys),
        repeated=repeated,
        only_base=len(base.cases) - len(keys),
        only_other=len(other.cases) - len(keys),
        unkeyed_base=base.unkeyed,
        unkeyed_other=other.unkeyed,
        base_traces=base.traces,
        other_traces=other.traces,
        measures=[one for one in measures if one.kind == "score" or one.n or one.only_base or one.only_other],
        cases=sorted(pairs, key=lambda pair: (pair.label, pair.base_traces, pair.other_traces)),
    )


def chosen(comparison: Comparison, only: Only | None) -> list[CasePair]:
    """The cases with a score that fell, rose, or either; with latency, tokens or cost where nobody has scores."""
    if only is None:
        return comparison.cases
    scored = any(one.n for one in comparison.scores)
    return [pair for pair in comparison.cases if _moved(pair, only, scored)]


def _moved(pair: CasePair, only: Only, scored: bool) -> bool:
    gains = [value.gain for value in pair.values if (value.kind == "score") == scored]
    fell, rose = any(gain < 0 for gain in gains), any(gain > 0 for gain in gains)
    return {"regressions": fell, "improvements": rose, "changed": fell or rose}[only]


def interval(differences: Sequence[float], draw: Draw) -> tuple[float, float]:
    """The 95 % interval of the mean of paired differences: percentiles of `RESAMPLES` bootstrap means.

    Above 1,000 pairs, they are dealt into 1,000 groups whose sums are resampled; for a mean this is
    the same but for a thousandth of the interval's width, and takes no longer for a million pairs.
    """
    mean = fmean(differences)
    units = [value - mean for value in differences]
    if len(units) > _MOST_UNITS:
        units = [fsum(units[start::_MOST_UNITS]) for start in range(_MOST_UNITS)]
    if all(unit == units[0] for unit in units):
        return mean, mean
    means = sorted([mean + fsum(draw(units, len(units))) / len(differences) for _ in range(RESAMPLES)])
    return quantile(means, 0.025), quantile(means, 0.975)


def _pair(base: Case, other: Case) -> CasePair:
    values = [
        Value(name, "score", _mean(base.scores.get(name)), _mean(other.scores.get(name)))
        for name in sorted({*base.scores, *other.scores})
    ]
    values += [
        Value(name, name, _mean(base.usage.get(name)), _mean(other.usage.get(name)))  # type: ignore[arg-type]
        for name in USAGE
        if name in base.usage or name in other.usage
    ]
    return CasePair(base.label, sorted(base.traces), sorted(other.traces), values)


def _measure(name: str, kind: Kind, pairs: Iterable[CasePair], draw: Draw) -> Measure:
    found = [value for pair in pairs for value in pair.values if value.name == name and value.kind == kind]
    both = [(value.base, value.other) for value in found if value.base is not None and value.other is not None]
    gains = [value.gain for value in found if value.difference is not None]
    differences = [_difference(base, other) for base, other in both]
    low, high = interval(differences, draw) if differences else (None, None)
    return Measure(
        name=name,
        kind=kind,
        n=len(both),
        base=_mean([base for base, _ in both]),
        other=_mean([other for _, other in both]),
        difference=_mean(differences),
        low=low,
        high=high,
        better=sum(gain > 0 for gain in gains),
        worse=sum(gain < 0 for gain in gains),
        equal=sum(gain == 0 for gain in gains),
        only_base=sum(value.other is None for value in found),
        only_other=sum(value.base is None for value in found),
    )


def _score_names(*sides: Side) -> set[str]:
    return {name for side in sides for case in side.cases.values() for name in case.scores}


def _mean(values: Sequence[float] | None) -> float | None:
    return fmean(values) if values else None


def _difference(base: float, other: float) -> float:
    difference = other - base
    return 0.0 if abs(difference) <= _SLACK * max(abs(base), abs(other)) else difference
