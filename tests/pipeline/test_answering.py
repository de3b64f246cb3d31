"""Queries over Braintrust's API answered by a real store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking import DATA, LOGS, RUN, STARTED, asked, filled, ids, pages, span, values
from bt_cli.errors import Interrupted, NotFoundError, QueryError, UsageError
from bt_cli.pipeline.answering import answer, answer_whole, place_before
from bt_cli.query.btql import read_query
from bt_cli.server.row_out import row_json
from bt_cli.spans.container import Container, container_id
from bt_cli.spans.row import Row
from bt_cli.stores.base import Submission
from bt_cli.stores.sqlite.serving import ServingSqliteStore

RECORDED = json.loads((Path(__file__).parents[1] / "query" / "recorded_queries.json").read_text())
FROM = "from: project_logs('demo')"
NEWEST = [f"t{trace}s{number}" for trace in range(4, -1, -1) for number in range(2, -1, -1)]
"""All rows of the logs, in the order that queries have."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingSqliteStore]:
    """Five traces of three spans in logs and in an experiment, five rows in a dataset."""
    store = filled(str(tmp_path_factory.mktemp("answers") / "spans.db"))
    yield store
    store.close()


@pytest.mark.parametrize("recorded", RECORDED, ids=[f"{place}-{one['client']}" for place, one in enumerate(RECORDED)])
def test_recorded_queries_are_answered(store: ServingSqliteStore, recorded: dict[str, Any]) -> None:
    """What an official client asks, with the ids of our containers, has an answer; each row is an object."""
    if recorded["client"] == "bt20_sql_err":
        pytest.skip("refused by the server it was recorded with, too")
    written = json.dumps(recorded["query"])
    for question in {read_query(json.loads(written))}:
        kind = {"project_logs": LOGS, "experiment": RUN, "dataset": DATA}.get(question.kind)
        for name in question.names:
            written = written.replace(name, container_id(kind) if kind else name)
    query = json.loads(written.replace("'c1bd24a8-6c16-478b-9107-aed9cc83aa7a'", "'demo'"))
    assert all(isinstance(row, dict) for row in values(store, query))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"{FROM} | select: id", NEWEST),
        (f"{FROM} | select: id | sort: _pagination_key asc", NEWEST[::-1]),
        (f"{FROM} | select: id | sort: created | limit: 2", ["t0s0", "t0s1"]),
        (f"{FROM} | filter: id = 't1s1'", ["t1s1"]),
        (f"{FROM} | filter: root_span_id IN ['t0s0', 't2s0']", [*NEWEST[6:9], *NEWEST[12:]]),
        (f"{FROM} | filter: metadata.n > 3 and not is_root", ["t4s2", "t4s1"]),
        (f"{FROM} | filter: tags INCLUDES 'odd' and is_root", ["t3s0", "t1s0"]),
        (f"{FROM} | filter: input MATCH 'QUESTION 2' and is_root", ["t2s0"]),
        (f"{FROM} | filter: metadata MATCH 'gpt' and span_attributes.name like 'n_' and id = 't0s0'", ["t0s0"]),
        (f"{FROM} | filter: span_attributes includes 'type' and id = 't0s0'", ["t0s0"]),
        (f"{FROM} | filter: created >= NOW() - INTERVAL 100000 DAY | limit: 1", ["t4s2"]),
        (f"{FROM} | filter: created < NOW() - INTERVAL 100000 DAY", []),
        (f"{FROM} | filter: _pagination_key > 'p00000000021474836480'", ["t4s2", "t4s1"]),
        (f"{FROM} | filter: _xact_id < '1'", []),
        (f"{FROM} | filter: false", []),
        (f"{FROM} | filter: scores.q IS NOT NULL | limit: 0", []),
        ("from: project_logs('demo') traces | filter: scores.q = 0.3", ["t3s2", "t3s1", "t3s0"]),
        ("from: dataset('data') | filter: expected >= 6", ["d4", "d3"]),
        ("from: dataset('data') summary | limit: 1", ["d4"]),
        ("SELECT id FROM project_logs('demo') WHERE lower(metadata.model) = 'gpt' LIMIT 2", NEWEST[:2]),
        ("SELECT * FROM project_logs('demo') t WHERE t.id = 't0s0'", ["t0s0"]),
        ("SELECT id FROM project_logs('demo') ORDER BY metrics.\"end\" DESC LIMIT 2", ["t4s2", "t3s2"]),
        ("SELECT id FROM project_logs('demo') LIMIT 2 OFFSET 3", NEWEST[3:5]),
        ("SELECT id FROM project_logs('demo', shape => 'traces') WHERE abs(scores.q) >= 0.4", NEWEST[:3]),
        ("SELECT id, tokens FROM project_logs('demo') LIMIT 1", ["t4s2"]),
        ("SELECT id FROM project_logs('demo') WHERE tags = 'odd' AND is_root ORDER BY id, span_id", ["t1s0", "t3s0"]),
        ("SELECT id FROM project_logs('demo') WHERE tags != 'odd' AND is_root ORDER BY 1", ["t0s0", "t2s0", "t4s0"]),
        (f"{FROM} | filter: tags includes ['odd', 'even'] or 1 = 2 | sort: id", []),
        (f"{FROM} | filter: _xact_id < 5 or lower(id) = 't0s0'", ["t0s0"]),
        ("SELECT id FROM dataset('data') WHERE length(input) > 5", []),
    ],
)
def test_rows(store: ServingSqliteStore, query: str, found: list[str]) -> None:
    """A query finds these rows, in this order."""
    assert ids(store, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT count(*) AS n FROM project_logs('demo')", [{"n": 15}]),
        ("SELECT count(*) AS n FROM experiment('run')", [{"n": 15}]),
        ("SELECT count(*) AS n FROM dataset('data')", [{"n": 5}]),
        (f"{FROM} | measures: count(1), max(scores.q) as best", [{"count(1)": 15, "best": 0.4}]),
        (
            f"{FROM} | dimensions: span_attributes.type as t | measures: count(1) as n | filter: metadata.n < 2 | sort: t",
            [{"t": "llm", "n": 2}, {"t": "task", "n": 2}, {"t": "tool", "n": 2}],
        ),
        ("SELECT DISTINCT tags FROM project_logs('demo') ORDER BY 1", [{"tags": ["even"]}, {"tags": ["odd"]}]),
        ("SELECT count(*) n FROM project_logs('demo', shape => 'summary')", [{"n": 5}]),
        ("SELECT 1 AS n, 2 AS n, 3 AS n_1, 4 AS n", [{"n": 1, "n_2": 2, "n_1": 3, "n_3": 4}]),
        ("SELECT 1 AS one, NULL AS none, 'x' AS text", [{"one": 1, "none": None, "text": "x"}]),
    ],
)
def test_values(store: ServingSqliteStore, query: str, found: list[dict[str, Any]]) -> None:
    """Sums and groups, in clauses or in SQL."""
    assert values(store, query) == found


