"""What many traces, or spans, come to: the numbers of ``bt summary``. Parts are added up, in any order."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from bt_cli.spans import text
from bt_cli.spans.parts import Part, Parts
from bt_cli.spans.statistics import Bin, Distribution, distribution, log_bins, score_bins


class Score(Struct, frozen=True):
    """One score: its values, how many traces lack it, and how many values lie in each tenth from 0 to 1."""

    name: str
    values: Distribution
    missing: int
    tenths: list[int]


class Disagreement(Struct, frozen=True):
    """Traces in which parents' own sums of tokens are not what their calls used, which is what counts."""

    traces: int
    claimed: float
    used: float
    difference: float
    """The sum of the traces' differences, each without its sign."""


class Group(Struct, frozen=True):
    """The numbers of one group, or of everything. Durations in seconds, costs in USD.

    ``value`` is what the group shares, decoded; None where there is no such value, and for everything.
    """

    value: Any
    traces: int
    spans: int
    errors: int
    failed: int
    latency: Distribution
    tokens: Distribution
    cost: Distribution
    scores: list[Score]
    disagreement: Disagreement
    begin: float | None
    end: float | None
    latency_bins: list[Bin] = field(default_factory=list)


class Tally:
    """Adds up parts. Numbers lie in arrays: eight bytes for each trace and measure."""

    def __init__(self) -> None:
        self._counts = Part()
        self._durations, self._tokens, self._costs = array("d"), array("d"), array("d")
        self._scores: dict[str, array[float]] = {}

    @property
    def traces(self) -> int:
        """How many there are so far."""
        return self._counts.traces

    @property
    def spans(self) -> int:
        """How many there are so far."""
        return self._counts.spans

    def add_all(self, parts: Parts) -> None:
        """Adds the parts of all groups, each trace once."""
        for part in parts.groups.values():
            self.add(part)
        self._counts.traces -= parts.again
        self._counts.failed -= parts.failed_again

    def add(self, part: Part) -> None:
        """Adds the traces of one group."""
        counts = self._counts
        for name in ("traces", "spans", "errors", "failed"):
            setattr(counts, name, getattr(counts, name) + getattr(part, name))
        counts.claims += part.claims
        self._durations.extend(part.durations)
        self._tokens.extend(part.tokens)
        self._costs.extend(part.costs)
        for name, values in part.scores.items():
            self._scores.setdefault(name, array("d")).extend(values)
        for time in (part.begin, part.end):
            if time is not None:
                counts.begin = time if counts.begin is None else min(counts.begin, time)
                counts.end = time if counts.end is None else max(counts.end, time)

    @property
    def scores(self) -> set[str]:
        """The names of its scores."""
        return set(self._scores)

    def finish(self, key: str = "", of_spans: bool = False, names: Iterable[str] = ()) -> Group:
        """The numbers of the group with the JSON text ``key``.

        Scores are missing of traces, or of spans; those in ``names`` are told even if no value is there.
        """
        counts = self._counts
        scores = {name: self._scores.get(name, array("d")) for name in {*self._scores, *names}}
        whole = counts.spans if of_spans else counts.traces
        return Group(
            value=text.decode(key) if key else None,
            traces=counts.traces,
            spans=counts.spans,
            errors=counts.errors,
            failed=counts.failed,
            latency=distribution(self._durations),
            tokens=distribution(self._tokens),
            cost=distribution(self._costs),
            scores=[_score(name, scores[name], whole) for name in sorted(scores)],
            disagreement=_disagreement(counts.claims),
            begin=counts.begin,
            end=counts.end,
            latency_bins=log_bins(self._durations),
        )


class Summary(Struct, frozen=True):
    """Everything, and each group in order of its traces, the largest first; ``scope`` is what is counted."""

    whole: Group
    groups: list[Group]
    group_by: str | None
    scope: str
    timeless: int = 0
    truncated: bool = False


def finished(tallies: Mapping[str, Tally], of_spans: bool) -> list[Group]:
    """The groups, the largest first, equal ones by their value's text; each tells of the scores of all."""
    names = set[str]().union(*(tally.scores for tally in tallies.values()))
    by_size = sorted(((tally.finish(key, of_spans, names), key) for key, tally in tallies.items()), key=_size)
    return [group for group, _ in by_size]


def _size(group: tuple[Group, str]) -> tuple[int, int, str]:
    return -group[0].traces, -group[0].spans, group[1]


def _score(name: str, values: array[float], whole: int) -> Score:
    return Score(name, distribution(values), whole - len(values), score_bins(values))


def _disagreement(claims: Iterable[tuple[float, float]]) -> Disagreement:
    pairs = sorted(claims)
    claimed, used = sum(claim for claim, _ in pairs), sum(use for _, use in pairs)
    return Disagreement(len(pairs), claimed, used, sum(abs(claim - use) for claim, use in pairs))
