"""Spans over HTTP: /otel/v1/traces in both encodings, where they go, what is refused and what exporters are told."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Client, Response
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from bt_cli.server.service import ServerOptions
from bt_cli.spans.container import Container
from bt_cli.spans.otel import typed_attributes
from bt_cli.spans.slugs import Slug, encode_slug
from in_process import client_of

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def rejects(store_file: Path) -> Path:
    return Path(f"{store_file}.rejects.jsonl")


@pytest.fixture
def client(store_file: Path, rejects: Path) -> Iterator[Client]:
    with client_of(store_file, ServerOptions(rejects=str(rejects))) as client:
        yield client


def request(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def span(plain: dict[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    return {"traceId": TRACE, "spanId": SPAN, "name": "work", "attributes": typed_attributes(plain or {}), **fields}


def post(client: Client, data: dict[str, Any], **headers: str) -> Response:
    """Posts spans as JSON; of a header's name ``_`` is a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/otel/v1/traces", json=data, headers=named)


def ids(file: Path, container: Container) -> list[str]:
    from test_row_routes import stored

    return [one.row.id for one in stored(file, container)]


def test_spans_as_json(client: Client, store_file: Path) -> None:
    """Hexadecimal ids; the answer is JSON too."""
    answer = post(client, request(span()), x_bt_parent="project_name:shop")
    assert (answer.status_code, answer.json()) == (200, {"partialSuccess": {}})
    assert ids(store_file, Container("shop")) == [SPAN]


@pytest.mark.parametrize("packed", [False, True])
def test_spans_as_protobuf(client: Client, store_file: Path, packed: bool) -> None:
    """Packed or not; the answer is an empty message."""
    data = TracesData()
    one = data.resource_spans.add().scope_spans.add().spans.add()
    one.trace_id, one.span_id = bytes.fromhex(TRACE), bytes.fromhex(SPAN)
    body = data.SerializeToString()
    headers = {"content-type": "application/x-protobuf", "x-bt-parent": "project_name:shop"}
    if packed:
        body, headers["content-encoding"] = gzip.compress(body), "gzip"
    answer = client.post("/otel/v1/traces", content=body, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/x-protobuf"
    assert ids(store_file, Container("shop")) == [SPAN]


def test_a_request_without_spans(client: Client) -> None:
    """Exporters send it to see whether someone is there."""
    headers = {"content-type": "application/x-protobuf"}
    assert client.post("/otel/v1/traces", content=b"", headers=headers).status_code == 200


def test_spans_that_say_nothing_go_to_the_default_project(client: Client, store_file: Path) -> None:
    """As those of `bt import` do."""
    post(client, request(span()))
    assert ids(store_file, Container("default")) == [SPAN]


def test_a_parent_by_id(client: Client, store_file: Path) -> None:
    """Of a project, or an experiment."""
    project = client.post("/v1/project", json={"name": "p"}).json()["id"]
    experiment = client.post("/v1/experiment", json={"project_id": project, "name": "e"}).json()["id"]
    post(client, request(span()), x_bt_parent=f"project_id:{project}")
    post(client, request(span()), x_bt_parent=f"experiment_id:{experiment}")
    assert ids(store_file, Container("p")) == ids(store_file, Container("p", "e")) == [SPAN]


def test_a_parent_by_slug(client: Client, store_file: Path) -> None:
    """As a span of Braintrust's SDKs exports itself."""
    slug = encode_slug(Slug("project_logs", compute_object_metadata_args={"project_name": "p"}))
    post(client, request(span()), x_bt_parent=slug)
    assert ids(store_file, Container("p")) == [SPAN]


def test_a_spans_own_parent_beats_the_header(client: Client, store_file: Path) -> None:
    """Several projects in one request."""
    other = span({"braintrust.parent": "project_name:b"}, spanId=SPAN[::-1])
    post(client, request(span(), other), x_bt_parent="project_name:a")
    assert ids(store_file, Container("a")) == [SPAN]
    assert ids(store_file, Container("b")) == [SPAN[::-1]]


@pytest.mark.parametrize("parent", ["project_id:7", "experiment_id:", "nonsense"])
def test_a_parent_that_is_not_there(client: Client, parent: str) -> None:
    """Refused: who sends spans to it is mistaken."""
    assert post(client, request(span()), x_bt_parent=parent).status_code == 403


def test_what_is_no_span_among_spans_is_refused_by_itself(client: Client, store_file: Path, rejects: Path) -> None:
    """The exporter is told how many, and the server keeps them for `bt import`."""
    answer = post(client, request(span(), 7))  # type: ignore[arg-type]
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert ids(store_file, Container("default")) == [SPAN]
    (line,) = rejects.read_text().splitlines()
    assert json.loads(json.loads(line)["raw"]) == request(7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", b"{"), ("application/x-protobuf", b"\x0a\xff"), ("application/json", b'{"resourceSpans":7}')],
)
def test_a_body_that_is_no_request(client: Client, kind: str, body: bytes) -> None:
    """400, which no exporter sends again."""
    assert client.post("/otel/v1/traces", content=body, headers={"content-type": kind}).status_code == 400


def test_another_kind_of_body(client: Client) -> None:
    """Refused with the kinds that there are."""
    assert client.post("/otel/v1/traces", content=b"x", headers={"content-type": "text/plain"}).status_code == 415


def test_the_answer_in_protobuf_tells_of_refused_spans(client: Client) -> None:
    """As the protocol has it."""
    data = TracesData()
    scope = data.resource_spans.add().scope_spans.add()
    good = scope.spans.add(trace_id=bytes.fromhex(TRACE), span_id=bytes.fromhex(SPAN))
    bad = scope.spans.add()
    bad.CopyFrom(good)
    value = bad.attributes.add(key="deep").value
    for _ in range(99):
        value = value.array_value.values.add()
    headers = {"content-type": "application/x-protobuf"}
    answer = client.post("/otel/v1/traces", content=data.SerializeToString(), headers=headers)
    told = ExportTraceServiceResponse.FromString(answer.content)
    assert told.partial_success.rejected_spans == 1
    assert "1 spans were refused: not a valid span" in told.partial_success.error_message


def test_spans_sent_twice_are_stored_once(client: Client, store_file: Path) -> None:
    """Exporters send again what they have no answer to."""
    for _ in range(2):
        post(client, request(span()))
    assert ids(store_file, Container("default")) == [SPAN]
