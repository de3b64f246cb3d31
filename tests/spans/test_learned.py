"""Unknown keys are learned for speed; what a record becomes never depends on what came before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.spans import decode
from bt_cli.spans.learned import LearnedNodes
from builders import convert, only_row

KEYS = st.sampled_from(
    ["cost", "x y", "learned_0", "extra", "server", "children_", "_xact_id", "café", "a.b", "org_id"]
)
NODES = st.recursive(
    st.dictionaries(KEYS, st.integers(0, 9), max_size=3),
    lambda below: st.tuples(st.dictionaries(KEYS, st.integers(0, 9), max_size=3), st.lists(below, max_size=2)).map(
        lambda made: {**made[0], "children": made[1]}
    ),
    max_leaves=4,
)


@pytest.fixture(autouse=True)
def nothing_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "_learned", LearnedNodes())


@given(st.lists(NODES, min_size=1, max_size=4), NODES)
def test_what_came_before_changes_nothing(earlier: list[object], record: object) -> None:
    """Rule 2.3: rows are a function of the record and the options."""
    decode._learned = LearnedNodes()
    fresh = convert(record).rows
    for other in [*earlier, record]:
        convert(other)
    assert convert(record).rows == fresh


@pytest.mark.parametrize("spelled", ["c\\u006fst", "\\u0063ost"])
def test_a_learned_key_in_another_spelling_keeps_it(spelled: str) -> None:
    """Rule 4.1: key text may not change."""
    convert({"cost": 1})
    assert only_row(f'{{"{spelled}":1,"input":2}}'.encode()).extra == f'{{"{spelled}":1}}'


def test_a_record_with_known_keys_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two alike records is decoded at one go."""
    convert({"cost": 1, "children": [{"worker": 2}]})
    monkeypatch.delattr(decode, "_decode_slowly")
    rows = convert({"cost": 3, "children": [{"worker": 4}, {"cost": 5, "worker": 6}]}).rows
    assert [row.extra for row in rows] == ['{"cost":3}', '{"worker":4}', '{"cost":5,"worker":6}']


def test_keys_that_are_data_are_kept_too() -> None:
    """More different keys than are learned."""
    for number in range(200):
        assert only_row({f"k{number}": number}).extra == f'{{"k{number}":{number}}}'


def test_a_key_that_came_with_escapes_is_learned_as_it_reads() -> None:
    """The first record spells it otherwise; the next one may not, and both are read."""
    assert only_row(b'{"c\\u006fst":1,"input":2}').extra == '{"c\\u006fst":1}'
    assert only_row(b'{"cost":3,"input":2}').extra == '{"cost":3}'
