"""Amendments, which have no source, and traces found by rows of theirs: what scoring needs of a store."""

from __future__ import annotations

import pytest

from bt_cli.spans.container import Container
from bt_cli.spans.row import Row
from bt_cli.stores.base import Conflict, Outcome, Store, Submission
from builders import row
from storing import HERE, StoreSteps, ids, requires, rows, single, source_of, submit

FULL = row("a", input="1", scores='{"own":1}', metadata='{"k": [1.50]}')


def amend(*rows: Row, conflict: Conflict = "merge") -> Submission:
    return Submission(list(rows), None, conflict)


class AmendingContract(StoreSteps):
    def test_a_patch_changes_what_it_holds(self, store: Store) -> None:
        """All other fields of the stored row stay, to the byte."""
        self.run(store, submit(FULL))
        self.run(store, amend(row("a", scores='{"good":0.5}')))
        assert rows(store) == [
            row("a", input="1", scores='{"own":1,"good":0.5}', metadata='{"k": [1.50]}'),
        ]

    def test_a_patch_is_a_change(self, store: Store) -> None:
        """It is counted like one; an equal one changes nothing."""
        requires(store, "knows_previous")
        self.run(store, submit(FULL))
        patch = row("a", scores='{"good":0.5}')
        assert [self.run(store, amend(patch))[0] for _ in range(2)] == [
            [Outcome("changed", changed=1)],
            [Outcome("unchanged", unchanged=1)],
        ]

    def test_an_amended_record_is_known_still(self, store: Store) -> None:
        """So that reading it again leaves the amendment alone."""
        requires(store, "knows_previous", "remembers_sources")
        self.run(store, submit(FULL, source="file"))
        self.run(store, amend(row("a", scores='{"good":0.5}')), amend(row("s", "a"), conflict="replace"))
        with self.writing(store) as writing:
            assert set(writing.known([source_of("file")])) == {source_of("file")}

    def test_new_rows_of_an_amendment_are_new(self, store: Store) -> None:
        """They join their trace at its end."""
        self.run(store, submit(FULL))
        self.run(store, amend(row("s", "a", output="1"), row("j", "s")))
        assert [one.id for one in rows(store)] == ["a", "s", "j"]

    def test_replacing_rows_leaves_nothing_of_the_old(self, store: Store) -> None:
        """A score span of the next run has nothing of the last."""
        self.run(store, submit(row("a")))
        for span in (row("s", "a", input="1", error='"x"'), row("s", "a", output="2")):
            self.run(store, amend(span, conflict="replace"))
        assert rows(store)[1] == row("s", "a", output="2")

    def test_an_amendment_into_another_trace_is_rejected(self, store: Store) -> None:
        """Ids meet as they do for records; the rest of the batch is stored."""
        requires(store, "knows_previous")
        self.run(store, submit(row("a")), submit(row("z", trace="z")))
        outcomes, _ = self.run(store, amend(row("z", trace="a")), amend(row("a", output="1")))
        assert [one.status for one in outcomes] == ["rejected", "changed"]

    def test_a_batch_may_hold_records_and_amendments(self, store: Store) -> None:
        """Only the records are remembered."""
        requires(store, "knows_previous", "remembers_sources")
        outcomes, _ = self.run(store, submit(row("a"), source="file"), amend(row("b", trace="b")))
        assert [one.status for one in outcomes] == ["new", "new"]
        with self.writing(store) as writing:
            assert len(writing.known([source_of("file")])) == 1

    def test_amended_traces_are_not_counted(self, store: Store) -> None:
        """What a run says of the traces of single rows is about records."""
        self.run(store, submit(row("a")))
        _, settlement = self.run(store, amend(row("s", "gone")))
        assert (settlement.orphans, settlement.changed_traces, settlement.new_traces) == (0, 0, 0)

    def test_whole_traces_are_found_by_a_row(self, store: Store) -> None:
        """Whichever row it is; each trace comes once."""
        self.store_rows(store, row("a"), row("b", "a"), row("c", trace="c"), row("d", trace="d"))
        found = list(store.read_holding(HERE, ["b", "d", "a", "d"]))
        assert ids(found) == [["a", "b"], ["d"]]

    def test_found_traces_come_in_the_order_of_an_export(self, store: Store) -> None:
        """Timeless ones first, then by time and id."""
        dated = [row(name, trace=name, time=time) for name, time in (("late", 3.0), ("early", 1.0), ("also", 1.0))]
        dated.append(row("never", trace="never"))
        self.run(store, *map(submit, dated))
        assert ids(list(store.read_holding(HERE, ["late", "early", "never", "also"]))) == [
            ["never"],
            ["also"],
            ["early"],
            ["late"],
        ]

    @pytest.mark.parametrize("wanted", [[], ["nothing"]])
    def test_unknown_rows_hold_no_trace(self, store: Store, wanted: list[str]) -> None:
        """Nor do none at all."""
        self.store_rows(store, row("a"))
        assert list(store.read_holding(HERE, wanted)) == []

    def test_traces_of_other_containers_are_not_found(self, store: Store) -> None:
        """The same id may be in several; a container that is not there has none."""
        self.store_rows(store, row("a"))
        assert list(store.read_holding(Container("elsewhere"), ["a"])) == []

    def test_thousands_of_rows_are_found(self, store: Store) -> None:
        """There is no limit to how many are asked for, and they may come one by one."""
        records = [submit(row(f"{n:05}", trace=f"{n:05}")) for n in range(2500)]
        self.run(store, *records)
        found = store.read_holding(HERE, (one.rows[0].id for one in reversed(records)), ())
        assert [trace[0].id for trace in found] == [f"{n:05}" for n in range(2500)]

    def test_only_wanted_fields_of_found_traces_are_read(self, store: Store) -> None:
        """Beside ids and linkage."""
        self.run(store, single(FULL))
        ((found,),) = store.read_holding(HERE, ["a"], ("input",))
        assert (found.input, found.scores) == ("1", None)

    def test_found_traces_may_be_amended_meanwhile(self, store: Store) -> None:
        """As scoring does: a reading is not disturbed by the writes of its own run."""
        self.run(store, *[submit(row(f"{n:04}", trace=f"{n:04}")) for n in range(1200)])
        seen = 0
        with self.writing(store) as writing:
            for trace in store.read_holding(HERE, [f"{n:04}" for n in range(1200)]):
                seen += 1
                writing.add(amend(row(trace[0].id, trace=trace[0].id, output="1")))
                if seen % 100 == 0:
                    writing.commit()
            writing.drain()
        assert (seen, {one.output for one in rows(store)}) == (1200, {"1"})
