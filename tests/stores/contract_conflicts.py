"""How a record meets rows of the same ids: merge, replace, skip, error."""

from __future__ import annotations

import pytest

from bt_cli.stores.base import Conflict, Outcome, Store
from builders import row
from storing import StoreSteps, only, requires, rows, source_of, submit

OLD = row("a", input="1", metadata='{"x":1,"deep":{"y":2}}', tags='["t"]')
NEW = row("a", output="2", metadata='{"deep":{"z":3}}')
MERGED = row("a", input="1", output="2", metadata='{"x":1,"deep":{"y":2,"z":3}}', tags='["t"]')


class ConflictContract(StoreSteps):
    @pytest.mark.parametrize(
        ("conflict", "status", "stored"),
        [
            ("merge", "changed", MERGED),
            ("replace", "changed", NEW),
            ("skip", "unchanged", OLD),
            ("error", "rejected", OLD),
        ],
    )
    def test_other_content(self, store: Store, conflict: Conflict, status: str, stored: object) -> None:
        """Each way to meet a stored row of other content, with the row that stays."""
        requires(store, "knows_previous")
        self.run(store, submit(OLD))
        outcomes, _ = self.run(store, submit(NEW, conflict=conflict))
        assert (only(outcomes).status, rows(store)) == (status, [stored])

    @pytest.mark.parametrize("conflict", ["merge", "replace", "skip", "error"])
    def test_equal_content_is_no_conflict(self, store: Store, conflict: Conflict) -> None:
        """A row that says what is stored is unchanged in every mode."""
        requires(store, "knows_previous")
        self.run(store, submit(OLD, source="one"))
        outcomes, _ = self.run(store, submit(OLD, conflict=conflict, source="two"))
        assert outcomes == [Outcome("unchanged", unchanged=1)]

    @pytest.mark.parametrize("conflict", ["merge", "replace", "skip", "error"])
    def test_a_new_id_is_stored(self, store: Store, conflict: Conflict) -> None:
        """Ids that are not stored are stored in every mode."""
        requires(store, "knows_previous")
        self.run(store, submit(OLD))
        outcomes, _ = self.run(store, submit(row("n", trace="n"), conflict=conflict))
        assert outcomes == [Outcome("new", new=1)]

    def test_error_names_its_problem(self, store: Store) -> None:
        """A conflict is told from other rejections."""
        requires(store, "knows_previous")
        self.run(store, submit(OLD))
        problem = only(self.run(store, submit(NEW, conflict="error"))[0]).problem
        assert problem is not None and problem.code == "conflict"

    def test_replace_keeps_the_trace_of_a_row_that_names_none(self, store: Store) -> None:
        """A replacing row without trace stays where the stored one is."""
        self.run(store, submit(row("a"), row("b", "a", input="1")))
        self.run(store, submit(row("b", "a", trace=None, output="2"), conflict="replace", tree=False))
        assert rows(store) == [row("a"), row("b", "a", output="2")]

    def test_a_merge_never_removes_keys(self, store: Store) -> None:
        """What a new version lacks stays."""
        self.run(store, submit(OLD))
        self.run(store, submit(row("a")))
        assert rows(store) == [OLD]

    def test_a_version_that_lacks_spans_deletes_none(self, store: Store) -> None:
        """Spans that a new version of a trace does not have stay."""
        self.run(store, submit(row("a"), row("b", "a")))
        self.run(store, submit(row("a", output="1")))
        assert [one.id for one in rows(store)] == ["a", "b"]

    def test_a_skipped_source_is_not_known(self, store: Store) -> None:
        """A record that was skipped has not been applied, so another mode must see it."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(OLD))
        self.run(store, submit(NEW, conflict="skip", source="skipped"))
        with self.writing(store) as writing:
            assert writing.known([source_of("skipped")]) == {}

    def test_a_new_record_is_known_in_skip_mode(self, store: Store) -> None:
        """What was stored is known, also beside a record that was skipped."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(OLD))
        self.run(store, submit(NEW, conflict="skip"), submit(row("n", trace="n"), conflict="skip", source="new"))
        with self.writing(store) as writing:
            assert set(writing.known([source_of("new")])) == {source_of("new")}

    def test_modes_meet_in_one_batch(self, store: Store) -> None:
        """Each record of a batch goes by its own mode."""
        requires(store, "knows_previous")
        self.run(store, submit(OLD), submit(row("b", trace="b", input="1")))
        outcomes, _ = self.run(
            store, submit(NEW, conflict="skip"), submit(row("b", trace="b", input="2"), conflict="replace")
        )
        assert [one.status for one in outcomes] == ["unchanged", "changed"]
