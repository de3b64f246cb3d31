"""Rule 4.4: values that Braintrust's fields do not allow."""

from __future__ import annotations

import pytest

from builders import convert, only_row, refusal, value

INVALID = [
    ({"scores": {"a": 1.5, "b": 0.5}}, "scores", '{"b":0.5}', {"a": 1.5}),
    ({"scores": {"a": -0.1}}, "scores", "{}", {"a": -0.1}),
    ({"scores": {"a": True}}, "scores", "{}", {"a": True}),
    ({"scores": {"a": "1"}}, "scores", "{}", {"a": "1"}),
    ({"scores": 1}, "scores", None, 1),
    ({"metrics": {"a": "1", "b": 2}}, "metrics", '{"b":2}', {"a": "1"}),
    ({"metrics": {"a": False}}, "metrics", "{}", {"a": False}),
    ({"metrics": [1]}, "metrics", None, [1]),
    ({"tags": ["a", 5, None]}, "tags", '["a"]', [5, None]),
    ({"tags": "a"}, "tags", None, "a"),
    ({"metadata": "text"}, "metadata", None, "text"),
    ({"metadata": [1]}, "metadata", None, [1]),
    ({"span_attributes": 5, "children": []}, "span_attributes", None, 5),
    ({"name": {"x": 1}}, "name", None, {"x": 1}),
    ({"type": 5}, "type", None, 5),
]


@pytest.mark.parametrize(("record", "field", "kept", "moved"), INVALID)
def test_what_does_not_fit_moves_to_metadata(
    record: dict[str, object], field: str, kept: str | None, moved: object
) -> None:
    """It is found again under ``metadata._bt.invalid.<field>``, and the rest of the field stays."""
    row = only_row(record)
    assert value(row.metadata) == {"_bt": {"invalid": {field: moved}}}
    assert field == "metadata" or getattr(row, field, None) == kept


@pytest.mark.parametrize(("record", "field"), [(record, field) for record, field, _, _ in INVALID])
def test_each_is_a_problem(record: dict[str, object], field: str) -> None:
    """One problem each, whose code names the field."""
    assert {problem.code for problem in convert(record).problems} == {f"invalid_{field}"}


def test_each_member_is_one_problem_with_its_path() -> None:
    """Paths lead into children."""
    flat = convert({"children": [{"scores": {"a": 2, "b": 3}, "tags": [1]}]})
    paths = [problem.path for problem in flat.problems]
    assert paths == ["children[0].scores.a", "children[0].scores.b", "children[0].tags[0]"]


@pytest.mark.parametrize(
    "record",
    [
        {"scores": {"a": 0, "b": 1, "c": None}},
        {"metrics": {"a": None, "b": 1.5}},
        {"tags": []},
        {"scores": None, "metrics": None, "tags": None, "metadata": None, "span_attributes": None, "children": []},
    ],
)
def test_what_fits_is_no_problem(record: dict[str, object]) -> None:
    """Nulls and both ends of 0–1 are allowed."""
    assert convert(record).problems == []


@pytest.mark.parametrize("field", ["scores", "metrics"])
def test_the_last_of_duplicate_members_counts(field: str) -> None:
    """A wrong value that is overruled in its own object is no problem."""
    flat = convert(f'{{"{field}":{{"a":"x","a":1}}}}'.encode())
    assert (getattr(flat.rows[0], field), flat.rows[0].metadata, flat.problems) == ('{"a":1}', None, [])


def test_what_was_moved_before_stays() -> None:
    """Metadata of an earlier export is added to."""
    record = {"metadata": {"k": 1, "_bt": {"invalid": {"tags": [1]}}}, "scores": 5}
    assert value(only_row(record).metadata) == {"k": 1, "_bt": {"invalid": {"tags": [1], "scores": 5}}}


