"""What a use-case returns: counts and problems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct, field

from bt_cli.readers.forms import FORMS
from bt_cli.spans.foreign import Foreign

if TYPE_CHECKING:
    from bt_cli.pipeline.options import ConvertOptions, ImportOptions
    from bt_cli.spans.score_gates import Missing


_MOST_NAMES = 2000


class Counts(Struct):
    """Records or spans by what became of them."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    folded: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """All of them: what came in."""
        return self.new + self.changed + self.unchanged + self.folded + self.rejected

    @property
    def accepted(self) -> int:
        """All that were not rejected."""
        return self.total - self.rejected

    def add(self, status: str, number: int = 1) -> None:
        """Counts ``number`` more of one status."""
        setattr(self, status, getattr(self, status) + number)


class Finding(Struct, frozen=True):
    """A problem with its place: what was found, and where in the input."""

    code: str
    message: str
    file: str
    line: int
    byte: int
    column: int = 0
    path: str = ""
    excerpt: str = ""
    caret: int = -1
    """Where in the excerpt the fault lies; -1 for nowhere in particular."""
    rejected: bool = True


class SourceReport(Struct):
    """One input file (or stdin)."""

    name: str
    records: int = 0
    """Records read: the left side of the sum."""
    counts: Counts = field(default_factory=Counts)
    bytes_read: int = 0
    trees: bool = False
    rows: bool = False
    forms: dict[str, int] = field(default_factory=dict)
    """How many records were neither trees nor rows, by their form (see `bt_cli.readers.forms`)."""
    failure: str = ""
    """Why reading stopped early; empty when it was read to its end."""

    def saw(self, tree: bool) -> None:
        """Notes the form of a record."""
        if tree:
            self.trees = True
        else:
            self.rows = True

    def saw_forms(self, forms: Iterable[str]) -> None:
        """Notes the forms of records that were neither trees nor rows."""
        for form in forms:
            self.forms[form] = self.forms.get(form, 0) + 1

    @property
    def format(self) -> str:
        """What the source holds: ``trees``, ``rows``, both, or nothing that was recognised; else what it is called."""
        rows = self.rows and self.counts.accepted > sum(self.forms.values())
        own = [name for name, seen in (("trees", self.trees), ("rows", rows)) if seen]
        return " and ".join([*(FORMS[form].title for form in self.forms), *own])


class ImportReport(Struct):
    """The outcome of ``bt import`` or ``bt convert``.

    ``records`` counts what was read, ``traces`` and ``spans`` what that became. The sum
    in = new + changed + unchanged + folded + rejected is checked for each source and in all.
    """

    sources: list[SourceReport] = field(default_factory=list)
    records: Counts = field(default_factory=Counts)
    traces: Counts = field(default_factory=Counts)
    spans: Counts = field(default_factory=Counts)
    findings: list[Finding] = field(default_factory=list)
    """The first ten in full."""
    problems: dict[str, int] = field(default_factory=dict)
    """How many of each code, rejected or not."""
    orphans: int = 0
    cycles: int = 0
    relative_clocks: int = 0
    anonymous_repeats: int = 0
    dialects: dict[str, int] = field(default_factory=dict)
    """How many of OpenTelemetry's spans were read with each dialect; one span may speak several."""
    losses: dict[str, dict[str, int]] = field(default_factory=dict)
    """What of them had no field of its own: how often, by its name in the source and by the reason."""
    skipped: dict[str, int] = field(default_factory=dict)
    """What in the input is known to hold no spans (``logs``, ``metrics``), and was passed over."""
    stopped: str = ""
    """Why the run ended before its input did: ``max_errors``, ``interrupted``; else empty."""
    rejects: str = ""
    """The file that has the rejected records."""
    elapsed: float = 0.0
    refused: bool = False
    """``--strict`` has found problems, and nothing was written."""
    told_apart: bool = True
    """The store told new from changed from unchanged; else all three are ``written``, counted as new."""

    def count_records(self, source: SourceReport, tree: bool, status: str, number: int = 1) -> None:
        """Counts records of one source and form that had the same outcome; a tree is a trace of its own."""
        source.saw(tree)
        source.counts.add(status, number)
        self.records.add(status, number)
        if tree:
            self.traces.add(status, number)

    def saw_foreign(self, source: SourceReport, foreign: Foreign) -> None:
        """Notes how a record was understood that was neither a tree nor a row."""
        source.saw_forms([foreign.form])
        for dialect in foreign.dialects:
            self.dialects[dialect] = self.dialects.get(dialect, 0) + 1
        for name, reason in foreign.losses:
            if name not in self.losses and len(self.losses) >= _MOST_NAMES:
                name = "…"  # names may be made up anew for each span
            reasons = self.losses.setdefault(name, {})
            reasons[reason] = reasons.get(reason, 0) + 1

    def begin_again(self) -> None:
        """Forgets all counts: the input is read once more."""
        fresh = ImportReport(rejects=self.rejects, told_apart=self.told_apart)
        for name in self.__struct_fields__:
            setattr(self, name, getattr(fresh, name))

    @property
    def records_in(self) -> int:
        """Records read from all sources: the left side of the sum."""
        return sum(source.records for source in self.sources)

    @property
    def bytes_read(self) -> int:
        """Bytes taken from the sources, as they lie there."""
        return sum(source.bytes_read for source in self.sources)

    def check_sums(self) -> None:
        """in = new + changed + unchanged + folded + rejected, for each source and in all; AssertionError if not."""
        for source in self.sources:
            if source.records != source.counts.total:
                raise AssertionError(f"{source.name}: {source.records} records in, {source.counts.total} accounted for")
        if self.records_in != self.records.total:
            raise AssertionError(f"{self.records_in} records in, {self.records.total} accounted for")

    def exit_code(self, options: ImportOptions | ConvertOptions) -> int:
        """What ``bt help exit-codes`` says for this outcome."""
        rejected = self.records.rejected
        failed = any(source.failure for source in self.sources)
        if getattr(options, "check", False):
            return 3 if failed else 4 if self.problems else 0
        if self.refused or (rejected and rejected == self.records.total):
            return 5
        incomplete = any(code in self.problems for code in ("truncated_last_record", "attachment_failed"))
        if failed or incomplete or options.limit.exceeded(rejected, self.records.total):
            return 3
        return 0

    def missing(self, options: ImportOptions | ConvertOptions) -> list[Missing]:
        """What a verdict over what was read must know: records rejected beyond the limit, reading broken off."""
        from bt_cli.spans.score_gates import Missing  # only scoring asks

        rejected, total = self.records.rejected, self.records.total
        found = []
        if "truncated_last_record" in self.problems or any(source.failure for source in self.sources):
            found.append(Missing("broken_off"))
        if rejected and (rejected == total or options.limit.exceeded(rejected, total)):
            found.append(Missing("rejected", rejected))
        return found


class ExportReport(Struct):
    """The outcome of ``bt export``."""

    traces: int = 0
    spans: int = 0
    timeless: int = 0
    """Traces or spans without a time, which a filter by time could not match."""
    truncated: bool = False
    """The limit cut the answer."""
    elapsed: float = 0.0
