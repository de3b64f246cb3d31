"""Sources → chunks of records, each with its content hash: the first stage of import and convert."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from msgspec import Struct, field

from bt_cli.errors import InputError, UsageError
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.options import InputOptions
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport, SourceReport
from bt_cli.pipeline.twins import Twins
from bt_cli.readers import open_reader
from bt_cli.readers.base import IDLE, Recognise, Record, Reject, Run, Skip
from bt_cli.readers.sources import Source, find_sources
from bt_cli.readers.streams import Stream
from bt_cli.spans.ids import content_hash
from bt_cli.spans.problem import Problem

_CHUNK_RECORDS = 512
_CHUNK_BYTES = 1 << 19
_CHUNK_SECONDS = 0.1
"""Time after its first record at which a chunk from a pipe is passed on: records may come slowly without a pause."""

_END = object()

REPAIRS = {
    "bad_utf8": "bytes that are no UTF-8 were replaced by U+FFFD",
    "not_a_number": "NaN or Infinity was replaced by null",
    "lone_surrogate": "half of a surrogate pair was replaced by U+FFFD",
    "control_byte": "a control byte inside a string was escaped",
}


class Chunk(Struct):
    """Some records of one source in order: each with its content hash, or runs of recognised ones."""

    source: SourceReport
    records: list[Record] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    size: int = 0
    idle: bool = False
    """Input is awaited, or comes slowly, or is at its end: nothing should be held back."""
    patience: float = math.inf
    """Seconds after its first record at which it is passed on at the latest."""
    due: float = math.inf

    @property
    def is_empty(self) -> bool:
        """Whether it has no records yet."""
        return not (self.records or self.runs)

    @property
    def is_full(self) -> bool:
        """Whether more records are better begun anew."""
        return self.size >= _CHUNK_BYTES or len(self.records) >= _CHUNK_RECORDS

    def goes_with(self, item: Record | Run) -> bool:
        """Whether it may have this beside what it has."""
        return not (self.records if isinstance(item, Run) else self.runs)


class Intake:
    """Reads all sources of a run; what is no record goes to ``findings`` at once."""

    def __init__(
        self,
        options: InputOptions,
        report: ImportReport,
        findings: Findings,
        stop: Callable[[], int],
        tee: BinaryIO | None = None,
    ) -> None:
        self._options = options
        self._report = report
        self._findings = findings
        self._stop = stop
        self._tee = tee
        self._records = 0
        self._bytes_before = 0  # of the sources before the one being read
        self.sources: list[Source] = find_sources(options.paths)
        if options.follow and len(self.sources) > 1:
            raise UsageError("--follow reads one file or pipe", hint="run one bt import for each")
        sizes = [source.size for source in self.sources]
        self.total_bytes: int | None = None if None in sizes or options.follow else sum(size or 0 for size in sizes)
        """Size of all sources together as they lie there; None where one can't be known."""

    def chunks(self, recognise: Recognise | None = None) -> Iterator[Chunk]:
        """Chunks in the order of the input, the last of each source marked idle; runs only of what is recognised.

        Where a source can't be read on, what was read of it counts, and the next one follows.
        """
        for source in self.sources:
            if self._stop():
                self._report.stopped = "interrupted"
                return
            if self._report.sources:
                self._bytes_before += self._report.sources[-1].bytes_read
            about = SourceReport(source.name)
            self._report.sources.append(about)
            try:
                yield from self._read(source, about, recognise)
            except InputError as error:
                about.failure = error.message.removeprefix(f"{source.name}: ")
                self._report.problems[error.code] = self._report.problems.get(error.code, 0) + 1
                yield Chunk(about, idle=True)

    def _read(self, source: Source, about: SourceReport, recognise: Recognise | None) -> Iterator[Chunk]:
        stream = Stream(source, self._options.follow, self._stop)
        twins = Twins()
        begun = partial(Chunk, about, patience=_CHUNK_SECONDS if source.size is None else math.inf)
        chunk = begun()
        failure: InputError | None = None
        reader = open_reader(self._options.format, self._options.max_record_bytes)
        items = reader.read(self._passed_on(stream), recognise)
        while True:
            try:
                item = next(items, _END)
            except InputError as error:
                failure = error  # what was read before goes on its way first
                break
            if item is _END:
                break
            if isinstance(item, Record | Run):
                if not chunk.goes_with(item):
                    yield chunk
                    chunk = begun()
                self._take(chunk, item, twins)
            elif isinstance(item, Reject | Skip):
                self._leave_out(about, item)
            chunk.idle = item is IDLE or time.monotonic() >= chunk.due
            if chunk.idle or chunk.is_full:
                about.bytes_read = stream.taken
                self._flush_tee()
                yield chunk
                chunk = begun()
                # A pipe ends by itself then, with what it has given.
                if self._stop() and source.size is not None and not self._options.follow:
                    self._report.stopped = "interrupted"
                    break
        about.bytes_read = stream.taken
        chunk.idle = True
        yield chunk
        if failure is not None:
            raise failure

    def _leave_out(self, about: SourceReport, item: Reject | Skip) -> None:
        if isinstance(item, Skip):
            self._report.skipped[item.what] = self._report.skipped.get(item.what, 0) + 1
            return
        about.records += 1
        self._records += 1
        self._findings.reject_text(about, item)

    def _take(self, chunk: Chunk, item: Record | Run, twins: Twins) -> None:
        if chunk.is_empty:
            chunk.due = time.monotonic() + chunk.patience
        if isinstance(item, Run):
            chunk.source.records += len(item.values)
            self._records += len(item.values)
            chunk.runs.append(item)
            chunk.size += sum(map(len, item.lines))
        else:
            self._take_record(chunk, item, twins)

    def _take_record(self, chunk: Chunk, record: Record, twins: Twins) -> None:
        chunk.source.records += 1
        self._records += 1
        digest = content_hash(record.raw)
        ordinal = twins.ordinal(digest)
        chunk.records.append(record)
        chunk.digests.append(content_hash(record.raw, ordinal) if ordinal else digest)
        chunk.size += len(record.raw)
        for code in record.repairs:
            self._findings.note(chunk.source, record, Problem(code, REPAIRS[code]))

    def _passed_on(self, stream: Stream) -> Iterator[bytes]:
        for block in stream.blocks():
            if self._tee is not None:
                self._tee.write(block)
            yield block

    def _flush_tee(self) -> None:
        if self._tee is not None:
            self._tee.flush()

    def progress(self) -> Progress:
        """How far the run has come."""
        report = self._report
        here = report.sources[-1].bytes_read if report.sources else 0
        rejected = report.records.rejected
        return Progress(self._records, report.spans.total, self._bytes_before + here, self.total_bytes, rejected)
