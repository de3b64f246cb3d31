"""``--filter``: SQL text → tests."""

from __future__ import annotations

import pytest

from bt_cli.errors import UsageError
from bt_cli.query.expression import parse_filter
from bt_cli.query.filters import And, Condition, Not, Or, Test

CASES: list[tuple[str, Test]] = [
    ("scores.Factuality < 0.5", Condition("scores", "<", 0.5, ("Factuality",))),
    ("0.5 > scores.Factuality", Condition("scores", "<", 0.5, ("Factuality",))),
    ("metadata.model = 'gpt-4o'", Condition("metadata", "=", "gpt-4o", ("model",))),
    ("metadata['model'] = 'x'", Condition("metadata", "=", "x", ("model",))),
    ('metadata."a.b".c = true', Condition("metadata", "=", True, ("a.b", "c"))),
    ("metadata.a.b.c.d != -1.5", Condition("metadata", "<>", -1.5, ("a", "b", "c", "d"))),
    ("output.choices[0].text is not null", Not(Condition("output", "is null", None, ("choices", 0, "text")))),
    ("error is null", Condition("error", "is null")),
    ("metrics.tokens >= 500", Condition("metrics", ">=", 500, ("tokens",))),
    ("tokens >= 500", Condition("tokens", ">=", 500)),
    ("type = 'llm'", Condition("span_attributes", "=", "llm", ("type",))),
    ("span_attributes.type = 'llm'", Condition("span_attributes", "=", "llm", ("type",))),
    ("end > 5", Condition("metrics", ">", 5, ("end",))),
    ("created >= '1970-01-02'", Condition("time", ">=", 86400.0)),
    ("created < 1700000000000", Condition("time", "<", 1_700_000_000.0)),
    ("'vip' in tags", Condition("tags", "=", "vip")),
    ("tags = 'vip'", Condition("tags", "=", "vip")),
    ("is_root", Condition("is_root", "=", True)),
    ("name like 'a%'", Condition("span_attributes", "like", "a%", ("name",))),
    ("name ilike 'a%'", Condition("span_attributes", "ilike", "a%", ("name",))),
    ("name regexp '^a'", Condition("span_attributes", "matches", "^a", ("name",))),
    ("id in ('a', 'b')", Or((Condition("id", "=", "a"), Condition("id", "=", "b")))),
    ("duration between 1 and 2", And((Condition("duration", ">=", 1), Condition("duration", "<=", 2)))),
    ("is_root or not (id = 'a')", Or((Condition("is_root", "=", True), Not(Condition("id", "=", "a"))))),
    ("name not like 'a%'", Not(Condition("span_attributes", "like", "a%", ("name",)))),
    ("id = '--' and id = '/*'", And((Condition("id", "=", "--"), Condition("id", "=", "/*")))),
    ("tags includes 'vip'", Condition("tags", "=", "vip")),
    ("tags not includes 'vip'", Not(Condition("tags", "=", "vip"))),
    (
        "metadata.list includes ['a', 1]",
        And((Condition("metadata", "includes", "a", ("list",)), Condition("metadata", "includes", 1, ("list",)))),
    ),
    ("input match 'two words'", Condition("input", "match", "two words")),
    ("metadata.match = 1", Condition("metadata", "=", 1, ("match",))),
    ("id in ['a', 'b']", Or((Condition("id", "=", "a"), Condition("id", "=", "b")))),
    ("created > '1970-01-02' - interval 1 day", Condition("time", ">", 0.0)),
    ("created > '1970-01-02' + interval '2 hours'", Condition("time", ">", 93600.0)),
    ("_pagination_key > 'p00000000000000000007'", Condition("place", ">", 7)),
    ("_xact_id = '1000198257884200962'", Condition("xact", "=", 1000198257884200962 - (0x0DE1 << 48))),
    ("tokens < 99999999999999999999", Condition("tokens", "<", 1e20)),
    ("true", And(())),
    ("false", Or(())),
    ("((is_root))", Condition("is_root", "=", True)),
    ("extra.worker = 'it''s'", Condition("extra", "=", "it's", ("worker",))),
]


