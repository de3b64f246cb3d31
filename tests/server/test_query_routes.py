"""``/btql``, ``/btql/async`` and ``fetch``: what a client of Braintrust's API gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from httpx import Client, Response

from asking import DATA, LOGS, filled
from bt_cli.server.waiting import Patience
from bt_cli.spans.container import container_id
from in_process import client_of
from running import PATIENCE

FOREVER = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client of a server over five traces of three spans, and five rows of a dataset."""
    filled(str(tmp_path / "spans.db")).close()
    with client_of(tmp_path / "spans.db") as client:
        yield client


def ask(client: Client, query: object, **more: object) -> Response:
    """The answer to a query."""
    return client.post("/btql", json={"query": query, "query_source": "a_test", "brainstore_realtime": True, **more})


def test_an_answer_has_rows_schema_and_cursor(client: Client) -> None:
    """The envelope has all that clients need; the cursor stands in it and in a header."""
    answer = ask(client, "select: id, metadata.n | from: project_logs('demo') | limit: 2")
    body = answer.json()
    assert body["data"] == [{"id": "t4s2", "metadata.n": 4}, {"id": "t4s1", "metadata.n": 4}]
    assert body["schema"]["items"]["properties"] == {"id": {"type": "string"}, "metadata.n": {"type": "number"}}
    assert body["cursor"] == answer.headers["x-bt-cursor"]
    assert body["realtime_state"]["type"] == "on"
    assert body["freshness_state"]["last_processed_xact_id"].isdecimal()


def test_the_page_after_the_last_is_empty_and_has_no_cursor(client: Client) -> None:
    """Clients stop there."""
    query = "select: id | from: project_logs('demo') | sort: _pagination_key asc"
    cursor = ask(client, query).json()["cursor"]
    answer = ask(client, f'{query} | cursor: "{cursor}"')
    assert answer.json()["data"] == []
    assert "cursor" not in answer.json() and "x-bt-cursor" not in answer.headers


def test_lines(client: Client) -> None:
    """``jsonl`` is a row a line, no line for no row, and the cursor in the header only."""
    answer = ask(client, "select: id | from: project_logs('demo') | limit: 2", fmt="jsonl")
    assert answer.text == '{"id":"t4s2"}\n{"id":"t4s1"}\n'
    assert answer.headers["x-bt-cursor"]
    assert ask(client, "from: project_logs('demo') | filter: false", fmt="jsonl").content == b""


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"query": "from: project_logs('nope')"}, 403, "Missing read access to project_logs id nope"),
        ({"query": "from: project_logs('demo') | filter: id = "}, 400, "syntax error (line 3, column 10)"),
        ({"query": "from: project_logs('demo') | filter: foo = 1"}, 400, "no such column: foo"),
        ({"query": 3}, 400, "query must be text or an object"),
        ({"query": "from: project_logs('demo')", "fmt": "parquet"}, 400, "there is no fmt 'parquet' here"),
        ({"query": FOREVER, "query_timeout_seconds": 0.05}, 408, "took longer than 0.05 s"),
    ],
)
def test_a_refusal_has_braintrusts_shape(client: Client, body: dict[str, Any], status: int, why: str) -> None:
    """Clients show ``Message``, which says what is wrong."""
    answer = client.post("/btql", json=body)
    assert answer.status_code == status
    assert why in answer.json()["Message"]


def test_a_mistake_is_shown_at_its_place(client: Client) -> None:
    """The line that can't be read, with a caret below."""
    told = ask(client, "from: project_logs('demo') | filter: tokens = 'x'").json()["Message"].splitlines()
    assert told[1:] == ["WHERE tokens = 'x'", "      ^"]


