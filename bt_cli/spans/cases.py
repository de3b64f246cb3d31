"""Cases of a comparison: the traces of one side that answer the same question, by a key."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct

from bt_cli.spans.canonical import canonical, digest
from bt_cli.spans.paths import Path
from bt_cli.spans.rollup import NEEDED, is_usable, roll_up
from bt_cli.spans.row import Row

LONGEST_LABEL = 200
"""Characters of a key that are kept to show it; a digest stands for all of it."""

USAGE: tuple[Literal["latency"], Literal["tokens"], Literal["cost"]] = ("latency", "tokens", "cost")
"""Measures beside the scores, of which less is better."""


class Trial(Struct, array_like=True, gc=False):
    """One trace as a trial of a case; ``key`` None where it can't be matched.

    ``scores`` and ``usage`` hold only what has a value: scores by name, and what `USAGE` names in
    seconds, tokens and USD. ``label`` and ``trace`` (its id) are empty unless cases are to be told.
    """

    key: bytes | None
    scores: dict[str, float]
    usage: dict[str, float]
    label: str = ""
    trace: str = ""


class Column:
    """One measure of a side: the sum over the trials of each case, and how many there are.

    Numbers lie in arrays; a case is the index of its place.
    """

    def __init__(self) -> None:
        self._sums, self._counts = array("d"), array("L")

    def add(self, case: int, value: float) -> None:
        """Takes in one trial."""
        lacking = case + 1 - len(self._sums)
        if lacking > 0:
            self._sums.extend([0.0] * lacking)
            self._counts.extend([0] * lacking)
        self._sums[case] += value
        self._counts[case] += 1

    def mean(self, case: int | None) -> float | None:
        """The mean over the trials of a case; None where none has a value, and for None, which is no case."""
        if case is None or case >= len(self._counts) or not self._counts[case]:
            return None
        return self._sums[case] / self._counts[case]

    @property
    def cases(self) -> int:
        """How many cases have a value."""
        return len(self._counts) - self._counts.count(0)


class Side:
    """One side of a comparison: its cases by key, their values, and how many traces have no key."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.traces = 0
        self.unkeyed = 0
        self.places: dict[bytes, int] = {}
        self.scores: dict[str, Column] = {}
        self.usage: dict[str, Column] = {}
        self.trials = array("L")
        """How many traces each case has."""
        self._labels: list[str] = []
        self._ids: list[str] = []
        """Of the first trace of each case; like the labels kept only where cases are to be told."""
        self._further: dict[int, list[str]] = {}

    def add(self, trial: Trial) -> None:
        """Takes in one trace."""
        self.traces += 1
        if trial.key is None:
            self.unkeyed += 1
            return
        place = self.places.setdefault(trial.key, len(self.places))
        self._add_names(place, trial)
        for found, columns in ((trial.scores, self.scores), (trial.usage, self.usage)):
            for name, value in found.items():
                if name not in columns:
                    columns[name] = Column()
                columns[name].add(place, value)

    def label(self, case: int | None) -> str:
        """How a case is shown; empty for None, which is no case."""
        return "" if case is None else self._labels[case]

    def ids(self, case: int | None) -> list[str]:
        """The ids of the traces of a case, sorted; none for None, which is no case."""
        return [] if case is None else sorted([self._ids[case], *self._further.get(case, ())])

    def _add_names(self, place: int, trial: Trial) -> None:
        first = place == len(self.trials)
        if first:
            self.trials.append(0)
        self.trials[place] += 1
        if trial.trace and first:
            self._labels.append(trial.label)
            self._ids.append(trial.trace)
        elif trial.trace:
            self._further.setdefault(place, []).append(trial.trace)


def trial_fields(by: Path) -> tuple[str, ...]:
    """The fields of a row that a comparison by ``by`` looks at."""
    return (*NEEDED, by.field)


def trials(traces: Iterable[Sequence[Row]], by: Path, told: bool) -> list[Trial]:
    """Each trace as a trial, keyed by the value at ``by`` of its root (of its first span where it has none).

    Only where cases are to be ``told`` do labels and ids come along.
    """
    return [_trial(rows, by, told) for rows in traces]


def _trial(rows: Sequence[Row], by: Path, told: bool) -> Trial:
    rolled = roll_up(rows)
    root = rows[rolled.root or 0]
    value = by.of(root)
    usage = zip(USAGE, (rolled.duration, rolled.tokens, rolled.cost), strict=True)
    trial = Trial(
        key=None if value is None else digest(value),
        scores={name: score for name, score in rolled.scores.items() if score is not None},
        usage={name: number for name, number in usage if number is not None and is_usable(number)},
    )
    if told and value is not None:
        trial.label, trial.trace = _label(value), root.root_span_id or root.span_id
    return trial


def _label(value: Any) -> str:
    written = value if isinstance(value, str) else canonical(value)
    return written if len(written) <= LONGEST_LABEL else written[: LONGEST_LABEL - 1] + "…"
