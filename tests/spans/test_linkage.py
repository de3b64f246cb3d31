"""Rules 1.1–1.3: who is whose parent."""

from __future__ import annotations

import pytest

from builders import by_name, convert, only_row, tree, value

THREE = tree("root(a(a1),b,c(c1,c2))")


def test_three_siblings_stay_siblings_in_order() -> None:
    """Rule 1.2: each child of the root has the root as its parent, in the source's order."""
    rows = convert(THREE).rows
    below = [row for row in rows if value(row.span_parents) == [rows[0].span_id]]
    assert [value(row.span_attributes)["name"] for row in below] == ["a", "b", "c"]


def test_a_child_hangs_under_its_own_parent() -> None:
    """Rule 1.2: the second level hangs under the first, not under the sibling before it."""
    rows = by_name(convert(THREE).rows)
    parents = {name: value(rows[name].span_parents) for name in ("a1", "c1", "c2")}
    assert parents == {"a1": [rows["a"].span_id], "c1": [rows["c"].span_id], "c2": [rows["c"].span_id]}


def test_rows_come_parents_first() -> None:
    """The rows of a tree are in pre-order."""
    assert list(by_name(convert(THREE).rows)) == ["root", "a", "a1", "b", "c", "c1", "c2"]


def test_a_root_has_no_parents() -> None:
    """Rule 1.1: a root is written with an empty list of parents."""
    assert convert(THREE).rows[0].span_parents == "[]"


@pytest.mark.parametrize("parents", [[], None, ""])
def test_empty_parents_in_any_form_make_a_root(parents: object) -> None:
    """Rule 1.1: an empty list and null are read alike, and so is empty text."""
    assert only_row({"id": "a", "span_parents": parents}).span_parents == "[]"


def test_a_root_is_not_told_by_its_root_span_id() -> None:
    """Rule 1.1: a root may belong to a trace whose id is not its own (as in OpenTelemetry)."""
    row = only_row({"id": "a", "span_id": "s", "root_span_id": "trace", "span_parents": []})
    assert (row.span_id, row.root_span_id, row.span_parents) == ("s", "trace", "[]")


def test_a_root_names_the_trace() -> None:
    """Rule 1.2: where the input says nothing, the trace's id is the root's span id."""
    rows = convert(THREE).rows
    assert {row.root_span_id for row in rows} == {rows[0].span_id}


def test_the_root_keeps_its_own_name() -> None:
    """Rule 1.2: no name of a child, nor of a file, replaces it."""
    assert value(convert(THREE).rows[0].span_attributes) == {"name": "root"}


def test_given_trace_id_reaches_all_descendants() -> None:
    """Rule 1.2: a child inherits the root_span_id that its root was given."""
    rows = convert({"root_span_id": "t", "children": [{"children": [{}]}]}).rows
    assert [row.root_span_id for row in rows] == ["t", "t", "t"]


def test_a_nested_child_keeps_further_parents() -> None:
    """Rule 1.3: the enclosing node comes first, further parents stay behind it."""
    rows = convert({"span_id": "a", "children": [{"span_id": "b", "span_parents": ["x", "a", "y"]}]}).rows
    assert value(rows[1].span_parents) == ["a", "x", "y"]


def test_a_nested_child_may_name_its_parent_itself() -> None:
    """Rule 1.3: naming the enclosing node adds nothing."""
    rows = convert({"span_id": "a", "children": [{"span_id": "b", "span_parents": ["a"]}]}).rows
    assert rows[1].span_parents == '["a"]'


def test_a_top_level_node_with_parents_is_a_fragment() -> None:
    """Rule 1.3: it keeps its parents and its root_span_id, and its children inherit the latter."""
    rows = convert({"id": "f", "span_parents": ["p"], "root_span_id": "t", "children": [{"id": "g"}]}).rows
    assert [(row.span_parents, row.root_span_id) for row in rows] == [('["p"]', "t"), ('["f"]', "t")]


def test_a_fragment_without_a_trace_waits_for_its_parents() -> None:
    """Rule 1.4: its root_span_id stays open until its parents are known."""
    assert [row.root_span_id for row in convert({"span_parents": ["p"], "children": [{}]}).rows] == [None, None]


def test_a_row_keeps_its_linkage() -> None:
    """Rule 1.3: what a row says about ids and parents is what is stored."""
    row = only_row({"id": "i", "span_id": "s", "root_span_id": "r", "span_parents": ["p", "q"]})
    assert (row.id, row.span_id, row.root_span_id, row.span_parents) == ("i", "s", "r", '["p","q"]')


def test_a_child_may_have_a_trace_id_of_its_own() -> None:
    """Rule 1.3: linkage that the input gives is kept, in nested input too."""
    rows = convert({"id": "a", "children": [{"id": "b", "root_span_id": "other"}]}).rows
    assert rows[1].root_span_id == "other"


def test_span_parents_that_are_no_list_of_text_are_kept_aside() -> None:
    """Rule 4.4: the span becomes a root, and metadata._bt.invalid says what was there."""
    flat = convert({"id": "a", "span_parents": "p"})
    assert flat.rows[0].span_parents == "[]"
    assert value(flat.rows[0].metadata) == {"_bt": {"invalid": {"span_parents": "p"}}}


def test_a_tree_and_a_row_are_told_apart() -> None:
    """Rule 5.1: what names its linkage and has no children is a row."""
    assert [convert(one).tree for one in ({"id": "a"}, {"id": "a", "span_id": "a"})] == [True, False]


@pytest.mark.parametrize("extra", [{}, {"unknown": 1}])
def test_an_empty_span_id_makes_no_row(extra: dict[str, int]) -> None:
    """Empty text is no id, whether or not the record has unknown keys."""
    assert convert({"span_id": "", **extra}).tree


@pytest.mark.parametrize("field", ["root_span_id", "span_parents", "span_attributes", "_is_merge", "project_id"])
def test_a_field_of_rows_makes_a_row(field: str) -> None:
    """Fields that only Braintrust's rows have tell a row."""
    given = {"span_parents": [], "span_attributes": {}, "_is_merge": True}.get(field, "x")
    assert not convert({"id": "a", field: given}).tree
