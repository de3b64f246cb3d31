"""One run of ``bt import``: chunks being converted, and batches that commit as a whole."""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from msgspec import Struct

from bt_cli.pipeline.converting import Conversion, Converted, convert_packed, convert_records, unpack
from bt_cli.pipeline.findings import Findings
from bt_cli.pipeline.intake import Chunk
from bt_cli.pipeline.options import ImportOptions
from bt_cli.pipeline.passing import Passed, count_passed, recogniser
from bt_cli.pipeline.report import ImportReport, SourceReport
from bt_cli.pipeline.touched import Touched
from bt_cli.pipeline.workers import Job, Workers
from bt_cli.readers.base import Record, Run
from bt_cli.spans.container import Container
from bt_cli.spans.flatten import Flat
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import Row
from bt_cli.stores.base import Conflict, Known, Outcome, Status, Store, Submission

if TYPE_CHECKING:
    from bt_cli.pipeline.attaching import Attaching
    from bt_cli.stores.base import TakesComplete, TakesFiles

BATCH_ROWS = 5000
"""Rows after which a batch commits."""
BATCH_SECONDS = 1.0
"""Time after its first record at which a batch commits."""


class _Waiting(NamedTuple):
    """A chunk on its way: the hashes of its records as sources, and those that the store knows."""

    chunk: Chunk
    sources: list[bytes]
    known: dict[bytes, Known]


class _Origin(Struct, gc=False):
    """Where a submission came from, for the report and the rejects."""

    source: SourceReport
    record: Record
    id: str
    problems: list[Problem]
    spans: int
    tree: bool
    anonymous: bool
    others: list[str]
    """Rows of further traces in it; asked for only where touched traces are collected."""


