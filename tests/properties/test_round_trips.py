"""Reading and writing are each other's inverse, and so are flattening and assembling."""

from __future__ import annotations

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from bt_cli.spans.row import Row
from bt_cli.writers.rows import write_rows
from bt_cli.writers.tree import write_tree
from builders import convert, records, row, rows_of
from properties.strategies import JSON, OBJECTS, TRACES, TREES

FAST = settings(deadline=None, max_examples=150)


def by_id(rows: list[Row]) -> list[Row]:
    """Rows in an order of their own, without the time by which stores sort."""
    for one in rows:
        one.time = None
    return sorted(rows, key=lambda one: one.id)


@FAST
@given(TRACES)
def test_rows_come_back_from_their_lines(rows: list[Row]) -> None:
    """Rows written and read again are the same."""
    assert by_id(rows_of(write_rows(rows).encode())) == by_id(rows)


@FAST
@given(TRACES)
def test_rows_come_back_from_their_trees(rows: list[Row]) -> None:
    """Assembled, written, read and flattened again: nothing lost, nothing added."""
    assert by_id(rows_of(write_tree(rows).encode())) == by_id(rows)


@FAST
@given(TREES)
def test_trees_come_back(record: bytes) -> None:
    """Tree → rows → tree → rows: the same rows in the same order, times included."""
    rows = convert(record).rows
    assert rows_of(write_tree(rows).encode()) == rows


@FAST
@given(TREES)
def test_trees_written_twice_have_the_same_bytes(record: bytes) -> None:
    """Rule 7.1: the same content, the same bytes."""
    once = write_tree(convert(record).rows)
    assert write_tree(rows_of(once.encode())) == once


@FAST
@given(TREES)
def test_a_tree_as_rows_comes_back(record: bytes) -> None:
    """Tree → rows as lines → rows."""
    rows = convert(record).rows
    assert by_id(rows_of(write_rows(rows).encode())) == by_id(rows)


@settings(deadline=None, max_examples=10)
@given(st.integers(250, 1100), st.booleans())
def test_long_chains_come_back(length: int, closed: bool) -> None:
    """Deeper than one record may be, with a cycle at its top or not."""
    first = row("0", str(length - 1), trace="t") if closed else row("0", trace="t")
    rows = [first, *(row(f"{i}", f"{i - 1}", trace="t") for i in range(1, length))]
    assert rows_of(write_tree(rows).encode()) == rows


@FAST
@given(JSON, OBJECTS, st.booleans())
def test_payload_text_is_the_sources(payload: str, metadata: str, tree: bool) -> None:
    """Rule 4.1: byte for byte, through either form."""
    record = f'{{"id":"a","input":{payload},"metadata":{metadata},"unknown":{payload},"output":{payload}}}'
    write = write_tree if tree else write_rows
    (again,) = rows_of(write(convert(record.encode()).rows).encode())
    assert (again.input, again.output, again.metadata) == (payload, payload, metadata)
    assert again.extra == f'{{"unknown":{payload}}}'


@FAST
@given(OBJECTS.filter(lambda text: ":" in text))
def test_unknown_keys_are_the_sources(members: str) -> None:
    """Rule 4.1: key and value text; only white space between tokens goes, and the keys are sorted."""
    (again,) = rows_of(write_rows(rows_of(members.encode())).encode())
    assert again.extra is not None
    pairs = orjson.loads(records(b'{"x":' + again.extra.encode().replace(b"1e400", b"1") + b"}")[0])["x"]
    source = orjson.loads(members.replace("1e400", "1"))
    assert (list(pairs), pairs) == (sorted(source), source)
    assert sorted("".join(members.split())) == sorted("".join(again.extra.split()))
