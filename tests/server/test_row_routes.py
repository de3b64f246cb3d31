"""Rows over HTTP: /logs3, insert, feedback; what is stored, what is refused, what clients are told."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from httpx import Client, Response

from bt_cli.server.service import ServerOptions
from bt_cli.spans.container import Container
from bt_cli.stores.serving import RowsAsked, StoredRow
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from in_process import client_of

OURS = {"x-bt-client": "bt-spans/1"}


@pytest.fixture
def client(store_file: Path) -> Iterator[Client]:
    with client_of(store_file, ServerOptions(rejects=f"{store_file}.rejects.jsonl")) as client:
        yield client


@pytest.fixture
def project(client: Client) -> str:
    """The id of a project."""
    made: str = client.post("/v1/project", json={"name": "here"}).json()["id"]
    return made


def log(client: Client, *rows: Any, **headers: Any) -> Response:
    """Posts rows as SDKs do: JSON without a content type."""
    return client.post("/logs3", content=orjson.dumps({"rows": rows, "api_version": 2}), headers=headers)


def stored(file: Path, container: Container = Container("here")) -> list[StoredRow]:  # noqa: B008 - a constant
    """The rows of a container, oldest first."""
    store = ServingSqliteStore(str(file))
    try:
        return store.rows(RowsAsked([container], newest_first=False))
    finally:
        store.close()


def test_ids_come_in_the_order_of_the_rows(client: Client, project: str) -> None:
    """All rows of a request have one transaction."""
    answer = log(client, *({"id": name, "project_id": project} for name in "bac")).json()
    assert answer["ids"] == ["b", "a", "c"]
    assert int(answer["xact_id"]) >> 48 == 0x0DE1


def test_rows_of_several_containers_in_one_request(client: Client, project: str, store_file: Path) -> None:
    """Each row names its own; an experiment's may name the project too."""
    experiment = client.post("/v1/experiment", json={"project_id": project, "name": "e"}).json()["id"]
    log(client, {"id": "a", "project_id": project}, {"id": "b", "project_id": project, "experiment_id": experiment})
    assert [one.row.id for one in stored(store_file)] == ["a"]
    assert [one.row.id for one in stored(store_file, Container("here", "e"))] == ["b"]


def test_a_start_row_and_its_end_are_one(client: Client, project: str, store_file: Path) -> None:
    """SDKs send a row when a span starts, and merge what comes later."""
    linked = {"id": "a", "span_id": "s", "root_span_id": "r", "project_id": project, "log_id": "g"}
    log(client, {**linked, "span_parents": None, "input": 1, "metrics": {"start": 1.5}})
    log(client, {**linked, "output": 2, "metrics": {"end": 2.5}, "_is_merge": True})
    (only,) = stored(store_file)
    assert (only.row.input, only.row.output, only.row.metrics) == ("1", "2", '{"start":1.5,"end":2.5}')


def test_a_bad_row_does_not_take_its_batch_along(client: Client, project: str, store_file: Path) -> None:
    """The others are stored, and the client is told that all went well: it would throw the batch away."""
    answer = log(client, {"id": "a", "project_id": project}, 17, {"id": "b", "project_id": "nowhere"})
    assert (answer.status_code, [one.row.id for one in stored(store_file)]) == (200, ["a"])


def test_a_refused_row_is_kept(client: Client, project: str, store_file: Path) -> None:
    """It lies in the file of rejects, as it was sent, with the reason."""
    log(client, {"id": "a", "project_id": project}, {"id": "b", "project_id": "nowhere"})
    file = Path(f"{store_file}.rejects.jsonl")
    (line,) = file.read_bytes().splitlines()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600  # what is in it would be in the store
    kept = orjson.loads(line)
    assert orjson.loads(kept["raw"]) == {"id": "b", "project_id": "nowhere"}
    assert (kept["_bt_reject"]["code"], kept["_bt_reject"]["line"]) == ("unknown_container", 2)


def test_rows_for_nowhere_are_forbidden(client: Client, project: str, store_file: Path) -> None:
    """A client that names no container that is there is told so, and will send them again."""
    answer = log(client, {"id": "b", "project_id": "nowhere"})
    assert (answer.status_code, answer.json()["Code"]) == (403, "ForbiddenError")
    assert not Path(f"{store_file}.rejects.jsonl").exists()


