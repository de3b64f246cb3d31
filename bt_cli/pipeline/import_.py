"""``bt import``: records → rows → store, in batches that commit as a whole."""

from __future__ import annotations

import contextlib
import gc
import time
from collections import deque
from collections.abc import Callable
from hashlib import blake2b

from msgspec import Struct

from bt_cli.pipeline.converting import Conversion
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.intake import Chunk, Intake
from bt_cli.pipeline.options import ImportOptions
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ImportReport, SourceReport
from bt_cli.pipeline.strict import checked_input
from bt_cli.readers.base import Record
from bt_cli.spans.container import Container
from bt_cli.spans.flatten import Flat
from bt_cli.spans.problem import Problem
from bt_cli.stores.base import Conflict, Known, Outcome, Store, Submission

BATCH_ROWS = 5000
"""Rows after which a batch commits."""
BATCH_SECONDS = 1.0
"""Time after its first record at which a batch commits."""


def import_traces(
    store: Store,
    container: Container,
    options: ImportOptions,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> ImportReport:
    """Imports all records of the input into one container.

    ``stop`` is asked between chunks and answers non-zero to end the run after a clean checkpoint.
    Raises InputError before anything is stored where an input does not exist, StoreError where the
    store gives up; what was committed before stays.
    """
    began = time.monotonic()
    gc.disable()
    report = ImportReport()
    with contextlib.ExitStack() as stack:
        findings = stack.enter_context(Findings(report, options.rejects))
        given = stack.enter_context(checked_input(options, report, findings, stop))
        if given is not None:
            intake = Intake(given, report, findings, stop, options.tee)
            importing = _Importing(store, container, options, report, findings, intake.total_bytes)
            stack.callback(importing.close)
            for chunk in intake.chunks():
                importing.take(chunk)
                progress(intake.progress())
                if importing.too_many_errors:
                    report.stopped = "max_errors"
                    break
            importing.finish()
            progress(intake.progress())
            report.check_sums()
    report.elapsed = time.monotonic() - began
    return report


class _Origin(Struct, gc=False):
    """Where a submission came from, for the report and the rejects; ``source`` counts the sources."""

    source: int
    record: Record
    problems: list[Problem]
    spans: int
    tree: bool


class _Importing:
    """The state of one run: chunks being converted, and the batch that is filling up."""

    def __init__(
        self,
        store: Store,
        container: Container,
        options: ImportOptions,
        report: ImportReport,
        findings: Findings,
        expected_bytes: int | None,
    ) -> None:
        self._options = options
        self._report = report
        self._findings = findings
        self._writing = store.writing(container, expected_bytes)
        given = options.input
        conversion = Conversion(given.mapping, given.time_unit, given.tags, given.metadata)
        self._key = conversion.key() + b"\0" + container.ref.encode() + b"\0" + container.project.encode()
        self._conversion = conversion
        self._batch: list[Submission] = []
        self._origins: list[_Origin] = []
        self._in_flight: deque[list[_Origin]] = deque()
        self._rows = 0
        self._deadline = 0.0

    @property
    def too_many_errors(self) -> bool:
        """Whether ``--max-errors N`` says to stop."""
        limit = self._options.limit
        return limit.stops and limit.exceeded(self._report.records.rejected, 0)

    def take(self, chunk: Chunk) -> None:
        """Looks up a chunk's records, sends the unknown ones to be converted, and stores what is due."""
        sources = [blake2b(digest + self._key, digest_size=16).digest() for digest in chunk.digests]
        known = self._writing.known(sources) if sources else {}
        if known:
            self._count_known(chunk.source, [known[hashed] for hashed in sources if hashed in known])
        for record, digest, hashed in zip(chunk.records, chunk.digests, sources, strict=True):
            if hashed in known:
                continue
            converted = self._conversion.convert(record.json, digest)
            if isinstance(converted, Problem):
                self._findings.reject_record(chunk.source, record, converted)
            else:
                self._add(record, converted, hashed)
        due = self._batch and time.monotonic() >= self._deadline - (BATCH_SECONDS / 2 if chunk.idle else 0)
        if due or self._rows >= BATCH_ROWS:
            self._flush()
        if chunk.idle:
            self._count(self._writing.drain())

    def _count_known(self, source: SourceReport, known: list[Known]) -> None:
        trees = sum(one.tree for one in known)
        for tree, number in ((True, trees), (False, len(known) - trees)):
            if number:
                self._count_records(source, tree, "unchanged", number)
        self._report.spans.unchanged += sum(one.spans for one in known)
        self._report.anonymous_repeats += sum(one.anonymous for one in known)

    def _add(self, record: Record, flat: Flat, hashed: bytes) -> None:
        if not self._batch:
            self._deadline = time.monotonic() + BATCH_SECONDS
        rows = flat.rows
        conflict = self._options.conflict if flat.is_merge is None else _MERGE_OF[flat.is_merge]
        self._batch.append(Submission(rows, hashed, conflict, flat.anonymous, flat.tree))
        self._origins.append(_Origin(len(self._report.sources) - 1, record, flat.problems, len(rows), flat.tree))
        self._rows += len(rows)
        self._report.relative_clocks += flat.relative_clocks

    def _flush(self) -> None:
        batch = self._batch
        self._in_flight.append(self._origins)
        self._batch, self._origins, self._rows = [], [], 0
        self._count(self._writing.write(batch))

    def _count(self, done: list[list[Outcome]]) -> None:
        """Counts the outcomes of batches, by status first: most batches have but one."""
        for outcomes in done:
            tally: dict[tuple[int, bool, str], int] = {}
            spans = self._report.spans
            for origin, outcome in zip(self._in_flight.popleft(), outcomes, strict=True):
                if origin.problems or outcome.problem is not None:
                    self._note_problems(origin, outcome)
                if outcome.problem is not None:
                    continue
                key = origin.source, origin.tree, outcome.status
                tally[key] = tally.get(key, 0) + 1
                spans.new += outcome.new
                spans.changed += outcome.changed
                spans.unchanged += outcome.unchanged
                spans.folded += outcome.folded
            for (source, tree, status), number in tally.items():
                self._count_records(self._report.sources[source], tree, status, number)

    def _note_problems(self, origin: _Origin, outcome: Outcome) -> None:
        source = self._report.sources[origin.source]
        for problem in origin.problems:
            self._findings.note(source, origin.record, problem)
        if outcome.problem is not None:
            self._findings.reject_record(source, origin.record, outcome.problem)
            self._report.spans.add("rejected", origin.spans)

    def _count_records(self, source: SourceReport, tree: bool, status: str, number: int) -> None:
        source.saw(tree)
        source.counts.add(status, number)
        self._report.records.add(status, number)
        if tree:
            self._report.traces.add(status, number)

    def finish(self) -> None:
        """Stores what is left, links what can be linked now, and counts the loose ends."""
        if self._batch:
            self._flush()
        self._count(self._writing.drain())
        settlement = self._writing.settle()
        self._report.orphans = settlement.orphans
        self._report.cycles = settlement.cycles
        for status in ("new", "changed", "unchanged"):
            self._report.traces.add(status, getattr(settlement, status + "_traces"))

    def close(self) -> None:
        """Lets go of the store, wherever the run has come to."""
        self._writing.close()


_MERGE_OF: dict[bool, Conflict] = {True: "merge", False: "replace"}
"""A row's own ``_is_merge`` wins over ``--on-conflict``."""
