"""``bt compare``: two sides of traces → one comparison. Pages are reduced to trials where they are read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable
from random import Random
from typing import Any, NamedTuple

import msgspec

from bt_cli.pipeline.absence import empty_if_absent
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.reducing import opened, read_chunk, reduced
from bt_cli.pipeline.workers import Job
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.cases import Side, Trial, trial_fields, trials
from bt_cli.spans.comparison import Comparison, compare
from bt_cli.spans.container import Container
from bt_cli.spans.paths import Path
from bt_cli.spans.row import Row
from bt_cli.stores.base import ReadStats, Store

_SEED = 20_240_229
"""Fixed, so that the same two sides give the same bytes each time."""


class Question(NamedTuple):
    """What makes a case, as a path, and whether the cases are to be told one by one."""

    by: str
    told: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a row that are looked at."""
        return trial_fields(Path(self.by))

    def reduce(self, traces: Iterable[list[Row]]) -> list[Trial]:
        """Some traces as trials."""
        return trials(traces, Path(self.by), self.told)


class Source(NamedTuple):
    """Where the traces of one side are, and what the side is called."""

    store: Store
    container: Container
    name: str


def read_side(
    source: Source,
    wanted: SpanFilter,
    question: Question,
    stats: ReadStats,
    progress: Callable[[Progress], None],
    stop: Callable[[], int],
) -> Side:
    """The cases of one side; cut short where ``stop`` says so.

    Raises NotFoundError for a container or trace that does not exist, UsageError for an ambiguous id.
    """
    side = Side(source.name)
    parts = _read(source, wanted, question, stats)
    with empty_if_absent(source.store, source.container), contextlib.closing(parts):
        for part in parts:
            for trial in part:
                side.add(trial)
            progress(Progress(side.traces))
            if stop():
                break
    return side


def compare_sides(base: Side, other: Side, by: str) -> Comparison:
    """Compares two sides, with the same random draws each time."""
    return compare(base, other, by, lambda: Random(_SEED))  # noqa: S311 - no secret


def _read(
    source: Source, wanted: SpanFilter, question: Question, stats: ReadStats
) -> Generator[list[Trial], None, None]:
    store, fields = source.store, question.fields
    if wanted.limit is not None:
        for rows in store.read_traces(source.container, wanted, stats, fields=fields):
            yield question.reduce([rows])
        return
    job = Job(
        lambda chunk: question.reduce(read_chunk(store, chunk, fields)), read_trials, (store.url, question), _unpack
    )
    yield from reduced(store, store.pages(source.container, wanted, stats), job)


def read_trials(work: tuple[str, Question], chunk: list[Any]) -> bytes:
    """The trials of some pages of the store at a URL, packed."""
    url, question = work
    return _pack(question.reduce(read_chunk(opened(url), chunk, question.fields)))


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Trial]).decode