def test_our_own_client_learns_what_became_of_each_row(client: Client, project: str) -> None:
    """Statuses run in the order of the rows, and problems say which row."""
    log(client, {"id": "a", "root_span_id": "a", "project_id": project})
    answer = log(
        client,
        {"id": "a", "root_span_id": "a", "project_id": project},
        {"id": "b", "root_span_id": "a", "span_parents": ["a"], "project_id": project},
        {"id": "c", "root_span_id": "c", "project_id": project},
        {"id": "d", "root_span_id": "d", "project_id": project},
        {"id": "a", "root_span_id": "a", "project_id": project, "output": 1, "_is_merge": True},
        {"id": "a", "root_span_id": "z", "project_id": project, "_is_merge": True},
        **OURS,
    )
    assert answer.headers["x-bt-rows"] == "1c1a2n1f1r"
    assert [(one["row"], one["code"]) for one in answer.json()["problems"]] == [(5, "id_in_other_trace")]


def test_others_get_no_headers_of_ours(client: Client, project: str) -> None:
    """What official clients read stays what it is."""
    answer = log(client, {"id": "a", "project_id": project})
    assert "x-bt-rows" not in answer.headers
    assert set(answer.json()) == {"ids", "xact_id"}


def test_our_own_client_keeps_its_rejects_itself(client: Client, project: str, store_file: Path) -> None:
    """It is told of them, so the server keeps no second copy."""
    log(client, {"id": "a", "project_id": project}, 17, **OURS)
    assert not Path(f"{store_file}.rejects.jsonl").exists()


def test_rows_without_a_time_get_that_of_their_arrival(client: Client, project: str, store_file: Path) -> None:
    """Except those of our own client, which knows of none."""
    log(client, {"id": "a", "project_id": project})
    log(client, {"id": "b", "project_id": project}, **OURS)
    assert [one.row.created is None for one in stored(store_file)] == [False, True]


def test_a_batch_that_is_sent_again_changes_nothing(client: Client, project: str, store_file: Path) -> None:
    """Clients repeat whole batches when an answer is lost."""
    row = {"id": "a", "project_id": project, "input": 1}
    log(client, row)
    before = stored(store_file)[0].row
    log(client, row)
    assert [one.row for one in stored(store_file)] == [before]


def test_odd_json_is_mended(client: Client, project: str, store_file: Path) -> None:
    """NaN in a body makes null, as in files."""
    body = b'{"rows":[{"id":"a","project_id":"%s","output":NaN}]}' % project.encode()
    assert client.post("/logs3", content=body).is_success
    assert stored(store_file)[0].row.output == "null"


DEEP = b'{"rows":' + b'{"a":' * 3000 + b"1" + b"}" * 3001


@pytest.mark.parametrize("body", [b"", b"17", b'{"rows":17}', b'{"rows":[', DEEP])
def test_a_body_that_holds_no_rows_is_refused(client: Client, body: bytes) -> None:
    """The client is told, and nothing is stored."""
    answer = client.post("/logs3", content=body)
    assert (answer.status_code, answer.json()["Code"]) == (400, "BadRequestError")


def test_a_deeply_nested_row_does_no_harm(client: Client, project: str) -> None:
    """What no shape allows is put aside, however deep, and its neighbours are stored."""
    deep = b'{"id":"b","project_id":"%s","span_parents":%s}' % (project.encode(), b"[" * 3000 + b"]" * 3000)
    body = b'{"rows":[{"id":"a","project_id":"%s"},%s]}' % (project.encode(), deep)
    assert client.post("/logs3", content=body, headers=OURS).headers["x-bt-rows"] == "2n"


def test_payload_text_is_kept(client: Client, project: str, store_file: Path) -> None:
    """Numbers and the order of keys stay as they were sent."""
    body = b'{"rows":[{"id":"a","project_id":"%s","input":{"b":1.50,"a":12345678901234567890123}}]}' % project.encode()
    client.post("/logs3", content=body)
    assert stored(store_file)[0].row.input == '{"b":1.50,"a":12345678901234567890123}'


