"""Rules 4.5, 4.6, 5.1 and 5.2: what is no record, and where reading goes on."""

from __future__ import annotations

import sys

import pytest

from bt_cli.readers.base import Record, Reject
from builders import read, rejects

Outcome = bytes | str


def outcome(data: bytes, limit: int = 64 << 20) -> list[Outcome]:
    """Records as their JSON, rejects as their code."""
    return [item.json if isinstance(item, Record) else item.code for item in read(data, limit=limit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'garbage\n{"a":1}\n', ["not_json", b'{"a":1}']),
        (b'garbage\nmore\n  {"a":1}\n', ["not_json", b'{"a":1}']),
        (b'garbage\n\xef\xbb\xbf{"a":1}\n', ["not_json", b'{"a":1}']),
        (b'{"a":1}\ngarbage', [b'{"a":1}', "not_json"]),
        (b'{"a":1} garbage\n{"b":2}', [b'{"a":1}', "not_json", b'{"b":2}']),
        (b'{"a":1}}\n{"b":2}', [b'{"a":1}', "not_json", b'{"b":2}']),
        (b'{"a":1,}\n{"b":2}', ["not_json", b'{"b":2}']),
        (b'{"a":\n{"b":2}\n', ["not_json", b'{"b":2}']),
        (b'{"a":1\n{"b":2}\n', ["not_json", b'{"b":2}']),
        (b'{"a":[1,\n{"b":2}\n{"c":3}\n', ["not_json", b'{"b":2}', b'{"c":3}']),
        (b'{"a":"x\n{"b":2}\n', ["not_json", b'{"b":2}']),
        (b'{"a":1]\n{"b":2}\n', ["not_json", b'{"b":2}']),
        (b'{\n"a":1]\n{"b":2}\n', ["not_json", b'{"b":2}']),
        (b'{\n"a":"x\n{"b":2}\n', ["not_json", b'{"b":2}']),
        (b'{\n"a":01\n}\n{"b":2}\n', ["not_json", b'{"b":2}']),
        (b'{"a":1\n{"b":2\n{"c":3}\n', ["not_json", "not_json", b'{"c":3}']),
        (b'[{"a":1},\ngarbage\n{"b":2}]\n{"c":3}', [b'{"a":1}', "not_json", b'{"b":2}', b'{"c":3}']),
        (b'[1,2]\n{"b":2}', ["not_object", "not_object", b'{"b":2}']),
        (b'[1,{"b":2},null]', ["not_object", b'{"b":2}', "not_object"]),
        (b'["x"]', ["not_object"]),
        (b"null\n", ["not_json"]),
        (b'"text"\n', ["not_json"]),
        (b"]\n", ["not_json"]),
        (b"a,b\n1,2\n", ["not_json"]),
        (b"\x1f\x8b\x08\x00", ["not_json"]),
        (b'{"a":tru}', ["not_json"]),
        (b'{"a":"\\x"}\n', ["not_json"]),
        (b'{"a"' + b"[" * 3000, ["not_json"]),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b'}\n{"b":2}', ["not_json", b'{"b":2}']),
    ],
)
def test_reading_goes_on(text: bytes, expected: list[Outcome]) -> None:
    """Rule 5.1: at the next line that begins a value."""
    assert outcome(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1',
        b'{"a":',
        b'{"a":"x',
        b"{",
        b'{"a":1}\n{"b":[1,2',
        b'{\n  "a":1,\n  "b":"x',
        b"[",
        b'[{"a":1},\n',
        b'[{"a":1},{"b"',
    ],
)
def test_a_half_written_last_record(text: bytes) -> None:
    """Rule 5.2: it has a code of its own."""
    assert outcome(text)[-1] == "truncated_last_record"


def test_a_half_written_record_before_others_is_not_the_last() -> None:
    """Only the end of the input cuts off."""
    assert outcome(b'{"a":1\n{"b":2}') == ["not_json", b'{"b":2}']


def test_an_error_that_no_more_input_could_mend_is_not_cut_off() -> None:
    """A wrong bracket is wrong, at the end of the input too."""
    assert outcome(b'{"a":]') == ["not_json"]


def test_an_array_that_is_not_closed_is_reported() -> None:
    """Rule 5.2: what follows its last comma may be missing."""
    (reject,) = rejects(b' [{"a":1},\n{"b":2},\n')
    assert (reject.line, reject.byte, reject.message) == (1, 1, "the array is not closed")


