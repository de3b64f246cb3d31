"""``--strict``: everything is read and checked before anything is written."""

from __future__ import annotations

import contextlib
import os
import select
import stat
import sys
from collections.abc import Callable, Iterator, Sequence

from bt_cli.errors import UsageError
from bt_cli.pipeline.converting import Conversion
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.intake import Intake
from bt_cli.pipeline.options import ConvertOptions, ImportOptions, InputOptions
from bt_cli.pipeline.report import ImportReport
from bt_cli.spans.problem import Problem

_BLOCK = 1 << 16
_TICK = 0.1
"""Seconds between looks at the wish to stop, while a pipe is awaited."""


@contextlib.contextmanager
def checked_input(
    options: ImportOptions | ConvertOptions,
    report: ImportReport,
    stop: Callable[[], int],
    check_all: Callable[[InputOptions], None],
) -> Iterator[InputOptions | None]:
    """The input to work on: as given, or with ``--strict`` once ``check_all`` has found no problem in it, else None.

    A pipe is kept in a temporary file for the second reading.
    """
    if not options.strict:
        yield options.input
        return
    with _readable_twice(options.input.paths, stop) as rewind:
        check_all(options.input)
        report.refused = bool(report.problems)
        if report.refused:
            yield None
            return
        report.begin_again()
        rewind()
        yield options.input


def check(given: InputOptions, report: ImportReport, findings: Findings, stop: Callable[[], int]) -> None:
    """Reads and converts everything, and keeps nothing but the findings and the counts."""
    conversion = Conversion.of(given)
    for chunk in Intake(given, report, findings, stop).chunks():
        for record, digest in zip(chunk.records, chunk.digests, strict=True):
            converted = conversion.convert(record.json, digest, record.form)
            if isinstance(converted, Problem):
                findings.reject_record(chunk.source, record, converted)
                continue
            for problem in converted.problems:
                findings.note(chunk.source, record, problem)
            report.count_records(chunk.source, converted.tree, "new")
            report.spans.add("new", len(converted.rows))


@contextlib.contextmanager
def _readable_twice(paths: Sequence[str], stop: Callable[[], int]) -> Iterator[Callable[[], None]]:
    """Makes stdin and inherited pipes (``<(zcat x.gz)``) readable again; yields what rewinds them.

    A temporary file takes the place of each pipe under the same descriptor, so that its name stays
    what the user knows. Raises UsageError for a named pipe.
    """
    with contextlib.ExitStack() as stack:
        beginnings = {}
        for path in paths or ("-",):
            descriptor = _descriptor(path)
            if descriptor is None:
                if os.path.exists(path) and stat.S_ISFIFO(os.stat(path).st_mode):
                    raise UsageError(
                        f"--strict reads its input twice, and {path} is a pipe", hint=f"bt import --strict < {path}"
                    )
            elif descriptor not in beginnings:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    stack.enter_context(_kept(descriptor, stop))
                beginnings[descriptor] = os.lseek(descriptor, 0, os.SEEK_CUR)

        def rewind() -> None:
            for descriptor, beginning in beginnings.items():
                os.lseek(descriptor, beginning, os.SEEK_SET)

        yield rewind


def _descriptor(path: str) -> int | None:
    """The descriptor that a path stands for: that of stdin for ``-``, N of ``/dev/fd/N``."""
    if path == "-":
        return sys.stdin.fileno()
    number = path.removeprefix("/dev/fd/")
    return int(number) if number != path and number.isdecimal() else None


@contextlib.contextmanager
def _kept(descriptor: int, stop: Callable[[], int]) -> Iterator[None]:
    """While it lasts, ``descriptor`` is a temporary file with what came through the pipe, not the pipe."""
    import tempfile

    with tempfile.TemporaryFile(prefix="bt-") as kept:
        while not stop():
            if select.select([descriptor], [], [], _TICK)[0]:
                block = os.read(descriptor, _BLOCK)
                if not block:
                    break
                kept.write(block)
        kept.seek(0)
        pipe = os.dup(descriptor)
        os.dup2(kept.fileno(), descriptor)
        try:
            yield
        finally:
            os.dup2(pipe, descriptor)
            os.close(pipe)
