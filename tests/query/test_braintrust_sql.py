"""Braintrust's SQL as a query over our views: where rows come from, paths into JSON, times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from bt_cli.errors import QueryError
from bt_cli.query.braintrust_sql import is_braintrust_sql, translated
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import Store, Submission
from builders import row

NOW = datetime.now(UTC)
SPANS: dict[str, dict[str, Any]] = {
    "a": {
        "input": {"messages": [{"role": "user"}, {"role": "tool", "a b": {"c": {"d": {"e": 5}}}}]},
        "metadata": {"model": "gpt-4o", "user": {"id": 7}},
        "scores": {"Factuality": 0.25},
        "metrics": {"tokens": 30},
        "tags": ["new", "odd"],
        "span_attributes": {"type": "llm"},
    },
    "b": {"input": "only text", "metadata": {"model": "gpt-4o-mini"}, "scores": {"Factuality": 1}},
}
CREATED = {"a": NOW - timedelta(days=3), "b": NOW - timedelta(hours=1)}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """Two spans in the logs of p, one of three days ago; one in experiment e of p."""
    with closing(open_store(":memory:", "write")) as one:
        for container, names in ((Container("p"), "ab"), (Container("p", "e"), "b")):
            with closing(one.writing(container)) as writing:
                for name in names:
                    fields = {key: orjson.dumps(value).decode() for key, value in SPANS[name].items()}
                    made = row(name, trace=name, **fields)
                    made.created = CREATED[name].isoformat()
                    writing.add(Submission([made], name.encode() * 16))
                writing.commit()
        yield one


def resolve(kind: str, name: str) -> Container:
    return Container(name) if kind == "project_logs" else Container("p", name)


def ask(store: Store, statement: str) -> list[tuple[Any, ...]]:
    with closing(store.query(translated(statement, resolve), None, lambda: 0)) as answer:
        return list(answer)


def mistake(statement: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        translated(statement, resolve)
    return caught.value


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("project_logs('p')", ["a", "b"]),
        ("PROJECT_LOGS ( 'p' ) AS x", ["a", "b"]),
        ("experiment('e')", ["b"]),
        ("project_logs('q')", []),
        ("project_logs('p', shape => 'spans')", ["a", "b"]),
        ("project_logs('p', 'q')", ["a", "b"]),
        ("(select * from experiment('e'))", ["b"]),
        ("experiment('it''s')", []),
    ],
)
def test_source(source: str, found: list[str], store: Store) -> None:
    """The spans come from the containers that the calls name, and from no others."""
    assert [name for (name,) in ask(store, f"select id from {source} order by id")] == found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.model", "gpt-4o"),
        ("metadata.user.id", 7),
        ("x.metadata.user.id", 7),
        ("scores.Factuality", 0.25),
        ("metrics.tokens", 30),
        ("tokens", 30),
        ("span_attributes.type", "llm"),
        ("tags[1]", "odd"),
        ("input.messages[0].role", "user"),
        ("input.messages[1]['a b'].c.d.e", 5),
        ("metadata.nothing", None),
        ("metadata ->> 'model'", "gpt-4o"),
        ("x.id", "a"),
        ("is_root", 1),
    ],
)
def test_path(path: str, value: object, store: Store) -> None:
    """A path leads into the JSON of a column, however deep; SQLite's own operators work beside it."""
    assert ask(store, f"select {path} from project_logs('p') as x where x.id = 'a'") == [(value,)]


def test_path_into_plain_text(store: Store) -> None:
    """Where a field is no JSON there is nothing at a path, and the query goes on."""
    assert ask(store, "select id from project_logs('p') where input.messages is null") == [("b",)]


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("tags includes 'odd'", ["a"]),
        ("tags NOT INCLUDES 'odd'", []),
        ("tags contains 'nothing'", []),
        ("contains(tags, 'new')", ["a"]),
        ("tags in ('x', 'odd')", ["a"]),
        ("tags not in ('x', 'odd')", []),
        ("metadata includes 'user'", ["a"]),
        ("input includes 'text'", []),
        ("input.messages includes 'user'", []),
        ("metadata.model like 'gpt-4o%'", ["a", "b"]),
        ("metadata.model like 'GPT%'", []),
        ("metadata.model ilike 'GPT%MINI'", ["b"]),
        ("metadata.model not ilike '%MINI'", ["a"]),
        ("input match 'TEXT only'", ["b"]),
        ("input match 'tex'", []),
        ("input not match 'text'", ["a"]),
        ("len(tags) = 2", ["a"]),
        ("len(input) = 9", ["b"]),
        ("scores.Factuality between 0.2 and 0.3", ["a"]),
        ("metadata.model in ('gpt-4o')", ["a"]),
        ("greatest(1, 2) = 2 and least(3, 4) = 3 and id = 'a'", ["a"]),
    ],
)
def test_braintrusts_tests(test: str, found: list[str], store: Store) -> None:
    """Its operators mean here what they mean there; NULL passes neither a test nor its opposite."""
    assert [name for (name,) in ask(store, f"select id from project_logs('p') where {test} order by 1")] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("count_distinct(metadata.model)", 2),
        ("percentile(scores.Factuality, 0.5)", 0.625),
        ("any_value(id)", "b"),
        ("sum(estimated_cost())", None),
        ("count(*) filter (where tags is null)", 1),
    ],
)
def test_braintrusts_aggregates(asked: str, found: object, store: Store) -> None:
    """What SQLite has no function for is worked out all the same."""
    assert ask(store, f"select {asked} from project_logs('p')") == [(found,)]


