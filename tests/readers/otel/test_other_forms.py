"""Spans of OpenTelemetry in protobuf, as flat objects and as Jaeger has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import zstandard
from google.protobuf import json_format
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from otel_spans import PARENT, SPAN, TRACE, read, request, rows_of, span

from bt_cli.readers.base import Record, Reject, Skip

FULL = span(
    {"s": "x", "b": True, "i": 7, "d": 1.5, "list": [1, "a"], "map": {"k": 1}, "raw": {"bytesValue": "AQI="}},
    parentSpanId=PARENT,
    kind=3,
    startTimeUnixNano="1767603731630000123",
    status={"code": 2, "message": "it broke"},
    events=[{"name": "retry", "timeUnixNano": "5", "attributes": [{"key": "n", "value": {"intValue": "1"}}]}],
    links=[{"traceId": TRACE, "spanId": SPAN, "traceState": "a=b", "flags": 1}],
    traceState="c=d",
    flags=257,
    droppedLinksCount=1,
)
FULL_REQUEST = request(FULL, span(spanId=SPAN[::-1]), **{"service.name": "shop"})


def in_hex(data: dict[str, Any]) -> TracesData:
    """A request in OTLP's JSON form as its message: protobuf's own JSON has ids in base64."""
    import base64

    def mended(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: mended(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [mended(one) for one in value]
        if key in ("traceId", "spanId", "parentSpanId"):
            return base64.b64encode(bytes.fromhex(value)).decode()
        return value

    return json_format.ParseDict(mended(data), TracesData())


MESSAGE = in_hex(FULL_REQUEST).SerializeToString()


def framed(*messages: bytes) -> bytes:
    return b"".join(len(one).to_bytes(4, "big") + one for one in messages)


PROTOBUF = {
    "a request": MESSAGE,
    "framed": framed(MESSAGE),
    "framed, each compressed": framed(zstandard.compress(MESSAGE)),
}


@pytest.mark.parametrize("form", PROTOBUF)
def test_protobuf_gives_the_rows_that_json_gives(form: str) -> None:
    """A message and its JSON are one thing."""
    assert rows_of(PROTOBUF[form]) == rows_of(FULL_REQUEST)


def test_messages_one_behind_the_other_are_one() -> None:
    """Fields that repeat may be concatenated."""
    assert len(rows_of(MESSAGE * 3)) == 6


@pytest.mark.parametrize("cut", [b"", MESSAGE[:1]])
def test_frames_of_several_requests(cut: bytes) -> None:
    """And what is cut off at the end is told."""
    data = framed(MESSAGE, MESSAGE) + (b"\0\0\1\0" + cut if cut else b"")
    found = read(data)
    assert sum(isinstance(one, Record) for one in found) == 4
    assert [one.code for one in found if isinstance(one, Reject)] == (["truncated_last_record"] if cut else [])


@pytest.mark.parametrize("at", [20, len(MESSAGE) - 3])
def test_a_message_that_is_cut_off(at: int) -> None:
    """There is no beginning anew within a message."""
    found = read(MESSAGE[:at])
    assert [one.code for one in found if isinstance(one, Reject)] == ["truncated_last_record"]


@pytest.mark.parametrize(
    "other",
    [
        json_format.ParseDict(
            {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "5", "body": {"stringValue": "x"}}]}]}]},
            LogsData(),
        ),
        json_format.ParseDict(
            {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "a.metric", "unit": "s"}]}]}]}, MetricsData()
        ),
    ],
)
def test_other_signals_are_passed_over(other: LogsData | MetricsData) -> None:
    """They are built like spans down to what they hold."""
    assert [type(one) for one in read(other.SerializeToString())] == [Skip]


@pytest.mark.parametrize("form", ["a request", "framed, each compressed"])
def test_a_record_is_a_request_of_its_own(form: str) -> None:
    """So that a rejected one can be imported again."""
    one, _ = read(PROTOBUF[form])
    assert isinstance(one, Record)
    (again,) = read(one.raw)
    assert isinstance(again, Record)
    assert again.json == one.json


def test_a_rejects_file_holds_protobuf_in_base64() -> None:
    """Which is opened when the file is imported."""
    import base64

    one, _ = read(MESSAGE)
    assert isinstance(one, Record)
    line = {"_bt_reject": {"code": "x", "message": "y"}, "raw_b64": base64.b64encode(one.raw).decode()}
    (again,) = read(json.dumps(line))
    assert isinstance(again, Record)
    assert (again.json, again.form) == (one.json, "otlp-proto")


def test_a_bomb_is_not_opened() -> None:
    """A few bytes that stand for more than a record may have."""
    from bt_cli.readers.protobuf_records import ProtobufReader

    (found,) = ProtobufReader(1000).read(iter([framed(zstandard.compress(bytes(1 << 20)))]))
    assert isinstance(found, Reject)
    assert found.code == "oversize"


def test_a_frame_beyond_the_limit_is_passed_over() -> None:
    """And the next is read."""
    from bt_cli.readers.protobuf_records import ProtobufReader

    long = in_hex(request(span({"s": "x" * 2000}))).SerializeToString()
    data = framed(MESSAGE, long, MESSAGE)
    found = list(ProtobufReader(1999).read(iter([data[:50], b"", data[50:]])))
    assert [type(one).__name__ for one in found if one] == ["Record", "Record", "Reject", "Record", "Record"]


NOISE = [
    b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x0a\x03\x12\x01\xff" * 20,
    b"\x00\x00\x00\x09\x0a" + b"\xff" * 8,
]


@pytest.mark.parametrize("noise", NOISE)
def test_noise_is_rejected(noise: bytes) -> None:
    """By its place, and without an exception."""
    found = read(noise, "otlp-proto")
    assert found
    assert all(isinstance(one, Reject) for one in found)


FLAT = {
    "trace_id": TRACE,
    "span_id": SPAN,
    "parent_span_id": PARENT,
    "name": "work",
    "start_time": 1767603731630000123,
    "end_time": 1767603733610000000,
    "attributes": {"gen_ai.operation.name": "chat"},
    "scope": {"name": "s", "version": "1"},
    "status": {"code": "ERROR"},
    "span_events": [{"event_name": "gen_ai.user.message", "timestamp": 5, "attributes": {"content": "hi"}}],
}
CONSOLE = {
    "name": "work",
    "context": {"trace_id": "0x" + TRACE, "span_id": "0x" + SPAN, "trace_state": "[]"},
    "kind": "SpanKind.CLIENT",
    "parent_id": "0x" + PARENT,
    "start_time": "2026-01-05T09:02:11.630000Z",
    "end_time": "2026-01-05T09:02:13.610000Z",
    "status": {"status_code": "UNSET"},
    "attributes": {"gen_ai.operation.name": "chat"},
    "events": [],
    "links": [{"context": {"trace_id": "0x" + TRACE, "span_id": "0x" + SPAN}, "attributes": {}}],
    "resource": {"attributes": {"service.name": "shop"}, "schema_url": ""},
}


@pytest.mark.parametrize(
    "wrapped", [lambda one: one, lambda one: [one], lambda one: {"session_id": "s", "spans": [one]}]
)
def test_flat_spans(wrapped: Any) -> None:
    """Dumps of spans, alone, in a list or under a session."""
    (row,) = rows_of(json.dumps(wrapped(FLAT)))
    assert row["span_parents"] == [PARENT]
    assert row["input"] == [{"role": "user", "content": "hi"}]
    assert row["error"] == "error"
    assert row["metadata"]["otel"]["start_time_unix_nano"] == "1767603731630000123"
    assert row["metadata"]["otel"]["scope"] == {"name": "s", "version": "1"}


def test_what_the_sdk_for_python_prints() -> None:
    """Objects over many lines, without commas between them."""
    rows = rows_of((json.dumps(CONSOLE, indent=4) + "\n") * 2)
    assert [row["id"] for row in rows] == [SPAN, SPAN]
    assert rows[0]["root_span_id"] == TRACE
    assert rows[0]["metrics"] == {"start": 1767603731.63, "end": 1767603733.61}
    assert rows[0]["span_attributes"] == {"name": "work", "type": "llm"}
    assert rows[0]["metadata"]["otel"]["kind"] == "CLIENT"
    assert rows[0]["metadata"]["otel"]["resource"] == {"service.name": "shop"}
    assert rows[0]["metadata"]["otel"]["links"] == [{"trace_id": TRACE, "span_id": SPAN}]


@pytest.mark.parametrize(
    "row", [{"span_id": "a", "root_span_id": "b", "attributes": 1}, {"name": "n", "trace_id": "x"}]
)
def test_other_records_with_such_members_stay_what_they_are(row: dict[str, Any]) -> None:
    """Unknown members are kept."""
    (found,) = rows_of(json.dumps(row))
    assert "otel" not in found.get("metadata", {})


JAEGER = {
    "data": [
        {
            "traceID": TRACE.lstrip("0"),
            "spans": [
                {
                    "traceID": TRACE.lstrip("0"),
                    "spanID": SPAN,
                    "operationName": "work",
                    "references": [
                        {"refType": "FOLLOWS_FROM", "traceID": TRACE, "spanID": "1"},
                        {"refType": "CHILD_OF", "traceID": TRACE.lstrip("0"), "spanID": PARENT.lstrip("0")},
                        {"refType": "CHILD_OF", "traceID": TRACE, "spanID": "2"},
                        {"refType": "CHILD_OF", "traceID": "f" * 32, "spanID": "3"},
                    ],
                    "startTime": 1767603731630000,
                    "duration": 1980000,
                    "tags": [
                        {"key": "error", "type": "bool", "value": True},
                        {"key": "otel.status_description", "type": "string", "value": "it broke"},
                        {"key": "span.kind", "type": "string", "value": "client"},
                        {"key": "otel.scope.name", "type": "string", "value": "s"},
                        {"key": "n", "type": "int64", "value": "7"},
                    ],
                    "logs": [
                        {
                            "timestamp": 1767603731640000,
                            "fields": [{"key": "event", "type": "string", "value": "retry"}],
                        }
                    ],
                    "processID": "p1",
                    "warnings": ["late"],
                }
            ],
            "processes": {"p1": {"serviceName": "shop", "tags": [{"key": "host", "type": "string", "value": "h"}]}},
        }
    ],
    "total": 0,
    "limit": 0,
    "offset": 0,
    "errors": None,
}


@pytest.mark.parametrize("data", [JAEGER, JAEGER["data"][0]])  # type: ignore[index]
def test_jaeger(data: dict[str, Any]) -> None:
    """Short ids are filled up, and of the references those of the trace are parents."""
    (row,) = rows_of(json.dumps(data))
    assert row == {
        "id": SPAN,
        "span_id": SPAN,
        "root_span_id": TRACE,
        "span_parents": [PARENT, "0000000000000002"],
        "created": "2026-01-05T09:02:11.630000+00:00",
        "error": "it broke",
        "metadata": {
            "otel": {
                "attributes": {"n": 7},
                "events": [{"name": "retry", "time_unix_nano": "1767603731640000000"}],
                "links": [
                    {
                        "trace_id": "f" * 32,
                        "span_id": "0000000000000003",
                        "attributes": {"opentracing.ref_type": "child_of"},
                    }
                ],
                "kind": "CLIENT",
                "members": {"warnings": ["late"]},
                "resource": {"service.name": "shop", "host": "h"},
                "scope": {"name": "s"},
            }
        },
        "metrics": {"start": 1767603731.63, "end": 1767603733.61},
        "span_attributes": {"name": "work"},
    }
