"""``--strict``: everything is read and checked before anything is written."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace

from bt_cli.pipeline.converting import Conversion
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.intake import Intake
from bt_cli.pipeline.options import ConvertOptions, ImportOptions, InputOptions
from bt_cli.pipeline.report import ImportReport
from bt_cli.spans.problem import Problem


@contextlib.contextmanager
def checked_input(
    options: ImportOptions | ConvertOptions, report: ImportReport, findings: Findings, stop: Callable[[], int]
) -> Iterator[InputOptions | None]:
    """The input to work on: as given, or with ``--strict`` once it was found to be without a problem, else None.

    Stdin is kept in a temporary file for the second reading.
    """
    if not options.strict:
        yield options.input
        return
    with _readable_twice(options.input) as given:
        check(given, report, findings, stop)
        report.refused = bool(report.problems)
        if report.refused:
            yield None
            return
        report.__init__(rejects=report.rejects)  # type: ignore[misc]  # counts begin again with the real reading
        yield given


def check(given: InputOptions, report: ImportReport, findings: Findings, stop: Callable[[], int]) -> None:
    """Reads and converts everything, and keeps nothing but the findings and the counts."""
    conversion = Conversion(given.mapping, given.time_unit, given.tags, given.metadata)
    for chunk in Intake(given, report, findings, stop).chunks():
        for record, digest in zip(chunk.records, chunk.digests, strict=True):
            converted = conversion.convert(record.json, digest)
            if isinstance(converted, Problem):
                findings.reject_record(chunk.source, record, converted)
                continue
            for problem in converted.problems:
                findings.note(chunk.source, record, problem)
            chunk.source.counts.add("new")
            chunk.source.saw(converted.tree)
            report.records.add("new")
            report.traces.add("new", converted.tree)
            report.spans.add("new", len(converted.rows))


@contextlib.contextmanager
def _readable_twice(given: InputOptions) -> Iterator[InputOptions]:
    if given.paths and "-" not in given.paths:
        yield given
        return
    with tempfile.NamedTemporaryFile(prefix="bt-stdin-") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.flush()
        yield replace(given, paths=tuple(kept.name if path == "-" else path for path in given.paths or ("-",)))
