"""Columns picked out of rows as text."""

from __future__ import annotations

import pytest

from bt_cli.spans.selecting import schema_of, selected, type_of

ROW = '{"id":"a","metadata":{"n":12345678901234567890123,"list":[1,{"x":null}]},"input":"text"}'


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("metadata", "n"), "12345678901234567890123"),
        (("metadata", "list", 1, "x"), "null"),
        (("metadata", "list", 9), "null"),
        (("metadata", 0), "null"),
        (("input", "deeper"), "null"),
        (("nope",), "null"),
    ],
)
def test_a_path_leads_to_its_text(path: tuple[str | int, ...], value: str) -> None:
    """Numbers keep their digits; what is not there is null."""
    assert selected(ROW, [("c", path)]) == f'{{"c":{value}}}'


def test_an_empty_path_is_all_of_the_row() -> None:
    """A star beside other columns."""
    assert selected('{"a":1}', [("*", ()), ("b", ("a",))]) == '{"a":1,"b":1}'


@pytest.mark.parametrize(
    ("value", "type"),
    [("{}", "object"), ("[]", "array"), ('""', "string"), ("true", "boolean"), ("null", "null"), ("-1", "number")],
)
def test_the_type_of_a_text(value: str, type: str) -> None:
    """The words of JSON Schema."""
    assert type_of(value) == type


def test_the_first_value_that_is_not_null_tells_the_type() -> None:
    """Nulls say nothing about a column, as long as others do."""
    rows = ['{"a":null,"b":null}', '{"a":1,"b":null}', '{"a":"x"}']
    assert schema_of(rows) == {"a": {"type": "number"}, "b": {"type": "null"}}
