"""What an id, its beginning or its end can mean."""

from __future__ import annotations

import pytest

from bt_cli.stores.base import Store
from builders import row
from storing import HERE, THERE, StoreSteps, submit


class FindingContract(StoreSteps):
    def fill(self, store: Store) -> None:
        """Two traces here, and a copy of the first one there."""
        first = submit(row("trace-one", trace="trace-one"), row("child-abcd", "trace-one", trace="trace-one"))
        self.run(store, first, submit(row("trace-two", trace="trace-two")))
        self.run(store, first, container=THERE)

    @pytest.mark.parametrize("wanted", ["trace-one", "-one", "child-abcd", "chil", "abcd"])
    def test_a_trace_is_found_by_parts_of_its_ids(self, store: Store, wanted: str) -> None:
        """The trace's id or that of a span in it, whole, or 4 characters of beginning or end."""
        self.fill(store)
        assert [(one.container, one.trace) for one in store.find(wanted, "trace", HERE)] == [(HERE, "trace-one")]

    @pytest.mark.parametrize("wanted", ["child-abcd", "chil", "abcd"])
    def test_a_span_is_found_by_parts_of_its_id(self, store: Store, wanted: str) -> None:
        """The row is told, with the trace it is in."""
        self.fill(store)
        assert store.find(wanted, "span", HERE) == [(HERE, "trace-one", "child-abcd")]

    def test_a_span_is_found_by_its_span_id(self, store: Store) -> None:
        """A row's id and its span_id are both good, whole and in part."""
        stored = row("s-12345", trace="s-12345")
        stored.id = "row-of-it"
        self.run(store, submit(stored))
        for wanted in ("s-12345", "row-of-it", "s-12", "2345", "row-", "f-it"):
            assert [one.id for one in store.find(wanted, "span")] == ["row-of-it"], wanted
            assert [one.trace for one in store.find(wanted, "trace")] == ["s-12345"], wanted

    def test_all_containers_are_searched(self, store: Store) -> None:
        """Without a container every one that has the id is told."""
        self.fill(store)
        assert {one.container for one in store.find("abcd", "trace")} == {HERE, THERE}

    def test_a_whole_id_wins(self, store: Store) -> None:
        """An id that is also the beginning of another is no riddle."""
        self.run(store, submit(row("abcd", trace="abcd")), submit(row("abcd-2", trace="abcd-2")))
        assert [one.trace for one in store.find("abcd", "trace")] == ["abcd"]
        assert [one.id for one in store.find("abcd", "span")] == ["abcd"]

    @pytest.mark.parametrize("kind", ["trace", "span"])
    def test_every_candidate_is_told(self, store: Store, kind: str) -> None:
        """A part that fits several gives all of them."""
        self.fill(store)
        assert {one.trace for one in store.find("trac", kind, HERE)} == {"trace-one", "trace-two"}  # type: ignore[arg-type]

    @pytest.mark.parametrize("wanted", ["nothing", "one", "%", "", "TRACE-ONE"])
    def test_what_does_not_fit_is_not_found(self, store: Store, wanted: str) -> None:
        """Fewer than 4 characters, other letters, and signs that SQL knows mean nothing."""
        self.fill(store)
        assert store.find(wanted, "trace") == [] and store.find(wanted, "span") == []

    def test_an_unknown_container_has_nothing(self, store: Store) -> None:
        """Nothing is found where nothing is."""
        self.run(store, submit(row("trace-one", trace="trace-one")))
        assert store.find("trace-one", "trace", THERE) == []
