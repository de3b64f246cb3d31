"""``bt compare``: two sides case by case, and whether what differs is more than noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum
from statistics import fmean
from typing import Literal, Protocol

from msgspec import Struct

from bt_cli.spans.cases import Side
from bt_cli.spans.pairs import Kind, column, difference, matched, names
from bt_cli.spans.statistics import quantile

RESAMPLES = 2_000
_MOST_UNITS = 1_000


class Dice(Protocol):
    """What is needed of `random.Random`, whose seed the caller chooses."""

    def choices(self, population: Sequence[float], *, k: int) -> Sequence[float]:
        """Draws ``k`` numbers with replacement."""

    def sample(self, population: Sequence[float], k: int) -> Sequence[float]:
        """Draws ``k`` numbers without replacement."""


class Measure(Struct, frozen=True):
    """One score, or latency, tokens or cost, over the ``n`` cases that have a value on both sides.

    ``difference`` is the mean of other − base, ``low`` and ``high`` bound it with 95 % confidence;
    one case has no such bounds.
    ``better`` and ``worse`` count cases, whichever direction is the good one. Values are None where
    no case has both; ``only_base`` and ``only_other`` count the cases with a value on one side, whether
    or not the other side has the case.
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
        """What the interval says: ``noise`` where it has zero within, or where one case makes none."""
        if self.difference is None or (not self.better and not self.worse):
            return "equal"
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return "noise"
        return "better" if self.difference * self.good > 0 else "worse"


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

    @property
    def base_cases(self) -> int:
        """How many cases BASE has."""
        return self.matched + self.only_base

    @property
    def other_cases(self) -> int:
        """How many cases OTHER has."""
        return self.matched + self.only_other

    @property
    def scores(self) -> list[Measure]:
        """The measures that are scores."""
        return [one for one in self.measures if one.kind == "score"]


Places = Sequence[tuple[int, int]]
"""Cases that both sides have, by their places there."""


def compare(base: Side, other: Side, by: str, dice: Callable[[], Dice] | None) -> Comparison:
    """Compares the cases of two sides that have the same key; the order of their traces does not matter.

    ``dice`` begins a fresh sequence of random draws, so that each measure has the same ones; without them
    no measure has an interval.
    """
    places = matched(base, other)
    measures = [_measure(name, kind, base, other, places, dice and dice()) for name, kind in names(base, other)]
    return Comparison(
        base=base.name,
        other=other.name,
        by=by,
        matched=len(places),
        repeated=sum(base.trials[ours] > 1 or other.trials[theirs] > 1 for ours, theirs in places),
        only_base=len(base.places) - len(places),
        only_other=len(other.places) - len(places),
        unkeyed_base=base.unkeyed,
        unkeyed_other=other.unkeyed,
        base_traces=base.traces,
        other_traces=other.traces,
        measures=[one for one in measures if one.kind == "score" or one.n or one.only_base or one.only_other],
    )


def interval(differences: Sequence[float], dice: Dice) -> tuple[float, float]:
    """The 95 % interval of the mean of some paired differences: percentiles of `RESAMPLES` bootstrap means.

    Above 1,000 pairs, they are dealt at random into 1,000 groups whose sums are resampled; for a mean this is
    the same but for a thousandth of the interval's width, and takes no longer for a million pairs.
    """
    mean = fmean(differences)
    units = [value - mean for value in differences]
    if len(units) > _MOST_UNITS:
        units = list(dice.sample(units, len(units)))
        units = [fsum(units[start::_MOST_UNITS]) for start in range(_MOST_UNITS)]
    if all(unit == units[0] for unit in units):
        return mean, mean
    means = sorted([mean + fsum(dice.choices(units, k=len(units))) / len(differences) for _ in range(RESAMPLES)])
    return quantile(means, 0.025), quantile(means, 0.975)


def _measure(name: str, kind: Kind, base: Side, other: Side, places: Places, dice: Dice | None) -> Measure:
    ours, theirs = column(base, name, kind), column(other, name, kind)
    pairs = ((ours.mean(place), theirs.mean(its)) for place, its in places)
    both = [(one, two) for one, two in pairs if one is not None and two is not None]
    differences = [difference(one, two) for one, two in both]
    rose, fell = sum(one > 0 for one in differences), sum(one < 0 for one in differences)
    low, high = interval(differences, dice) if dice and len(differences) > 1 else (None, None)
    return Measure(
        name=name,
        kind=kind,
        n=len(both),
        base=_mean([one for one, _ in both]),
        other=_mean([two for _, two in both]),
        difference=_mean(differences),
        low=low,
        high=high,
        better=rose if kind == "score" else fell,
        worse=fell if kind == "score" else rose,
        equal=len(both) - rose - fell,
        only_base=ours.cases - len(both),
        only_other=theirs.cases - len(both),
    )


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
