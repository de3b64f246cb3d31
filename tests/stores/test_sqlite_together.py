"""Two connections to one SQLite store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bt_cli.stores import open_store
from bt_cli.stores.base import Outcome, Store
from bt_cli.stores.sqlite.maintenance import verify
from builders import row
from storing import HERE, StoreSteps, put, rows, submit


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two connections for writing."""
    one, other = (open_store(str(tmp_path / "spans.db"), "write") for _ in range(2))
    yield one, other
    one.close()
    other.close()


class TestTogether(StoreSteps):
    def test_each_sees_what_the_other_has_committed(self, pair: tuple[Store, Store]) -> None:
        """A batch is seen by another connection once its outcome is known."""
        one, other = pair
        with self.writing(one) as writing:
            put(writing, submit(row("a")))
            assert [each.id for each in rows(other)] == ["a"]

    def test_batches_in_turns(self, pair: tuple[Store, Store]) -> None:
        """Two runs that write by turns into one trace both count right."""
        one, other = pair
        with self.writing(one) as first, self.writing(other) as second:
            outcomes = (
                put(first, submit(row("a")))
                + put(second, submit(row("a"), row("b", "a")))
                + put(first, submit(row("b", "a")))
            )
            first.settle()
            second.settle()
        assert outcomes == [
            Outcome("new", new=1),
            Outcome("changed", new=1, unchanged=1),
            Outcome("unchanged", unchanged=1),
        ]

    def test_a_container_that_is_deleted_meanwhile_is_made_again(
        self, pair: tuple[Store, Store], tmp_path: Path
    ) -> None:
        """A run goes on after its project was deleted, and leaves a sound store."""
        one, other = pair
        with self.writing(one) as writing:
            put(writing, submit(row("a", trace="a")))
            other.delete(HERE)
            put(writing, submit(row("b", trace="b")))
            writing.settle()
        assert (verify(str(tmp_path / "spans.db")), [each.id for each in rows(other)]) == ([], ["b"])