def test_columns_are_named_and_reached_by_their_paths(store: ServingSqliteStore) -> None:
    """A path is a column of that name, or of its alias; what is not there is null."""
    query = f"{FROM} | select: id, metadata.n, metadata.model as m, tags[0] as first, metadata.x.y | limit: 1"
    assert values(store, query) == [{"id": "t4s2", "metadata.n": 4, "m": "gpt", "first": "even", "metadata.x.y": None}]


def test_the_schema_has_the_types(store: ServingSqliteStore) -> None:
    """Each column has the type of its values; null only where there are none."""
    page = asked(store, f"{FROM} | select: id, metadata, metadata.n, scores, error, tags, is_root | limit: 3")
    assert {name: one["type"] for name, one in page.properties.items()} == {
        "id": "string",
        "metadata": "object",
        "metadata.n": "number",
        "scores": "object",
        "error": "null",
        "tags": "array",
        "is_root": "boolean",
    }


def test_a_summary_sums_up_a_trace(store: ServingSqliteStore) -> None:
    """One row a trace: the root's fields, with the trace's scores and metrics."""
    first, *_ = found = values(
        store, "from: project_logs('demo') summary | filter: metadata.n >= 3 | preview_length: 4"
    )
    assert [row["id"] for row in found] == ["t4s0", "t3s0"]
    assert first["scores"] == {"q": 0.4}
    assert first["metrics"]["total_tokens"] == 7
    assert (first["metrics"]["llm_calls"], first["metrics"]["tool_calls"]) == (1, 1)
    assert first["span_type_info"]["name"] == "n0"
    assert first["input"] == '{"q"'


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 16), st.sampled_from(["spans", "traces"]), st.booleans())
def test_pages_of_any_size_make_the_whole(limit: int, shape: str, ascending: bool) -> None:
    """Following the cursors gives each row once, in order, whatever the size of a page."""
    with_store = _shared()
    query = f"select: id | from: project_logs('demo') {shape} | sort: _pagination_key {'asc' if ascending else 'desc'}"
    found = list(pages(with_store, query, limit))
    assert [id for page in found for id in page] == (NEWEST[::-1] if ascending else NEWEST)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 6))
