"""What a use-case returns: counts and problems."""

from __future__ import annotations

from dataclasses import dataclass, field

STATUSES = ("new", "changed", "unchanged", "folded", "rejected")


@dataclass
class Counts:
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


@dataclass(frozen=True)
class Finding:
    """A problem with its place: what was found, and where in the input."""

    code: str
    message: str
    file: str
    line: int
    byte: int
    column: int = 0
    path: str = ""
    excerpt: str = ""
    rejected: bool = True


@dataclass
class SourceReport:
    """One input file (or stdin)."""

    name: str
    format: str = ""
    records: int = 0
    """Records read: the left side of the sum."""
    counts: Counts = field(default_factory=Counts)
    failure: str = ""
    """Why reading stopped early; empty when it was read to its end."""


@dataclass
class ImportReport:
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
    records_in: int = 0
    orphans: int = 0
    cycles: int = 0
    relative_clocks: int = 0
    anonymous_repeats: int = 0
    stopped: str = ""
    """Why the run ended before its input did: ``max_errors``, ``interrupted``; else empty."""
    rejects: str = ""
    """The file that has the rejected records."""
    elapsed: float = 0.0
