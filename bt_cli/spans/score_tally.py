"""What a scoring run comes to, scorer by scorer. Results are added one by one; eight bytes of each score are kept."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, Protocol

from msgspec import Struct

from bt_cli.spans.statistics import distribution, quantile, score_bins

WORST = 5
"""How many of the lowest scores are told one by one."""
SLACK = 1e-9
"""Differences of scores below this are rounding."""
_KINDS = 50
"""Choices, and reasons, that are counted one by one; what comes later is counted together."""
_LONGEST_REASON = 160
OTHERS = "others"
"""Stands for the choices or reasons beyond those that are counted one by one."""


class Outcome(Protocol):
    """What is needed of the result of one scorer for one case."""

    @property
    def name(self) -> str:
        """The key of the score."""

    @property
    def span_id(self) -> str:
        """Of the scored span."""

    @property
    def state(self) -> str:
        """``scored``, ``skipped``, ``error`` or ``not_run``."""

    @property
    def score(self) -> float | None:
        """From 0 to 1 where it is scored."""

    @property
    def reason(self) -> str:
        """Why it is not."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the scorer says beside; the choice of a judge is its ``choice``."""

    @property
    def values(self) -> Sequence[float | None]:
        """The score of each trial where there were several."""

    @property
    def reused(self) -> bool:
        """Whether an earlier run had found it."""


class LowScore(Struct, frozen=True):
    """One of the lowest scores, and where it is."""

    score: float
    trace: str
    span: str


class ScorerNumbers(Struct, frozen=True):
    """The results of one scorer: counts by state, and the distribution of the scores, None where there are none.

    ``errors`` are no zeros: only what is ``scored`` counts in ``mean`` and the others. ``why_skipped`` and
    ``why_failed`` count by reason, ``choices`` what a judge chose, the most frequent first.
    """

    name: str
    scored: int
    skipped: int
    errors: int
    not_run: int
    reused: int
    mean: float | None
    min: float | None
    p10: float | None
    median: float | None
    max: float | None
    tenths: list[int]
    choices: dict[str, int]
    why_skipped: dict[str, int]
    why_failed: dict[str, int]
    worst: list[LowScore]
    ordered: Sequence[float] = ()
    """The scores themselves, sorted."""

    @property
    def cases(self) -> int:
        """All cases of the scorer, whatever became of them."""
        return self.scored + self.skipped + self.errors + self.not_run

    def at_least(self, threshold: float) -> int:
        """How many scores are at least ``threshold``; rounding decides nothing."""
        return self.scored - bisect_left(self.ordered, threshold - SLACK)


class ScoreTally:
    """Adds up the results of a run of the scorers ``names``."""

    def __init__(self, names: Iterable[str]) -> None:
        self._scorers = {name: _Scorer(name) for name in names}
        self.errors = 0

    def add(self, result: Outcome, trace: str) -> None:
        """Adds one result for a span of a trace with the ``root_span_id`` ``trace``."""
        scorer = self._scorers.get(result.name)
        if scorer is None:
            scorer = self._scorers[result.name] = _Scorer(result.name)
        scorer.add(result, trace)
        self.errors += result.state == "error"

    def finish(self) -> list[ScorerNumbers]:
        """The numbers of each score, in the order of ``names``.

        A scorer that gives scores under names of its own has none under the name that it was given: where
        there are cases, names without any are left out.
        """
        found = [one.finish() for one in self._scorers.values()]
        return [one for one in found if one.cases] or found


class _Scorer:
    def __init__(self, name: str) -> None:
        self._name = name
        self._scores = array("d")
        self._states = {"skipped": 0, "error": 0, "not_run": 0}
        self._reused = 0
        self._choices: dict[str, int] = {}
        self._reasons: dict[str, dict[str, int]] = {"skipped": {}, "error": {}}
        self._lowest: list[tuple[float, int, LowScore]] = []

    def add(self, result: Outcome, trace: str) -> None:
        self._reused += result.reused
        if result.state != "scored":
            self._count(result.state, result.reason)
        elif result.score is None or not isfinite(result.score):
            self._count("error", "the score is not a number")
        else:
            self._add_score(result.score, trace, result.span_id)
            choice = result.metadata.get("choice")
            if isinstance(choice, str):
                _count_one(self._choices, choice)

    def _count(self, state: str, reason: str) -> None:
        self._states[state] += 1
        if state in self._reasons:
            _count_one(self._reasons[state], reason)

    def _add_score(self, score: float, trace: str, span: str) -> None:
        """A heap of the lowest: its first is the highest of them, of equal ones the last that came."""
        self._scores.append(score)
        if len(self._lowest) < WORST:
            heapq.heappush(self._lowest, (-score, -len(self._scores), LowScore(score, trace, span)))
        elif -score > self._lowest[0][0]:
            heapq.heapreplace(self._lowest, (-score, -len(self._scores), LowScore(score, trace, span)))

    def finish(self) -> ScorerNumbers:
        whole = distribution(self._scores)
        ordered = array("d", sorted(self._scores))
        return ScorerNumbers(
            name=self._name,
            scored=len(ordered),
            skipped=self._states["skipped"],
            errors=self._states["error"],
            not_run=self._states["not_run"],
            reused=self._reused,
            mean=whole.mean,
            min=whole.min,
            p10=quantile(ordered, 0.1) if ordered else None,
            median=whole.median,
            max=whole.max,
            tenths=score_bins(ordered),
            choices=_most_first(self._choices),
            why_skipped=_most_first(self._reasons["skipped"]),
            why_failed=_most_first(self._reasons["error"]),
            worst=[low for _, _, low in sorted(self._lowest, reverse=True)],
            ordered=ordered,
        )


def _count_one(counts: dict[str, int], kind: str) -> None:
    kind = kind[:_LONGEST_REASON]
    if kind not in counts and len(counts) >= _KINDS:
        kind = OTHERS
    counts[kind] = counts.get(kind, 0) + 1


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
