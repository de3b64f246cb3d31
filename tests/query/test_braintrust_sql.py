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


def test_paths_everywhere_in_a_query(store: Store) -> None:
    """Paths may stand in conditions, groups and orders."""
    query = "select count(*) from project_logs('p') where scores.Factuality < 2 group by metadata.model having max(scores.Factuality) > 0.5 order by metadata.model"
    assert ask(store, query) == [(1,)]


def test_a_paths_column_is_called_as_it_is_written(store: Store) -> None:
    """The columns of an answer have the names of their paths."""
    query = translated("select metadata.user.id, tags[0], id from project_logs('p')", resolve)
    with closing(store.query(query, None, lambda: 0)) as answer:
        assert list(answer.columns) == ["metadata.user.id", "tags.0", "id"]


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("now() - interval 1 day", ["b"]),
        ("now() - interval '7 days'", ["a", "b"]),
        ("now() - interval 1 week", ["a", "b"]),
        ("current_timestamp - interval 2 hour", ["b"]),
        ("now() - interval 1 week + interval 5 day", ["b"]),
        ("now()", []),
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
        ("select 1 from dataset('d')", "dataset()", 14),
        ("select 1 from nothing('d') union select 1 from project_logs('p')", "nothing()", 14),
        ("select 1 from project_logs('p', shape => 'traces')", "shape => 'traces'", None),
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
    assert mistake("delete from project_logs('p')").code == "read_only"


@pytest.mark.parametrize("statement", ["select 1", "select experiment from spans", "select 'x' as project_logs"])
def test_other_queries_are_not_parsed(statement: str) -> None:
    """Without a call there is nothing to translate."""
    assert not is_braintrust_sql(statement)
