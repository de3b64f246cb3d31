"""``bt compare``: two sides of traces → one comparison. Pages are reduced to trials where they are read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

import msgspec

from bt_cli.pipeline.absence import empty_if_absent
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.workers import Job, Workers
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.cases import Side, Trial, trial_fields, trials
from bt_cli.spans.comparison import Comparison, compare
from bt_cli.spans.container import Container
from bt_cli.spans.paths import Path
from bt_cli.stores import open_store
from bt_cli.stores.base import ReadStats, Store

_SEED = 20_240_229
"""Fixed, so that the same two sides give the same bytes each time."""
_BYTES_OF_SPAN = 400
"""How much work a span is, in bytes of input, to judge whether another process pays."""


class Question(NamedTuple):
    """What makes a case, as a path, and whether the cases are to be told one by one."""

    by: str
    told: bool = False


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
    """The trials of all pages in order; where there are many, another process reads some of them."""
    store = source.store
    job = Job(lambda page: _reduce(store, page, question), read_trials, (store.url, question), _unpack)
    workers: Workers[None, list[Trial]] = Workers(job, ahead=4)
    with contextlib.closing(workers):
        for page in store.pages(source.container, wanted, stats):
            # What is in memory can be read here only.
            for _, part in workers.submit(None, page, page.spans * _BYTES_OF_SPAN if store.url else 0):
                yield part
        for _, part in workers.finish():
            yield part


def read_trials(work: tuple[str, Question], page: Any) -> bytes:
    """The trials of one page of the store at a URL, packed."""
    url, question = work
    return _pack(_reduce(_opened(url), page, question))


def _reduce(store: Store, page: Any, question: Question) -> list[Trial]:
    path = Path(question.by)
    return trials(store.read_page(page, trial_fields(path)), path, question.told)


@lru_cache(maxsize=1)
def _opened(url: str) -> Store:
    """The store of a worker process, open for its life."""
    return open_store(url, "read")


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Trial]).decode
