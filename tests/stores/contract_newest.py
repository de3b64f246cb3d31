"""Reading back the newest traces first, by pages that go on from a key, and traces as they arrive."""

from __future__ import annotations

import pytest

from bt_cli.query.filters import EVERYTHING, Condition, SpanFilter
from bt_cli.stores.base import NewestFirst, ReadStats, Store
from builders import row
from storing import HERE, StoreSteps, ids, read, submit


def newest(store: Store, after: NewestFirst | None = None, limit: int | None = None) -> list[str]:
    """The ids of the first row of each trace, newest first."""
    traces = store.read_traces(HERE, SpanFilter(limit=limit), ReadStats(), after or NewestFirst())
    return [trace[0].id for trace in traces]


class NewestContract(StoreSteps):
    def test_newest_first_is_the_other_way_round(self, store: Store) -> None:
        """The order is the exact reverse of that of an export, equal times included."""
        times = {"b": 20.0, "a": 20.0, "old": -5.0, "y": None, "x": None}
        self.run(store, *(submit(row(name, trace=name, time=time)) for name, time in times.items()))
        assert newest(store) == ["b", "a", "old", "y", "x"] == [one for (one,) in ids(read(store))][::-1]

    @pytest.mark.parametrize(
        ("after", "rest"),
        [
            (NewestFirst(20.0, "b"), ["a", "old", "y", "x"]),
            (NewestFirst(20.0, "a"), ["old", "y", "x"]),
            (NewestFirst(-5.0, "old"), ["y", "x"]),
            (NewestFirst(None, "y"), ["x"]),
            (NewestFirst(None, "x"), []),
        ],
    )
    def test_it_goes_on_after_a_key(self, store: Store, after: NewestFirst, rest: list[str]) -> None:
        """A page that begins after a trace has all that are older, and only those."""
        times = {"b": 20.0, "a": 20.0, "old": -5.0, "y": None, "x": None}
        self.run(store, *(submit(row(name, trace=name, time=time)) for name, time in times.items()))
        assert newest(store, after) == rest

    def test_a_key_may_be_gone(self, store: Store) -> None:
        """A page goes on where the trace was, also if it is deleted by then."""
        self.run(store, *(submit(row(str(n), trace=str(n), time=float(n))) for n in range(3)))
        assert newest(store, NewestFirst(1.5, "deleted")) == ["1", "0"]

    def test_rows_without_a_known_trace_come_last(self, store: Store) -> None:
        """What belongs to no trace yet stands below all others."""
        self.store_rows(store, row("a", trace="a"), row("lost", "x", trace=None, time=10.0))
        assert newest(store) == ["a", "lost"]

    def test_many_pages_lose_nothing(self, store: Store) -> None:
        """Paging neither repeats nor loses nor reorders, the newest first too."""
        records = [submit(row(f"{n:05}", trace=f"{n:05}", time=float(n % 7) if n % 5 else None)) for n in range(1300)]
        self.run(store, *records)
        assert newest(store) == [one for (one,) in ids(read(store))][::-1]

    def test_the_limit_says_that_there_is_more(self, store: Store) -> None:
        """A cut list is known to be cut."""
        self.run(store, *(submit(row(str(n), trace=str(n), time=float(n))) for n in range(3)))
        stats = ReadStats()
        traces = store.read_traces(HERE, SpanFilter(limit=2), stats, NewestFirst())
        assert [trace[0].id for trace in traces] == ["2", "1"] and stats.truncated

    def test_arrivals_are_what_came_since(self, store: Store) -> None:
        """A trace is told once, in the order of arrival, and one that only grows is not."""
        self.run(store, submit(row("a", trace="a", time=9.0)))
        position, before = store.arrivals(HERE, EVERYTHING, None)
        self.run(store, submit(row("z", trace="z", time=5.0)), submit(row("b", trace="b", time=3.0)))
        self.store_rows(store, row("a2", "a", trace="a"))
        later, traces = store.arrivals(HERE, EVERYTHING, position)
        assert before == [] and ids(traces) == [["z"], ["b"]]
        assert store.arrivals(HERE, EVERYTHING, later).traces == []

    def test_many_arrivals_come_in_parts(self, store: Store) -> None:
        """However much was stored at once, no call hands out all of it."""
        self.run(store, submit(row("a", trace="a")))
        position, _ = store.arrivals(HERE, EVERYTHING, None)
        self.run(store, *(submit(row(f"{n:04}", trace=f"{n:04}")) for n in range(350)))
        told = []
        while traces := (found := store.arrivals(HERE, EVERYTHING, position)).traces:
            assert len(traces) < 350
            told += [one for (one,) in ids(traces)]
            position = found.position
        assert told == [f"{n:04}" for n in range(350)]

    def test_arrivals_obey_the_filter(self, store: Store) -> None:
        """Only wanted traces are told."""
        self.run(store, submit(row("a", trace="a")))
        position, _ = store.arrivals(HERE, EVERYTHING, None)
        self.run(store, submit(row("good", trace="good")), submit(row("bad", trace="bad", error='"x"')))
        wanted = SpanFilter((Condition("error", "is not null"),))
        assert ids(store.arrivals(HERE, wanted, position).traces) == [["bad"]]
