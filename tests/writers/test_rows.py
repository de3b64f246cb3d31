"""Rows as JSON lines."""

from __future__ import annotations

import pytest

from bt_cli.errors import UsageError
from bt_cli.writers import open_writer
from bt_cli.writers.rows import write_rows
from builders import row

FULL = row(
    "a",
    "p",
    created="2024-01-01",
    input="1",
    output="2",
    expected="3",
    error="4",
    scores="{}",
    metadata="{}",
    metrics="{}",
    tags="[]",
    span_attributes="{}",
    context="5",
    origin="6",
    extra='{"z":1,"y":2}',
    server='{"project_id":"p"}',
)


def test_the_order_of_fields() -> None:
    """Linkage, payload, unknown keys in the source's order, attributes."""
    assert write_rows([FULL]) == (
        '{"id":"a","span_id":"a","root_span_id":"a","span_parents":["p"],"created":"2024-01-01",'
        '"input":1,"output":2,"expected":3,"error":4,"scores":{},"metadata":{},"metrics":{},"tags":[],'
        '"context":5,"origin":6,"z":1,"y":2,"span_attributes":{}}\n'
    )


def test_only_what_is_there() -> None:
    """Absent fields are not written."""
    assert write_rows([row("a", trace=None)]) == '{"id":"a","span_id":"a","span_parents":[]}\n'


def test_container_fields() -> None:
    """Rule 7.2: only where asked for."""
    assert ["project_id" in write_rows([FULL], yes) for yes in (False, True)] == [False, True]


def test_one_line_a_row() -> None:
    """Each ends with a newline."""
    assert write_rows([row("a"), row("b")]).count("\n") == 2


def test_writers_by_name() -> None:
    """The names of --to."""
    assert [open_writer(name)([row("a")], False)[:10] for name in ("rows", "tree")] == [b'{"id":"a",'] * 2


def test_an_unknown_writer() -> None:
    """The hint names those there are."""
    with pytest.raises(UsageError) as caught:
        open_writer("xml")
    assert caught.value.hint == "formats: rows, tree, otlp, otlp-proto"
