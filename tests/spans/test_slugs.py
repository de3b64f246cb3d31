"""Slugs are the bytes that Braintrust's SDKs write, and those that they write are read."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from braintrust.span_identifier_v3 import SpanComponentsV3, SpanObjectTypeV3
from braintrust.span_identifier_v4 import SpanComponentsV4
from hypothesis import given
from hypothesis import strategies as some

from bt_cli.spans.slugs import Slug, decode_slug, encode_slug

VECTORS = json.loads((Path(__file__).parents[1] / "tracing" / "slug_vectors.json").read_text("utf-8"))
"""``version``, ``slug`` as the official package writes it, and what it ``says``."""
NUMBERS = {"experiment": 1, "project_logs": 2, "playground_logs": 3}
FIELDS = Slug.__struct_fields__[1:]


def official(slug: Slug, version: int) -> Any:
    """The slug as the package has it."""
    kind = SpanComponentsV3 if version == 3 else SpanComponentsV4
    return kind(SpanObjectTypeV3(NUMBERS[slug.object_type]), **{name: getattr(slug, name) for name in FIELDS})


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["slug"][:60])
def test_slugs_of_the_sdks_are_read(vector: dict[str, Any]) -> None:
    """Every version there has been."""
    assert decode_slug(vector["slug"]) == Slug(**vector["says"])


@pytest.mark.parametrize("vector", [one for one in VECTORS if one["version"] >= 3], ids=lambda one: one["slug"][:60])
def test_slugs_are_those_of_the_sdks(vector: dict[str, Any]) -> None:
    """To the byte, in the versions that are still written."""
    assert encode_slug(Slug(**vector["says"]), vector["version"]) == vector["slug"]


uuids = some.uuids().map(str)
span_ids = some.binary(min_size=8, max_size=8).map(bytes.hex)
trace_ids = some.binary(min_size=16, max_size=16).map(bytes.hex)
words = some.text(min_size=1)
members = some.dictionaries(
    some.text(), some.none() | some.integers() | words | some.lists(some.booleans()), min_size=1
)


def slugs(*ids: some.SearchStrategy[str]) -> some.SearchStrategy[Slug]:
    """Slugs of spans and containers with ids of these kinds."""
    one = some.one_of(*ids)
    row = some.tuples(one, one, one) | some.just((None, None, None))
    place = some.tuples(one, some.none()) | some.tuples(some.none(), members)
    parts = some.tuples(some.sampled_from(sorted(NUMBERS)), place, row, some.none() | members)
    return parts.map(lambda it: Slug(it[0], *it[1], *it[2], it[3]))


versions = some.sampled_from((3, 4))
any_slug = slugs(uuids, span_ids, trace_ids, words, uuids.map(str.upper), trace_ids.map(str.upper))


@given(any_slug, versions)
def test_reading_a_slug_gives_back_what_was_written(slug: Slug, version: Any) -> None:
    """Whatever the ids look like."""
    assert decode_slug(encode_slug(slug, version)) == slug


@given(any_slug, versions)
def test_the_official_package_reads_our_slugs(slug: Slug, version: Any) -> None:
    """And finds what was written."""
    assert SpanComponentsV4.from_str(encode_slug(slug, version)) == official(slug, 4)


@given(slugs(uuids, span_ids, trace_ids), some.just(4))
def test_slugs_are_those_of_the_official_package(slug: Slug, version: Any) -> None:
    """To the byte, for ids as SDKs make them."""
    assert encode_slug(slug, version) == official(slug, version).to_str()


@given(slugs(uuids, words.filter(lambda word: len(word) < 30)))
def test_old_slugs_are_those_of_the_official_package(slug: Slug) -> None:
    """Version 3, with UUIDs and with rows of names."""
    assert encode_slug(slug, 3) == official(slug, 3).to_str()


@given(slugs(uuids, words), versions)
def test_slugs_of_the_official_package_are_read(slug: Slug, version: int) -> None:
    """Both versions that it writes."""
    assert decode_slug(official(slug, version).to_str()) == slug


def test_what_json_does_not_have_is_its_text_in_a_slug() -> None:
    """A propagated event is the program's."""
    slug = Slug("experiment", "e", propagated_event={"metadata": {"a": b"b"}})
    assert decode_slug(encode_slug(slug)).propagated_event == {"metadata": {"a": "b'b'"}}


def packed(*raw: int, rest: bytes = b"") -> str:
    return base64.b64encode(bytes(raw) + rest).decode()


OBJECT = b'{"object_id":"o"}'
NO_SLUGS = {
    "nothing": "",
    "words": "project_id:abc",
    "not ASCII": "é" * 8,
    "padding that lacks": "BAI",
    "a version to come": packed(5, 2, 0, rest=OBJECT),
    "version 0": packed(0, 2, 0, rest=OBJECT),
    "an object type to come": packed(4, 9, 0, rest=OBJECT),
    "no container": packed(4, 2, 0),
    "an id that ends too early": packed(4, 2, 1, 3, 1, 2),
    "a field to come": packed(4, 2, 1, 9, rest=bytes(16) + OBJECT),
    "garbage after the ids": packed(4, 2, 0, rest=b"xyz"),
    "bytes that are no text": packed(4, 2, 0, rest=b"\xff\xfe\xfd"),
    "a list in place of the object": packed(4, 2, 0, rest=b"[1]"),
    "an id that is a number": packed(4, 2, 0, rest=b'{"object_id":7}'),
    "a propagated event that is a list": packed(4, 2, 0, rest=b'{"object_id":"o","propagated_event":[1]}'),
    "a row without its span": packed(4, 2, 0, rest=b'{"object_id":"o","row_id":"r"}'),
    "two containers": packed(4, 2, 0, rest=b'{"object_id":"o","compute_object_metadata_args":{"a":1}}'),
    "endless nesting": packed(4, 2, 0, rest=b'{"a":' + b"[" * 100_000),
    "version 1 without its ids": packed(1, 1, 1, 1, rest=bytes(20)),
    "version 2 without its flags": packed(2, 1, 1),
}


@pytest.mark.parametrize("text", NO_SLUGS.values(), ids=NO_SLUGS)
def test_what_is_no_slug_is_refused_in_the_words_of_the_sdks(text: str) -> None:
    """One message, whatever is wrong."""
    with pytest.raises(Exception, match="SpanComponents") as theirs:
        SpanComponentsV4.from_str("!")
    with pytest.raises(ValueError, match="SpanComponents") as ours:
        decode_slug(text)
    assert str(ours.value) == str(theirs.value)


def test_keys_to_come_are_passed_over() -> None:
    """A newer SDK may say more; what it calls the object type is no other one."""
    rest = b'{"object_id":"o","more":1,"object_type":3,"row_id":""}'
    assert decode_slug(packed(4, 2, 0, rest=rest)) == Slug("project_logs", "o")


def test_version_4_may_pack_other_ids() -> None:
    """As 16 bytes, which are read as hexadecimal digits."""
    assert decode_slug(packed(4, 1, 1, 1, rest=bytes(range(16)))).object_id == bytes(range(16)).hex()
