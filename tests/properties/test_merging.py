"""Rule 4.2: what merging keeps to."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bt_cli.spans import text
from bt_cli.spans.merge import merge_rows, merge_text
from bt_cli.spans.row import LINKAGE, Row
from properties.strategies import JSON, OBJECTS, ROWS

FAST = settings(deadline=None, max_examples=200)


def paths(value: Any, prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The keys of nested objects."""
    if not isinstance(value, dict):
        return {prefix}
    return {prefix}.union(*(paths(item, (*prefix, key)) for key, item in value.items()))


@FAST
@given(JSON, JSON)
def test_idempotent(stored: str, new: str) -> None:
    """Merging the same version once more changes nothing, not even a byte."""
    once = merge_text(stored, new)
    assert merge_text(once, new) == once


@FAST
@given(JSON)
def test_with_itself(stored: str) -> None:
    """A version merged into itself is itself."""
    assert merge_text(stored, stored) == stored


@FAST
@given(OBJECTS, OBJECTS)
def test_no_key_is_removed(stored: str, new: str) -> None:
    """Every key of the stored object is still there, and every key of the new one."""
    merged = msgspec.json.decode(merge_text(stored, new).replace("1e400", "1"))
    assert set(text.members(stored)) | set(text.members(new)) == set(merged)


@FAST
@given(OBJECTS, OBJECTS)
def test_the_new_value_wins(stored: str, new: str) -> None:
    """Every value of the new version is in the merged one."""
    merged = text.members(merge_text(stored, new))
    for key, value in text.members(new).items():
        if not text.is_object(text.text_of(value)):
            assert bytes(merged[key]) == bytes(value)


def _objects_only(value: str) -> st.SearchStrategy[str]:
    """Objects whose members are objects at the same places: there merging is associative."""
    keys = st.lists(st.sampled_from("abc"), unique=True, max_size=3)
    leaves = keys.map(lambda names: "{" + ",".join(f'"{name}":{value}' for name in names) + "}")
    return st.tuples(leaves, leaves).map(lambda two: f'{{"x":{two[0]},"y":{two[1]}}}')


@FAST
@given(_objects_only("1"), _objects_only("2"), _objects_only("[3]"))
def test_associative(first: str, second: str, third: str) -> None:
    """Folding versions before storing them is the same as storing them one by one."""
    left = merge_text(merge_text(first, second), third)
    right = merge_text(first, merge_text(second, third))
    assert msgspec.json.decode(left) == msgspec.json.decode(right)


@FAST
@given(ROWS, ROWS)
def test_rows_keep_their_place(stored: Row, new: Row) -> None:
    """Linkage never changes, created only where it was absent."""
    merged = merge_rows(stored, new)
    for name in LINKAGE:
        before = getattr(stored, name)
        assert getattr(merged, name) == (before if before is not None else getattr(new, name))


@FAST
@given(ROWS, ROWS)
def test_rows_merge_once(stored: Row, new: Row) -> None:
    """Importing the same version again changes nothing."""
    once = merge_rows(stored, new)
    assert merge_rows(once, new) == once