def done(client: Client, id: str) -> dict[str, Any]:
    """The last status of a query that runs for itself; each request lets it go on."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        status: dict[str, Any] = client.get(f"/btql/async/{id}").json()
        if status["status"] not in ("queued", "running"):
            return status
    raise AssertionError(status)


def test_a_query_that_nobody_waits_for(client: Client) -> None:
    """Begun, looked after, and its result fetched by pages."""
    query = "SELECT id FROM project_logs('demo') LIMIT 3"
    begun = client.post("/btql/async", json={"query": query, "format": "jsonl"}).json()
    assert done(client, begun["id"])["status"] == "succeeded"
    first = client.get(f"/btql/async/{begun['id']}/result?limit=2").json()
    rest = client.get(f"/btql/async/{begun['id']}/result?cursor={first['cursor']}").json()
    assert [row["id"] for row in first["rows"] + rest["rows"]] == ["t4s2", "t4s1", "t4s0"]
    assert (rest["status"], rest["cursor"], rest["error"]) == ("succeeded", None, None)


def test_a_failed_query_says_why(client: Client) -> None:
    """A mistake shows when the result is asked for; unknown ids and odd pages are refused."""
    begun = client.post("/btql/async", json={"query": "SELEC nope"}).json()
    assert done(client, begun["id"])["status"] == "failed"
    assert "SELEC" in client.get(f"/btql/async/{begun['id']}/result").json()["error"]
    assert client.get("/btql/async/nope").status_code == 404
    assert client.get(f"/btql/async/{begun['id']}/result?limit=x").status_code == 400
    assert client.get(f"/btql/async/{begun['id']}/result?limit=-1").status_code == 400


def test_results_are_not_kept_for_ever(client: Client) -> None:
    """The oldest results give way."""
    first = client.post("/btql/async", json={"query": "SELECT 1 AS one"}).json()["id"]
    for _ in range(40):
        done(client, client.post("/btql/async", json={"query": "SELECT 1 AS one"}).json()["id"])
    assert client.get(f"/btql/async/{first}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_fetch_pages_until_there_is_nothing(client: Client, method: str) -> None:
    """``fetch`` gives every row once, newest first, with cursors; then no row and null."""
    address, ids, asked = f"/v1/project_logs/{container_id(LOGS)}/fetch", [], {"limit": "7"}
    while True:
        more = {"params": asked} if method == "GET" else {"json": {**asked, "limit": 7}}
        answer = client.request(method, address, **more)  # type: ignore[arg-type]
        page = answer.json()
        ids += [row["id"] for row in page["events"]]
        if not page["events"]:
            assert page["cursor"] is None
            break
        assert answer.headers["x-bt-cursor"] == page["cursor"]
        asked["cursor"] = page["cursor"]
    assert ids == [f"t{trace}s{number}" for trace in range(4, -1, -1) for number in range(2, -1, -1)]


def test_fetch_of_a_dataset_has_its_columns(client: Client) -> None:
    """The rows of a dataset have the columns of datasets; ``version`` changes nothing."""
    page = client.post(f"/v1/dataset/{container_id(DATA)}/fetch", json={"limit": 1, "version": "100"}).json()
    (row,) = page["events"]
    assert (row["id"], row["expected"], row["dataset_id"], row["is_root"]) == ("d4", 8, container_id(DATA), True)


def test_fetch_goes_on_behind_a_trace(client: Client) -> None:
    """The old way of paging names the transaction and the trace of the last row."""
    asked = {"max_xact_id": "1", "max_root_span_id": "t3s0", "limit": 1}
    page = client.post(f"/v1/project_logs/{container_id(LOGS)}/fetch", json=asked).json()
    assert [row["id"] for row in page["events"]] == ["t2s2"]


def test_fetch_looks_up_paths(client: Client) -> None:
    """The old filters choose rows by what lies at a path; others are refused."""
    address = f"/v1/project_logs/{container_id(LOGS)}/fetch"
    lookup = {"type": "path_lookup", "path": ["span_attributes", "type"], "value": "llm"}
    assert [row["id"] for row in client.post(address, json={"filters": [lookup], "limit": 1}).json()["events"]] == [
        "t4s1"
    ]
    assert client.post(address, json={"filters": [{"type": "sql_filter", "expr": "1"}]}).status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/project_logs/nope/fetch", 404),
        ("/v1/prompt/x/fetch", 404),
        (f"/v1/project_logs/{container_id(LOGS)}/fetch?limit=x", 400),
        (f"/v1/project_logs/{container_id(LOGS)}/fetch?cursor=x", 400),
    ],
)
def test_what_fetch_refuses(client: Client, address: str, status: int) -> None:
    """Unknown containers, and what is no limit or cursor."""
    assert client.get(address).status_code == status


def test_patience_ends() -> None:
    """A query is to stop when its client is gone, or its time over."""
    patience = Patience(1000)
    assert patience() == 0
    patience.gone = True
    assert patience() == 15
    assert Patience(-1)() == 15


def test_a_query_whose_client_went_away_ends(tmp_path: Path) -> None:
    """The thread that worked on it is free again."""
    filled(str(tmp_path / "left.db")).close()
    body = json.dumps({"query": FOREVER}).encode()

    with client_of(tmp_path / "left.db") as client:
        transport = client._transport

        async def leave() -> None:
            messages = iter([{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}])

            async def receive() -> dict[str, Any]:
                return next(messages)

            async def send(message: Any) -> None:
                sent.append(message)

            sent: list[Any] = []
            headers = [(b"host", b"127.0.0.1:8765"), (b"content-type", b"application/json")]
            scope = {
                "type": "http",
                "http_version": "1.1",
                "method": "POST",
                "path": "/btql",
                "raw_path": b"/btql",
                "query_string": b"",
                "headers": headers,
                "scheme": "http",
                "server": ("127.0.0.1", 8765),
                "client": ("127.0.0.1", 1),
            }
            await transport._inner.app(scope, receive, send)  # type: ignore[attr-defined]
            assert sent[0]["status"] == 408

        loop: asyncio.AbstractEventLoop = transport._loop  # type: ignore[attr-defined]
        loop.run_until_complete(leave())


@pytest.fixture
def timeless(tmp_path: Path) -> Iterator[Client]:
    """A server over a row that our own client has sent without a time: it is shown with that of its arrival."""
    with client_of(tmp_path / "timeless.db") as client:
        project = client.post("/v1/project", json={"name": "demo"}).json()["id"]
        rows = {"rows": [{"id": "a", "project_id": project, "created": None}]}
        client.post("/logs3", json=rows, headers={"x-bt-client": "bt-spans/1"})
        yield client


def test_time_that_is_shown_is_the_one_that_is_tested(timeless: Client) -> None:
    """Else rows would be left out that a client sees to match: the official tool asks for the last days."""
    answer = ask(timeless, "select: * | from: project_logs('demo') | filter: created >= NOW() - INTERVAL 1 hour")
    (row,) = answer.json()["data"]
    assert (row["id"], row["created"][:2]) == ("a", "20")


@pytest.mark.parametrize(
    "query",
    [
        "select: * | from: project_logs('demo') | sort: created desc",
        "select: * | from: project_logs('demo') | sort: metadata.n desc",
        "SELECT input, count(1) FROM project_logs('demo') GROUP BY input",
    ],
)
def test_answer_that_comes_whole_is_not_too_large(client: Client, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    """It could not go on in another page; what to do is told."""
    for module in ("answer_rows", "answer_sql"):
        monkeypatch.setattr(f"bt_cli.pipeline.{module}.WHOLE_BYTES", 100)
    answer = ask(client, query)
    assert answer.status_code == 400 and "is larger than" in answer.json()["Message"]
