"""Regular expressions of filters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bt_cli.errors import UsageError
from bt_cli.query.patterns import checked, grep, like, search


@pytest.mark.parametrize(
    "pattern", ["a|b", r"\(\?=", "[(?=)]", r"(?i)x", r"(?P<a>x)", r"\\1", r"[\1]", r"\d+\.", "[]a]"]
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
