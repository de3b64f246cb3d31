"""What the environment says to the tracing library, under the names that Braintrust's SDKs have given the variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from bt_cli.errors import UsageError

_YES = ("1", "true", "yes", "y", "on")
_PREFIX = "BRAINTRUST_"
_BATCH = 1000
Number = TypeVar("Number", int, float)


class TracingSettings(NamedTuple):
    """How spans are collected and written; see `load_tracing` for the variables."""

    sync_flush: bool = False
    """Nothing is written unless the program asks for it by ``flush``."""
    most_bytes: int = 6 << 20
    """The longest body of a request."""
    batch_rows: int | None = None
    """The rows of a request; None for as many as suit the store."""
    retries: int = 2
    """How often a request is repeated before its rows are given up."""
    queue_size: int = 25_000
    """Spans with unwritten changes that are kept at most; 0 for any number."""
    drops_when_full: bool = False
    """A full queue drops what is new, where otherwise who logs has to wait."""
    report_seconds: float = 60.0
    """The time between two warnings about dropped spans."""
    failed_folder: str | None = None
    """Where the bodies of requests that failed are kept."""
    all_folder: str | None = None
    """Where the bodies of all requests are kept."""
    generator_items: int = 1000
    """Items of a traced generator that are logged as its output; -1 for all, 0 for none."""
    legacy_ids: bool = False
    """UUIDs as ids, and slugs of version 3; else the ids of OpenTelemetry and version 4."""
    flushes_at_exit: bool = True
    environment: tuple[tuple[str, str], ...] = ()
    """``type`` and ``name`` of where the program runs."""

    @property
    def rows_together(self) -> int:
        """How many rows wait for each other, at most."""
        return self.batch_rows or _BATCH


def load_tracing(environment: Mapping[str, str] | None = None) -> TracingSettings:
    """The settings of this process. Raises UsageError for a number that is none."""
    read = _Reader(os.environ if environment is None else environment)
    named = {"type": read.text("ENVIRONMENT_TYPE"), "name": read.text("ENVIRONMENT_NAME")}
    default = TracingSettings()
    return TracingSettings(
        sync_flush=read.flag("SYNC_FLUSH"),
        most_bytes=read.number("MAX_REQUEST_SIZE", default.most_bytes),
        batch_rows=max(1, read.number("DEFAULT_BATCH_SIZE", _BATCH)) if read.text("DEFAULT_BATCH_SIZE") else None,
        retries=read.number("NUM_RETRIES", default.retries),
        queue_size=read.number("QUEUE_SIZE", default.queue_size),
        drops_when_full=read.flag("QUEUE_DROP_WHEN_FULL"),
        report_seconds=read.number("QUEUE_DROP_LOGGING_PERIOD", default.report_seconds),
        failed_folder=read.text("FAILED_PUBLISH_PAYLOADS_DIR"),
        all_folder=read.text("ALL_PUBLISH_PAYLOADS_DIR"),
        generator_items=read.number("MAX_GENERATOR_ITEMS", default.generator_items),
        # What OpenTelemetry is to understand has its ids, whatever else is said.
        legacy_ids=read.flag("LEGACY_IDS") and not read.flag("OTEL_COMPAT"),
        flushes_at_exit=not read.flag("DISABLE_ATEXIT_FLUSH"),
        environment=tuple((key, value) for key, value in named.items() if value),
    )


class _Reader(NamedTuple):
    environment: Mapping[str, str]

    def text(self, name: str) -> str | None:
        return self.environment.get(_PREFIX + name, "").strip() or None

    def flag(self, name: str) -> bool:
        return (self.text(name) or "").lower() in _YES

    def number(self, name: str, default: Number) -> Number:
        written = self.text(name)
        if written is None:
            return default
        try:
            return type(default)(written)
        except ValueError:
            raise UsageError(
                f"{_PREFIX}{name} is no number: {written}", hint=f"as in {default}", code="config"
            ) from None
