"""Changes of a span before they are written: merged into one row."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.spans.merge import merge_text
from bt_cli.spans.row import Row
from bt_cli.tracing.draft import amend

KEYS = st.sampled_from(["start", "end", "tokens"])
METRICS = st.dictionaries(KEYS, st.floats(0, 9) | st.dictionaries(KEYS, st.integers(0, 9)))


def amended(*metrics: object) -> Row:
    """A row that got these, one after the other."""
    row = Row("r", "s", "t", "[]")
    for one in metrics:
        amend(row, [("metrics", orjson.dumps(one).decode())])
    return row


@given(METRICS, METRICS)
def test_times_are_merged_as_anything_else_is(first: dict[str, object], second: dict[str, object]) -> None:
    """The short way for ``start`` and ``end`` gives the text that `merge_text` gives."""
    assert amended(first, second).metrics == merge_text(orjson.dumps(first).decode(), orjson.dumps(second).decode())


def test_end_beside_what_is_known_replaces_that() -> None:
    """No key stands twice."""
    assert amended({"start": 1.5}, {"tokens": 1}, {"end": 2.5, "tokens": 3}).metrics == (
        '{"start":1.5,"tokens":3,"end":2.5}'
    )


def test_unknown_fields_are_merged_by_name() -> None:
    """They lie together in ``extra``."""
    row = Row("r", "s", "t", "[]")
    amend(row, [("mine", '{"a":1}'), ("yours", "2"), ("mine", '{"b":3}')])
    assert row.extra == '{"mine":{"a":1,"b":3},"yours":2}'
