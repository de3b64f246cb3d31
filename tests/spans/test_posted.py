"""Rows as clients post them: what they mean."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bt_cli.spans.posted import Posted, read_head, read_posted
from bt_cli.spans.problem import Rejected
from bt_cli.spans.terms import Terms

NOW = "2026-01-02T03:04:05.000+00:00"


def posted(arrival: str | None = None, /, **members: Any) -> Posted:
    """What a row with these members means, for one that says nothing of its time with that of its ``arrival``."""
    raw = orjson.dumps(members)
    return read_posted(raw, read_head(raw), b"d" * 16, arrival)


def code_of(**members: Any) -> str:
    """The code with which a row is refused."""
    with pytest.raises(Rejected) as caught:
        posted(**members)
    return caught.value.problem.code


def test_a_row_without_instruction_replaces() -> None:
    """``_is_merge`` absent, null or false means replace."""
    assert [posted(id="a").merges, posted(id="a", _is_merge=None).merges, posted(id="a", _is_merge=False).merges] == [
        False,
        False,
        False,
    ]


def test_a_row_without_span_ids_names_no_trace() -> None:
    """An update by id alone leaves its trace open."""
    row = posted(id="a", project_id="p", _is_merge=True, output=1).row
    assert (row.id, row.root_span_id, row.span_parents) == ("a", None, "[]")


def test_a_row_with_a_root_names_its_trace() -> None:
    """Given linkage is kept."""
    row = posted(id="a", span_id="s", root_span_id="r", span_parents=["p"], project_id="x").row
    assert (row.span_id, row.root_span_id, row.span_parents) == ("s", "r", '["p"]')


def test_a_name_alone_makes_no_tree() -> None:
    """What is posted is a row, even where a record of a file would be a tree: nothing is filled in."""
    row = posted(id="a", name="n", metrics={"prompt_tokens": 1, "completion_tokens": 2}).row
    assert row.metrics == '{"prompt_tokens":1,"completion_tokens":2}'


def test_a_row_without_an_id_gets_one() -> None:
    """A row that a client does not name is named here."""
    assert posted(input=1).row.id


def test_container_fields_are_put_aside() -> None:
    """The container knows where the row is."""
    row = posted(id="a", project_id="p", log_id="g", org_id="").row
    assert (row.server, row.extra) == (None, None)


def test_what_a_server_sent_is_not_kept() -> None:
    """Members that clients send back unchanged are left away, those with content stay."""
    row = posted(id="a", is_root=True, comments=None, facets=None, audit_data=None, _audit_source="api", own=1).row
    assert row.extra == '{"own":1}'


@pytest.mark.parametrize(
    ("members", "audit"),
    [
        ({"_audit_source": "external"}, {"source": "external", "metadata": None, "audit_data": {"action": "upsert"}}),
        (
            {"_audit_source": "api", "_audit_metadata": {"who": 1}, "_is_merge": True},
            {"source": "api", "metadata": {"who": 1}, "audit_data": {"action": "merge"}},
        ),
        ({"_audit_source": "api", "_audit_metadata": None}, None),
    ],
)
def test_who_writes_a_row_is_no_part_of_it(members: dict[str, object], audit: object) -> None:
    """What feedback says of itself becomes an entry of ``audit_data``; that a row came over the API is nothing new."""
    found = posted(id="a", **members)
    assert found.row.extra is None
    assert (found.terms.audit and orjson.loads(found.terms.audit)) == audit


def test_nothing_left_of_what_a_server_sent() -> None:
    """A row of such members alone has no unknown ones."""
    assert posted(id="a", is_root=False).row.extra is None


def test_instructions_become_terms() -> None:
    """Instructions are carried out and not stored."""
    found = posted(
        id="a",
        _is_merge=True,
        _merge_paths=[["output"], ["metadata", "k"]],
        _array_delete=[{"path": ["tags"], "delete": ["x"]}, {"path": ["tags"]}],
        _object_delete=True,
        created="2026-01-01",
    )
    assert found.terms == Terms((("output",), ("metadata", "k")), ((("tags",), '["x"]'),), True)
    assert found.row.extra is None


def test_an_instruction_without_a_path_is_refused() -> None:
    """Nobody guesses what is to be deleted."""
    assert code_of(id="a", _array_delete=[{"delete": ["x"]}]) == "bad_instruction"


def test_an_arrival_is_for_rows_without_created() -> None:
    """A null is an answer too: our own client knows of none."""
    assert posted(NOW, id="a").terms.created == NOW
    assert posted(NOW, id="a", created=None).terms.created is None


def test_a_comment_row_is_about_another() -> None:
    """A comment goes to the row that its origin names."""
    found = posted(id="c", origin={"id": "a"}, comment={"text": "hi"}, created="2026-01-01", project_id="p")
    assert (found.row.id, found.merges) == ("a", True)
    assert orjson.loads(found.terms.comment or "") == {"id": "c", "comment": {"text": "hi"}, "created": "2026-01-01"}


@pytest.mark.parametrize("origin", [None, {"id": 7}, "a", {}])
def test_a_comment_about_nothing_is_refused(origin: Any) -> None:
    """A comment without a row has no place."""
    assert code_of(id="c", origin=origin, comment={"text": "hi"}) == "comment_without_origin"


def test_a_comment_without_origin_is_refused() -> None:
    """The member may be missing altogether."""
    assert code_of(id="c", comment={"text": "hi"}) == "comment_without_origin"


@pytest.mark.parametrize("raw", [b"17", b"[]", b'{"project_id":5}', b'{"_is_merge":"yes"}'])
def test_what_is_no_row_is_refused(raw: bytes) -> None:
    """Deciding members in a wrong form make no row."""
    with pytest.raises(Rejected):
        read_head(raw)


def test_children_are_refused() -> None:
    """A tree is nothing to post as a row."""
    assert code_of(id="a", children=[{"id": "b"}]) == "children"


@pytest.mark.parametrize(
    "member", [{"prompt_session_id": "x"}, {"function_data": {"type": "code"}}, {"prompt_data": {}}]
)
def test_rows_of_other_things_are_told(member: dict[str, Any]) -> None:
    """Playgrounds, prompts and functions are no spans."""
    assert read_head(orjson.dumps({"project_id": "p", **member})).is_elsewhere


def test_nulls_make_no_other_thing() -> None:
    """A null of such a member means nothing."""
    assert not read_head(b'{"function_data":null,"prompt_data":null,"prompt_session_id":null}').is_elsewhere


@pytest.mark.parametrize(
    "instruction", [{"_merge_paths": None}, {"_merge_paths": []}, {"_array_delete": None}, {"_object_delete": None}]
)
def test_an_instruction_that_says_nothing_does_not_cost_the_row(instruction: dict[str, object]) -> None:
    """Clients send what they have no value for as null."""
    assert posted(id="a", **instruction).terms == Terms()
