"""What an experiment comes to, beside another one, and as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from bt_cli.spans.experiment_lines import Line
from bt_cli.stores.experiments import Summarised
from bt_cli.tracing.workers import LOCAL_PAGES

if TYPE_CHECKING:
    from bt_cli.stores.logging import LoggingStore
    from bt_cli.tracing.target import Target

_RULE = "=" * 25


class ScoreSummary(Struct, frozen=True):
    """A score of an experiment: its mean over the traces, 0 to 1, and what it is beside the base.

    ``diff`` is the mean over the cases that both have, None where there are none.
    """

    name: str
    score: float
    improvements: int
    regressions: int
    diff: float | None = None


class MetricSummary(Struct, frozen=True):
    """A metric of an experiment: its mean over the traces in ``unit``, and what it is beside the base."""

    name: str
    metric: float
    unit: str
    improvements: int
    regressions: int
    diff: float | None = None


class ExperimentSummary(Struct, frozen=True):
    """What an experiment comes to; as text, lines for people."""

    project_name: str
    project_id: str
    experiment_id: str
    experiment_name: str
    project_url: str
    experiment_url: str
    comparison_experiment_name: str | None
    scores: Mapping[str, ScoreSummary]
    metrics: Mapping[str, MetricSummary]

    def __str__(self) -> str:
        lines = [f"\n{_RULE}SUMMARY{_RULE}"]
        if self.comparison_experiment_name:
            lines.append(f"{self.experiment_name} compared to {self.comparison_experiment_name}:")
        if self.scores:
            width = max(map(len, self.scores)) + 2
            lines += [_line(f"{one.score:06.2%}", one, width, " score") for one in self.scores.values()]
            lines.append("")
        if self.metrics:
            width = max(map(len, self.metrics)) + 2
            lines += [_line(f"{one.metric:.2f}{one.unit}", one, width, "") for one in self.metrics.values()]
            lines.append("")
        return "\n".join([*lines, f"See results for {self.experiment_name} at {self.experiment_url}"])


def _line(value: str, one: ScoreSummary | MetricSummary, width: int, word: str) -> str:
    name = f"'{one.name}'".ljust(width)
    if one.diff is None:
        return f"{value} {name}{word}"
    difference = "-" if one.diff == 0 else f"{'+' if one.diff > 0 else '-'}{abs(one.diff):06.2%}"
    return f"{value} ({difference}) {name}{word}\t({one.improvements} improvements, {one.regressions} regressions)"


def summarize(experiment: Target, project: Target, other: str | None, *, compares: bool) -> ExperimentSummary:
    """What an experiment comes to beside ``other`` (an id), else its base; only where it lies unless it ``compares``.

    Raises BtError.
    """
    ours, where = experiment.wait(), project.wait()

    def ask(store: LoggingStore) -> tuple[Summarised, str]:
        found = store.summarize(ours.id, other) if compares else Summarised(None, [])
        return found, store.pages_url or LOCAL_PAGES

    found, pages = experiment.worker.call(ask)
    project_url = f"{pages}/p/{quote(where.container.project, safe='')}"
    return ExperimentSummary(
        project_name=where.container.project,
        project_id=where.id,
        experiment_id=ours.id,
        experiment_name=ours.container.name,
        project_url=project_url,
        experiment_url=f"{project_url}/experiments/{quote(ours.container.name, safe='')}",
        comparison_experiment_name=found.base,
        scores={one.name: _score(one) for one in found.lines if one.kind == "score"},
        metrics={one.name: _metric(one) for one in found.lines if one.kind == "metric"},
    )


def _score(line: Line) -> ScoreSummary:
    return ScoreSummary(line.name, line.value, line.better, line.worse, line.difference)


def _metric(line: Line) -> MetricSummary:
    return MetricSummary(line.name, line.value, line.unit, line.better, line.worse, line.difference)
