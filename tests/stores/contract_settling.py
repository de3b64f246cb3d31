"""The end of a run: late links, and what hangs loose."""

from __future__ import annotations

from itertools import permutations

import pytest

from bt_cli.spans.row import Row
from bt_cli.stores.base import Settlement, Store
from builders import row
from storing import THERE, StoreSteps, ids, read, requires, rows, single, submit

FAMILY = (row("r", trace="r"), row("c", "r", trace=None), row("g", "c", trace=None), row("x", "missing", trace=None))


def traces_of(found: list[Row]) -> dict[str, str | None]:
    """The trace of each row."""
    return {one.id: one.root_span_id for one in found}


class SettlingContract(StoreSteps):
    def test_a_run_without_writes_settles_to_nothing(self, store: Store) -> None:
        """There is nothing to tell of a run that did nothing."""
        with self.writing(store) as writing:
            assert writing.settle() == Settlement()

    def test_whole_trees_leave_nothing_loose(self, store: Store) -> None:
        """Trees are linked when they arrive and counted as records, not here."""
        _, settlement = self.run(store, submit(row("a"), row("b", "a")))
        assert settlement == Settlement()

    def test_rows_make_traces(self, store: Store) -> None:
        """Rows of one trace are counted as one new trace."""
        requires(store, "knows_previous")
        assert self.store_rows(store, row("a"), row("b", "a"), row("c", "a")).new_traces == 1

    def test_a_row_more_changes_its_trace(self, store: Store) -> None:
        """A row in a stored trace makes it changed, not new."""
        requires(store, "knows_previous")
        self.store_rows(store, row("a"))
        settlement = self.store_rows(store, row("b", "a"))
        assert (settlement.new_traces, settlement.changed_traces) == (0, 1)

    def test_equal_rows_leave_their_trace_unchanged(self, store: Store) -> None:
        """Rows that are stored already count their trace as unchanged."""
        requires(store, "knows_previous")
        self.store_rows(store, row("a"))
        _, settlement = self.run(store, submit(row("a"), source="other", tree=False))
        assert (settlement.changed_traces, settlement.unchanged_traces) == (0, 1)

    def test_known_rows_count_their_traces(self, store: Store) -> None:
        """A run that only meets what it knows still tells how many traces that was."""
        requires(store, "knows_previous", "remembers_sources")
        records = [single(one) for one in (row("a"), row("b", "a"))]
        self.run(store, *records)
        with self.writing(store) as writing:
            writing.known([one.source for one in records])
            assert writing.settle().unchanged_traces == 1

    def test_orphans_are_kept_and_counted(self, store: Store) -> None:
        """A span whose parent is missing stays and counts once."""
        requires(store, "counts_loose_ends")
        settlement = self.store_rows(store, row("a"), row("b", "nobody"), row("c", "b"))
        assert (settlement.orphans, len(rows(store))) == (1, 3)

    def test_a_parent_from_another_run_is_no_orphan(self, store: Store) -> None:
        """Parents are looked for in the store, not in the run."""
        self.store_rows(store, row("a"))
        assert self.store_rows(store, row("b", "a")).orphans == 0

    def test_traces_that_were_not_touched_are_not_counted(self, store: Store) -> None:
        """Loose ends of earlier runs are not told again."""
        self.store_rows(store, row("b", "nobody", trace="b"))
        assert self.store_rows(store, row("a")).orphans == 0

    def test_a_fragment_of_a_tree_is_looked_at(self, store: Store) -> None:
        """A tree that names parents of its own may be an orphan."""
        requires(store, "counts_loose_ends")
        _, settlement = self.run(store, submit(row("b", "nobody"), row("c", "b")))
        assert settlement.orphans == 1

    def test_cycles_are_kept_and_counted(self, store: Store) -> None:
        """Spans on and below a cycle count, and stay."""
        requires(store, "counts_loose_ends")
        settlement = self.store_rows(store, row("a", "b"), row("b", "a"), row("c", "b"), row("d"))
        assert (settlement.cycles, settlement.orphans, len(rows(store))) == (3, 0, 4)

    def test_a_span_that_is_its_own_parent_is_a_cycle(self, store: Store) -> None:
        """The shortest cycle has one span."""
        requires(store, "counts_loose_ends")
        assert self.store_rows(store, row("a", "a")).cycles == 1

    @pytest.mark.parametrize("order", list(permutations(range(4)))[::3], ids=str)
    def test_late_links_in_any_order_of_one_run(self, store: Store, order: tuple[int, ...]) -> None:
        """Rows without a trace get their parents', whatever came first."""
        requires(store, "counts_loose_ends")
        settlement = self.store_rows(store, *(FAMILY[index] for index in order))
        assert (traces_of(rows(store)), settlement.orphans) == ({"r": "r", "c": "r", "g": "r", "x": None}, 1)

    def test_late_links_over_several_runs(self, store: Store) -> None:
        """A row is linked by the run that brings its parent."""
        for one in reversed(FAMILY):
            self.store_rows(store, one)
        assert traces_of(rows(store)) == {"r": "r", "c": "r", "g": "r", "x": None}

    def test_a_linked_row_is_in_its_trace(self, store: Store) -> None:
        """After the link one trace holds them all."""
        self.store_rows(store, FAMILY[2], FAMILY[1], FAMILY[0])
        assert [set(trace) for trace in ids(read(store))] == [{"r", "c", "g"}]

    def test_linked_rows_stand_in_the_order_of_arrival(self, store: Store) -> None:
        """Late links do not shuffle the rows of a trace."""
        requires(store, "keeps_order")
        self.store_rows(store, row("r", trace="r"), *(row(name, "r", trace=None) for name in "zyxw"))
        assert ids(read(store)) == [["r", "z", "y", "x", "w"]]

    def test_a_linked_rows_source_is_known(self, store: Store) -> None:
        """A row that was moved to its trace is known again."""
        requires(store, "knows_previous", "remembers_sources")
        late = single(row("c", "r", trace=None))
        self.run(store, late, single(row("r", trace="r")))
        with self.writing(store) as writing:
            assert set(writing.known([late.source])) == {late.source}

    def test_a_parent_by_span_id(self, store: Store) -> None:
        """Parents are span ids, which need not be the parent's id."""
        root = row("row-1", trace="t")
        root.span_id = "s1"
        self.store_rows(store, row("c", "s1", trace=None), root)
        assert traces_of(rows(store))["c"] == "t"

    def test_a_further_parent_decides_where_the_first_is_missing(self, store: Store) -> None:
        """Of two parents the one that is there gives the trace."""
        self.store_rows(store, row("c", "missing", "r", trace=None), row("r", trace="r"))
        assert traces_of(rows(store))["c"] == "r"

    def test_the_first_parent_decides(self, store: Store) -> None:
        """A row belongs where its first parent does, in whatever order they came."""
        self.store_rows(
            store,
            row("c", "late", "r", trace=None),
            row("late", "q", trace=None),
            row("r", trace="r"),
            row("q", trace="q"),
        )
        assert traces_of(rows(store))["c"] == "q"

    def test_a_parent_of_another_container_is_none(self, store: Store) -> None:
        """Links do not cross containers."""
        requires(store, "counts_loose_ends")
        self.store_rows(store, row("r", trace="r"), container=THERE)
        assert self.store_rows(store, row("c", "r", trace=None)).orphans == 1

    def test_a_long_chain_backwards(self, store: Store) -> None:
        """A chain of thousands, last first, is linked to its end."""
        chain = [row(f"{n}", f"{n - 1}", trace=None) for n in range(3000, 0, -1)]
        self.store_rows(store, *chain, row("0", trace="0"))
        assert {one.root_span_id for one in rows(store)} == {"0"}

    def test_a_later_trace_of_a_row_is_taken(self, store: Store) -> None:
        """A row that came without its trace and again with it moves there."""
        self.store_rows(store, row("c", "p", trace=None))
        self.store_rows(store, row("c", "p", trace="t"))
        assert traces_of(rows(store)) == {"c": "t"}
