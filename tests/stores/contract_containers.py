"""Containers: kept apart, listed, deleted."""

from __future__ import annotations

import pytest

from bt_cli.errors import NotFoundError
from bt_cli.spans.container import Container
from bt_cli.stores.base import Outcome, Store
from builders import row
from storing import HERE, THERE, StoreSteps, requires, rows, submit

NIGHTLY = Container("here", "nightly")


class ContainerContract(StoreSteps):
    def test_no_containers_in_an_empty_store(self, store: Store) -> None:
        """An empty store lists nothing."""
        assert store.containers() == []

    def test_equal_ids_in_two_containers_do_not_meet(self, store: Store) -> None:
        """The key of a row is its container and its id."""
        requires(store, "knows_previous")
        self.run(store, submit(row("a", input="1")))
        outcomes, _ = self.run(store, submit(row("a", trace="z", input="2")), container=THERE)
        assert (outcomes, rows(store), rows(store, THERE)) == (
            [Outcome("new", new=1)],
            [row("a", input="1")],
            [row("a", trace="z", input="2")],
        )

    def test_an_experiment_is_not_its_project(self, store: Store) -> None:
        """An experiment's rows are not among the project's logs."""
        self.run(store, submit(row("a")))
        self.run(store, submit(row("b", trace="b")), container=NIGHTLY)
        assert [[one.id for one in rows(store, each)] for each in (HERE, NIGHTLY)] == [["a"], ["b"]]

    def test_containers_are_listed_by_project_and_experiment(self, store: Store) -> None:
        """The order of the list is that of the names, not of their making."""
        for container in (THERE, Container("here", "b"), HERE, NIGHTLY):
            self.run(store, submit(row("a")), container=container)
        assert [info.container for info in store.containers()] == [HERE, Container("here", "b"), NIGHTLY, THERE]

    def test_containers_count_traces_and_spans(self, store: Store) -> None:
        """A container's entry says how much is in it."""
        self.run(store, submit(row("a"), row("b", "a")), submit(row("c", trace="c")))
        (info,) = store.containers()
        assert (info.traces, info.spans) == (2, 3)

    def test_counts_after_a_row_has_found_its_trace(self, store: Store) -> None:
        """A row that waited for its trace is not counted as a trace of its own any more."""
        self.store_rows(store, row("c", "p", trace=None))
        self.store_rows(store, row("c", "p", trace="t"))
        (info,) = store.containers()
        assert (info.traces, info.spans) == (1, 1)

    def test_container_ids_are_their_names_own(self, store: Store) -> None:
        """Containers of different names have different ids."""
        for container in (HERE, THERE, NIGHTLY):
            self.run(store, submit(row("a")), container=container)
        assert len({info.id for info in store.containers()}) == 3

    def test_delete_says_how_many_spans_there_were(self, store: Store) -> None:
        """Deleting counts what goes."""
        self.run(store, submit(row("a"), row("b", "a")))
        assert store.delete(HERE) == 2

    def test_a_deleted_container_is_gone(self, store: Store) -> None:
        """Nothing of a deleted container is listed, and reading it fails."""
        self.run(store, submit(row("a")))
        store.delete(HERE)
        with pytest.raises(NotFoundError):
            rows(store)
        assert store.containers() == []

    def test_delete_leaves_others_alone(self, store: Store) -> None:
        """A project's logs go without its experiments."""
        self.run(store, submit(row("a")))
        self.run(store, submit(row("a")), container=NIGHTLY)
        store.delete(HERE)
        assert [one.id for one in rows(store, NIGHTLY)] == ["a"]

    def test_a_deleted_record_can_be_stored_again(self, store: Store) -> None:
        """Sources of deleted rows are forgotten with them."""
        requires(store, "knows_previous")
        record = submit(row("a"))
        self.run(store, record)
        store.delete(HERE)
        with self.writing(store) as writing:
            assert writing.known([record.source]) == {}
        assert self.run(store, record)[0] == [Outcome("new", new=1)]

    def test_delete_of_an_unknown_container(self, store: Store) -> None:
        """What is not there can't be deleted."""
        with pytest.raises(NotFoundError):
            store.delete(HERE)