@pytest.mark.parametrize(("written", "test"), CASES, ids=[written for written, _ in CASES])
def test_an_expression_is_read(written: str, test: Test) -> None:
    """The SQL states this test."""
    assert parse_filter(written) == test


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("scorez.x = 1", "there is no field 'scorez' (character 1"),
        ("id = 'a' and modle = 'x'", "there is no field 'modle' (character 14"),
        ("metadata.model = 'x' and", "cannot be read at 'and' (character 22"),
        ("id = 'a", "a quote is not closed"),
        ("", "--filter: is empty"),
        ("id = 'a'; id = 'b'", "is more than one expression (character 9"),
        ("name = 'foo' and foo = 1", "there is no field 'foo' (character 18"),
        ("metadata.foo = 'x' and foo = 1", "there is no field 'foo' (character 24"),
        ("name = 'x'\n  and id = 'y'\n  and foo = 1", "there is no field 'foo' (character 33"),
        ("error is null and duration > 2s", "cannot be read at '2s' (character 30"),
        ("id = 'a'\n or id = = 3", "cannot be read at '=' (character 19"),
        ("(id = 'a'", "a parenthesis is not closed (character 1"),
        ("/* abc", "a comment is no part of a filter (character 1"),
        ("tokens > 400 --x", "a comment is no part of a filter (character 14"),
        ("id = '--' and name = 'a", "a quote is not closed (character 22"),
        ("tokens", "tokens is no test: compare it, as in tokens > 5 (character 1"),
        ("error is null and tags", "tags is no test: compare it"),
        ("tokens = true", "tokens is a number, and true is none"),
        ("id = 'x' or tokens = 'x'", "(character 13"),
        ("name is 'x'", "'x' is neither null nor true or false (character 9"),
        ("id in (select 1)", "has no list of values"),
        ("id = 'a' or " * 3000 + "id = 'a'", "more than 10,000 words and signs"),
        ("(" * 3000 + "is_root" + ")" * 3000, "nested too deep"),
        ("not " * 3000 + "is_root", "nested too deep"),
        ("not " * 21 + "is_root", "nested too deep"),
        ("select 1", "is no test"),
        ("lower(id) = 'x'", "is no field"),
        ("created > now() - interval 1 month", "is no value"),
        ("created > now() - interval '1 1'", "is no value"),
        ("created > 'soon' - interval 1 day", "is no value"),
        ("duration includes 'x'", "needs a list, and duration is a number"),
        ("metadata.a includes []", "has no list of values"),
        ("_pagination_key > 'x'", "a pagination key is p and a decimal number"),
        ("_xact_id = 'x'", "a transaction is a decimal number"),
        ("_xact_id like 'x'", "needs a text"),
        ("id = span_id", "is no value"),
        ("duration = 'x'", "duration is a number, and 'x' is none"),
        ("created > 'soon'", "created is a time, and 'soon' is none"),
        ("tokens.x = 1", "has nothing below it"),
        ("name regexp '(?=a)'", "look-around"),
        ("duration like 'a'", "needs a text, and duration is a number"),
        ('metadata."a""b" = 1', "quotation mark"),
    ],
)
def test_what_is_no_filter_is_told_with_its_place(written: str, why: str) -> None:
    """Exit 2, where and why."""
    with pytest.raises(UsageError) as error:
        parse_filter(written)
    assert why in error.value.message


def test_a_duration_with_a_unit_is_put_right() -> None:
    """Durations are plain numbers here, unlike those of --min-duration."""
    with pytest.raises(UsageError) as error:
        parse_filter("duration > 2s")
    assert error.value.hint == "a duration is in seconds, as in duration > 2"


def test_a_long_expression_is_shown_around_the_place() -> None:
    """An error stays readable."""
    with pytest.raises(UsageError) as error:
        parse_filter("id = 'a' or " * 500 + "foo = 1" + " or id = 'a'" * 500)
    assert "foo = 1" in error.value.message and len(error.value.message) < 300


def test_an_unknown_field_names_the_nearest() -> None:
    """A slip is put right by the hint."""
    with pytest.raises(UsageError) as error:
        parse_filter("metdata.model = 'x'")
    assert error.value.hint == "did you mean 'metadata'?"