class Importing:
    """The state of one run: chunks being converted, and the batch that is filling up."""

    def __init__(
        self,
        store: Store,
        container: Container,
        options: ImportOptions,
        report: ImportReport,
        findings: Findings,
        expected_bytes: int | None,
        touched: Touched | None = None,
    ) -> None:
        self._options = options
        self._report = report
        self._findings = findings
        self._touched = touched
        self._writing = store.writing(container, expected_bytes)
        self._attaching: Attaching | None = None
        if store.capabilities.takes_files:
            from bt_cli.pipeline.attaching import Attaching

            self._attaching = Attaching(cast("TakesFiles", store), options.input.paths)
        conversion = Conversion.of(options.input)
        # Content hash and this make up the hash of a source: the same bytes mean the same rows only for
        # the same options and container.
        about = b"\0".join((conversion.key(), container.ref.encode(), container.project.encode()))
        self._key = blake2b(about, digest_size=8).digest()
        job = Job(partial(convert_records, conversion), convert_packed, conversion, unpack)
        self._conversion = conversion
        self.recognise = recogniser(store, conversion)
        """What tells which records may come in runs."""
        # One processor is the store's.
        self._workers: Workers[_Waiting, list[Converted]] = Workers(job, ahead=8, busy=1)
        self._origins: list[_Origin | Passed] = []
        self._in_flight: deque[list[_Origin | Passed]] = deque()
        self._rows = 0
        self._wrote = False
        self._deadline = 0.0

    @property
    def too_many_errors(self) -> bool:
        """Whether ``--max-errors N`` says to stop."""
        limit = self._options.limit
        return limit.stops and limit.exceeded(self._report.records.rejected, 0)

    def take(self, chunk: Chunk) -> None:
        """Looks up a chunk's records, sends the unknown ones to be converted, and stores what is due."""
        if not chunk.is_empty:
            sources = [digest + self._key for digest in chunk.digests]
            known = self._writing.known(sources)
            waiting = _Waiting(chunk, sources, known)
            fresh = [
                (record.json, digest, record.form)
                for record, digest, source in zip(chunk.records, chunk.digests, sources, strict=True)
                if source not in known
            ]
            if fresh and fresh[0][2]:  # spans of OpenTelemetry take several times as long to convert as to store
                self._workers.use_all()
            # A run goes through here for its place in the order alone.
            for ready, results in self._workers.submit(waiting, fresh, chunk.size if fresh else 0):
                self._collect(ready, results)
        if chunk.idle:
            self._finish_conversion()
        due = self._origins and time.monotonic() >= self._deadline - (BATCH_SECONDS / 2 if chunk.idle else 0)
        if due or self._rows >= BATCH_ROWS:
            self._flush()
        if chunk.idle:
            self._count(self._writing.drain())

    def _finish_conversion(self) -> None:
        for ready, results in self._workers.finish():
            self._collect(ready, results)

    def _collect(self, waiting: _Waiting, results: list[Converted]) -> None:
        chunk = waiting.chunk
        for run in chunk.runs:
            self._pass_on(chunk.source, run)
        known = self._still_known(waiting, results) if waiting.known else {}
        if known:
            self._count_known(chunk.source, [known[source] for source in waiting.sources if source in known])
            forms = [one.form for one, source in zip(chunk.records, waiting.sources, strict=True) if source in known]
            chunk.source.saw_forms(form for form in forms if form)
        converted = iter(results)
        for record, digest, source in zip(chunk.records, chunk.digests, waiting.sources, strict=True):
            if source in known:
                continue
            once_known = source in waiting.known
            result = self._conversion.convert(record.json, digest, record.form) if once_known else next(converted)
            if isinstance(result, Problem):
                self._findings.reject_record(chunk.source, record, result)
            else:
                self._add(chunk.source, record, source, result)

    def _still_known(self, waiting: _Waiting, results: list[Converted]) -> dict[bytes, Known]:
        """Those of a chunk's known records that no version of the same id comes before in this run.

        A file may hold several versions of one row. Were the last one passed over because the store
        has it, the first would be applied after it.
        """
        met = {flat.rows[0].id for flat in results if isinstance(flat, Flat)}
        met.update([one.id for one in self._origins if isinstance(one, _Origin)])
        if not (met or self._in_flight or self._wrote):
            return waiting.known
        self._count(self._writing.drain())
        known = self._writing.known(list(waiting.known))
        ids = self._writing.ids_of([one.record for one in known.values()]) if met else {}
        return {source: one for source, one in known.items() if ids.get(one.record) not in met}

    def _count_known(self, source: SourceReport, known: list[Known]) -> None:
        trees = sum(one.tree for one in known)
        for tree, number in ((True, trees), (False, len(known) - trees)):
            if number:
                self._report.count_records(source, tree, "unchanged", number)
        self._report.spans.unchanged += sum(one.spans for one in known)
        self._report.anonymous_repeats += sum(one.anonymous for one in known)
        if self._touched is not None:
            self._touched.add(self._writing.ids_of([one.record for one in known]).values())

    def _pass_on(self, source: SourceReport, run: Run) -> None:
        if not self._origins:
            self._deadline = time.monotonic() + BATCH_SECONDS
        cast("TakesComplete", self._writing).add_complete(run.values, self._options.conflict)
        self._origins.append(Passed(source, run))
        self._rows += len(run.values)

    def _add(self, source: SourceReport, record: Record, hashed: bytes, flat: Flat) -> None:
        if not self._origins:
            self._deadline = time.monotonic() + BATCH_SECONDS
        rows = flat.rows
        if self._attaching is not None:
            flat.problems.extend(self._attaching.attach(rows))
        conflict = self._options.conflict if flat.is_merge is None else _MERGE_OF[flat.is_merge]
        self._writing.add(Submission(rows, hashed, conflict, flat.anonymous, flat.tree))
        others = [] if self._touched is None or len(rows) == 1 else _other_traces(rows)
        self._origins.append(
            _Origin(source, record, rows[0].id, flat.problems, len(rows), flat.tree, flat.anonymous, others)
        )
        self._rows += len(rows)
        self._report.relative_clocks += flat.relative_clocks
        if flat.foreign is not None:
            self._report.saw_foreign(source, flat.foreign)

    def _flush(self) -> None:
        self._wrote = True
        self._in_flight.append(self._origins)
        self._origins, self._rows = [], 0
        self._count(self._writing.commit())

    def _count(self, done: list[list[Outcome]]) -> None:
        """Counts the outcomes of batches, by status first: most batches have but one."""
        for outcomes in done:
            told = iter(outcomes)
            tally: dict[tuple[int, bool, Status], int] = {}
            sources = {}
            accepted: list[_Origin] = []
            spans = self._report.spans
            for origin in self._in_flight.popleft():
                if isinstance(origin, Passed):
                    self._count_passed(origin, list(islice(told, len(origin.run.values))))
                    continue
                outcome = next(told)
                if origin.problems or outcome.problem is not None:
                    self._note_problems(origin, outcome)
                if outcome.problem is not None:
                    continue
                accepted.append(origin)
                key = id(origin.source), origin.tree, outcome.status
                sources[key] = origin.source
                tally[key] = tally.get(key, 0) + 1
                self._report.anonymous_repeats += origin.anonymous and outcome.status in ("unchanged", "folded")
                spans.new += outcome.new
                spans.changed += outcome.changed
                spans.unchanged += outcome.unchanged
                spans.folded += outcome.folded
            for key, number in tally.items():
                self._report.count_records(sources[key], key[1], key[2], number)
            if self._touched is not None:
                self._touched.add(row_id for origin in accepted for row_id in (origin.id, *origin.others))

    def _count_passed(self, passed: Passed, outcomes: list[Outcome]) -> None:
        count_passed(passed, outcomes, self._report, self._findings)
        if self._touched is not None:
            rows = zip(passed.run.values, outcomes, strict=True)
            self._touched.add(row.id for row, outcome in rows if outcome.problem is None)

    def _note_problems(self, origin: _Origin, outcome: Outcome) -> None:
        source = origin.source
        for problem in origin.problems:
            self._findings.note(source, origin.record, problem)
        if outcome.problem is not None:
            self._findings.reject_record(source, origin.record, outcome.problem)
            self._report.spans.add("rejected", origin.spans)

    def finish(self) -> None:
        """Stores what is left, links what can be linked now, and counts the loose ends."""
        self._finish_conversion()
        if self._origins:
            self._flush()
        self._count(self._writing.drain())
        settlement = self._writing.settle()
        self._report.orphans = settlement.orphans
        self._report.cycles = settlement.cycles
        for status in ("new", "changed", "unchanged"):
            self._report.traces.add(status, getattr(settlement, status + "_traces"))

    def close(self) -> None:
        """Lets go of the store, wherever the run has come to."""
        self._workers.close()
        self._writing.close()


def _other_traces(rows: list[Row]) -> list[str]:
    """A row of each trace that a record has spans in, beside that of its first row."""
    by_trace = {row.root_span_id: row.id for row in rows}
    by_trace.pop(rows[0].root_span_id)
    return list(by_trace.values())


_MERGE_OF: dict[bool, Conflict] = {True: "merge", False: "replace"}
"""A row's own ``_is_merge`` wins over ``--on-conflict``."""
