"""Reading a page and finding an id cost as much in a large store as in a small one: indexes answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bt_cli.query.filters import SpanFilter
from bt_cli.stores.base import NewestFirst, ReadStats
from bt_cli.stores.sqlite.store import SqliteStore
from builders import row
from storing import HERE, put, submit


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """A store with two traces."""
    store = SqliteStore(":memory:")
    writing = store.writing(HERE)
    put(writing, submit(row("aaaa-1", trace="aaaa-1", time=1.0)), submit(row("bbbb-2", trace="bbbb-2")))
    writing.close()
    yield store
    store.close()


def plans(store: SqliteStore, act: Callable[[], object], about: str = "") -> list[str]:
    """How SQLite carries out each query that ``act`` makes and that has ``about`` in it."""
    queries: list[str] = []
    store.db.set_trace_callback(queries.append)
    act()
    store.db.set_trace_callback(None)
    chosen = [query.replace("Inf", "9e999") for query in queries if about in query]
    return [step[3] for query in chosen for step in store.db.execute(f"EXPLAIN QUERY PLAN {query}")]


@pytest.mark.parametrize("after", [NewestFirst(), NewestFirst(1.0, "aaaa-1"), NewestFirst(None, "bbbb-2")])
def test_newest_first_is_the_order_of_an_index(after: NewestFirst, store: SqliteStore) -> None:
    """Nothing is sorted: each page is read off the index by time (rows without a trace are one trace at most)."""
    steps = plans(store, lambda: list(store.pages(HERE, SpanFilter(), ReadStats(), after)), "root_span_id < ")
    assert steps and all("traces_by_time" in step for step in steps), steps


@pytest.mark.parametrize("wanted", ["aaaa-1", "aaaa", "aa-1"])
@pytest.mark.parametrize("kind", ["trace", "span"])
def test_ids_are_found_by_an_index(kind: str, wanted: str, store: SqliteStore) -> None:
    """Whole or in part, no id makes SQLite read the spans themselves."""
    steps = plans(store, lambda: store.find(wanted, kind))  # type: ignore[arg-type]
    assert not any(step.startswith(("SCAN spans", "SCAN traces")) for step in steps), steps
