"""Queries over Braintrust's API, in the forms that clients send, → what to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bt_cli.errors import QueryError
from bt_cli.query.btql import read_query
from bt_cli.query.btql_question import Column
from bt_cli.query.filters import And, Condition, Or

RECORDED = json.loads((Path(__file__).parent / "recorded_queries.json").read_text())
"""Queries of the official clients, one of each form, with lists cut to two values."""
FROM = "from: project_logs('p')"


@pytest.mark.parametrize("recorded", RECORDED, ids=[f"{place}-{one['client']}" for place, one in enumerate(RECORDED)])
def test_a_recorded_query_is_read(recorded: dict[str, Any]) -> None:
    """What an official client sends is understood; what its server refused is refused."""
    if recorded["client"] == "bt20_sql_err":
        with pytest.raises(QueryError, match="expected a clause or SELECT, got 'SELEC'"):
            read_query(recorded["query"])
    else:
        question = read_query(recorded["query"])
        assert question.kind or question.tree is not None


def test_clauses_on_lines_are_those_between_bars() -> None:
    """Bars and ends of lines separate clauses alike, in any order."""
    bars = read_query("select: id | from: project_logs('p') summary | limit: 3 | filter: is_root")
    assert read_query("filter: is_root\nlimit: 3\n from: project_logs('p') summary\nselect: id").test == bars.test
    assert (bars.kind, bars.names, bars.shape, bars.limit) == ("project_logs", ("p",), "summary", 3)


def test_a_tree_asks_what_clauses_ask() -> None:
    """The AST of the SDKs and the text that says the same are one question."""
    ident = {"op": "ident", "name": ["span_attributes", "purpose"]}
    tree = {
        "select": [{"op": "star"}],
        "from": {
            "op": "function",
            "name": {"op": "ident", "name": ["experiment"]},
            "args": [{"op": "literal", "value": "x"}],
        },
        "filter": {
            "op": "or",
            "children": [
                {"op": "isnull", "expr": ident},
                {"op": "ne", "left": ident, "right": {"op": "literal", "value": "scorer"}},
            ],
        },
        "limit": 10,
        "cursor": None,
    }
    text = (
        "select: * | from: experiment('x') | limit: 10 | "
        "filter: span_attributes.purpose is null or span_attributes.purpose != 'scorer'"
    )
    assert read_query(tree).test == read_query(text).test
    assert read_query(tree).columns == (Column("*", ()),)


def test_both_children_and_sides_of_and() -> None:
    """``and`` has ``children`` or ``left`` and ``right``; both mean the same."""
    one, two = (
        {"op": "eq", "left": {"op": "ident", "name": [name]}, "right": {"op": "literal", "value": "x"}}
        for name in ("id", "span_id")
    )
    source = {"op": "function", "name": {"op": "ident", "name": ["dataset"]}, "args": [{"op": "literal", "value": "x"}]}
    test = And((Condition("id", "=", "x"), Condition("span_id", "=", "x")))
    assert read_query({"from": source, "filter": {"op": "and", "children": [one, two]}}).test == test
    assert read_query({"from": source, "filter": {"op": "and", "left": one, "right": two}}).test == test


@pytest.mark.parametrize(
    ("value", "test"),
    [(None, Condition("id", "is null")), (["a", "b"], Or((Condition("id", "=", "a"), Condition("id", "=", "b"))))],
)
def test_null_and_lists_in_a_tree(value: object, test: object) -> None:
    """Equal to null means is null; ``in`` has a list."""
    source = {"op": "function", "name": {"op": "ident", "name": ["dataset"]}, "args": [{"op": "literal", "value": "x"}]}
    op = "eq" if value is None else "in"
    tree = {"op": op, "left": {"op": "ident", "name": ["id"]}, "right": {"op": "literal", "value": value}}
    assert read_query({"from": source, "filter": tree}).test == test


@pytest.mark.parametrize(
    "hostile", ["it's", "a'; drop table spans; --", 'say "x"', "a|b limit: 3", "\\'", "/* x", "`", "\n"]
)
def test_a_hostile_text_stays_a_text(hostile: str) -> None:
    """Whatever stands in a literal is only compared, in every form of a query."""
    quoted = "'" + hostile.replace("'", "''") + "'"
    double = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"') + '"'
    source = {"op": "function", "name": {"op": "ident", "name": ["dataset"]}, "args": [{"op": "literal", "value": "x"}]}
    tree = {"op": "eq", "left": {"op": "ident", "name": ["id"]}, "right": {"op": "literal", "value": hostile}}
    forms: list[Any] = [
        f"{FROM} | filter: id = {quoted}",
        f"SELECT * FROM project_logs('p') WHERE id = {quoted}",
        {"from": source, "filter": tree},
    ]
    if "\n" not in hostile:
        forms.append(f"{FROM} | filter: id = {double}")
    for query in forms:
        assert read_query(query).test == Condition("id", "=", hostile)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (f"{FROM} | filtr: id = 'a'", "there is no filtr: here (line 1, column 27)"),
        (f"{FROM} | pivot: id", "there is no pivot: here"),
        (f"{FROM} | limit: 1 | limit: 2", "limit: is there twice"),
        (f"{FROM} | filter: ", "a clause is empty"),
        (f"{FROM} | filter: id = 'a", "a quote is not closed"),
        (f"{FROM} | filter: id = 'a' -- x", "a comment is no part of a query"),
        ("select: id", "from: is missing"),
        ("from: project_logs('p') wide", "from: cannot be read"),
        ("from: nope('p')", "there is no nope() here"),
        (f"{FROM} | limit: many", "LIMIT is a whole number"),
        (f"{FROM} | preview_length: x", "preview_length: is a whole number"),
        (f"{FROM} | cursor: 12", "cursor: needs a text"),
        (f"{FROM} | cursor: 'x'", "the cursor is none that was given out here"),
        (f"{FROM} | select: id | measures: count(1)", "select: stands with neither"),
        (f"{FROM} | measures: count(1) | cursor: 'AAAAAAAAAAE'", "a cursor goes on with rows only"),
        (f"{FROM} | filter: tokens = 'x'", "tokens is a number, and 'x' is none (line 3, column 7)"),
        ("from: project_logs('p') summary | sort: created", "summaries are sorted by _pagination_key"),
        ("from: project_logs('p') summary | filter: lower(id) = 'x'", "is no field"),
        ("DELETE FROM spans", "expected a clause or SELECT, got 'DELETE'"),
        ("", "expected a clause or SELECT"),
        ({}, "from is no function"),
        ({"from": {"op": "function", "name": "dataset", "args": []}, "pivot": [1]}, "there is no pivot here"),
    ],
)
def test_a_mistake_is_told(query: Any, why: str) -> None:
    """What can't be understood is refused by name and place; nothing of a query is passed over."""
    with pytest.raises(QueryError) as caught:
        read_query(query)
    assert why in caught.value.message


