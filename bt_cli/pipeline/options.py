"""What the use-cases are asked to do."""

from __future__ import annotations

from typing import BinaryIO

from msgspec import Struct, field

from bt_cli.errors import UsageError
from bt_cli.readers.base import MAX_RECORD_BYTES
from bt_cli.spans.mapping import NO_MAPPING, Mapping
from bt_cli.stores.base import Conflict
from bt_cli.writers import To


class InputOptions(Struct, frozen=True):
    """Where records come from and how they are understood."""

    paths: tuple[str, ...] = ()
    """Files, globs, folders, ``-``; empty means stdin."""
    format: str = "auto"
    mapping: Mapping = NO_MAPPING
    time_unit: str | None = None
    """Forces the unit of times: ``s``, ``ms``, ``us`` or ``ns``."""
    tags: tuple[str, ...] = ()
    """Added to roots."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Key and JSON text, added to roots."""
    follow: bool = False
    max_record_bytes: int = MAX_RECORD_BYTES
    """A longer record is skipped and rejected by its place."""


class ErrorLimit(Struct, frozen=True):
    """How much may be wrong or missing, records or cases, before a run counts as incomplete.

    Given as a number, an import stops after the batch that passes it; a percentage is judged at the end.
    """

    records: int = 0
    percent: float | None = None
    stops: bool = False

    @classmethod
    def parse(cls, text: str, option: str = "--max-errors", of: str = "records") -> ErrorLimit:
        """``20`` or ``0.1%`` of something, as ``option`` has it. Raises UsageError."""
        try:
            if text.endswith("%"):
                percent = float(text[:-1])
                if 0 <= percent <= 100:
                    return cls(percent=percent)
            elif int(text) >= 0:
                return cls(records=int(text), stops=True)
        except ValueError:
            pass
        raise UsageError(f"{option} {text}: not a number of {of} or a percentage", hint=f"{option} 20, or 0.1%")

    def exceeded(self, rejected: int, total: int) -> bool:
        """Whether ``rejected`` (or missing) of ``total`` are too many."""
        if self.percent is not None:
            return rejected * 100 > self.percent * total
        return rejected > self.records


class ImportOptions(Struct, frozen=True):
    """What ``bt import`` is asked to do."""

    input: InputOptions
    conflict: Conflict = "merge"
    rejects: str | None = None
    limit: ErrorLimit = field(default_factory=ErrorLimit)
    strict: bool = False
    dry_run: bool = False
    tee: BinaryIO | None = None
    """Gets the input as it is read."""


class ConvertOptions(Struct, frozen=True):
    """What ``bt convert`` is asked to do."""

    input: InputOptions
    to: To = "rows"
    rejects: str | None = None
    limit: ErrorLimit = field(default_factory=ErrorLimit)
    strict: bool = False
    check: bool = False
    """Only validates; writes nothing."""
