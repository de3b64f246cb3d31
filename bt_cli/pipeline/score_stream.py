"""``bt score FILE`` and ``bt score -``: records → results → scored traces on an output; nothing is stored.

Trees are scored and written as they come. Rows wait for the rest of their trace, as in ``bt convert``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from bt_cli.pipeline.converting import Conversion
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.intake import Chunk, Intake
from bt_cli.pipeline.options import InputOptions
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport
from bt_cli.pipeline.score import ScoreReport, Seen, running
from bt_cli.pipeline.waiting import WaitingRows
from bt_cli.scoring.apart import way_out
from bt_cli.scoring.base import ScoredTrace
from bt_cli.scoring.engine import score_traces
from bt_cli.scoring.plan import Plan
from bt_cli.scoring.selection import first, sampled
from bt_cli.scoring.spans import put_together, rows_of
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import Row
from bt_cli.writers import To, open_writer


def score_stream(  # noqa: PLR0913 - what to score, how, and the callbacks of every run
    options: InputOptions,
    plan: Plan,
    to: To,
    out: BinaryIO,
    seen: Seen,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
    rejects: str | None = None,
) -> ScoreReport:
    """Scores the traces of the input and writes them to ``out`` with what scoring adds.

    Records that are none are counted, in the ``input`` of the report, and appended to the file ``rejects``.
    With ``--first`` or ``--sample`` only the traces that are scored are written. Raises InputError where an
    input does not exist.
    """
    report = ScoreReport(replaced={}, input=ImportReport())
    with contextlib.ExitStack() as stack:
        out, below = stack.enter_context(way_out(out))
        ending = stack.enter_context(running(plan, report, stop, below))
        reading = stack.enter_context(contextlib.closing(StreamReading(options, report, stop, rejects)))
        writing = _Writing(to, out, report, seen)
        for scored in score_traces(planned_stream(reading, plan), plan, ending):
            if scored is None:
                out.flush()
                continue
            writing.add(scored)
            progress(reading.intake.progress())
        out.flush()
    return report


def planned_stream(reading: StreamReading, plan: Plan) -> Iterator[list[Row] | None]:
    """The traces that a plan is about; to draw some, all are read first, and the drawn ones kept."""
    traces = first(reading.traces(), plan.first)
    if plan.sample is None:
        return traces
    complete = (rows for rows in traces if rows is not None)
    return sampled(complete, lambda rows: rows[0].root_span_id or "", plan.sample, plan.sample_seed)


class StreamReading:
    """Reads the input trace by trace: trees at once, rows once all have come."""

    def __init__(
        self, options: InputOptions, report: ScoreReport, stop: Callable[[], int], rejects: str | None = None
    ) -> None:
        self._report = report.input or ImportReport()
        self._findings = Findings(self._report, rejects)
        self._conversion = Conversion.of(options)
        self._waiting = WaitingRows(all_wait=True)
        self.intake = Intake(options, self._report, self._findings, stop)

    def traces(self) -> Iterator[list[Row] | None]:
        """The traces; None where more input is awaited."""
        for chunk in self.intake.chunks():
            yield from self._of_chunk(chunk)
            if chunk.idle:
                yield None
        settlement = self._waiting.settle()
        self._report.orphans, self._report.cycles = settlement.orphans, settlement.cycles
        self._report.traces.add("new", settlement.new_traces)
        self._report.check_sums()
        yield from self._waiting.traces()

    def _of_chunk(self, chunk: Chunk) -> Iterator[list[Row]]:
        for record, digest in zip(chunk.records, chunk.digests, strict=True):
            flat = self._conversion.convert(record.json, digest, record.form)
            if isinstance(flat, Problem):
                self._findings.reject_record(chunk.source, record, flat)
                continue
            for problem in flat.problems:
                self._findings.note(chunk.source, record, problem)
            self._report.count_records(chunk.source, flat.tree, "new")
            self._report.spans.add("new", len(flat.rows))
            self._report.relative_clocks += flat.relative_clocks
            if flat.tree:
                yield flat.rows
            else:
                self._waiting.take(flat)

    def close(self) -> None:
        """Drops the rows that wait."""
        self._waiting.close()
        self._findings.__exit__(None, None, None)


class _Writing:
    """Writes scored traces; each is counted and reported then."""

    def __init__(self, to: To, out: BinaryIO, report: ScoreReport, seen: Seen) -> None:
        self._write = open_writer(to)
        self._out = out
        self._report = report
        self._seen = seen

    def add(self, scored: ScoredTrace) -> None:
        """Writes a trace with what its results add."""
        written = rows_of(scored)
        for name in written.replaced:
            self._report.replaced[name] = self._report.replaced.get(name, 0) + 1
        self._report.written += len(written.patches) + len(written.spans)
        self._report.count(scored)
        self._out.write(self._write(put_together(scored.rows, written), False))
        self._seen(scored)
