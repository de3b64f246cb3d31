"""``--dry-run``: what a scoring run would do. No scorer is run, no judge is asked, nothing is written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

from msgspec import Struct, field

from bt_cli.pipeline.options import InputOptions
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport
from bt_cli.pipeline.score import ScoreReport, running, wanted_traces
from bt_cli.pipeline.score_stream import StreamReading, planned_stream
from bt_cli.query.filters import SpanFilter
from bt_cli.scoring.base import Result
from bt_cli.scoring.plan import Plan
from bt_cli.scoring.tasks import Tasks
from bt_cli.scoring.trials import Ending
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import ReadStats, Store


class DryScorer(Struct):
    """What one scorer would do: ``cases`` = run + reused + skipped + failing + left."""

    name: str
    judged: bool
    cases: int = 0
    run: int = 0
    reused: int = 0
    """Cases whose earlier result stands."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Cases that lack an input, by what is missing."""
    failing: int = 0
    """Cases whose arguments can't be made."""
    left: int = 0
    """Cases that ``--rescore`` leaves alone, for want of an earlier result."""


class DryReport(Struct):
    """What a run would do. ``calls`` is the least number of times that the judge is asked, cached or not."""

    scorers: list[DryScorer]
    traces: int = 0
    spans: int = 0
    calls: int = 0
    partial: bool = False
    interrupted: bool = False
    input: ImportReport | None = None
    """Of a stream: what reading it came to."""
    elapsed: float = 0.0


def plan_only(
    store: Store,
    container: Container,
    wanted: SpanFilter,
    plan: Plan,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> DryReport:
    """What `score_store` would do. Raises what that raises."""
    report = ScoreReport()
    with running(plan, report, stop) as ending:
        traces = wanted_traces(store, container, wanted, plan, ReadStats())
        dry = _count(traces, plan, progress, ending)
    return _finished(dry, report)


def plan_stream(
    options: InputOptions, plan: Plan, progress: Callable[[Progress], None], stop: Callable[[], int]
) -> DryReport:
    """What `score_stream` would do. Raises what that raises."""
    report = ScoreReport(input=ImportReport())
    with (
        running(plan, report, stop) as ending,
        contextlib.closing(StreamReading(options, report, stop)) as reading,
    ):
        dry = _count(planned_stream(reading, plan), plan, progress, ending)
    return _finished(dry, report)


def _count(
    traces: Iterable[list[Row] | None], plan: Plan, progress: Callable[[Progress], None], ending: Ending
) -> DryReport:
    tasks = Tasks(plan, ending)
    by_name = {scorer.name: DryScorer(scorer.name, scorer.judged) for scorer in plan.scorers}
    dry = DryReport(list(by_name.values()))
    for rows in traces:
        ending.look()
        if ending.interrupted:
            break
        if rows is None:
            continue
        dry.traces += 1
        spans = set()
        for task in tasks.of(rows):
            spans.add(task.span_id)
            one = by_name[task.scorer.name]
            one.cases += 1
            if task.work is None:
                _count_known(one, task.results[0])
            else:
                one.run += 1
                dry.calls += plan.trials if task.scorer.judged else 0
        dry.spans += len(spans)
        progress(Progress(records=dry.traces, spans=dry.spans))
    return dry


def _count_known(one: DryScorer, result: Result) -> None:
    if result.reused:
        one.reused += 1
    elif result.state == "skipped":
        one.skipped[result.reason] = one.skipped.get(result.reason, 0) + 1
    elif result.state == "error":
        one.failing += 1
    else:
        one.left += 1


def _finished(dry: DryReport, report: ScoreReport) -> DryReport:
    dry.partial, dry.interrupted = report.partial, report.interrupted
    dry.input, dry.elapsed = report.input, report.elapsed
    return dry
