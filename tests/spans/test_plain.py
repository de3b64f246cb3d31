"""Which posted rows are plain: those that may be read at one go with others."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from msgspec import Raw

from bt_cli.spans.plain import Plain, plain_body, plain_row, read_plain
from bt_cli.spans.posted import read_head, read_posted

IDS = {"id": "a", "span_id": "b", "root_span_id": "c"}


def plain(**members: Any) -> bool:
    """Whether a row with these members beside its ids is plain, and then becomes what it is the long way."""
    raw = orjson.dumps({**IDS, **members})
    one = plain_row(Raw(raw))
    row = read_plain(one) if isinstance(one, Plain) else None
    if row is not None:
        posted = read_posted(raw, read_head(raw), b"", None)
        assert (row, posted.problems) == (posted.row, [])
    return row is not None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"span_parents": ["p", 'q"é']},
        {
            "span_parents": None,
            "created": None,
            "scores": None,
            "tags": None,
            "metadata": None,
            "span_attributes": None,
        },
        {"metrics": {"start": 1.5, "end": None, "tokens": 3}, "scores": {"q": 1, "r": None}, "tags": ["é"]},
        {"metrics": {"start": 1_700_000_000.25}, "metadata": {"a": [1]}, "span_attributes": {"name": "n"}},
        {"created": "2026-01-02T03:04:05Z", "metrics": {"start": 1_700_000_000.25}},
        {"input": None, "output": [1], "expected": {}, "error": "e", "context": {}, "origin": {"id": "x"}},
        {"project_id": "p", "log_id": "g", "org_id": "", "_xact_id": "1", "_is_merge": True},
        {"audit_data": None, "comments": None, "facets": None, "is_root": True, "_audit_source": "api"},
    ],
)
def test_what_is_as_it_should_be_is_plain(members: dict[str, Any]) -> None:
    """Such rows are nearly all that clients send."""
    assert plain(**members)


@pytest.mark.parametrize(
    "members",
    [
        {"id": ""},
        {"id": 5},
        {"span_id": None},
        {"span_parents": "p"},
        {"created": 1_700_000_000},
        {"metrics": {"start": "2026-01-02"}},
        {"metrics": {"start": 1_700_000_000_000}},
        {"metrics": {"end": 1_700_000_000_000}},
        {"metrics": 5},
        {"scores": {"q": 2}},
        {"tags": ["a", 1]},
        {"metadata": "m"},
        {"span_attributes": []},
        {"_audit_source": "external"},
        {"_object_delete": True},
        {"children": []},
        {"comment": {"text": "hi"}},
        {"never met": 1},
    ],
)
def test_what_is_odd_is_not_plain(members: dict[str, Any]) -> None:
    """It goes the long way, on which it is mended or refused."""
    assert not plain(**members)


def test_one_odd_row_makes_a_body_no_plain_one() -> None:
    """Its rows are looked at one by one then."""
    row = orjson.dumps(IDS)
    assert [one.id for one in plain_body(b'{"events":[%b],"api_version":2}' % row, "events") or []] == ["a"]
    assert plain_body(b'{"rows":[%b,17]}' % row, "rows") is None


def test_a_body_without_rows_has_none() -> None:
    """The other name is not looked for."""
    assert plain_body(b'{"events":[]}', "rows") == []