def test_pages_of_summaries_make_the_whole(limit: int) -> None:
    """Each trace is summed up once, whatever the size of a page."""
    found = pages(_shared(), "from: project_logs('demo') summary", limit)
    assert [id for page in found for id in page] == [f"t{trace}s0" for trace in range(4, -1, -1)]


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 6), st.sampled_from(["spans", "traces"]))
def test_pages_found_by_sql_make_the_whole(limit: int, shape: str) -> None:
    """Tests that only a database tells page like others."""
    found = pages(
        _shared(), f"select: id | from: project_logs('demo') {shape} | filter: lower(metadata.model) = 'gpt'", limit
    )
    assert [id for page in found for id in page] == NEWEST


_STORES: list[ServingSqliteStore] = []


def _shared() -> ServingSqliteStore:
    """A store in memory for tests that run often."""
    if not _STORES:
        _STORES.append(filled(":memory:"))
    return _STORES[0]


def test_large_rows_end_a_page_early(tmp_path: Path) -> None:
    """A page is cut where it grows too large, and its cursor goes on behind it."""
    store = ServingSqliteStore(str(tmp_path / "large.db"))
    large = json.dumps("x" * (9 << 20))
    rows = [Row(f"l{one}", f"l{one}", f"l{one}", "[]", input=large) for one in range(3)]
    store.apply([(LOGS, [Submission([row], None) for row in rows])])
    assert [len(page) for page in pages(store, "from: project_logs('demo')", 100)] == [2, 1]
    store.close()


def test_an_unknown_container_is_told(store: ServingSqliteStore) -> None:
    """Neither a name nor an id: the text is Braintrust's."""
    with pytest.raises(NotFoundError, match="Missing read access to experiment id nope"):
        asked(store, "from: experiment('nope')")


def test_a_name_in_two_projects_is_ambiguous(tmp_path: Path) -> None:
    """An experiment's name is not enough where two projects have it; its id is."""
    store = filled(str(tmp_path / "two.db"), 1)
    other = Container("other", "run")
    store.apply([(other, [Submission([span(0, 0)], None)])])
    with pytest.raises(UsageError, match="there are 2 with the name 'run'"):
        asked(store, "from: experiment('run')")
    assert ids(store, f"from: experiment('{container_id(other)}')") == ["t0s0"]
    both = f"from: experiment('{container_id(other)}', '{container_id(RUN)}') | filter: is_root"
    assert len(ids(store, both)) == 2
    store.close()


@pytest.mark.parametrize("source", ["project_functions('x')", "project_prompts('x')"])
def test_what_a_store_has_none_of_is_empty(store: ServingSqliteStore, source: str) -> None:
    """Functions and prompts are asked for by clients; there are none."""
    assert asked(store, f"SELECT * FROM {source} WHERE coalesce(a.b, '') != 'x'").rows == []


def test_too_many_values_are_refused(store: ServingSqliteStore) -> None:
    """An answer that has no pages is not cut in silence."""
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 10001) SELECT x FROM c"
    with pytest.raises(QueryError, match="more than 10,000 rows"):
        asked(store, many)


def test_whole_answers_follow_the_pages(store: ServingSqliteStore) -> None:
    """All rows up to the limit, or a refusal where they are too many bytes."""
    question = read_query(f"{FROM} | select: id | limit: 7")
    rows = answer_whole(store, question, row_json, lambda: 0, 1 << 20)
    assert [json.loads(row)["id"] for row in rows] == NEWEST[:7]
    with pytest.raises(QueryError, match="larger than"):
        answer_whole(store, question, row_json, lambda: 0, 10)


@pytest.mark.parametrize(
    "query",
    [f"{FROM} | filter: input match 'nothing'", "SELECT count(*) FROM project_logs('demo'), project_logs('demo')"],
)
def test_a_query_ends_when_nobody_waits(tmp_path: Path, query: str) -> None:
    """A store that is told to stop stops, in a search of rows and in SQL."""
    store = filled(str(tmp_path / "stopped.db"), 100)
    with pytest.raises(Interrupted):
        answer(store, read_query(query), row_json, lambda: 15)
    store.close()


def test_the_place_before_a_trace(store: ServingSqliteStore) -> None:
    """Older rows lie behind the first place of a trace; an unknown trace is told."""
    place = place_before(store, "project_logs", "demo", "t3s0")
    assert ids(store, f"{FROM} | filter: _pagination_key < 'p{place:020d}' | limit: 1") == ["t2s2"]
    with pytest.raises(NotFoundError):
        place_before(store, "project_logs", "demo", "nope")


def test_rows_have_times(store: ServingSqliteStore) -> None:
    """``created`` is written to the millisecond."""
    assert STARTED == 1_767_600_000.0
    assert values(store, f"{FROM} | select: created | filter: id = 't0s0'") == [{"created": "2026-01-05T08:00:00.000Z"}]
