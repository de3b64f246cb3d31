"""The filter options as given on a command line."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.cli.filter_options import FilterFlags
from bt_cli.cli.filter_words import parse_grep, parse_metadata, parse_score_test
from bt_cli.errors import UsageError
from bt_cli.query.filters import Condition, Grep


@pytest.mark.parametrize(
    ("flags", "condition"),
    [
        ({"model": "gpt-4o"}, Condition("model", "=", "gpt-4o")),
        ({"tag": ("vip",)}, Condition("tags", "=", "vip")),
        ({"min_duration": "1m30s"}, Condition("duration", ">=", 90.0)),
        ({"min_tokens": 0}, Condition("tokens", ">=", 0)),
        ({"filter": ("tokens > 1",)}, Condition("tokens", ">", 1)),
    ],
)
def test_a_flag_is_a_condition(flags: dict[str, Any], condition: Condition) -> None:
    """Each option gives one test."""
    assert FilterFlags(**flags).to_filter(0).conditions == (condition,)


@pytest.mark.parametrize(
    ("written", "operator", "value", "name"),
    [
        ("Factuality<0.5", "<", 0.5, "Factuality"),
        ("Answer Relevance >= 1", ">=", 1.0, "Answer Relevance"),
        ("a!=.5", "<>", 0.5, "a"),
        ("a.b == -1", "=", -1.0, "a.b"),
    ],
)
def test_a_test_of_a_score(written: str, operator: str, value: float, name: str) -> None:
    """A name, a comparison, a number."""
    assert parse_score_test(written) == Condition("scores", operator, value, (name,))  # type: ignore[arg-type]


def test_metadata_compares_text() -> None:
    """Rule 8: the text of a string or a number."""
    assert parse_metadata("user.id=42=") == Condition("metadata", "text", "42=", ("user", "id"))


@pytest.mark.parametrize(
    ("written", "grep"),
    [
        ("caf.", Grep("caf.")),
        ("a=/b", Grep("a=/b")),
        ("output=/re.und/", Grep("re.und", "output")),
        ("output.choices[0].text=/a/i", Grep("(?i)a", "output", ("choices", 0, "text"))),
        ("name=/^a/", Grep("^a", "span_attributes", ("name",))),
    ],
)
def test_grep_in_all_texts_or_in_one_place(written: str, grep: Grep) -> None:
    """A path before ``=/…/`` narrows it."""
    assert parse_grep(written) == grep


@pytest.mark.parametrize(
    ("field", "hint"),
    [("metdata", "did you mean 'metadata'?"), ("zzz", "fields: context, cost, end"), ("tokens", "fields: context,")],
)
def test_grep_where_there_is_no_text(field: str, hint: str) -> None:
    """The nearest field is named, or else all that have texts."""
    with pytest.raises(UsageError) as error:
        parse_grep(f"{field}=/x/")
    assert error.value.hint and error.value.hint.startswith(hint) and "duration" not in error.value.hint


@pytest.mark.parametrize(
    ("parse", "written"),
    [
        (parse_score_test, "Factuality"),
        (parse_score_test, "Factuality<high"),
        (parse_metadata, "user"),
        (parse_metadata, "=x"),
        (parse_metadata, 'a"b=x'),
        (parse_grep, "nothing=/x/"),
        (parse_grep, "duration=/x/"),
        (parse_grep, "a("),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(parse: Any, written: str) -> None:
    """Exit 2, never a filter that matches nothing."""
    with pytest.raises(UsageError):
        parse(written)
