"""Rule 5.1: how records may be laid out."""

from __future__ import annotations

import pytest

from bt_cli.errors import UsageError
from bt_cli.readers import open_reader
from bt_cli.readers.base import Record
from bt_cli.readers.detecting import DetectingReader
from bt_cli.readers.json_records import JsonReader
from builders import read, records

A, B, C = b'{"a":1}', b'{"b":2}', b'{"c":3}'


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1}\n{"b":2}\n{"c":3}\n',
        b'{"a":1}\n{"b":2}\n{"c":3}',
        b'{"a":1}\r\n{"b":2}\r\n{"c":3}\r\n',
        b'\xef\xbb\xbf{"a":1}\n{"b":2}\n{"c":3}\n',
        b'{"a":1}\n\xef\xbb\xbf{"b":2}\n{"c":3}\n',
        b'\n\n  \t\n{"a":1}\n\n\r\n{"b":2}\n \n{"c":3}\n\n',
        b'  {"a":1}  \n\t{"b":2}\t\n {"c":3} ',
        b'{"a":1}{"b":2}{"c":3}',
        b'{"a":1} {"b":2}\t{"c":3}\n',
        b'{"a":1}{"b":2}\n{"c":3}\n',
        b'{"a":1}{"b":\n2}\n{"c":3}\n',
        b'{\n"a"\n:\n1\n}\n{\r\n  "b": 2\r\n}\r\n{\n"c":3}',
        b'{"a":1}\n{\n"b":2} {\n"c":3\n}\n',
        b'{"a":\r1}\n{"b":2}\n{"c":3}\n',
        b'[{"a":1},{"b":2},{"c":3}]',
        b'[{"a":1},{"b":2}]\n{"c":3}',
        b'[\n{"a":1},\n{"b":2},\n{"c":3}\n]\n',
        b'[\n{"a":1}\n,\n{"b":2}\n,{"c":3}]\n',
        b'[{"a":1},{"b":2},\n{"c":3}]\n',
        b'[\n  {\n    "a": 1\n  },\n  {\n    "b": 2\n  },\n  {"c":3}\n]\n',
        b'[{"a":1}] [{"b":2}] [] [{"c":3}]',
        b'[{"a":1}][{"b":2}]{"c":3}',
        b'{"rows":[{"a":1},{"b":2},{"c":3}]}',
        b'{"events":[{"a":1},{"b":2}]}\n{"c":3}',
        b'{"data":[{"a":1}],"cursor":null}{"api_version":1,"data":[{"b":2}]}{"c":3}',
        b'{ "rows" : [{"a":1},{"b":2},{"c":3}]}',
        b'{\n  "rows": [\n    {"a":1},\n    {"b":2},\n    {"c":3}\n  ]\n}\n',
        b'[{"rows":[{"a":1}]},{"b":2},{"c":3}]',
        b'{"rows":[]}{"a":1}{"b":2}{"c":3}',
    ],
)
def test_layouts(text: bytes) -> None:
    """The same three records, each on one line, however they are laid out."""
    assert [record.replace(b" ", b"") for record in records(text)] == [A, B, C]


@pytest.mark.parametrize("text", [b"", b"\n", b" \r\n\t", b"\xef\xbb\xbf", b"[]", b"[\n]\n", b'{"rows":[]}'])
def test_nothing(text: bytes) -> None:
    """No record, and nothing wrong."""
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        b'{"rows":5}',
        b'{"rows":{"a":1}}',
        b'{"rows":[{"a":1}],"name":"x"}',
        b'{"data":{"x":1}}',
        b'{"cursor":1}',
        b'{"name":"x","rows":[{"a":1}]}',
    ],
)
def test_what_is_no_envelope(text: bytes) -> None:
    """A span may have such keys too."""
    assert records(text) == [text]


def test_brackets_in_strings_do_not_count() -> None:
    """Nor do escaped quotes."""
    odd = [rb'{"a":"}{\"]["}', rb'{"b":"\\"}', rb'{"c":{"d":"\\\""}}']
    assert records(b"".join(odd)) == odd


def test_strings_of_a_value_over_many_lines_keep_their_bytes() -> None:
    """Rule 4.1: only white space between tokens goes."""
    text = b'{\n "a" : "x  \\n\\u00e9  y" ,\r\n "b" : [ 1e400, 12345678901234567890123 ]\n}'
    assert records(text) == [b'{"a":"x  \\n\\u00e9  y","b":[1e400,12345678901234567890123]}']


def test_a_record_holds_the_sources_bytes() -> None:
    """``raw`` is what is hashed and rejected: without BOM and outer white space."""
    (record,) = read(b'\xef\xbb\xbf {\n"a":1\n} \n')
    assert isinstance(record, Record)
    assert (record.raw, record.json) == (b'{\n"a":1\n}', b'{"a":1}')


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (b'{"a":1}\n\n{"b":2}\n', [(1, 0), (3, 9)]),
        (b'\xef\xbb\xbf{"a":1} {"b":2}', [(1, 3), (1, 11)]),
        (b'[\n{"a":1},\n {"b":2}]', [(2, 2), (3, 12)]),
        (b'{\n"a":1\n}{"b":2}', [(1, 0), (3, 9)]),
        (b'{"a":1}\r\n{"b":2}', [(1, 0), (2, 9)]),
    ],
)
def test_places(text: bytes, places: list[tuple[int, int]]) -> None:
    """Lines count from 1, bytes from 0, both of the input as it came."""
    assert [(item.line, item.byte) for item in read(text)] == places


def test_waiting_is_passed_on() -> None:
    """An empty block means that input is awaited: whoever reads can finish what it holds."""
    items = JsonReader().read(iter([b'{"a":1}\n{"b"', b"", b":2}\nx\n", b"", b""]))
    kinds = [None if item is None else type(item).__name__ for item in items]
    assert kinds == ["Record", None, "Record", "Reject", None, None]


def test_readers_by_name() -> None:
    """The names of --from; auto looks at the first bytes, and json tells the rest record by record."""
    assert [type(open_reader(name)) for name in ("auto", "json")] == [DetectingReader, JsonReader]


def test_an_unknown_reader() -> None:
    """The hint names those there are."""
    with pytest.raises(UsageError) as caught:
        open_reader("xml")
    assert caught.value.hint == "formats: auto, json, csv, parquet, otlp-proto"
