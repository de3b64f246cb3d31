"""Rules 4.1–4.3: payload text is the source's."""

from __future__ import annotations

import pytest

from bt_cli.spans import text
from bt_cli.spans.row import PAYLOAD
from builders import convert, only_row, rows_of, value, written

ODD = [
    "123456789012345678901234567890",
    "1e400",
    "-0.0",
    "1.50",
    '"\\u00fc\\/\\ud83d\\ude00"',
    '{"b":1,"a":{"\\u0061":2},"b":3}',
    '[ 1 , "two" ]',
    "null",
]
FREE = ("input", "output", "expected", "error", "context", "origin", "unknown")


@pytest.mark.parametrize("payload", ODD)
@pytest.mark.parametrize("field", FREE)
def test_a_payload_keeps_its_bytes(field: str, payload: str) -> None:
    """Rule 4.1: numbers, strings, keys and their order come back as written."""
    row = only_row(f'{{"{field}":{payload}}}'.encode())
    stored = row.extra if field == "unknown" else f'{{"{field}":{getattr(row, field)}}}'
    assert stored == f'{{"{field}":{payload}}}'


def test_unknown_keys_survive_on_every_node() -> None:
    """Rule 4.1: in children too, sorted by key."""
    rows = convert(b'{"z":1,"children":[{"y":{"x": 1e3},"a":null}]}').rows
    assert [row.extra for row in rows] == ['{"z":1}', '{"a":null,"y":{"x": 1e3}}']


@pytest.mark.parametrize("key", ["caf\\u00e9", "a\\/b", "\\u0061", 'q\\"', "\\ud83d\\ude00"])
def test_an_unknown_key_keeps_its_escapes(key: str) -> None:
    """Rule 4.1: key text may not change."""
    assert only_row(f'{{"{key}":1,"input":2}}'.encode()).extra == f'{{"{key}":1}}'


def test_keys_beside_what_is_added_keep_their_escapes() -> None:
    """Rule 4.2: adding a member to an object leaves the others alone."""
    row = only_row(b'{"metadata":{"caf\\u00e9":1,"\\u006b":{"x":":"}},"tags":[5]}')
    assert row.metadata == '{"caf\\u00e9":1,"\\u006b":{"x":":"},"_bt":{"invalid":{"tags":[5]}}}'


def test_a_null_is_not_absent() -> None:
    """Rule 4.3: absent is None, an explicit null is the text null."""
    row = only_row({"input": None})
    assert (row.input, row.output) == ("null", None)


@pytest.mark.parametrize("field", PAYLOAD)
def test_null_and_absent_are_written_apart(field: str) -> None:
    """Rule 4.3: export restores each."""
    lines = written(rows_of(f'{{"span_id":"a","{field}":null}}{{"span_id":"b"}}'.encode())).splitlines()
    assert [field in value(line.decode()) for line in lines] == [True, False]


def test_the_last_of_duplicate_keys_wins() -> None:
    """Rule 4.5: for keys of the node itself."""
    assert only_row(b'{"input":1,"input":2}').input == "2"


@pytest.mark.parametrize(
    ("json", "decoded"),
    [
        ("1", 1),
        ("1e400", float("inf")),
        ('{"a":1,"a":2}', {"a": 2}),
        ("[" * 600 + "]" * 600, None),
        ("no json", "no json"),
    ],
)
def test_decoding_copes_with_what_parsers_refuse(json: str, decoded: object) -> None:
    """Rule 4.5: one function looks into stored text, and never fails."""
    found = text.decode(json)
    assert found == decoded if decoded is not None else isinstance(found, list)


def test_nesting_that_no_parser_takes_stays_text() -> None:
    """Rule 4.5: it can still be shown."""
    deep = "[" * 100_000 + "]" * 100_000
    assert text.decode(deep) == deep


@pytest.mark.parametrize(("number", "written_as"), [(3.0, "3"), (1704916642.5, "1704916642.5"), (1e20, str(10**20))])
def test_a_time_is_written_without_a_needless_fraction(number: float, written_as: str) -> None:
    """Times that we compute are numbers like any other."""
    assert text.number(number) == written_as


def test_container_fields_are_kept_apart() -> None:
    """Rule 7.2: what the server adds is no unknown key."""
    row = only_row({"id": "a", "project_id": "p", "_xact_id": "1", "mine": 2})
    assert (row.server, row.extra) == ('{"_xact_id":"1","project_id":"p"}', '{"mine":2}')
