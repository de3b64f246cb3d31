"""The cases of two sides one by one: what both have, in pairs, and what only one of them has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from msgspec import Struct

from bt_cli.spans.cases import USAGE, Column, Side

Kind = Literal["score", "latency", "tokens", "cost"]
Only = Literal["regressions", "improvements", "changed"]
Where = Literal["both", "base", "other"]

_SLACK = 1e-9
"""Differences below this share of the values are rounding."""


class Value(Struct, frozen=True, gc=False):
    """One measure of one case: the means of its trials on both sides, None where a side has none."""

    name: str
    kind: Kind
    base: float | None
    other: float | None

    @property
    def difference(self) -> float | None:
        """Other − base; exactly zero where they differ by rounding only."""
        return None if self.base is None or self.other is None else difference(self.base, self.other)

    @property
    def gain(self) -> float:
        """The difference in the good direction; 0 where there is none."""
        return (self.difference or 0.0) * (1.0 if self.kind == "score" else -1.0)

    @property
    def verdict(self) -> Literal["better", "worse", "equal"] | None:
        """Which way it went; None where a side has no value."""
        if self.base is None or self.other is None:
            return None
        gain = self.gain
        return "better" if gain > 0 else "worse" if gain < 0 else "equal"


class CasePair(Struct, frozen=True):
    """A case that both sides have, or one of them: then the other has no traces and no values."""

    label: str
    base_traces: list[str]
    other_traces: list[str]
    values: list[Value]

    @property
    def where(self) -> Where:
        """Which sides have it."""
        return "other" if not self.base_traces else "both" if self.other_traces else "base"


class Place(NamedTuple):
    """Where a case lies on each side; None where a side lacks it."""

    base: int | None
    other: int | None


class Cases:
    """Some cases of two sides, made anew in each walk over them: only their places take memory."""

    def __init__(self, base: Side, other: Side, places: Sequence[Place]) -> None:
        self._base, self._other, self._places = base, other, places
        self._columns = [
            (name, kind, column(base, name, kind), column(other, name, kind)) for name, kind in names(base, other)
        ]

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[CasePair]:
        return map(self._pair, self._places)

    def that_moved(self, only: Only) -> Cases:
        """Those with a score that fell, rose, or either.

        Where no case has a score on both sides, those with latency, tokens or cost that did.
        """
        scored = any(value.kind == "score" and value.verdict is not None for pair in self for value in pair.values)
        moved = [place for place in self._places if _moved(self._pair(place), only, scored)]
        return Cases(self._base, self._other, moved)

    def _pair(self, place: Place) -> CasePair:
        ours, theirs = place
        values = [Value(name, kind, base.mean(ours), other.mean(theirs)) for name, kind, base, other in self._columns]
        return CasePair(
            _label(self._base, self._other, place),
            self._base.ids(ours),
            self._other.ids(theirs),
            [value for value in values if value.base is not None or value.other is not None],
        )


class Told(Struct, frozen=True):
    """The cases that are told one by one: those that both sides have, and those that one has."""

    both: Cases
    only_base: Cases
    only_other: Cases

    def __iter__(self) -> Iterator[CasePair]:
        return chain(self.both, self.only_base, self.only_other)


def cases_of(base: Side, other: Side, only: Only | None) -> Told:
    """The cases of two sides, each kind by label; the sides were read to be told.

    With ``only`` those that moved so (see `Cases.that_moved`), which a case of one side did not.
    """
    both = [Place(*place) for place in matched(base, other)]
    ours = [Place(base.places[key], None) for key in sorted(base.places.keys() - other.places.keys())]
    theirs = [Place(None, other.places[key]) for key in sorted(other.places.keys() - base.places.keys())]
    found = Told(*(Cases(base, other, _by_label(base, other, places)) for places in (both, ours, theirs)))
    if only is None:
        return found
    return Told(found.both.that_moved(only), Cases(base, other, ()), Cases(base, other, ()))


def matched(base: Side, other: Side) -> list[tuple[int, int]]:
    """The cases that both sides have, by their places there.

    In the order of their keys, which are digests: no order that the traces had is left.
    """
    keys = sorted(base.places.keys() & other.places.keys())
    return [(base.places[key], other.places[key]) for key in keys]


def names(base: Side, other: Side) -> list[tuple[str, Kind]]:
    """What is measured: scores by name, then latency, tokens and cost."""
    scores: list[tuple[str, Kind]] = [(name, "score") for name in sorted({*base.scores, *other.scores})]
    return scores + [(name, name) for name in USAGE]


def column(side: Side, name: str, kind: Kind) -> Column:
    """A measure of a side; empty where it does not have it."""
    return (side.scores if kind == "score" else side.usage).get(name) or Column()


def difference(base: float, other: float) -> float:
    """Other − base; exactly zero where they differ by rounding only."""
    found = other - base
    return 0.0 if abs(found) <= _SLACK * max(abs(base), abs(other)) else found


def _label(base: Side, other: Side, place: Place) -> str:
    """How a case is shown, which both sides call the same."""
    return base.label(place.base) if place.base is not None else other.label(place.other)


def _by_label(base: Side, other: Side, places: list[Place]) -> list[Place]:
    """Sorted; cases with the same label, which is cut, stay in the order of their keys."""
    return sorted(places, key=lambda place: _label(base, other, place))


def _moved(pair: CasePair, only: Only, scored: bool) -> bool:
    gains = [value.gain for value in pair.values if (value.kind == "score") == scored]
    fell, rose = any(gain < 0 for gain in gains), any(gain > 0 for gain in gains)
    return {"regressions": fell, "improvements": rose, "changed": fell or rose}[only]
