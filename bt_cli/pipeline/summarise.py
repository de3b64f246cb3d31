"""``bt summary``: store → traces → one summary. Pages are reduced where they are read, so that little travels."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from bt_cli.errors import UsageError
from bt_cli.pipeline.absence import empty_if_absent
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.reducing import opened, read_chunk, reduced
from bt_cli.pipeline.workers import Job
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.container import Container
from bt_cli.spans.parts import Parts, needed_fields, parts_of_spans, parts_of_traces
from bt_cli.spans.paths import Path
from bt_cli.spans.row import Row
from bt_cli.spans.summary import Summary, Tally, finished
from bt_cli.stores.base import ReadStats, Store

MOST_GROUPS = 10_000
"""More would fill memory and tell nobody anything."""


class Question(NamedTuple):
    """What is summed up: whole traces or single spans, and the path whose values make the groups."""

    of_spans: bool
    group_by: str | None

    @property
    def path(self) -> Path | None:
        """The path, read."""
        return None if self.group_by is None else _path(self.group_by)

    def reduce(self, traces: Iterable[list[Row]]) -> Parts:
        """The parts of some traces."""
        return (parts_of_spans if self.of_spans else parts_of_traces)(traces, self.path)


def summarise(
    store: Store,
    container: Container,
    wanted: SpanFilter,
    group_by: str | None,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> Summary | None:
    """The summary of the wanted traces (with scope ``spans``, of the spans); None for a run that was stopped.

    Raises NotFoundError for a container or trace that does not exist, UsageError for an ambiguous id
    and for too many groups.
    """
    question = Question(wanted.scope == "spans", group_by)
    stats = ReadStats()
    whole = Tally()
    groups: dict[str, Tally] = {}
    parts = _parts(store, container, wanted, stats, question)
    with empty_if_absent(store, container), contextlib.closing(parts):
        for part in parts:
            whole.add_all(part)
            if group_by is not None:
                _add_groups(groups, part, group_by)
            progress(Progress(whole.traces, whole.spans))
            if stop():
                return None
    return Summary(
        whole=whole.finish(of_spans=question.of_spans),
        groups=finished(groups, question.of_spans),
        group_by=group_by,
        scope=wanted.scope,
        timeless=stats.timeless,
        truncated=stats.truncated,
    )


@lru_cache(maxsize=4)
def _path(written: str) -> Path:
    return Path(written)


def _add_groups(groups: dict[str, Tally], parts: Parts, group_by: str) -> None:
    for key, part in parts.groups.items():
        groups.setdefault(key, Tally()).add(part)
    if len(groups) > MOST_GROUPS:
        raise UsageError(
            f"--group-by {group_by}: more than {MOST_GROUPS:,} groups",
            hint="group by a path with fewer values, or filter first",
        )


def _parts(
    store: Store, container: Container, wanted: SpanFilter, stats: ReadStats, question: Question
) -> Generator[Parts, None, None]:
    fields = needed_fields(question.path)
    if wanted.limit is not None:
        for rows in store.read_traces(container, wanted, stats, fields=fields):
            yield question.reduce([rows])
        return
    job = Job(
        lambda chunk: question.reduce(read_chunk(store, chunk, fields)), summarise_chunk, (store.url, question), _unpack
    )
    yield from reduced(store, store.pages(container, wanted, stats), job)


def summarise_chunk(work: tuple[str, Question], chunk: list[Any]) -> bytes:
    """Reads and reduces some pages of the store at a URL: packed `Parts`."""
    url, question = work
    return _pack(question.reduce(read_chunk(opened(url), chunk, needed_fields(question.path))))


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Parts).decode
