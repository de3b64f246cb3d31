"""Trees with other names: ``--map``, ``--children-field``, ``--id-field``."""

from __future__ import annotations

import pytest

from bt_cli.spans.mapping import NO_MAPPING, Mapping, parse_path
from builders import convert, only_row, refusal, value

PROMPT = Mapping("spans", ((("input",), ("request", "prompt")), (("id",), ("uid",))))


def mapped(target: str, source: str) -> Mapping:
    """One field of ours and where the source has it."""
    return Mapping(fields=((parse_path(target), parse_path(source)),))


def test_fields_and_children_of_other_names() -> None:
    """Every node is read with them."""
    rows = convert({"uid": "r", "spans": [{"uid": "c", "request": {"prompt": "hi"}}]}, mapping=PROMPT).rows
    assert [(row.id, row.input) for row in rows] == [("r", None), ("c", '"hi"')]


def test_what_is_left_of_an_object_stays() -> None:
    """Its mapped part moves out, the rest is an unknown key."""
    row = only_row({"request": {"prompt": "hi", "model": "m"}}, mapping=PROMPT)
    assert (row.input, row.extra) == ('"hi"', '{"request":{"model":"m"}}')


def test_an_object_emptied_goes() -> None:
    """Nothing is left to keep."""
    assert only_row({"request": {"prompt": "hi"}}, mapping=PROMPT).extra is None


@pytest.mark.parametrize(
    "record", [{"request": "text"}, {"request": {"other": 1}}, {"request": {"prompt": 1}, "input": "own"}]
)
def test_what_cannot_move_stays(record: dict[str, object]) -> None:
    """A source that is no object or lacks the key, or a place already taken."""
    row = only_row(record, mapping=PROMPT)
    assert value(row.extra) == {"request": record["request"]}


def test_a_null_gives_its_place() -> None:
    """A target that is null is not taken."""
    assert only_row({"input": None, "request": {"prompt": 1}}, mapping=PROMPT).input == "1"


def test_a_target_within_an_object() -> None:
    """Beside what is there already."""
    row = only_row({"model": "m", "metadata": {"k": 1}}, mapping=mapped("metadata.model", "model"))
    assert row.metadata == '{"k":1,"model":"m"}'


def test_a_target_within_a_new_object() -> None:
    """The object is made."""
    assert only_row({"t0": 5}, mapping=mapped("metrics.start", "t0")).metrics == '{"start":5}'


@pytest.mark.parametrize("metadata", [{"model": "own"}, "text"])
def test_a_taken_target_within_an_object(metadata: object) -> None:
    """Neither a value nor what is no object is overwritten."""
    assert only_row({"model": "m", "metadata": metadata}, mapping=mapped("metadata.model", "model")).extra is not None


def test_a_null_object_gives_its_place() -> None:
    """A null target of a deeper path is replaced by an object."""
    assert only_row({"t0": 5, "metrics": None}, mapping=mapped("metrics.start", "t0")).metrics == '{"start":5}'


def test_our_own_name_for_children_works_too() -> None:
    """An exported tree is read with the same mapping, and a node may have both."""
    rows = convert({"spans": [{"uid": "a"}], "children": [{"uid": "b"}]}, mapping=PROMPT).rows
    assert [row.id for row in rows[1:]] == ["a", "b"]


def test_children_of_another_name_have_that_name_in_paths() -> None:
    """Problems speak of the source."""
    assert refusal({"spans": [5]}, mapping=PROMPT).path == "spans[0]"


@pytest.mark.parametrize("path", ["request.prompt", ".request.prompt"])
def test_a_path(path: str) -> None:
    """With or without the dot of jq in front."""
    assert parse_path(path) == ("request", "prompt")


@pytest.mark.parametrize("path", ["", ".", "a..b", "a."])
def test_what_is_no_path(path: str) -> None:
    """An empty key is refused."""
    with pytest.raises(ValueError, match="not a path"):
        parse_path(path)


def test_plain() -> None:
    """Only a mapping that changes nothing allows the fast path."""
    assert [NO_MAPPING.is_plain, PROMPT.is_plain, mapped("a", "b").is_plain] == [True, False, False]
