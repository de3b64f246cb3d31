"""``bt view``: one trace or span by its id, and lists of traces, newest first."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import orjson
from msgspec import Struct

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.query.filters import Condition, SpanFilter
from bt_cli.spans.assemble import Branch, assemble
from bt_cli.spans.container import Container
from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.fragments import Why, fragments_of
from bt_cli.spans.row import Row
from bt_cli.spans.trace import TraceFacts, trace_facts
from bt_cli.stores.base import Found, NewestFirst, ReadStats, Store

_SHOWN = 10
_MOST_WAITING = 1000


class SeenTrace(Struct):
    """A trace with all that is shown of it; ``facts`` and ``why`` go by the identity of a branch."""

    container: Container
    rows: list[Row]
    tops: list[Branch]
    facts: dict[int, Facts]
    why: dict[int, Why]
    short: TraceFacts


def seen_trace(container: Container, rows: list[Row]) -> SeenTrace:
    """A trace of these rows."""
    tops = assemble(rows)
    facts: dict[int, Facts] = {}
    waiting = list(tops)
    while waiting:
        branch = waiting.pop()
        facts[id(branch)] = facts_of(branch.row)
        waiting += branch.children
    return SeenTrace(container, rows, tops, facts, fragments_of(tops, rows), trace_facts(rows))


def find_one(store: Store, wanted: str, kind: Literal["trace", "span"], container: Container | None) -> Found:
    """What an id means, in one container or in all.

    Raises NotFoundError where there is none, UsageError with the candidates where there are several.
    """
    found = store.find(wanted, kind, container)
    if not found:
        what = "trace or span" if kind == "trace" else "span"
        where = f" in {container.ref}" if container else ""
        hint = "at least 4 characters of its beginning or end are enough; bt view logs lists traces"
        if "." in wanted:
            hint = f"nor is there a file {wanted!r}; bt view logs lists traces"
        raise NotFoundError(f"no {what} has the id {wanted}{where}", hint=hint)
    if len(found) > 1:
        several = len({one.container for one in found}) > 1
        names = [f"{one.id or one.trace}{f' ({_place(one.container)})' if several else ''}" for one in found]
        shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        hint = "give more characters, or name one with -p" if several else "give more characters"
        raise UsageError(f"the id {wanted} is ambiguous: {shown}", hint=hint, code="ambiguous")
    return found[0]


def _place(container: Container) -> str:
    return container.ref if container.experiment is None else f"{container.ref} -p {container.project}"


def rows_of_trace(store: Store, container: Container, trace: str) -> list[Row]:
    """The rows of the trace with this ``root_span_id``. Raises NotFoundError where it is gone by now."""
    wanted = SpanFilter((Condition("trace", "=", trace),))
    return next(store.read_traces(container, wanted, ReadStats()), [])


def first_trace(store: Store, container: Container) -> list[Row]:
    """The rows of the earliest trace of a container, which has one."""
    return next(store.read_traces(container, SpanFilter(limit=1), ReadStats()), [])


class Listed(Struct):
    """A list of traces as it is read: after the last of them, where it goes on."""

    stats: ReadStats
    cursor: str | None = None

    def traces(self, store: Store, container: Container, wanted: SpanFilter, after: str | None) -> Iterator[TraceFacts]:
        """The wanted traces, newest first, from the cursor ``after`` on, up to the limit."""
        begin = NewestFirst() if after is None else parse_cursor(after)
        last: NewestFirst | None = None
        for rows in store.read_traces(container, wanted, self.stats, begin):
            last = NewestFirst(trace_time(rows), rows[0].root_span_id)
            yield trace_facts(rows)
        if self.stats.truncated and last is not None:
            self.cursor = _cursor(last)
        elif self.stats.truncated:
            self.cursor = after  # a limit of none: the next page is this one


def trace_time(rows: Sequence[Row]) -> float | None:
    """The time by which a trace is ordered: its root's; without a root the earliest of its spans."""
    roots = [row for row in rows if row.span_parents == "[]"]
    return min((row.time for row in roots or rows if row.time is not None), default=None)


def parse_cursor(cursor: str) -> NewestFirst:
    """The place that a cursor stands for; raises UsageError for text that is none."""
    try:
        time, trace = orjson.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if isinstance(trace, str) and (time is None or isinstance(time, float | int)):
            return NewestFirst(time, trace)
    except (ValueError, TypeError):
        pass
    raise UsageError(f"not a cursor: {cursor!r}", hint="take the one that bt view logs printed", code="cursor")


def _cursor(place: NewestFirst) -> str:
    return urlsafe_b64encode(orjson.dumps([*place])).decode().rstrip("=")


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
        again = [rows_of_trace(store, container, trace) for trace in rootless]
        rootless = []
        for rows in [*again, *traces]:
            short = trace_facts(rows)
            if short.rooted or short.id is None:
                yield short
            elif len(rootless) < _MOST_WAITING:
                rootless.append(short.id)
        if not traces:
            pause()
