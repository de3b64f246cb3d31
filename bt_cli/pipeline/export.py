"""``bt export``: store → traces → text, streamed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import BinaryIO

from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import ExportReport
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.container import Container
from bt_cli.stores.base import ReadStats, Store
from bt_cli.writers import open_writer

_BLOCK = 1 << 17
"""Characters after which output is written."""


def export_traces(
    store: Store,
    containers: Sequence[Container],
    wanted: SpanFilter,
    to: str,
    out: BinaryIO,
    with_container: bool,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> ExportReport:
    """Writes the wanted spans of ``containers`` to ``out`` in the format ``to``.

    Raises NotFoundError for a container or trace that does not exist, UsageError for an ambiguous id.
    """
    began = time.monotonic()
    report = ExportReport()
    stats = ReadStats()
    write = open_writer(to)
    held: list[str] = []
    size = 0
    for container in containers:
        for rows in store.read_traces(container, wanted, stats):
            text = write(rows, with_container)
            held.append(text)
            size += len(text)
            report.traces += 1
            report.spans += len(rows)
            if size >= _BLOCK or report.traces == 1:
                out.write("".join(held).encode())
                held, size = [], 0
                progress(Progress(report.traces, report.spans))
                if report.traces == 1:
                    out.flush()
                if stop():
                    break
    out.write("".join(held).encode())
    out.flush()
    report.timeless = stats.timeless
    report.truncated = stats.truncated
    report.elapsed = time.monotonic() - began
    return report
