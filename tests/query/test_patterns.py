"""Regular expressions of filters."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.errors import UsageError
from bt_cli.query.patterns import checked, grep, like, search


@pytest.mark.parametrize(
    "pattern",
    ["a|b", r"\(\?=", "[(?=)]", r"(?i)x", r"(?P<a>x)", r"\\1", r"[\x01]", r"\d+\.", "[]a]", "(" * 3000 + ")" * 3000],
)
def test_a_pattern_that_every_store_can_search(pattern: str) -> None:
    """It comes back as it is."""
    assert checked(pattern, "--grep") == pattern


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("a(?=b)", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"(a)\1", "back-references"),
        ("(?P<a>x)(?P=a)", "back-references"),
        ("a(", "no regular expression"),
        ("[", "no regular expression"),
        (r"a\Z", "no regular expression: invalid escape sequence: \\\\Z"),
        (r"[\1]", "no regular expression"),
        ("a\udcff", "invalid UTF-8"),
    ],
)
def test_a_pattern_that_some_store_cannot_search(pattern: str, what: str) -> None:
    """Refused, with the option's name."""
    with pytest.raises(UsageError, match=what) as error:
        checked(pattern, "--grep")
    assert error.value.message.startswith("--grep")


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a%", "abc", True),
        ("a%", "bac", False),
        ("a_c", "abc", True),
        ("a_c", "ac", False),
        ("%", "", True),
        ("a.c", "abc", False),
        (r"50\%", "50%", True),
        (r"50\%", "500", False),
        ("a%c", "a\nc", True),
        ("abc", "abc\n", False),
    ],
)
def test_like(pattern: str, text: str, found: bool) -> None:
    """As SQL has it: the whole text, case and all."""
    assert search(like(pattern), text) is found


def test_like_in_any_case() -> None:
    """``ILIKE``, beyond ASCII too."""
    assert search(like("É%", ignore_case=True), "été")


PATTERNS = [
    "^a",
    "a$",
    "^a$",
    r"\Aa",
    r"a\z",
    r"\ba",
    r"a\b",
    r"b\B",
    "(?i)^A",
    "(?-m)a$",
    "^$",
    "a.b",
    "(?s)a.b",
    "a|^b",
    "[^a]$",
    "",
]


@given(pattern=st.sampled_from(PATTERNS), texts=st.lists(st.text(alphabet="ab\n ", max_size=3), max_size=3))
def test_a_pattern_is_searched_for_in_each_text(pattern: str, texts: list[str]) -> None:
    """Texts are no lines of one: the look at all of them at once finds no more and no less."""
    assert grep(pattern, "[]", orjson.dumps(texts).decode()) is any(search(pattern, one) for one in texts)


SLOW = [("(a+)+$", "a" * 5000 + "b"), ("(.*a){12}zebra", "a" * 5000), (r"(\w+\s?)*=", "word " * 1000)]
"""Patterns for which an engine that goes back takes years."""


@pytest.mark.parametrize(("pattern", "text"), SLOW, ids=[pattern for pattern, _ in SLOW])
def test_a_search_takes_time_that_grows_with_the_text(pattern: str, text: str) -> None:
    """It ends: nothing could interrupt it."""
    assert search(checked(pattern, "--grep"), text) is False


def test_like_takes_time_that_grows_with_the_text() -> None:
    """Any number of ``%`` are one way through the text."""
    assert search(like("%a%a%a%a%a%a%zebra%"), "a" * 20_000) is False


@given(st.text(max_size=5))
def test_like_takes_all_but_its_wildcards_as_it_is(text: str) -> None:
    """Whatever the characters mean to a regular expression."""
    pattern = "".join(f"\\{one}" if one in "%_\\" else one for one in text)
    assert search(like(pattern), text)
    assert not search(like(pattern), text + "x")


def test_a_text_that_is_no_unicode_is_searched_too() -> None:
    """What one escape can bring into decoded JSON."""
    assert search("b.?$", "a\ud800b")


def test_what_is_no_text_has_no_answer() -> None:
    """NULL and numbers neither match nor fail."""
    assert search("a", None) is None
    assert search("1", 1) is None


@given(st.text(), st.text(alphabet='ab \\"né', max_size=2))
def test_a_plain_pattern_is_found_wherever_the_text_has_it(text: str, part: str) -> None:
    """However the JSON is escaped: the short cut for plain patterns loses nothing."""
    import json
    import re

    for ascii_only in (True, False):
        assert grep(re.escape(part), "[]", json.dumps([text], ensure_ascii=ascii_only)) is (part in text)
        assert grep("a", "[]", json.dumps({"a": text}, ensure_ascii=ascii_only)) is ("a" in text)
