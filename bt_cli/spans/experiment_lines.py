"""An experiment in numbers beside the one before it: what Braintrust's SDKs print after an evaluation."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from bt_cli.spans.cases import USAGE, Side, Trial, trial_fields, trials
from bt_cli.spans.comparison import Measure, compare
from bt_cli.spans.paths import Path
from bt_cli.spans.row import Row
from bt_cli.spans.statistics import distribution

_BY = "input"
"""Traces with the same input are one case; what ``bt compare`` takes, too."""
NEEDED = trial_fields(Path(_BY))
"""Fields of a row that are looked at, beside its linkage."""
_UNITS = {"duration": "s", "total_tokens": "tok", "estimated_cost": "$"}
_NAMES = dict(zip(USAGE, _UNITS, strict=True))
"""What a comparison measures → what Braintrust calls the metric."""


class Line(Struct, frozen=True):
    """One score or metric: its mean over the traces, and what it is beside the base.

    ``difference`` is the mean over the cases that both have, None where there are none; ``better`` and
    ``worse`` count those cases. The unit of a score is empty; others are ``s``, ``tok`` and ``$``.
    """

    name: str
    kind: Literal["score", "metric"]
    value: float
    unit: str
    difference: float | None
    better: int
    worse: int


class Numbers:
    """What the traces of one experiment come to; they are added in any order. Eight bytes for each value."""

    def __init__(self) -> None:
        self.side = Side("")
        self._values: dict[tuple[str, str], array[float]] = {}

    def add(self, traces: Iterable[Sequence[Row]]) -> None:
        """Takes in some traces, of which `NEEDED` is read."""
        for trial in trials(traces, Path(_BY), False):
            self.side.add(trial)
            self._keep(trial)

    def _keep(self, trial: Trial) -> None:
        for name, value in trial.scores.items():
            self._values.setdefault(("score", name), array("d")).append(value)
        for measure, value in trial.usage.items():
            self._values.setdefault(("metric", _NAMES[measure]), array("d")).append(value)

    def mean(self, kind: str, name: str) -> float | None:
        """The mean over the traces that have a value; None where none has."""
        return distribution(self._values.get((kind, name), ())).mean

    @property
    def scores(self) -> list[str]:
        """The names of its scores, sorted."""
        return sorted(name for kind, name in self._values if kind == "score")


def summary_lines(ours: Numbers, base: Numbers | None) -> list[Line]:
    """The scores by name and the metrics of an experiment, beside those of ``base`` where there is one."""
    measures = {} if base is None else _measures(ours, base)
    scores = [_line(ours, "score", name, measures) for name in ours.scores]
    metrics = [_line(ours, "metric", name, measures) for name in _UNITS]
    return [one for one in (*scores, *metrics) if one is not None]


def _measures(ours: Numbers, base: Numbers) -> Mapping[tuple[str, str], Measure]:
    compared = compare(base.side, ours.side, _BY, None)
    return {
        ("score", one.name) if one.kind == "score" else ("metric", _NAMES[one.kind]): one for one in compared.measures
    }


def _line(
    ours: Numbers, kind: Literal["score", "metric"], name: str, measures: Mapping[tuple[str, str], Measure]
) -> Line | None:
    value = ours.mean(kind, name)
    if value is None:
        return None
    unit = _UNITS[name] if kind == "metric" else ""
    measure = measures.get((kind, name))
    if measure is None:
        return Line(name, kind, value, unit, None, 0, 0)
    return Line(name, kind, value, unit, measure.difference, measure.better, measure.worse)