def test_an_array_with_another_error_is_reported_once() -> None:
    """The garbage may have held its end."""
    assert outcome(b'[{"a":1},\ngarbage]\n{"b":2}\n') == [b'{"a":1}', "not_json", b'{"b":2}']


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"garbage", (1, 0, 1)),
        (b'{"a":1} x', (1, 8, 9)),
        (b'{"a":}', (1, 5, 6)),
        (b'{"a":1} {"b":}', (1, 13, 14)),
        (b'[{"a":1},7]', (1, 9, 10)),
        (b'{"a":01}', (1, 6, 7)),
        (b'\n{\n"a":\n tru}', (4, 10, 3)),
        (b'{"a":1', (1, 6, 7)),
    ],
)
def test_the_place_of_an_error(text: bytes, place: tuple[int, int, int]) -> None:
    """Line, byte and column are those of the error."""
    (reject,) = rejects(text)
    assert (reject.line, reject.byte, reject.column) == place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"garbage", "not valid JSON: expected { or ["),
        (b'{"a":}', 'not valid JSON: expected a value after "a":'),
        (b'{"a" : ,"b":1}', 'not valid JSON: expected a value after "a" :'),
        (b'{"a":x}', "not valid JSON: unexpected x"),
        (b'{"a":\x01}', "not valid JSON: unexpected byte 0x01"),
        (b'{"a":01}', "not valid JSON: invalid number"),
        (b'{"a":[1}', "not valid JSON: unexpected }"),
        (b'{"a":"x\n', "not valid JSON: a string does not end on its line"),
        (b'{"a":1\n', "not valid JSON: the text ends before the value does"),
        (b'{"a":\xff}', "not valid JSON: unexpected byte 0xef"),
        (b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}\n", "not valid JSON: nested too deeply to be read"),
    ],
)
def test_the_words_of_an_error(text: bytes, message: str) -> None:
    """A sentence that says what was expected."""
    assert rejects(text)[0].message == message