@pytest.mark.parametrize("ours", [5, None, {"invalid": 5}])
def test_a_foreign_member_of_our_name_gives_way(ours: object) -> None:
    """``metadata._bt`` is ours."""
    assert value(only_row({"metadata": {"_bt": ours}, "tags": [1]}).metadata) == {"_bt": {"invalid": {"tags": [1]}}}


@pytest.mark.parametrize("kind", ["llm", "anything", ""])
def test_any_word_is_a_type(kind: str) -> None:
    """No list of types is enforced."""
    assert value(only_row({"type": kind}).span_attributes) == {"type": kind}


def test_a_number_as_name_becomes_text() -> None:
    """With its digits."""
    assert only_row(b'{"name":1.50}').span_attributes == '{"name":"1.50"}'


@pytest.mark.parametrize("field", ["name", "type"])
def test_a_null_name_is_none(field: str) -> None:
    """Nothing is stored for it, and it is no problem."""
    flat = convert({field: None})
    assert (flat.rows[0].span_attributes, flat.problems) == (None, [])


@pytest.mark.parametrize("children", [None, []])
def test_null_children_are_none(children: object) -> None:
    """A leaf may say so in either way."""
    assert len(convert({"children": children}).rows) == 1


@pytest.mark.parametrize(
    ("record", "code", "path"),
    [
        ({"children": [{}, {"children": ["x"]}]}, "child_not_object", "children[1].children[0]"),
        ({"children": [None]}, "child_not_object", "children[0]"),
        ({"children": "x"}, "children_not_list", "children"),
        ({"children": [{"children": {}}]}, "children_not_list", "children[0].children"),
        (["x"], "not_object", ""),
        ({"_object_delete": True}, "unsupported_field", "_object_delete"),
    ],
)
def test_what_rejects_a_record(record: object, code: str, path: str) -> None:
    """The problem has a code and a path."""
    problem = refusal(record)
    assert (problem.code, problem.path) == (code, path)


@pytest.mark.parametrize("name", ["name", "type"])
def test_a_name_in_attributes_wins(name: str) -> None:
    """Another one at the top level stays an unknown key."""
    row = only_row({name: "outer", "span_attributes": {name: "inner"}, "children": []})
    assert (value(row.span_attributes), value(row.extra)) == ({name: "inner"}, {name: "outer"})


def test_the_same_name_at_both_places_is_one() -> None:
    """Nothing is left over."""
    assert only_row({"name": "a", "span_attributes": {"name": "a"}, "children": []}).extra is None


def test_a_second_name_joins_the_unknown_keys() -> None:
    """Behind those that the source has."""
    row = only_row({"x": 1, "name": "outer", "span_attributes": {"name": "inner"}})
    assert row.extra == '{"x":1,"name":"outer"}'


def test_name_and_null_attributes() -> None:
    """A null gives way to what is known."""
    assert only_row({"name": "a", "span_attributes": None, "children": []}).span_attributes == '{"name":"a"}'


def test_null_attributes_alone_stay_null() -> None:
    """Rule 4.3."""
    assert only_row({"span_attributes": None}).span_attributes == "null"


@pytest.mark.parametrize("instruction", [True, False])
def test_is_merge_is_the_records_own_instruction(instruction: bool) -> None:
    """It is no unknown key."""
    flat = convert({"id": "a", "_is_merge": instruction, "x": 1})
    assert (flat.is_merge, flat.rows[0].extra) == (instruction, '{"x":1}')


def test_is_merge_of_another_kind_is_an_unknown_key() -> None:
    """Only true and false instruct."""
    flat = convert({"id": "a", "_is_merge": "yes"})
    assert (flat.is_merge, flat.rows[0].extra) == (None, '{"_is_merge":"yes"}')


def test_a_record_cannot_name_our_own_fields() -> None:
    """``extra`` and ``server`` are keys like any other."""
    assert only_row({"extra": "x", "server": "y"}).extra == '{"extra":"x","server":"y"}'
