"""What becomes of a batch: outcomes, sources that are known again, all or nothing."""

from __future__ import annotations

import pytest

from bt_cli.stores.base import Outcome, Store
from builders import row
from storing import HERE, StoreSteps, commit, only, put, requires, rows, single, source_of, submit


class WritingContract(StoreSteps):
    def test_a_first_record_is_new(self, store: Store) -> None:
        """All rows of an unseen record count as new."""
        requires(store, "knows_previous")
        outcomes, _ = self.run(store, submit(row("a"), row("b", "a")))
        assert outcomes == [Outcome("new", new=2)]

    def test_an_equal_record_is_unchanged(self, store: Store) -> None:
        """The same rows from another source change nothing."""
        requires(store, "knows_previous")
        self.run(store, submit(row("a", input="1"), source="one"))
        outcomes, _ = self.run(store, submit(row("a", input="1"), source="two"))
        assert outcomes == [Outcome("unchanged", unchanged=1)]

    def test_an_edited_row_is_changed(self, store: Store) -> None:
        """Only the row that differs counts as changed."""
        requires(store, "knows_previous")
        self.run(store, submit(row("a", input="1"), row("b", "a")))
        outcomes, _ = self.run(store, submit(row("a", input="2"), row("b", "a")))
        assert outcomes == [Outcome("changed", changed=1, unchanged=1)]

    def test_a_grown_trace_is_changed(self, store: Store) -> None:
        """A new span in a stored trace makes the record changed and the span new."""
        requires(store, "knows_previous")
        self.run(store, submit(row("a")))
        outcomes, _ = self.run(store, submit(row("a"), row("b", "a")))
        assert outcomes == [Outcome("changed", new=1, unchanged=1)]

    def test_a_later_version_in_the_batch_is_folded(self, store: Store) -> None:
        """Of two versions in one batch the first is new, the second folded into it."""
        requires(store, "knows_previous")
        outcomes, _ = self.run(store, single(row("a", input="1")), single(row("a", output="2")))
        assert outcomes == [Outcome("new", new=1), Outcome("folded", folded=1)]

    def test_a_folded_version_is_stored(self, store: Store) -> None:
        """What the second version of a batch adds is kept."""
        self.run(store, single(row("a", input="1")), single(row("a", output="2")))
        assert rows(store) == [row("a", input="1", output="2")]

    def test_an_id_of_another_trace_is_rejected(self, store: Store) -> None:
        """A stored id is never merged into from another trace."""
        requires(store, "knows_previous")
        self.run(store, submit(row("a", trace="a")))
        outcome = only(self.run(store, submit(row("a", trace="z")))[0])
        assert (outcome.status, outcome.problem and outcome.problem.code) == ("rejected", "id_in_other_trace")

    def test_an_id_of_another_trace_in_the_same_batch_is_rejected(self, store: Store) -> None:
        """Ids meet within a batch as they do across batches."""
        requires(store, "knows_previous")
        outcomes, _ = self.run(store, submit(row("a", trace="a")), submit(row("a", trace="z")))
        assert [one.status for one in outcomes] == ["new", "rejected"]

    def test_a_rejected_record_leaves_no_row(self, store: Store) -> None:
        """All rows of a rejected record stay out, those of its neighbours do not."""
        requires(store, "knows_previous", "atomic_batch")
        self.run(store, submit(row("a", trace="a")))
        self.run(store, submit(row("n", trace="n")), submit(row("z", trace="z"), row("a", trace="z")))
        assert {one.id for one in rows(store)} == {"a", "n"}

    def test_a_row_without_trace_meets_its_stored_self(self, store: Store) -> None:
        """A row that does not name its trace is the stored one of its id."""
        requires(store, "knows_previous")
        self.store_rows(store, row("a"), row("b", "a"))
        outcomes, _ = self.run(store, single(row("b", "a", trace=None, output="1")))
        assert (outcomes, rows(store)) == ([Outcome("changed", changed=1)], [row("a"), row("b", "a", output="1")])

    def test_a_failing_batch_stores_nothing(self, store: Store) -> None:
        """A batch that can't be written as a whole leaves no part of itself."""
        requires(store, "atomic_batch")
        self.run(store, submit(row("before", trace="before")))
        with self.writing(store) as writing, pytest.raises(UnicodeEncodeError):
            put(writing, submit(row("a", trace="a")), submit(row("b", trace="b", input='"\ud800"')))
        assert [one.id for one in rows(store)] == ["before"]

    def test_outcomes_come_in_order_with_batches_in_flight(self, store: Store) -> None:
        """Each batch is answered once, in the order given, however many are under way."""
        requires(store, "knows_previous")
        batches = [[submit(row(f"{n}-{i}", trace=f"{n}-{i}")) for i in range(n)] for n in range(1, 12)]
        with self.writing(store) as writing:
            done = [outcomes for batch in batches for outcomes in commit(writing, *batch)] + writing.drain()
            writing.settle()
        assert [len(outcomes) for outcomes in done] == [len(batch) for batch in batches]

    def test_a_batch_in_flight_is_seen_by_the_next(self, store: Store) -> None:
        """A record given twice in a row is new once."""
        requires(store, "knows_previous")
        with self.writing(store) as writing:
            done = commit(writing, single(row("a"))) + commit(writing, single(row("a"))) + writing.drain()
            writing.settle()
        assert [only(outcomes).status for outcomes in done] == ["new", "unchanged"]

    def test_nothing_is_known_of_an_empty_store(self, store: Store) -> None:
        """An unseen source is not known."""
        with self.writing(store) as writing:
            assert writing.known([source_of("a")]) == {}

    def test_no_sources_at_all(self, store: Store) -> None:
        """Asking about nothing is answered."""
        with self.writing(store) as writing:
            assert writing.known([]) == {}

    def test_a_source_is_known_again(self, store: Store) -> None:
        """The source of a stored record is known with its spans and its form."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(row("a"), row("b", "a"), source="tree", anonymous=True))
        with self.writing(store) as writing:
            known = writing.known([source_of("tree"), source_of("other")])
        assert {source: one[:3] for source, one in known.items()} == {source_of("tree"): (2, True, True)}

    def test_a_row_is_known_as_a_row(self, store: Store) -> None:
        """Records of one row are told from trees."""
        requires(store, "knows_previous", "remembers_sources")
        self.store_rows(store, row("a"))
        with self.writing(store) as writing:
            (known,) = writing.known([single(row("a")).source]).values()
        assert known[:3] == (1, False, False)

    def test_a_known_record_has_the_id_of_its_first_row(self, store: Store) -> None:
        """The ids of known records can be asked for, without their rows."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(row("a"), row("b", "a"), source="tree"), submit(row("c", trace="c"), source="other"))
        with self.writing(store) as writing:
            known = writing.known([source_of("tree"), source_of("other")])
            ids = writing.ids_of([one.record for one in known.values()])
        assert {source: ids[one.record] for source, one in known.items()} == {
            source_of("tree"): "a",
            source_of("other"): "c",
        }

    def test_thousands_of_sources_are_looked_up_at_once(self, store: Store) -> None:
        """There is no limit to how many sources one question has."""
        requires(store, "knows_previous", "remembers_sources")
        records = [submit(row(f"{n:04}", trace=f"{n:04}")) for n in range(1500)]
        self.run(store, *records)
        with self.writing(store) as writing:
            assert len(writing.known([one.source for one in records])) == 1500

    def test_a_rejected_source_is_not_known(self, store: Store) -> None:
        """What was not stored is read again next time."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(row("a", trace="a")))
        self.run(store, submit(row("a", trace="z"), source="bad"))
        with self.writing(store) as writing:
            assert writing.known([source_of("bad")]) == {}

    def test_only_the_last_version_applied_is_known(self, store: Store) -> None:
        """An older version of a record would change the row back, so it is not known."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(row("a", input="1"), source="one"))
        self.run(store, submit(row("a", input="2"), source="two"))
        with self.writing(store) as writing:
            assert set(writing.known([source_of("one"), source_of("two")])) == {source_of("two")}

    def test_of_versions_in_one_batch_the_last_is_known(self, store: Store) -> None:
        """Folding keeps the source that was folded in last."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(row("a", input="1"), source="one"), submit(row("a", input="2"), source="two"))
        with self.writing(store) as writing:
            assert set(writing.known([source_of("one"), source_of("two")])) == {source_of("two")}

    def test_closing_without_a_write_makes_no_container(self, store: Store) -> None:
        """A run that stores nothing leaves nothing."""
        with self.writing(store) as writing:
            writing.settle()
        assert HERE not in [info.container for info in store.containers()]
