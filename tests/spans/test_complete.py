"""Complete rows: which records are, and what they become."""

from __future__ import annotations

import pytest

from bt_cli.spans.complete import read_complete
from bt_cli.spans.decode import decode_node
from bt_cli.spans.flatten import flatten

IDS = '"id":"a","span_id":"b","root_span_id":"c","span_parents":["d","\\u00e9"]'
PAYLOAD = (
    '"created":"2024-01-10T19:57:22.5Z","input":{"x": 1e400},"output":null,"scores":{"q":1,"r":null},"metadata":null,'
    '"metrics":{"start":1704916642.50,"n":1E2},"tags":["t"],"span_attributes":{"name":"n"},"origin":[]'
)


@pytest.mark.parametrize(
    "more", ["", PAYLOAD, '"scores":null,"tags":null,"span_attributes":null', '"metrics":{"start":null}']
)
def test_a_complete_row_is_what_the_long_way_makes_of_it(more: str) -> None:
    """Each field has the same text; the time alone is not looked for where created is absent."""
    record = f"{{{IDS}{',' if more else ''}{more}}}".encode()
    found = read_complete(record)
    assert found is not None
    assert [found.as_row()] == flatten(decode_node(record), b"").rows


@pytest.mark.parametrize(
    "member",
    [
        '"id":""',
        '"id":5',
        '"span_parents":null',
        '"span_parents":[1]',
        '"created":null',
        '"created":17',
        '"scores":{"q":2}',
        '"scores":[]',
        '"metrics":null',
        '"metrics":{"n":"x"}',
        '"metrics":{"start":1704916642500}',
        '"metrics":{"end":1e12}',
        '"metrics":{"start":12.5}',
        '"tags":[1]',
        '"tags":"t"',
        '"metadata":"text"',
        '"span_attributes":[]',
        '"name":"n"',
        '"children":[]',
        '"project_id":"p"',
        '"_is_merge":true',
        '"_merge_paths":[]',
        '"unknown":1',
        '"input":NaN',
        f'"input":{"[" * 100_000}{"]" * 100_000}',
    ],
)
def test_what_is_odd_in_any_way_is_no_complete_row(member: str) -> None:
    """It goes the long way, where it is mended, moved, told or refused."""
    assert read_complete(f"{{{IDS},{member}}}".encode()) is None


@pytest.mark.parametrize("name", ["id", "span_id", "root_span_id", "span_parents"])
def test_a_row_without_its_linkage_is_no_complete_row(name: str) -> None:
    """What is absent follows from other rows."""
    members = {"id": '"a"', "span_id": '"b"', "root_span_id": '"c"', "span_parents": "[]"}
    del members[name]
    assert read_complete(b"{%b}" % ",".join(f'"{key}":{value}' for key, value in members.items()).encode()) is None
