"""``bt view logs``: traces in short, newest first, by pages or all of them; and those that arrive."""

from __future__ import annotations

import contextlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
import orjson
from msgspec import Struct

from bt_cli.errors import UsageError
from bt_cli.pipeline.reducing import opened, read_chunk, reduced
from bt_cli.pipeline.viewing import rows_of_trace
from bt_cli.pipeline.workers import Job
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.spans.trace import SHORT, TraceFacts, trace_facts
from bt_cli.stores.base import NewestFirst, ReadStats, Store

_MOST_WAITING = 1000


class Listed(Struct):
    """A list of traces as it is read: after the last of them, where it goes on."""

    stats: ReadStats
    cursor: str | None = None

    def traces(self, store: Store, container: Container, wanted: SpanFilter, after: str | None) -> Iterator[TraceFacts]:
        """The wanted traces, newest first, from the cursor ``after`` on, up to the limit."""
        begin = NewestFirst() if after is None else parse_cursor(after, container)
        if wanted.limit is None:
            yield from _all(store, container, wanted, self.stats, begin)
            return
        last: NewestFirst | None = None
        for rows in store.read_traces(container, wanted, self.stats, begin, fields=SHORT):
            last = NewestFirst(trace_time(rows), rows[0].root_span_id)
            yield trace_facts(rows)
        if self.stats.truncated and last is not None:
            self.cursor = cursor_of(last, container)
        elif self.stats.truncated:
            self.cursor = after  # a limit of none: the next page is this one


def _all(
    store: Store, container: Container, wanted: SpanFilter, stats: ReadStats, begin: NewestFirst
) -> Iterator[TraceFacts]:
    """Every trace; where there are many, another process looks at some."""
    job = Job(
        lambda chunk: [trace_facts(rows) for rows in read_chunk(store, chunk, SHORT)], short_chunk, store.url, _unpack
    )
    with contextlib.closing(reduced(store, store.pages(container, wanted, stats, begin), job)) as parts:
        for part in parts:
            yield from part


def short_chunk(url: str, chunk: list[Any]) -> bytes:
    """The packed `TraceFacts` of some pages of the store at a URL."""
    return _pack([trace_facts(rows) for rows in read_chunk(opened(url), chunk, SHORT)])


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[TraceFacts]).decode


def trace_time(rows: Sequence[Row]) -> float | None:
    """The time by which a trace is ordered: its root's; without a root the earliest of its spans."""
    roots = [row for row in rows if row.span_parents == "[]"]
    return min((row.time for row in roots or rows if row.time is not None), default=None)


def parse_cursor(cursor: str, container: Container) -> NewestFirst:
    """The place in the list of a container that a cursor stands for; raises UsageError for text that is none."""
    try:
        time, trace, _ = orjson.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        place = NewestFirst(time, trace)
        if cursor_of(place, container) == cursor:
            return place
    except (ValueError, TypeError):
        pass
    raise UsageError(
        f"not a cursor of {container.ref}: {cursor!r}",
        hint="take the one that bt view logs printed for the same traces",
        code="cursor",
    )


def cursor_of(place: NewestFirst, container: Container) -> str:
    """A place in the list of a container as text; a digest tells it from what somebody made up or mistyped."""
    digest = blake2b(orjson.dumps([*container, *place]), digest_size=6).hexdigest()
    return urlsafe_b64encode(orjson.dumps([*place, digest])).decode().rstrip("=")


def arriving(
    store: Store, container: Container, wanted: SpanFilter, pause: Callable[[], None], stop: Callable[[], int]
) -> Iterator[TraceFacts]:
    """Traces that are stored from now on, each once its root is there; endless, until ``stop`` says so."""
    position, _ = store.arrivals(container, wanted, None)
    return _arriving(store, container, wanted, position, pause, stop)


def _arriving(
    store: Store,
    container: Container,
    wanted: SpanFilter,
    position: int,
    pause: Callable[[], None],
    stop: Callable[[], int],
) -> Iterator[TraceFacts]:
    rootless: list[str] = []
    while not stop():
        position, traces = store.arrivals(container, wanted, position)
        again = [rows_of_trace(store, container, trace, SHORT) for trace in rootless]
        rootless = []
        for rows in [*again, *traces]:
            short = trace_facts(rows)
            if short.rooted or short.id is None:
                yield short
            elif len(rootless) < _MOST_WAITING:
                rootless.append(short.id)
        if not traces:
            pause()
