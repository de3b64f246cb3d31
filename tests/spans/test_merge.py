"""Rules 4.2 and 6.2: two versions of one row."""

from __future__ import annotations

import pytest

from bt_cli.spans.merge import merge_rows, merge_text
from builders import row


@pytest.mark.parametrize(
    ("stored", "new", "merged"),
    [
        (None, "1", "1"),
        ("1", "2", "2"),
        ("null", '{"a":1}', '{"a":1}'),
        ('{"a":1}', "null", "null"),
        ('{"a":1}', '{"b":2}', '{"a":1,"b":2}'),
        ('{"a":1,"b":2}', '{"a":3}', '{"a":3,"b":2}'),
        ('{"a":{"x":1}}', '{"a":{"y":2}}', '{"a":{"x":1,"y":2}}'),
        ('{"a":[1]}', '{"a":[2]}', '{"a":[2]}'),
        ('{"a":{"x":1}}', '{"a":5}', '{"a":5}'),
        ('{"a":1}', '{"a":null}', '{"a":null}'),
        ('{"b":1e400, "\\u0061": 1.50}', '{"c":2}', '{"b":1e400,"\\u0061":1.50,"c":2}'),
        ('{"\\u0061":1}', '{"a":2}', '{"\\u0061":2}'),
    ],
)
def test_texts(stored: str | None, new: str, merged: str) -> None:
    """Objects merge deeply, everything else is replaced, and what is untouched keeps its text."""
    assert merge_text(stored, new) == merged


@pytest.mark.parametrize("new", ['{"a":1}', '{ "a" : 1 }', "{}"])
def test_nothing_new_leaves_the_stored_text(new: str) -> None:
    """White space included."""
    assert merge_text('{ "a":1}', new) == '{ "a":1}'


def test_absent_fields_stay() -> None:
    """A merge never removes what the new version lacks."""
    merged = merge_rows(row("a", input="1", scores='{"s":1}'), row("a", output="2"))
    assert (merged.input, merged.output, merged.scores) == ("1", "2", '{"s":1}')


def test_linkage_and_created_stay() -> None:
    """A later version does not move a span."""
    stored = row("a", "p", created="2024-01-01")
    new = row("a", "q", trace="other", created="2025-01-01")
    assert merge_rows(stored, new) == stored


def test_an_open_trace_is_taken_from_the_new_version() -> None:
    """A row whose trace was unknown takes the new one's."""
    assert merge_rows(row("a", "p", trace=None), row("a", "p", trace="t")).root_span_id == "t"


def test_a_missing_created_is_taken_from_the_new_version() -> None:
    """With its time."""
    new = row("a", created="1970-01-01")
    new.time = 0.0
    merged = merge_rows(row("a"), new)
    assert (merged.created, merged.time) == ("1970-01-01", 0.0)


def test_the_stored_row_is_left_alone() -> None:
    """A merge makes a new row."""
    stored = row("a", input="1")
    merge_rows(stored, row("a", input="2"))
    assert stored.input == "1"


def test_unknown_and_container_keys_merge_too() -> None:
    """Like the members of any object."""
    merged = merge_rows(row("a", extra='{"x":1}', server='{"org_id":1}'), row("a", extra='{"y":2}'))
    assert (merged.extra, merged.server) == ('{"x":1,"y":2}', '{"org_id":1}')
