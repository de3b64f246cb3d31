"""One scoring run as the command line sees it: what is asked, what comes by, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct, structs

from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.refs import nearest_hint
from bt_cli.cli.score_files import ScoreFiles, opened_files
from bt_cli.cli.score_flags import ScoreFlags
from bt_cli.cli.subject import subject
from bt_cli.errors import BtError, Interrupted, UsageError
from bt_cli.pipeline.compare import Question, Source, compare_sides, read_side
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.cases import Side
from bt_cli.spans.score_baseline import BY, of_scores, scored_trial
from bt_cli.spans.score_gates import Gates, Missing, judge
from bt_cli.spans.score_run import JudgeUse, ScoreRun
from bt_cli.spans.score_tally import ScoreTally

if TYPE_CHECKING:
    from bt_cli.cli.progress import Meter
    from bt_cli.cli.session import Session
    from bt_cli.cli.signals import StopFlag
    from bt_cli.pipeline.progress import Progress
    from bt_cli.pipeline.score import ScoreReport
    from bt_cli.scoring.base import Judge, ScoredTrace
    from bt_cli.scoring.build import Models
    from bt_cli.scoring.plan import Plan
    from bt_cli.scoring.spec import Spec
    from bt_cli.spans.comparison import Comparison


class Baseline(Struct):
    """The scores to compare with, and the exit code that reading them came to."""

    side: Side
    exit_code: int


class Ended(Struct, frozen=True):
    """A run that is over, what ended it early where something did, and its exit code."""

    run: ScoreRun
    stopped: BtError | None
    code: int


class Scoring:
    """Collects what the reports of a run need, while its results stream by."""

    def __init__(self, plan: Plan, gates: Gates, files: ScoreFiles, baseline: Baseline | None = None) -> None:
        self.plan = plan
        self.baseline = baseline
        self._gates = gates
        self._files = files
        self._cases = 0
        self._ours = Side("this run")
        self._tally = ScoreTally(one.name for one in plan.scorers)

    def seen(self, trace: ScoredTrace) -> None:
        """Takes in a trace whose rows are stored or written."""
        trace_id = trace.rows[0].root_span_id or trace.rows[0].span_id
        self._cases += len({result.span_id for result in trace.results})
        for result in trace.results:
            self._tally.add(result, trace_id)
            self._files.add(result, trace_id)
        if self.baseline is not None and trace.results:
            self._ours.add(scored_trial(trace.rows, trace.results))

    def shown(self, meter: Meter) -> Callable[[Progress], None]:
        """What shows how far the run is: the engine's count of cases (a stream has none), errors and cost."""

        def show(now: Progress) -> None:
            judge_ = self.plan.judge
            cost = judge_.totals.cost if judge_ is not None else 0.0
            cases = now.spans or self._cases
            meter(structs.replace(now, cases=cases, errors=self._tally.errors, cost=cost))

        return show

    def finish(self, report: ScoreReport, source: str, *codes: int, unread: Sequence[Missing] = ()) -> Ended:
        """What the run comes to. Reports that are files have all but the end by then, and get it.

        ``codes`` are exit codes that reading, and a signal, have come to; ``unread`` is what reading lacks.
        """
        scorers = self._tally.finish()
        compared = self._compared()
        stopped = report.stopped
        baseline = self.baseline.exit_code if self.baseline else 0
        missing = [*unread]
        missing += [Missing("baseline")] if baseline else []
        missing += [Missing("refused", report.refused)] if report.refused else []
        run = ScoreRun(
            source=source,
            traces=report.traces,
            cases=report.spans,
            scorers=scorers,
            verdict=judge(self._gates, scorers, compared, not (report.interrupted or stopped), missing),
            comparison=compared,
            judge=None if report.judge is None else JudgeUse(**structs.asdict(report.judge)),
            partial=report.partial,
            stopped=stopped.message if stopped else "interrupted" if report.interrupted else "",
            unread=report.interrupted,
            replaced=report.replaced,
            refused=report.refused,
            timeless=report.timeless,
            truncated=report.truncated,
            elapsed=report.elapsed,
        )
        self._files.finish(run)
        code = first_of(run.verdict.exit_code, stopped.exit_code if stopped else 0, baseline, *codes)
        return Ended(run, stopped, code)

    def _compared(self) -> Comparison | None:
        if self.baseline is None:
            return None
        return of_scores(compare_sides(self.baseline.side, self._ours, BY), self._ours.scores.keys())


@contextmanager
def scoring(session: Session, flags: ScoreFlags, stop: StopFlag) -> Iterator[Scoring]:
    """Everything that a run needs, made and checked before its first case.

    Raises UsageError, NotFoundError, InputError or CredentialsError for what does not work.
    """
    flags.check()
    gates = flags.gates()
    with ExitStack() as stack:
        plan = stack.enter_context(planned(session, flags, stop))
        baseline = None if flags.baseline is None else _read(session, flags.baseline, stop)
        files = stack.enter_context(opened_files(flags.files(), gates.thresholds(), session.console))
        yield Scoring(plan, gates, files, baseline)


@contextmanager
def planned(session: Session, flags: ScoreFlags, stop: StopFlag, judged: bool = True) -> Iterator[Plan]:
    """The scorers, and how they are run; with ``judged``, the judge that some of them need is opened."""
    from bt_cli.scoring.build import build_scorers, parse_specs
    from bt_cli.scoring.plan import Plan

    specs = parse_specs(flags.score)
    _check_names(flags.gates(), specs)
    judge_: Judge | None = None
    scorers = build_scorers(specs, flags.score_map, lambda: judge_, models_of(session, flags))
    if judged and any(scorer.judged for scorer in scorers):
        from bt_cli.scoring.judge.opening import open_judge

        judge_ = open_judge(flags.judge_options(), session.settings, session.console.note, stop)
    try:
        yield Plan(
            scorers=scorers,
            judge=judge_,
            on=flags.on,
            first=flags.first,
            sample=flags.sample,
            sample_seed=flags.sample_seed or 0,
            trials=flags.trials,
            reduce=cast(Any, flags.reduce),
            rescore=cast(Any, flags.rescore),
            concurrency=flags.concurrency,
        )
    finally:
        if judge_ is not None:
            judge_.close()


def models_of(session: Session, flags: ScoreFlags) -> Models:
    """The models that judge: those of the flags, else of the settings."""
    from bt_cli.scoring.build import Models

    settings = session.settings
    completion = flags.judge_model or settings.judge_model
    return Models(completion, flags.judge_embedding_model or settings.judge_embedding_model)


def _check_names(gates: Gates, specs: Sequence[Spec]) -> None:
    """Refuses a gate over a score that no scorer gives. A function may give several, under names of its own."""
    names = [spec.name for spec in specs]
    if any(spec.kind == "python" for spec in specs):
        return
    for name in gates.names:
        if name not in names:
            raise UsageError(f"a gate is about {name!r}, which no --score gives", hint=nearest_hint(name, names))


def _read(session: Session, name: str, stop: StopFlag) -> Baseline:
    from bt_cli.stores.base import ReadStats

    with subject(session, name, stop) as found, session.meter() as meter:
        source = Source(found.store, found.container, found.name)
        side = read_side(source, SpanFilter(), Question(BY), ReadStats(), meter, stop)
        if stop():
            raise Interrupted(stop())
        return Baseline(side, found.exit_code)