def test_whole_traces_of_spans_that_match() -> None:
    """With shape traces a condition on one span brings its trace, of each container only its own."""
    with closing(open_store(":memory:", "write")) as one:
        for container in (Container("p"), Container("p", "e")):
            with closing(one.writing(container)) as writing:
                writing.add(Submission([row("r", trace="r"), row("c", "r", trace="r", error='"x"')], b"1" * 16))
                writing.add(Submission([row("s", trace="s")], b"2" * 16))
                writing.commit()
        source = "project_logs('p', shape => 'traces')"
        assert ask(one, f"select id from {source} where error is not null order by 1") == [("c",), ("r",)]
        assert ask(one, f"select count(*) from {source} as x where x.error is not null") == [(2,)]
        assert ask(one, f"select count(*) from {source}") == [(3,)]
        assert ask(one, "select count(*) from experiment('e', shape => 'traces') where error = 'x'") == [(2,)]


def test_traces_as_rows(store: Store) -> None:
    """With shape summary there is one row a trace."""
    query = "select id, spans, duration from project_logs('p', shape => 'summary') order by id"
    assert ask(store, query) == [("a", 1, None), ("b", 1, None)]


def test_a_plan_is_explained(store: Store) -> None:
    """EXPLAIN stays before what follows it."""
    assert ask(store, "explain query plan select id from project_logs('p')")


def test_paths_everywhere_in_a_query(store: Store) -> None:
    """Paths may stand in conditions, groups and orders."""
    query = "select count(*) from project_logs('p') where scores.Factuality < 2 group by metadata.model having max(scores.Factuality) > 0.5 order by metadata.model"
    assert ask(store, query) == [(1,)]


def test_a_paths_column_is_called_as_it_is_written(store: Store) -> None:
    """The columns of an answer have the names that SQLite would give them: an alias, or else the text."""
    query = """select metadata.user.id, tags[0], x.id, "name", count( * ), max(scores.Factuality) as best,
        now() - interval 7 day > created from project_logs('p') as x"""
    with closing(store.query(translated(query, resolve), None, lambda: 0)) as answer:
        assert list(answer.columns) == [
            "metadata.user.id",
            "tags[0]",
            "id",
            "name",
            "count( * )",
            "best",
            "now() - interval 7 day > created",
        ]


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("now() - interval 1 day", ["b"]),
        ("now() - interval '7 days'", ["a", "b"]),
        ("now() - interval 1 week", ["a", "b"]),
        ("current_timestamp - interval 2 hour", ["b"]),
        ("now() - interval 1 week + interval 5 day", ["b"]),
        ("now()", []),
        ("date_trunc('day', now()) - interval 9 day", ["a", "b"]),
        ("current_timestamp() - interval 2 hours", ["b"]),
        ("year(now()) + interval 1 year", []),
        ("interval 1 day + now()", []),
    ],
)
def test_times(since: str, found: list[str], store: Store) -> None:
    """now() and intervals compare with the text of created."""
    assert [
        name for (name,) in ask(store, f"select id from project_logs('p') where created > {since} order by id")
    ] == found


@pytest.mark.parametrize(
    ("statement", "words", "place"),
    [
        ("select 1 from nope('d'), dataset('d')", "nope()", 14),
        ("select 1 from nothing('d') union select 1 from project_logs('p')", "nothing()", 14),
        ("select 1 from project_logs('p', shape => 'rows')", "shape => 'rows'", 14),
        ("select 1 from project_logs('p', shape => 'traces') join spans", "can't be joined", 32),
        ("select any_span(error) from project_logs('p')", "any_span()", 7),
        ("select 1 from project_logs('p') where search('x')", "search()", 38),
        ("select 1 from project_logs('p') tablesample 10", "TABLESAMPLE", None),
        ("select tokens > 5 ? 1 : 0 from project_logs('p')", "no ? here", 18),
        ("select: * | from: project_logs('p')", "BTQL", None),
        ("select 1 from project_logs('p') where now() - interval 1 fortnight < 1", "interval", 46),
        ("select 1 from project_logs('p') where id like 'a' escape 'b'", "ESCAPE", 50),
        ("select 1 from project_logs(p)", "takes names", None),
        ("select 1 from experiment()", "needs a name", None),
        ("select 1 from project_logs('p') where (", "", 38),
        ("select 1 from project_logs('p", "within a text", None),
        ("select 1 from project_logs('p'); select 2", "one query", None),
        ("-- project_logs(", "empty", None),
    ],
)
def test_mistake(statement: str, words: str, place: int | None) -> None:
    """What can't be understood is told, with its place where that is known."""
    error = mistake(statement)
    assert words in error.message and error.exit_code == 2
    assert place is None or error.byte == place


def test_writing_is_refused() -> None:
    """In this dialect too a query only reads."""
    error = mistake("delete from project_logs('p')")
    assert (error.code, error.message) == ("read_only", "a query only reads: DELETE was refused")
    assert error.hint and error.hint.startswith("bt sql reads")


@pytest.mark.parametrize("statement", ["select 1", "select experiment from spans", "select 'x' as project_logs"])
def test_other_queries_are_not_parsed(statement: str) -> None:
    """Without a call there is nothing to translate."""
    assert not is_braintrust_sql(statement)