def test_a_deleted_row_is_gone(client: Client, project: str, store_file: Path) -> None:
    """``_object_delete`` takes a row away."""
    log(client, {"id": "a", "project_id": project})
    log(client, {"id": "a", "project_id": project, "_object_delete": True})
    assert stored(store_file) == []


def test_an_overflow_is_read(client: Client, project: str, store_file: Path) -> None:
    """A body that was brought before is named by its key."""
    body = orjson.dumps({"rows": [{"id": "a", "project_id": project}], "api_version": 2})
    place = client.post("/logs3/overflow", json={"size_bytes": len(body), "rows": []}).json()
    client.put(place["signedUrl"], content=body)
    named = {"rows": {"type": "logs3_overflow", "key": place["key"]}, "api_version": 2}
    assert client.post("/logs3", json=named).json()["ids"] == ["a"]


@pytest.mark.parametrize("rows", [{"type": "logs3_overflow", "key": "k"}, {"type": "logs3_overflow"}, {"type": "x"}])
def test_an_overflow_that_was_not_brought(client: Client, rows: Any) -> None:
    """A key that nobody knows is a mistake of the client."""
    assert client.post("/logs3", json={"rows": rows}).status_code == 400


def test_events_are_inserted(client: Client, project: str, store_file: Path) -> None:
    """Over REST the path names the container; equal events without an id are two."""
    answer = client.post(f"/v1/project_logs/{project}/insert", json={"events": [{"input": 1}, {"input": 1}]})
    assert answer.json() == {"row_ids": [one.row.id for one in stored(store_file)]}
    assert len(set(answer.json()["row_ids"])) == 2


@pytest.mark.parametrize("path", ["project_logs/nowhere", "prompt/nowhere"])
def test_inserting_nowhere(client: Client, path: str) -> None:
    """A path that names nothing is not found."""
    assert client.post(f"/v1/{path}/insert", json={"events": []}).status_code == 404


def test_feedback_is_merged(client: Client, project: str, store_file: Path) -> None:
    """Scores, expected, tags and a comment reach the row that is stored."""
    log(client, {"id": "a", "project_id": project, "tags": ["x"], "scores": {"s": 1}})
    item = {"id": "a", "scores": {"t": 0}, "expected": None, "tags": ["y"], "comment": "good", "source": "app"}
    assert client.post(f"/v1/project_logs/{project}/feedback", json={"feedback": [item]}).json() == {
        "status": "success"
    }
    (only,) = stored(store_file)
    assert (only.row.scores, only.row.tags, only.row.expected) == ('{"s":1,"t":0}', '["x","y"]', None)
    extra = orjson.loads(only.row.extra or "")
    assert extra.pop("comments")[0]["comment"] == {"text": "good"}
    assert extra == {"audit_data": [{"source": "app", "metadata": None, "audit_data": {"action": "merge"}}]}


@pytest.mark.parametrize("item", [17, {}, {"scores": {}}])
def test_feedback_about_nothing(client: Client, project: str, item: Any) -> None:
    """Feedback names its row."""
    assert client.post(f"/v1/project_logs/{project}/feedback", json={"feedback": [item]}).status_code == 400


def test_row_of_the_last_moment_can_be_read(client: Client, project: str) -> None:
    """Rounded to milliseconds it would be in a year that no calendar has."""
    log(client, {"id": "a", "project_id": project, "created": "9999-12-31T23:59:59.999999Z"})
    (row,) = client.get(f"/v1/project_logs/{project}/fetch").json()["events"]
    assert row["created"] == "9999-12-31T23:59:59.999999Z"


def test_bytes_that_are_no_text_do_not_cost_the_batch(client: Client, project: str, store_file: Path) -> None:
    """Rule 4.5: they are mended as in files."""
    row = b'{"id":"%b","project_id":"' + project.encode() + b'","input":"%b"}'
    answer = client.post("/logs3", content=b'{"rows":[' + row % (b"a", b"\xff") + b"," + row % (b"b", b"x") + b"]}")
    assert (answer.status_code, [one.row.input for one in stored(store_file)]) == (200, ['"\ufffd"', '"x"'])