def test_nesting_that_only_the_parser_refuses() -> None:
    """Its limit depends on the caller's stack; the words are the same."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    try:
        (reject,) = rejects(b'{"a":' + b"[" * 1900 + b"]" * 1900 + b"}\n")
    finally:
        sys.setrecursionlimit(limit)
    assert reject.message == "not valid JSON: nested too deeply to be read"


def test_a_reject_holds_its_bytes() -> None:
    """All lines up to the next that begins a value."""
    assert [reject.raw for reject in rejects(b'a\xff\r\nb\n{"x":1}\n{"y":\nz\n{"w":1}')] == [b"a\xff\r\nb", b'{"y":\nz']


class TestOversize:
    """Rule 4.6: a record above the limit is skipped unbuffered and rejected by its place."""

    LONG = b'{"a":"' + b"x" * 100 + b'"}'

    def test_a_long_line(self) -> None:
        """What is around it is read."""
        assert outcome(b'{"b":2}\n' + self.LONG + b'\n{"c":3}', 50) == [b'{"b":2}', "oversize", b'{"c":3}']

    def test_its_place(self) -> None:
        """There are no bytes to show."""
        (reject,) = rejects(b"\n" + self.LONG, limit=50)
        assert reject == Reject("oversize", "longer than 50 bytes", 2, 1)

    @pytest.mark.parametrize("block", [1, 7, 1000])
    def test_in_blocks(self, block: int) -> None:
        """The block size does not matter."""
        (reject,) = rejects(self.LONG + b"\n", limit=50, block=block)
        assert reject.code == "oversize"

    def test_a_line_at_the_limit(self) -> None:
        """It is read."""
        assert outcome(self.LONG, len(self.LONG)) == [self.LONG]

    def test_a_value_over_many_lines(self) -> None:
        """Its lines are passed over up to the next that begins a value."""
        long = b"{\n" + b'  "a": 1,\n' * 20 + b'  "b": 2\n}\n'
        assert outcome(long + b'{"c":3}\n', 50) == ["oversize", b'{"c":3}']

    def test_a_long_line_within_a_value(self) -> None:
        """The value as a whole is too long."""
        assert outcome(b"{\n" + self.LONG[1:-1] + b'\n}\n{"c":3}', 50) == ["oversize", b'{"c":3}']

    def test_a_long_line_after_garbage(self) -> None:
        """Both are rejected, in order."""
        assert outcome(b"x\n" + self.LONG + b"\ny\n", 50) == ["not_json", "oversize", "not_json"]

    def test_in_an_array(self) -> None:
        """The elements around it are read."""
        text = b'[{"b":2},\n' + self.LONG + b',\n{"c":3}]'
        assert outcome(text, 50) == [b'{"b":2}', "oversize", b'{"c":3}']

    def test_endless_garbage(self) -> None:
        """It is rejected in pieces, so that it need not be held."""
        assert outcome(b"garbage\n" * 20, 50) == ["not_json"] * 4

    def test_a_value_at_the_end(self) -> None:
        """The end of the input ends the skipping too."""
        assert outcome(b"{\n" + b'"a":1,\n' * 20, 50) == ["oversize"]


class TestRejectsFile:
    """Rule 5.3: a rejects file is itself input."""

    def test_text(self) -> None:
        """What it holds is read like the input it came from."""
        assert outcome(b'{"_bt_reject":{"line":7},"raw":"{\\"a\\":1}{\\"b\\":2}"}\n') == [b'{"a":1}', b'{"b":2}']

    def test_bytes(self) -> None:
        """Base64 where it was not UTF-8."""
        assert outcome(b'{"_bt_reject":{},"raw_b64":"eyJhIjoi/yJ9"}') == ['{"a":"\ufffd"}'.encode()]

    def test_still_wrong(self) -> None:
        """It is rejected again, with what it held and the place in the rejects file."""
        (reject,) = rejects(b'\n{"_bt_reject":{},"raw":"garbage"}')
        assert (reject.raw, reject.line, reject.byte) == (b"garbage", 2, 1)

    def test_too_long_to_be_kept(self) -> None:
        """A line without text is a reject again, not a span."""
        (reject,) = rejects(b'{"_bt_reject":{"code":"oversize","message":"longer"}}')
        assert (reject.code, reject.message, reject.raw) == ("oversize", "longer", None)

    @pytest.mark.parametrize(
        "line",
        [b'{"_bt_reject":{}}', b'{"_bt_reject":{},"raw":5}', b'{"_bt_reject":{},"raw_b64":"?"}', b'{"_bt_reject":1}'],
    )
    def test_damaged(self, line: bytes) -> None:
        """The line itself is rejected."""
        (reject,) = rejects(line)
        assert (reject.code, reject.raw) == ("bad_reject", line)


class TestRepair:
    """Rule 4.5: odd JSON that can be mended, each with a code."""

    @pytest.mark.parametrize(
        ("text", "mended", "code"),
        [
            (b'{"a":NaN}', b'{"a":null}', "not_a_number"),
            (b'{"a":[Infinity,-Infinity]}', b'{"a":[null,null]}', "not_a_number"),
            (b'{"a":"\\ud800"}', b'{"a":"\\ufffd"}', "lone_surrogate"),
            (b'{"a":"\\uDC00\\ud83d\\ude00\\ud83dx"}', b'{"a":"\\ufffd\\ud83d\\ude00\\ufffdx"}', "lone_surrogate"),
            (b'{"\\ud800":1}', b'{"\\ufffd":1}', "lone_surrogate"),
            (b'{"a":"\xff"}', '{"a":"\ufffd"}'.encode(), "bad_utf8"),
            (b'{"a":"\xc3"}', '{"a":"\ufffd"}'.encode(), "bad_utf8"),
            (b'{"a":"x\x00\ty"}', b'{"a":"x\\u0000\\u0009y"}', "control_byte"),
        ],
    )
    def test_mended(self, text: bytes, mended: bytes, code: str) -> None:
        """The record keeps the source's bytes beside the mended ones."""
        (record,) = read(text)
        assert isinstance(record, Record)
        assert (record.raw, record.json, record.repairs) == (text, mended, (code,))

    def test_several_at_once(self) -> None:
        """Each code once."""
        (record,) = read(b'{"a":NaN,"b":"\xff\x01\xff\\ud800","c":NaN}')
        assert isinstance(record, Record)
        assert sorted(record.repairs) == ["bad_utf8", "control_byte", "lone_surrogate", "not_a_number"]

    @pytest.mark.parametrize(
        "text", [b'{"NaN":"NaN"}', b'{"a":"\\\\ud800"}', b'{"a":"\\ud83d\\ude00"}', '{"a":"é"}'.encode()]
    )
    def test_what_needs_none(self, text: bytes) -> None:
        """Strings that only look odd."""
        (record,) = read(text)
        assert isinstance(record, Record)
        assert (record.json, record.repairs) == (text, ())

    def test_every_part_of_an_envelope_counts_as_mended(self) -> None:
        """The codes go to its records."""
        assert [item.repairs for item in read(b'{"rows":[{"a":NaN}]}') if isinstance(item, Record)] == [
            ("not_a_number",)
        ]

    def test_what_mending_does_not_help(self) -> None:
        """It is rejected as it was."""
        (reject,) = rejects(b'{"a":NaN,"b":}')
        assert reject.raw == b'{"a":NaN,"b":}'
