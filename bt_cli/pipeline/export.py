"""``bt export``: store → traces → text, streamed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, BinaryIO, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bt_cli.errors import Interrupted, NotFoundError
from bt_cli.pipeline.attachment_folder import AttachmentFolder
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.reducing import opened
from bt_cli.pipeline.report import ExportReport
from bt_cli.pipeline.workers import Job, Workers
from bt_cli.query.filters import SpanFilter, is_about
from bt_cli.spans.attachments import Reference, references_in
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import ReadStats, Store
from bt_cli.writers import open_writer
from bt_cli.writers.table.spool import TABLES, spooled

_BYTES_OF_SPAN = 800
"""What a span is expected to take, to judge whether another process pays."""


class Layout(NamedTuple):
    """How an export is written: the name of its format, whether with container and server fields."""

    to: str
    with_container: bool = False
    attachments: AttachmentFolder | None = None
    """Where the attachments go that rows name."""


class Format(NamedTuple):
    """Name of the format, the container fields to write, if any, and whether attachments are looked for."""

    to: str
    container: str | None
    attachments: bool = False


class Exported(Struct, array_like=True, gc=False):
    """The text of some traces, how many traces and spans it holds, and the attachments that it names."""

    text: bytes
    traces: int
    spans: int
    references: list[Reference]


def export_traces(
    store: Store,
    containers: Sequence[Container],
    wanted: SpanFilter,
    layout: Layout,
    out: BinaryIO,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> ExportReport:
    """Writes the wanted spans of ``containers`` to ``out``, and their attachments where a folder is given for them.

    Raises NotFoundError for a container or trace that does not exist, UsageError for an ambiguous id.
    """
    if layout.to in TABLES:
        with spooled(layout.to, out) as rows:
            return export_traces(store, containers, wanted, layout._replace(to="rows"), rows, progress, stop)
    began = time.monotonic()
    report = ExportReport()
    stats = ReadStats()
    in_pages = wanted.limit is None and store.url is not None and not store.capabilities.pages_hold_rows
    for container in _with_matches(store, containers, wanted):
        left = _left(wanted, report)
        fields = _container_fields(store, container) if layout.with_container else None
        form = Format(layout.to, fields, layout.attachments is not None)
        parts = (_by_pages if in_pages else _by_traces)(store, container, left, stats, form)
        # Who is interrupted in a search ends as between two: `stop` says so.
        with contextlib.suppress(Interrupted), contextlib.closing(parts):
            for part in parts:
                out.write(part.text)
                if not report.traces:
                    out.flush()  # the first traces show at once
                report.traces += part.traces
                report.spans += part.spans
                if layout.attachments is not None:
                    layout.attachments.bring(part.references)
                progress(Progress(report.traces, report.spans))
                if stop():
                    break
        if stop():
            break
    out.flush()
    report.timeless = stats.timeless
    report.truncated = stats.truncated
    report.elapsed = time.monotonic() - began
    return report


def _left(wanted: SpanFilter, report: ExportReport) -> SpanFilter:
    """What is wanted still, after what earlier containers gave: the limit is one for all."""
    if wanted.limit is None:
        return wanted
    given = report.traces if wanted.scope == "traces" else report.spans
    return replace(wanted, limit=wanted.limit - given)


def _with_matches(store: Store, containers: Sequence[Container], wanted: SpanFilter) -> list[Container]:
    """The containers to read: of several, those that hold the trace that is asked for by id."""
    if len(containers) < 2 or not any(is_about(one, "trace") for one in wanted.conditions):
        return list(containers)
    found = []
    missing: NotFoundError | None = None
    for container in containers:
        try:
            next(store.pages(container, wanted, ReadStats()), None)
            found.append(container)
        except NotFoundError as error:
            missing = error
    if missing is not None and not found:
        raise missing
    return found


def _container_fields(store: Store, container: Container) -> str:
    """The fields that say where a row belongs, as Braintrust names them: for rows whose source has none."""
    (found,) = [one.id for one in store.containers() if one.container == container]
    kind = container.kind.removesuffix("_logs")
    return f'{{"{kind}_id":"{found}"}}'


def _by_traces(
    store: Store, container: Container, wanted: SpanFilter, stats: ReadStats, form: Format
) -> Generator[Exported, None, None]:
    for rows in store.read_traces(container, wanted, stats):
        yield _written([rows], form)


def _by_pages(
    store: Store, container: Container, wanted: SpanFilter, stats: ReadStats, form: Format
) -> Generator[Exported, None, None]:
    """All pages in order; where there are many, another process reads and writes some of them."""

    job = Job(lambda page: _written(store.read_page(page), form), export_page, (store.url, form), _unpack)
    workers: Workers[None, Exported] = Workers(job, ahead=4)
    with contextlib.closing(workers):
        for page in store.pages(container, wanted, stats):
            for _, part in workers.submit(None, page, page.spans * _BYTES_OF_SPAN):
                yield part
        for _, part in workers.finish():
            yield part


def export_page(work: tuple[str, Format], page: Any) -> bytes:
    """Reads and writes one page of the store at a URL: a packed `Exported`."""
    url, form = work
    return _pack(_written(opened(url).read_page(page), form))


def _written(traces: list[list[Row]], form: Format) -> Exported:
    write = open_writer(form.to)
    if form.container is not None:
        for row in (row for rows in traces for row in rows):
            row.server = row.server or form.container
    text = b"".join([write(rows, form.container is not None) for rows in traces])
    references = [one for rows in traces for row in rows for one in references_in(row)] if form.attachments else []
    return Exported(text, len(traces), sum([len(rows) for rows in traces]), references)


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Exported).decode
