"""Rules 2.1–2.4: ids are given or derived from the record's bytes."""

from __future__ import annotations

import uuid
from hashlib import blake2b

import pytest

from bt_cli.pipeline.converting import Conversion
from bt_cli.spans.flatten import Flat
from bt_cli.spans.ids import content_hash, root_id, uuid_prefix
from builders import convert, dump, only_row, refusal, rows_of

START = 1_704_916_642.978631


def test_options_do_not_enter_an_id() -> None:
    """Rule 2.1: tags and metadata added on import leave the ids alone."""
    plain = only_row({"input": 1})
    tagged = only_row({"input": 1}, tags=("nightly",), metadata=(("k", '"v"'),))
    assert plain.id == tagged.id


@pytest.mark.parametrize("place", ["id", "span_id"])
def test_a_rows_given_ids_are_kept(place: str) -> None:
    """Rule 2.2: row input uses id and span_id as they are, and either for the other."""
    row = only_row({place: "given", "span_parents": []})
    assert (row.id, row.span_id) == ("given", "given")


def test_a_rows_id_and_span_id_may_differ() -> None:
    """Rule 2.2: both are used as they are."""
    row = only_row({"id": "i", "span_id": "s"})
    assert (row.id, row.span_id) == ("i", "s")


def test_a_numbered_child_keeps_its_span_id() -> None:
    """Rule 2.2: a child that has only a span_id keeps it and gets an id of its own."""
    child = convert({"id": "r", "children": [{"span_id": "s01"}]}).rows[1]
    assert (child.span_id, child.id != "s01") == ("s01", True)


def test_a_numbered_childs_id_depends_on_its_root() -> None:
    """Rule 2.2: "s01" of two traces are two rows."""
    first, second = (convert({"id": root, "children": [{"span_id": "s01"}]}).rows[1].id for root in "ab")
    assert first != second


def test_a_numbered_childs_id_depends_on_nothing_else() -> None:
    """Rule 2.2: the same root and span_id give the same row, wherever the child stands."""
    first = convert({"id": "r", "children": [{"span_id": "s01"}]}).rows[1]
    second = convert({"id": "r", "children": [{"children": [{"span_id": "s01"}]}]}).rows[2]
    assert first.id == second.id


def test_a_numbered_root_gets_a_derived_id() -> None:
    """Rule 2.2: a root called "root" or "1" is not the same row as any other root of that name."""
    row = convert({"span_id": "root", "children": []}).rows[0]
    assert (row.span_id, row.id != "root") == ("root", True)


def test_a_long_span_id_is_a_roots_id() -> None:
    """Rule 2.2: one that is unique across trees serves as the row's id as well."""
    row = convert({"span_id": "0123456789abcdef", "children": []}).rows[0]
    assert row.id == "0123456789abcdef"


def test_a_number_as_id_keeps_its_digits() -> None:
    """Ids are text; a number's is its digits."""
    row = only_row(b'{"id":123456789012345678901234567890}')
    assert row.id == "123456789012345678901234567890"


@pytest.mark.parametrize("given", ['""', "null"])
def test_an_empty_id_is_none(given: str) -> None:
    """Empty text and null mean that the record has no id."""
    assert only_row(f'{{"id":{given}}}'.encode()).id.startswith("00000000-0000-7")


def test_an_id_that_is_neither_text_nor_number_rejects_the_record() -> None:
    """The problem names the field."""
    problem = refusal({"children": [{"id": ["x"]}]})
    assert (problem.code, problem.path) == ("bad_id", "children[0].id")


def test_a_root_id_holds_time_and_content_hash() -> None:
    """Rule 2.3: milliseconds of the start, version 7, variant, and 74 bits of the record's hash."""
    text = dump({"metrics": {"start": START}})
    made = uuid.UUID(only_row(text).id)
    bits = int.from_bytes(blake2b(text, digest_size=16).digest(), "big") >> 128 - 12 - 4 - 60
    assert made.int >> 80 == int(START * 1000)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert (made.int >> 64) & 0xFFF == bits >> 64
    assert made.int & (1 << 60) - 1 == bits & (1 << 60) - 1


def test_a_trace_without_time_counts_from_zero() -> None:
    """Rule 2.3: never the clock."""
    assert only_row({"input": 1}).id.startswith("00000000-0000-7")


def test_the_time_is_that_of_the_descendants_if_the_root_has_none() -> None:
    """Rule 2.3: the trace's start is its earliest node's."""
    row = convert({"children": [{"metrics": {"start": START}}]}).rows[0]
    assert row.id.startswith(uuid_prefix(START))


def test_a_relative_clock_is_no_time() -> None:
    """Rule 2.3: only dates enter an id."""
    assert only_row({"metrics": {"start": 12.5}}).id.startswith("00000000-0000-7")


@pytest.mark.parametrize("start", [-5.0, 1e18])
def test_the_time_part_is_clamped(start: float) -> None:
    """Rule 2.3: 48 bits, whatever the time."""
    assert uuid.UUID(root_id(uuid_prefix(start), bytes(16))).version == 7


def test_derived_ids_of_a_row_are_equal() -> None:
    """Rule 2.3: id and span_id are the same where both are derived."""
    assert all(row.id == row.span_id for row in convert({"children": [{}, {"children": [{}]}]}).rows)


def test_a_childs_id_depends_on_root_and_place() -> None:
    """Rule 2.3: hash of root id, a slash and the index path."""
    rows = convert({"id": "r", "children": [{}, {"children": [{}]}]}).rows
    digits = blake2b(b"r/1/0", digest_size=16).hexdigest()
    assert rows[3].id[15:18] + rows[3].id[20:23] == digits[:3] + digits[4:7]


def test_an_edited_record_is_a_new_trace() -> None:
    """Rule 2.5: without an id, other bytes are another trace."""
    assert only_row({"input": 1}).id != only_row({"input": 2}).id


def test_a_byte_order_mark_and_outer_space_do_not_count() -> None:
    """Rule 2.3: they are stripped before the bytes are hashed."""
    plain, dressed = rows_of(b'{"input":1}'), rows_of(b'\xef\xbb\xbf  {"input":1} \r\n')
    assert plain == dressed


def test_white_space_within_counts() -> None:
    """Rule 2.3: the hash is over the source's bytes."""
    assert only_row(b'{"input":1}').id != only_row(b'{"input": 1}').id


def test_twins_have_ids_of_their_own() -> None:
    """Rule 2.4: the ordinal of an identical record enters the hash where it is above 0."""
    text = dump({"input": 1})
    digests = [content_hash(text, ordinal) for ordinal in (0, 1, 2)]
    assert digests[0] == content_hash(text)
    assert len(set(digests)) == 3


def test_twins_are_the_same_in_each_run() -> None:
    """Rule 2.4: the second of two identical records has the same ids in each run."""
    text = dump({"input": 1})
    first, second = (Conversion().convert(text, content_hash(text, 1)) for _ in range(2))
    assert isinstance(first, Flat)
    assert first == second


@pytest.mark.parametrize(
    ("record", "anonymous"),
    [({"input": 1}, True), ({"id": "a"}, False), ({"span_id": "a"}, False), ({"metrics": {"start": START}}, False)],
)
def test_a_record_without_id_or_time_is_anonymous(record: dict[str, object], anonymous: bool) -> None:
    """Rule 2.4: only for such a record a repeated trace cannot be told from a copy."""
    assert convert(record).anonymous is anonymous
