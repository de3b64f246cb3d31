"""Reading back: order, text, paging."""

from __future__ import annotations

import pytest

from bt_cli.errors import NotFoundError
from bt_cli.query.filters import EVERYTHING
from bt_cli.stores.base import ReadStats, Store
from builders import row
from storing import HERE, StoreSteps, ids, put, read, requires, rows, submit

ODD_TEXT = [
    "123456789012345678901234567890",
    "1.0",
    "-0.0",
    "1e400",
    '"\\u0063af\\u00e9"',
    '"café 🎉"',
    '"a\\u0000b"',
    '{"b":1,"a":2}',
    '{"a":1,"a":2}',
    "null",
    '""',
    "[]",
    f'"{"x" * 100_000}"',
]


class ReadingContract(StoreSteps):
    def test_an_unknown_container(self, store: Store) -> None:
        """Reading what does not exist is an error, not an empty answer."""
        with pytest.raises(NotFoundError):
            rows(store)

    def test_a_page_that_holds_its_rows_outlives_them(self, store: Store) -> None:
        """Where pages hold rows, nothing is asked of the store for reading one."""
        requires(store, "pages_hold_rows")
        self.store_rows(store, row("a"), row("b", "a"))
        (page,) = store.pages(HERE, EVERYTHING, ReadStats())
        store.delete(HERE)
        assert ids(store.read_page(page)) == [["a", "b"]]

    def test_traces_come_by_time(self, store: Store) -> None:
        """The order of traces is that of their time, not of arrival."""
        times = {"late": 30.0, "early": 10.0, "middle": 20.0}
        self.run(store, *(submit(row(name, trace=name, time=time)) for name, time in times.items()))
        assert ids(read(store)) == [["early"], ["middle"], ["late"]]

    def test_traces_of_one_time_come_by_id(self, store: Store) -> None:
        """Where times are equal the ids decide."""
        self.run(store, *(submit(row(name, trace=name, time=10.0)) for name in ("c", "a", "b")))
        assert ids(read(store)) == [["a"], ["b"], ["c"]]

    def test_timeless_traces_come_first_by_id(self, store: Store) -> None:
        """Traces without a time stand before all others."""
        self.run(
            store,
            submit(row("dated", trace="dated", time=-5.0)),
            submit(row("y", trace="y")),
            submit(row("x", trace="x")),
        )
        assert ids(read(store)) == [["x"], ["y"], ["dated"]]

    def test_rows_without_a_known_trace_come_once_and_first(self, store: Store) -> None:
        """Rows whose trace is not known are read once, with or without a time."""
        self.store_rows(
            store, row("a", trace="a"), row("lost", "x", trace=None, time=10.0), row("gone", "x", trace=None)
        )
        assert [one.id for one in rows(store)] == ["lost", "gone", "a"]

    def test_the_roots_time_counts(self, store: Store) -> None:
        """A trace's time is its root's, although a child is earlier."""
        self.run(
            store,
            submit(row("a", trace="a", time=20.0), row("b", "a", trace="a", time=1.0)),
            submit(row("c", trace="c", time=10.0)),
        )
        assert ids(read(store)) == [["c"], ["a", "b"]]

    def test_a_trace_whose_root_has_no_time_is_timeless(self, store: Store) -> None:
        """The time of a trace is its root's, and if that has none, none."""
        self.run(
            store,
            submit(row("a", trace="a"), row("b", "a", trace="a", time=20.0)),
            submit(row("c", trace="c", time=10.0)),
        )
        assert ids(read(store)) == [["a", "b"], ["c"]]

    def test_a_roots_late_arrival_moves_the_trace(self, store: Store) -> None:
        """The time of a trace does not depend on the order in which its rows came."""
        self.store_rows(store, row("b", "a", time=5.0), row("m", trace="m", time=10.0))
        self.store_rows(store, row("a", time=20.0))
        assert ids(read(store)) == [["m"], ["b", "a"]]

    def test_an_edited_time_moves_the_trace(self, store: Store) -> None:
        """A replaced root gives its trace the new time."""
        self.run(store, submit(row("a", time=10.0)), submit(row("m", trace="m", time=20.0)))
        self.run(store, submit(row("a", time=30.0), conflict="replace"))
        assert ids(read(store)) == [["m"], ["a"]]

    def test_spans_keep_the_order_in_which_they_came(self, store: Store) -> None:
        """Within a trace rows stand as they were stored, later ones at the end."""
        requires(store, "keeps_order")
        self.run(store, submit(row("a"), row("z", "a"), row("b", "a")))
        self.run(store, submit(row("y", "a"), row("z", "a", output="1"), tree=False))
        assert ids(read(store)) == [["a", "z", "b", "y"]]

    @pytest.mark.parametrize("text", ODD_TEXT, ids=lambda text: text[:12])
    def test_payload_text_comes_back_exactly(self, store: Store, text: str) -> None:
        """Numbers, escapes, key order and white space are the source's."""
        requires(store, "exact_payload")
        fields = dict.fromkeys(("input", "output", "expected", "error"), text)
        self.run(store, submit(row("a", **fields)))
        assert rows(store) == [row("a", **fields)]

    def test_every_field_comes_back(self, store: Store) -> None:
        """No field of a row is lost or swapped; those of a server may be the store's own."""
        names = [name for name in row("a").__struct_fields__[6:] if name not in ("tags", "server")]
        fields = {**{name: f'{{"{name}":1}}' for name in names}, "tags": '["t"]'}
        stored = row("a", created="2024-01-01T00:00:00Z", time=1704067200.0, **fields)
        self.run(store, submit(stored))
        assert rows(store) == [stored]

    def test_absent_and_null_are_told_apart(self, store: Store) -> None:
        """An explicit null is not an absent field."""
        self.run(store, submit(row("a", input="null")))
        (stored,) = rows(store)
        assert (stored.input, stored.output) == ("null", None)

    def test_ids_of_any_text(self, store: Store) -> None:
        """Quotes, white space, emoji and SQL in an id are only characters."""
        odd = "x'; DROP TABLE spans; -- \"é🎉\n"
        self.run(store, submit(row(odd, trace=odd)))
        assert rows(store) == [row(odd, trace=odd)]

    def test_many_traces_come_whole_and_in_order(self, store: Store) -> None:
        """Paging neither repeats nor loses nor reorders."""
        records = [submit(row(f"{n:05}", trace=f"{n:05}", time=float(n % 7) if n % 5 else None)) for n in range(1300)]
        self.run(store, *records)
        expected = sorted(range(1300), key=lambda n: (bool(n % 5), float(n % 7) if n % 5 else 0.0, n))
        assert [one.id for one in rows(store)] == [f"{n:05}" for n in expected]

    def test_a_large_trace_comes_in_one_piece(self, store: Store) -> None:
        """A trace above the size of a page is one trace still."""
        self.run(
            store,
            submit(*(row(f"{n}", *(["0"] if n else []), trace="0") for n in range(6000))),
            submit(row("x", trace="x")),
        )
        assert [len(trace) for trace in read(store)] == [6000, 1]

    def test_reading_does_not_hold_back_a_writer(self, store: Store) -> None:
        """A run of writes goes through while a reader pauses, and the reader goes on."""
        self.run(store, *(submit(row(f"{n:05}", trace=f"{n:05}")) for n in range(1200)))
        from bt_cli.query.filters import EVERYTHING
        from bt_cli.stores.base import ReadStats
        from storing import HERE

        reading = store.read_traces(HERE, EVERYTHING, ReadStats())
        first = next(reading)
        with self.writing(store) as writing:
            put(writing, submit(row("00000-later", trace="00000-later")))
            writing.settle()
        assert 1 + sum(1 for _ in reading) == 1200 and first[0].id == "00000"

    @pytest.mark.parametrize("fields", [(), ("metrics",), ("input", "extra"), ("created", "time", "scores")])
    def test_only_the_fields_that_are_asked_for(self, store: Store, fields: tuple[str, ...]) -> None:
        """Ids and linkage come always, other fields only if they are named."""
        from bt_cli.query.filters import EVERYTHING
        from bt_cli.stores.base import ReadStats
        from storing import HERE

        names = [name for name in row("a").__struct_fields__[6:] if name not in ("tags", "server")]
        whole = row("b", "a", created="2024-01-01T00:00:00Z", time=1704067200.0, **dict.fromkeys(names, '{"x":1}'))
        self.run(store, submit(row("a", time=1.0), whole))
        ((_, found),) = store.read_traces(HERE, EVERYTHING, ReadStats(), fields=fields)
        expected = row("b", "a", **{name: getattr(whole, name) for name in fields})
        assert found == expected
