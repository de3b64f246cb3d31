"""Problems with their places: counted, the first ones kept in full, and rejected records put aside."""

from __future__ import annotations

from types import TracebackType
from typing import BinaryIO

import orjson

from bt_cli.errors import UsageError
from bt_cli.pipeline.report import Finding, ImportReport, SourceReport
from bt_cli.readers.base import Record, Reject
from bt_cli.spans.problem import Problem

_IN_FULL = 10
_EXCERPT = 160


class Findings:
    """Notes what is found while a run reads and stores; a context manager for the rejects file.

    The file is appended to and flushed with each rejected record, so that it is complete before the
    batch that follows is stored.
    """

    def __init__(self, report: ImportReport, rejects: str | None) -> None:
        self._report = report
        self._path = rejects
        self._file: BinaryIO | None = None
        if rejects:
            self._file = open_rejects(rejects)
            report.rejects = rejects

    def __enter__(self) -> Findings:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def reject_text(self, source: SourceReport, reject: Reject) -> None:
        """A piece of input that is no record."""
        begin = max(0, reject.caret - _EXCERPT // 2)
        excerpt = reject.excerpt[begin : begin + _EXCERPT].decode("utf-8", "replace")
        caret = len(reject.excerpt[begin : reject.caret].decode("utf-8", "replace")) if reject.caret >= 0 else -1
        finding = Finding(
            reject.code,
            reject.message,
            source.name,
            reject.line,
            reject.byte,
            reject.column,
            excerpt=excerpt,
            caret=caret,
        )
        self._reject(source, finding, reject.raw)

    def reject_record(self, source: SourceReport, record: Record, problem: Problem) -> None:
        """A record that can't become spans, or that the store refused."""
        finding = Finding(
            problem.code,
            problem.message,
            source.name,
            record.line,
            record.byte,
            path=problem.path,
            excerpt=_excerpt(record.raw),
        )
        self._reject(source, finding, record.raw)

    def note(self, source: SourceReport, record: Record, problem: Problem) -> None:
        """A problem of a record that is stored all the same."""
        self._count(
            Finding(
                problem.code, problem.message, source.name, record.line, record.byte, path=problem.path, rejected=False
            )
        )

    def _reject(self, source: SourceReport, finding: Finding, raw: bytes | None) -> None:
        self._count(finding)
        source.counts.add("rejected")
        self._report.records.add("rejected")
        self._report.traces.add("rejected")
        if self._file is not None:
            self._file.write(reject_line(finding, raw))
            self._file.flush()

    def _count(self, finding: Finding) -> None:
        problems = self._report.problems
        problems[finding.code] = problems.get(finding.code, 0) + 1
        if len(self._report.findings) < _IN_FULL:
            self._report.findings.append(finding)


def open_rejects(path: str) -> BinaryIO:
    """A file of rejects, to be added to; raises UsageError where that can't be."""
    try:
        return open(path, "ab")
    except OSError as error:
        raise UsageError(
            f"--rejects {path} cannot be written to: {error.strerror}",
            hint="name a file in a folder that is there",
            file=path,
        ) from error


def _excerpt(raw: bytes) -> str:
    return raw[:_EXCERPT].decode("utf-8", "replace")


def reject_line(finding: Finding, raw: bytes | None) -> bytes:
    """A line of a file of rejects: what was wrong, and the record as it was (none where it was too long)."""
    about = {
        "file": finding.file,
        "line": finding.line,
        "byte": finding.byte,
        "code": finding.code,
        "message": finding.message,
        "path": finding.path,
    }
    line: dict[str, object] = {"_bt_reject": about}
    if raw is not None:
        try:
            line["raw"] = raw.decode()
        except UnicodeDecodeError:
            import base64

            line["raw_b64"] = base64.b64encode(raw).decode()
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
