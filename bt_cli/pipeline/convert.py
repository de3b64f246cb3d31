"""``bt convert``: the same conversion as a pure filter.

What is complete in itself is written as it comes. What needs the rest of the input first waits in a
temporary store: rows that become trees, and rows that name no ``root_span_id`` but have parents.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bt_cli.pipeline.converting import Conversion, Records
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.intake import Chunk, Intake
from bt_cli.pipeline.options import ConvertOptions
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport, SourceReport
from bt_cli.pipeline.strict import check, checked_input
from bt_cli.pipeline.waiting import WaitingRows
from bt_cli.pipeline.workers import Job, Workers
from bt_cli.spans.flatten import Flat
from bt_cli.spans.problem import Problem
from bt_cli.writers import Writer, open_writer
from bt_cli.writers.table.spool import TABLES, spooled


class Text(Struct, array_like=True, gc=False, tag=True):
    """A record written: its lines, how many spans they hold, and what was found."""

    lines: bytes
    spans: int
    problems: list[Problem]
    relative_clocks: int


Done = Text | Flat | Problem
"""What a record became: lines, rows that have to wait, or nothing, and why."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Done]).decode


def write_records(work: tuple[Conversion, str], records: Records) -> list[Done]:
    """Converts and writes some records."""
    conversion, to = work
    write = open_writer(to)
    return [_written(conversion.convert(record, digest, form), write) for record, digest, form in records]


def write_packed(work: tuple[Conversion, str], records: Records) -> bytes:
    """The same, packed for the way between processes."""
    return _encode(write_records(work, records))


def _written(converted: Flat | Problem, write: Writer) -> Done:
    if isinstance(converted, Problem) or not converted.tree:
        return converted
    rows = converted.rows
    return Text(write(rows, False), len(rows), converted.problems, converted.relative_clocks)


def convert_traces(
    options: ConvertOptions, out: BinaryIO, progress: Callable[[Progress], None], stop: Callable[[], int]
) -> ImportReport:
    """Converts the input to rows or trees on ``out``; with ``check`` only looks for problems.

    Raises InputError where an input does not exist.
    """
    if options.to in TABLES:
        with spooled(options.to, out) as rows:
            return convert_traces(replace(options, to="rows"), rows, progress, stop)
    began = time.monotonic()
    report = ImportReport()
    with contextlib.ExitStack() as stack:
        findings = stack.enter_context(Findings(report, options.rejects))
        if options.check:
            check(options.input, report, findings, stop)
        else:
            given = stack.enter_context(
                checked_input(options, report, stop, lambda given: check(given, report, findings, stop))
            )
            if given is not None:
                intake = Intake(given, report, findings, stop)
                converting = stack.enter_context(contextlib.closing(_Converting(options, report, findings, out)))
                for chunk in intake.chunks():
                    converting.take(chunk)
                    progress(intake.progress())
                    if options.limit.stops and options.limit.exceeded(report.records.rejected, 0):
                        report.stopped = "max_errors"
                        break
                converting.finish()
        report.check_sums()
    report.elapsed = time.monotonic() - began
    return report


def _with_instruction(line: bytes, is_merge: bool | None) -> bytes:
    """The line of a row with its own ``_is_merge``, which a store has no need to keep."""
    if is_merge is None:
        return line
    return b'%s,"_is_merge":%s}\n' % (line[:-2], b"true" if is_merge else b"false")


class _Converting:
    """The state of one run."""

    def __init__(self, options: ConvertOptions, report: ImportReport, findings: Findings, out: BinaryIO) -> None:
        work = Conversion.of(options.input), options.to
        job = Job(partial(write_records, work), write_packed, work, _decode)
        self._workers: Workers[Chunk, list[Done]] = Workers(job, ahead=8)
        self._write = open_writer(options.to)
        self._report = report
        self._findings = findings
        self._out = out
        self._waiting = WaitingRows(all_wait=options.to != "rows")

    def take(self, chunk: Chunk) -> None:
        """Sends a chunk on its way and writes what is ready."""
        if chunk.records:
            pairs = zip(chunk.records, chunk.digests, strict=True)
            records = [(record.json, digest, record.form) for record, digest in pairs]
            for ready, done in self._workers.submit(chunk, records, chunk.size):
                self._collect(ready, done)
        if chunk.idle:
            for ready, done in self._workers.finish():
                self._collect(ready, done)
            self._out.flush()

    def _collect(self, chunk: Chunk, results: list[Done]) -> None:
        lines = []
        for record, done in zip(chunk.records, results, strict=True):
            if isinstance(done, Problem):
                self._findings.reject_record(chunk.source, record, done)
                continue
            if isinstance(done, Text):
                lines.append(done.lines)
                self._count(chunk.source, done.spans, done.relative_clocks, tree=True)
            else:
                if self._waiting.take(done):
                    lines.append(_with_instruction(self._write(done.rows, False), done.is_merge))
                self._count(chunk.source, len(done.rows), done.relative_clocks, tree=False)
                if done.foreign is not None:
                    self._report.saw_foreign(chunk.source, done.foreign)
            for problem in done.problems:
                self._findings.note(chunk.source, record, problem)
        self._out.writelines(lines)

    def _count(self, source: SourceReport, spans: int, relative_clocks: int, tree: bool) -> None:
        self._report.count_records(source, tree, "new")
        self._report.spans.add("new", spans)
        self._report.relative_clocks += relative_clocks

    def finish(self) -> None:
        """Writes what has waited, and counts its loose ends."""
        settlement = self._waiting.settle()
        self._report.orphans, self._report.cycles = settlement.orphans, settlement.cycles
        self._report.traces.add("new", settlement.new_traces)
        for rows in self._waiting.traces():
            self._out.write(self._write(rows, False))
        self._out.flush()

    def close(self) -> None:
        """Ends the worker processes and the temporary store."""
        self._workers.close()
        self._waiting.close()
