"""``bt score`` and ``bt import --score``: stored traces → results → their rows in the same store."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter

from msgspec import Struct

from bt_cli.errors import BtError
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport
from bt_cli.pipeline.score_writing import ScoreWriting
from bt_cli.pipeline.touched import Touched
from bt_cli.query.filters import SpanFilter
from bt_cli.scoring.apart import prints_apart
from bt_cli.scoring.base import JudgeTotals, ScoredTrace
from bt_cli.scoring.engine import score_traces
from bt_cli.scoring.plan import Plan
from bt_cli.scoring.selection import first, sampled
from bt_cli.scoring.trials import Ending
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import Fields, ReadStats, Store

Read = Callable[[Fields], Iterator[list[Row]]]
"""Reads the traces that are meant, some fields of them."""
Seen = Callable[[ScoredTrace], None]
"""Gets every trace in order, after its rows are stored or written."""


class ScoreReport(Struct):
    """The outcome of a scoring run; what the scorers said went to `Seen`."""

    traces: int = 0
    spans: int = 0
    """Cases: spans that were to be scored."""
    written: int = 0
    """Rows stored or changed; of a stream rows that were added or changed."""
    replaced: dict[str, int] = {}
    """Traces that had a score of this name of their own."""
    refused: int = 0
    """Traces whose results the store did not take: a row of another trace has an id of theirs."""
    timeless: int = 0
    """Traces without a time, which a filter by time could not match."""
    truncated: bool = False
    """The limit of the filter cut what was scored."""
    partial: bool = False
    """``--first`` or ``--sample`` left traces out."""
    interrupted: bool = False
    stopped: BtError | None = None
    """What ended the run early: credentials, a limit, the network, usage."""
    judge: JudgeTotals | None = None
    input: ImportReport | None = None
    """Of a stream: what reading it came to."""
    elapsed: float = 0.0

    def count(self, scored: ScoredTrace) -> None:
        """Counts a trace and its cases."""
        self.traces += 1
        self.spans += len({result.span_id for result in scored.results})


def score_store(
    store: Store,
    container: Container,
    wanted: SpanFilter,
    plan: Plan,
    seen: Seen,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> ScoreReport:
    """Scores the wanted traces of a container and stores what comes out.

    Raises NotFoundError for a container or trace that does not exist, UsageError for an ambiguous id or an
    ``on`` that is none, StoreError where the store gives up; what was stored before stays.
    """
    stats = ReadStats()
    traces = wanted_traces(store, container, wanted, plan, stats)
    report = _score(store, container, traces, plan, seen, progress, stop)
    report.timeless, report.truncated = stats.timeless, stats.truncated
    return report


def score_imported(
    store: Store,
    container: Container,
    traces: Touched,
    plan: Plan,
    seen: Seen,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> ScoreReport:
    """Scores the traces that an import touched, unchanged ones included. See `score_store`."""

    def read(fields: Fields) -> Iterator[list[Row]]:
        return store.read_holding(container, traces.ids(), fields)

    return _score(store, container, _planned(store, container, read, plan), plan, seen, progress, stop)


def wanted_traces(
    store: Store, container: Container, wanted: SpanFilter, plan: Plan, stats: ReadStats
) -> Iterator[list[Row]]:
    """The traces of a filter that a plan is about, with the fields that it needs."""

    def read(fields: Fields) -> Iterator[list[Row]]:
        return store.read_traces(container, wanted, stats, fields=fields)

    return _planned(store, container, read, plan)


def _planned(store: Store, container: Container, read: Read, plan: Plan) -> Iterator[list[Row]]:
    """The first traces, or those drawn: of these all are looked at, but without their payload."""
    if plan.sample is None:
        yield from first(read(plan.fields), plan.first)
        return
    names = ((rows[0].id, rows[0].root_span_id or "") for rows in first(read(()), plan.first))
    ids = [row_id for row_id, _ in sampled(names, itemgetter(1), plan.sample, plan.sample_seed)]
    yield from store.read_holding(container, ids, plan.fields)


def _score(
    store: Store,
    container: Container,
    traces: Iterable[list[Row]],
    plan: Plan,
    seen: Seen,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> ScoreReport:
    report = ScoreReport(replaced={})
    with running(plan, report, stop) as ending:
        writing = ScoreWriting(store, container, report.replaced, seen)
        with contextlib.closing(writing):
            for scored in score_traces(traces, plan, ending):
                if scored is None:
                    writing.flush_due()
                    continue
                report.count(scored)
                writing.add(scored)
                progress(Progress(records=report.traces, spans=report.spans))
            writing.finish()
        report.written, report.refused = writing.written, writing.refused
    return report


@contextlib.contextmanager
def running(plan: Plan, report: ScoreReport, stop: Callable[[], int], below: bool = True) -> Iterator[Ending]:
    """Fills in what a report says of the run as a whole. What scorers print goes to stderr meanwhile."""
    began = time.monotonic()
    ending = Ending(stop)
    with prints_apart(below):
        yield ending
    ending.look()  # a source ends by itself where it hears of a signal first
    report.partial = plan.partial
    report.interrupted, report.stopped = ending.interrupted, ending.error
    report.judge = None if plan.judge is None else plan.judge.totals
    report.elapsed = time.monotonic() - began
