"""``bt compare``: two sides case by case, and whether what differs is more than noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import fsum
from statistics import fmean
from typing import Literal, Protocol

from msgspec import Struct

from bt_cli.spans.cases import USAGE, Column, Side
from bt_cli.spans.statistics import quantile

RESAMPLES = 2_000
_MOST_UNITS = 1_000
_SLACK = 1e-9
"""Differences below this share of the values are rounding."""


class Dice(Protocol):
    """What is needed of `random.Random`, whose seed the caller chooses."""

    def choices(self, population: Sequence[float], *, k: int) -> Sequence[float]:
        """Draws ``k`` numbers with replacement."""

    def sample(self, population: Sequence[float], k: int) -> Sequence[float]:
        """Draws ``k`` numbers without replacement."""


Kind = Literal["score", "latency", "tokens", "cost"]
Only = Literal["regressions", "improvements", "changed"]


class Measure(Struct, frozen=True):
    """One score, or latency, tokens or cost, over the ``n`` cases that have a value on both sides.

    ``difference`` is the mean of other − base, ``low`` and ``high`` bound it with 95 % confidence;
    one case has no such bounds.
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
        """What the interval says: ``noise`` where it has zero within, or where one case makes none."""
        if self.difference is None or (not self.better and not self.worse):
            return "equal"
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
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

    @property
    def scores(self) -> list[Measure]:
        """The measures that are scores."""
        return [one for one in self.measures if one.kind == "score"]


Places = Sequence[tuple[int, int]]
"""Cases that both sides have, by their places there."""


def compare(base: Side, other: Side, by: str, dice: Callable[[], Dice]) -> Comparison:
    """Compares the cases of two sides that have the same key; the order of their traces does not matter.

    ``dice`` begins a fresh sequence of random draws, so that each measure has the same ones.
    """
    places = _matched(base, other)
    measures = [_measure(name, kind, base, other, places, dice()) for name, kind in _names(base, other)]
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


def cases_of(base: Side, other: Side, only: Only | None) -> list[CasePair]:
    """The cases that both sides have, by label; the sides were read to be told.

    With ``only``, those with a score that fell, rose, or either; or, where no case has a score on
    both sides, with latency, tokens or cost that did.
    """
    names = _names(base, other)
    pairs = [_pair(base, other, place, names) for place in _matched(base, other)]
    scored = any(value.kind == "score" and value.difference is not None for pair in pairs for value in pair.values)
    kept = [pair for pair in pairs if only is None or _moved(pair, only, scored)]
    return sorted(kept, key=lambda pair: (pair.label, pair.base_traces, pair.other_traces))


def _matched(base: Side, other: Side) -> Places:
    """In the order of their keys, which are digests: no order that the traces had is left."""
    keys = sorted(base.places.keys() & other.places.keys())
    return [(base.places[key], other.places[key]) for key in keys]


def _names(base: Side, other: Side) -> list[tuple[str, Kind]]:
    scores: list[tuple[str, Kind]] = [(name, "score") for name in sorted({*base.scores, *other.scores})]
    return scores + [(name, name) for name in USAGE]


def _column(side: Side, name: str, kind: Kind) -> Column:
    return (side.scores if kind == "score" else side.usage).get(name) or Column()


def _moved(pair: CasePair, only: Only, scored: bool) -> bool:
    gains = [value.gain for value in pair.values if (value.kind == "score") == scored]
    fell, rose = any(gain < 0 for gain in gains), any(gain > 0 for gain in gains)
    return {"regressions": fell, "improvements": rose, "changed": fell or rose}[only]


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


def _pair(base: Side, other: Side, place: tuple[int, int], names: Iterable[tuple[str, Kind]]) -> CasePair:
    ours, theirs = place
    values = [
        Value(name, kind, _column(base, name, kind).mean(ours), _column(other, name, kind).mean(theirs))
        for name, kind in names
    ]
    known = [value for value in values if value.base is not None or value.other is not None]
    return CasePair(base.labels[ours], sorted(base.ids[ours]), sorted(other.ids[theirs]), known)


def _measure(name: str, kind: Kind, base: Side, other: Side, places: Places, dice: Dice) -> Measure:
    ours, theirs = _column(base, name, kind), _column(other, name, kind)
    both: list[tuple[float, float]] = []
    only_base = only_other = 0
    for place, its in places:
        one, two = ours.mean(place), theirs.mean(its)
        if one is not None and two is not None:
            both.append((one, two))
        else:
            only_base += one is not None
            only_other += two is not None
    differences = [_difference(one, two) for one, two in both]
    rose, fell = sum(one > 0 for one in differences), sum(one < 0 for one in differences)
    low, high = interval(differences, dice) if len(differences) > 1 else (None, None)
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
        only_base=only_base,
        only_other=only_other,
    )


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _difference(base: float, other: float) -> float:
    difference = other - base
    return 0.0 if abs(difference) <= _SLACK * max(abs(base), abs(other)) else difference
