"""Reading from a Braintrust API that is not our own: rows page by page into a mirror, and no more than needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from braintrust_server import BraintrustServer, Fault, braintrust_server
from bt_cli.errors import NetworkError, NotFoundError, StoreError
from bt_cli.query.filters import Condition
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import Store
from bt_cli.stores.braintrust import api
from storing import HERE, ids, read, rows

BTQL = "/btql"
LATER = "2026-01-02T00:00:00.000Z"
NOON = 1_767_268_800.0
"""Between the first trace and the later one: 2026-01-01 12:00."""


def given(row_id: str, trace: str, parent: str | None = None, **fields: Any) -> dict[str, Any]:
    """A row as a server gives it: with columns of its own, and null where nothing is set."""
    return {
        "id": row_id,
        "span_id": row_id,
        "root_span_id": trace,
        "span_parents": [parent] if parent else None,
        "created": "2026-01-01T00:00:00.000Z",
        "project_id": "id of here",
        "log_id": "g",
        "org_id": "org-1",
        "_xact_id": "1",
        "_pagination_key": "p1",
        "is_root": parent is None,
        "audit_data": [{"_xact_id": "1"}],
        "input": None,
        "tags": None,
        **fields,
    }


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BraintrustServer]:
    """A server with two traces of two spans, which gives three rows at a time."""
    monkeypatch.setattr(api, "FIRST_WAIT", 0.01)
    monkeypatch.setenv("BRAINTRUST_NUM_RETRIES", "2")
    with braintrust_server() as running:
        running.objects = {"/v1/project": ["here"]}
        running.page_rows = 3
        for row in (
            given("a", "a", input={"n": 1.5}, scores={"s": 0.2}),
            given("b", "a", "a", metadata={"model": "m"}),
            given("x", "x", scores={"s": 0.9}, created=LATER),
            given("y", "x", "x", error="broken", created=LATER),
        ):
            running.rows[row["id"]] = row
        yield running


@pytest.fixture
def store(server: BraintrustServer) -> Iterator[Store]:
    opened = open_store(server.url, "read")
    yield opened
    opened.close()


def test_all_pages_are_read(server: BraintrustServer, store: Store) -> None:
    """A short page is not the end; an empty one is."""
    assert ids(read(store)) == [["a", "b"], ["x", "y"]]
    assert [one.json["query"].get("cursor") for one in server.of(BTQL)] == [None, "3", "4"]


def test_rows_are_as_they_were_written(store: Store) -> None:
    """What the server added is put aside, its nulls are absent fields, payload is text."""
    first = rows(store)[0]
    assert (first.input, first.tags, first.extra, first.server, first.span_parents) == (
        '{"n": 1.5}',
        None,
        None,
        None,
        "[]",
    )
    assert first.created == "2026-01-01T00:00:00.000Z"


def test_reading_twice_fetches_once(server: BraintrustServer, store: Store) -> None:
    """What is mirrored is not asked for again."""
    rows(store)
    before = len(server.of(BTQL))
    rows(store)
    assert len(server.of(BTQL)) == before


@pytest.mark.parametrize(
    "fault",
    [
        Fault(BTQL, 503),
        Fault(BTQL),
        Fault(BTQL, 200, b'{"data":[{"id"'),
        Fault(BTQL, 429, headers={"Retry-After": "0"}),
    ],
    ids=["503", "cut", "half", "429"],
)
def test_a_page_that_fails_is_asked_for_again(server: BraintrustServer, store: Store, fault: Fault) -> None:
    """Reading goes on at the cursor, with nothing lost and nothing double."""
    fault.when = lambda body: b'"cursor":"3"' in body
    server.faults = [fault]
    assert ids(read(store)) == [["a", "b"], ["x", "y"]]
    assert [one.json["query"].get("cursor") for one in server.of(BTQL)] == [None, "3", "3", "4"]


def test_pages_that_keep_failing_are_an_error(server: BraintrustServer, store: Store) -> None:
    """Half of a project is not given out as the whole."""
    server.faults = [Fault(BTQL, 500, b"down", times=-1, when=lambda body: b'"cursor":"3"' in body)]
    with pytest.raises(NetworkError, match="down"):
        read(store)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Condition("scores", "<", 0.5, ("s",)), [["a", "b"]]),
        (Condition("metadata", "=", "m", ("model",)), [["a", "b"]]),
        (Condition("metadata", "is not null", None, ("model",)), [["a", "b"]]),
        (Condition("created", "<", NOON), [["a", "b"]]),
        (Condition("trace", "=", "b"), [["a", "b"]]),
    ],
    ids=["score", "model", "present", "time", "id"],
)
def test_a_filter_goes_to_the_server(
    server: BraintrustServer, store: Store, condition: Condition, found: list[list[str]]
) -> None:
    """Only the matching spans are asked for, then their whole traces."""
    assert ids(read(store, condition)) == found
    filters = [one.json["query"].get("filter") for one in server.of(BTQL)]
    assert None not in filters
    assert {
        "op": "in",
        "left": {"op": "ident", "name": ["root_span_id"]},
        "right": {"op": "literal", "value": ["a"]},
    } in filters


def test_errors_are_asked_for(server: BraintrustServer, store: Store) -> None:
    """Spans with an error bring their traces, and nothing else is fetched."""
    assert ids(read(store, Condition("error", "is not null"))) == [["x", "y"]]
    assert None not in [one.json["query"].get("filter") for one in server.of(BTQL)]


def test_a_time_is_asked_for_of_the_root_and_a_test_of_any_span(server: BraintrustServer, store: Store) -> None:
    """A trace is wanted whose root is old and of which another span, a new one, passes the test."""
    server.rows["b"]["created"] = LATER
    conditions = (Condition("created", "<", NOON), Condition("model", "=", "m"))
    assert ids(read(store, *conditions)) == [["a", "b"]]


def test_a_part_of_an_id_is_looked_for_in_all_rows(server: BraintrustServer, store: Store) -> None:
    """Servers compare ids whole."""
    server.rows["whole"] = given("whole-id", "whole-id")
    assert ids(read(store, Condition("trace", "=", "whole"))) == [["whole-id"]]


def test_a_filter_that_no_server_knows_is_applied_here(store: Store) -> None:
    """What can't be said in a query is looked for in all rows."""
    assert ids(read(store, Condition("id", "glob", "y*"))) == [["x", "y"]]