@pytest.mark.parametrize(
    ("filter", "where"),
    [
        ({"op": "odd"}, "filter: there is no op 'odd' here"),
        ({"op": "eq", "left": {"op": "ident", "name": []}, "right": 1}, "filter.left.name is no list of names"),
        ({"op": "and", "children": 3}, "filter.children is no list"),
        (
            {"op": "in", "left": {"op": "ident", "name": ["id"]}, "right": {"op": "literal", "value": {}}},
            "filter.right",
        ),
    ],
)
def test_a_mistake_in_a_tree_is_told(filter: Any, where: str) -> None:
    """The key that can't be read is named."""
    source = {"op": "function", "name": {"op": "ident", "name": ["dataset"]}, "args": [{"op": "literal", "value": "x"}]}
    with pytest.raises(QueryError) as caught:
        read_query({"from": source, "filter": filter})
    assert where in str(caught.value)


def test_a_tree_may_not_be_bottomless() -> None:
    """Tests within tests end at a limit, not in a crash."""
    tree: dict[str, Any] = {"op": "literal", "value": True}
    for _ in range(300):
        tree = {"op": "not", "expr": tree}
    source = {"op": "function", "name": "dataset", "args": [{"op": "literal", "value": "x"}]}
    with pytest.raises(QueryError, match="nested too deeply"):
        read_query({"from": source, "filter": tree})


@pytest.mark.parametrize(
    "filter",
    [
        f"id IN [{', '.join(repr(str(one)) for one in range(20_000))}]",
        "(" * 3000 + "true" + ")" * 3000,
        "not " * 3000 + "true",
        "lower(" * 500 + "id" + ")" * 500 + " = 'a'",
    ],
    ids=["a long list", "brackets", "nots", "calls"],
)
def test_a_monstrous_query_is_refused(filter: str) -> None:
    """Too many words, or too deep: an error, at once, and no crash."""
    with pytest.raises(QueryError, match=r"words and signs|nested too deep"):
        read_query(f"{FROM} | filter: {filter}")
