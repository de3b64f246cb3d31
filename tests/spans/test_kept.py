"""What rows keep through either form: parents named twice, times, clocks, ids that repeat."""

from __future__ import annotations

import pytest

from bt_cli.writers.rows import write_rows
from bt_cli.writers.tree import write_tree
from builders import only_row, row, rows_of


@pytest.mark.parametrize("parents", [("a", "a"), ("a", "x", "a")])
def test_a_parent_named_twice_comes_back(parents: tuple[str, ...]) -> None:
    """Rule 1.3: span_parents are kept as given where their first is the enclosing node."""
    rows = [row("a"), row("b", *parents)]
    assert rows_of(write_tree(rows).encode()) == rows


def test_a_stored_rows_time_comes_back() -> None:
    """A row without created is ordered by its start, before and after it was a tree."""
    rows = rows_of(b'{"id":"a","span_id":"a","metrics":{"start":1704916642.5}}')
    assert rows_of(write_tree(rows).encode()) == rows


def test_a_relative_clock_of_any_size_comes_back() -> None:
    """Rule 3.1: outside 2000–2100 it is kept."""
    once = only_row({"span_id": "a", "metrics": {"start": 1e25}})
    assert rows_of(write_rows([once]).encode()) == [once]


def test_a_numbers_unit_does_not_depend_on_its_neighbours() -> None:
    """Rule 3.1: a function of the number alone."""
    alone = only_row({"span_id": "a", "metrics": {"start": -1e14}})
    beside = only_row({"span_id": "a", "metrics": {"start": -1e14, "odd": "x"}})
    assert alone.metrics == beside.metrics


def test_two_children_of_the_same_span_id_are_two_rows() -> None:
    """Nothing is dropped in silence: the store would fold them into one."""
    rows = rows_of(b'{"id":"r","children":[{"span_id":"1","input":1},{"span_id":"1","input":2}]}')
    assert len({one.id for one in rows}) == 3