@pytest.mark.parametrize("wanted", ["y", "x"])
def test_a_trace_is_found_by_id(store: Store, wanted: str) -> None:
    """An exact id is asked for without the rest of the project."""
    assert [found.trace for found in store.find(wanted, "trace", HERE)] == ["x"]


def test_holding_traces_are_fetched_by_their_rows(server: BraintrustServer, store: Store) -> None:
    """Scoring reads the traces it has written, and only those."""
    assert ids(list(store.read_holding(HERE, ["b", "unknown"]))) == [["a", "b"]]
    assert list(store.read_holding(Container("nobody"), ["b"])) == []


def test_what_has_come_since_is_fetched_from_where_it_ended(server: BraintrustServer, store: Store) -> None:
    """Following asks at the last cursor."""
    position = store.arrivals(HERE, read_everything(), None).position
    server.rows["n"] = given("n", "n")
    assert ids(store.arrivals(HERE, read_everything(), position).traces) == [["n"]]


def read_everything() -> Any:
    from bt_cli.query.filters import EVERYTHING

    return EVERYTHING


def test_sql_is_asked_of_the_mirror(store: Store) -> None:
    """Queries see what the server has."""
    answer = store.query("select count(*) from spans", HERE, lambda: 0)
    assert list(answer) == [(4,)]
    answer.close()


def test_a_container_that_is_not_there(store: Store) -> None:
    """An unknown project is an error, as with any store."""
    with pytest.raises(NotFoundError, match="nobody"):
        read(store, container=Container("nobody"))


def test_containers_are_listed_without_counts(server: BraintrustServer, store: Store) -> None:
    """The API lists names; how much is in them would take a query each."""
    server.objects["/v1/experiment"] = ["e"]
    assert [(info.container, info.traces) for info in store.containers()] == [
        (HERE, None),
        (Container("here", "e"), None),
    ]


def test_deleting_asks_the_server(server: BraintrustServer, store: Store) -> None:
    """A project goes by its id, and its experiments with it."""
    server.objects["/v1/experiment"] = ["e"]
    store.delete(HERE)
    store.delete(Container("here", "e"))
    assert [one.path for one in server.asked if one.method == "DELETE"] == ["/v1/project/id%20of%20here"]


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "odd", "span_id": ["a"]},
        {"id": "odd", "children": [{"id": "below"}]},
        {"id": "odd", "root_span_id": {}, "input": 1},
    ],
)
def test_rows_that_cannot_be_read_are_kept_whole(server: BraintrustServer, store: Store, odd: dict[str, Any]) -> None:
    """Under the metadata of a row of their id: nothing of a server is lost without a word."""
    server.rows["odd"] = {**odd, "project_id": "id of here", "log_id": "g"}
    (found,) = [one for one in rows(store) if one.id == "odd"]
    kept = json.loads(found.metadata or "")["_bt"]["invalid"]["row"]
    assert {name: kept[name] for name in odd} == odd


def test_answer_that_is_too_long_is_not_asked_for_again(
    server: BraintrustServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be as long each time."""
    server.rows["long"] = given("long", "long", input="x" * 100_000)
    server.page_rows = 100
    client: Any = store._deployment.api.http  # type: ignore[attr-defined]  # the seam to the network
    monkeypatch.setattr(client, "_most_bytes", 50_000)
    with pytest.raises(StoreError, match="an answer of more than"):
        read(store)
    assert len(server.of(BTQL)) == 1
