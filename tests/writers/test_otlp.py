"""Rows as OTLP, for others: the protocol's own classes read both encodings, and find what rows say."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status, TracesData

from bt_cli.spans.row import Row
from bt_cli.writers import open_writer
from builders import only_row, row

TRACE, SPAN, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"
CALL = only_row(
    {
        "id": SPAN,
        "span_id": SPAN,
        "root_span_id": TRACE,
        "span_parents": [PARENT, "1" * 16],
        "input": [{"role": "user", "content": "hi"}, {"role": "tool", "tool_call_id": "c1", "content": "3"}],
        "output": {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c2", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}],
        },
        "error": "it broke",
        "metadata": {"model": "m", "provider": "openai", "n": 1},
        "metrics": {"start": 1767603731.63, "end": 1767603733.61, "prompt_tokens": 3, "prompt_cached_tokens": 1},
        "scores": {"exact": 0.5},
        "tags": ["x"],
        "span_attributes": {"name": "chat", "type": "llm"},
    }
)


def message(*rows: Row) -> TracesData:
    """The rows' protobuf, read by the protocol's classes."""
    return TracesData.FromString(open_writer("otlp-proto")(rows, False))


def message_of_json(*rows: Row) -> TracesData:
    """The rows' JSON, likewise; protobuf's own reader of JSON wants ids in base64."""

    def mended(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: mended(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [mended(one) for one in value]
        ids = key in ("traceId", "spanId", "parentSpanId")
        return base64.b64encode(bytes.fromhex(value)).decode() if ids else value

    return json_format.ParseDict(mended(json.loads(open_writer("otlp")(rows, False))), TracesData())


def only_span(data: TracesData) -> Span:
    (resource,) = data.resource_spans
    (scope,) = resource.scope_spans
    (span,) = scope.spans
    return span


def attributes(span: Span) -> dict[str, Any]:
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes}


@pytest.mark.parametrize("given", [CALL, row("a"), row("b", "a", metadata='{"otel":{"kind":"SERVER"}}')])
def test_both_encodings_are_one_message(given: Row) -> None:
    """Field by field."""
    assert message_of_json(given) == message(given)


def test_a_span_has_its_own_fields() -> None:
    """Ids, first parent, times, status; further parents are links, and the error is an event too."""
    span = only_span(message(CALL))
    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()) == (TRACE, SPAN, PARENT)
    assert (span.name, span.kind) == ("chat", Span.SPAN_KIND_INTERNAL)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (1767603731630000000, 1767603733610000000)
    assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, "it broke")
    assert [one.span_id.hex() for one in span.links] == ["1" * 16]
    assert [one.name for one in span.events] == ["exception"]


def test_braintrust_reads_the_attributes() -> None:
    """Those that it documents, payloads as JSON text."""
    found = attributes(only_span(message(CALL)))
    assert json.loads(found["braintrust.input_json"])[0] == {"role": "user", "content": "hi"}
    assert json.loads(found["braintrust.metadata"]) == {"model": "m", "provider": "openai", "n": 1}
    assert json.loads(found["braintrust.scores"]) == {"exact": 0.5}
    assert json.loads(found["braintrust.span_attributes"]) == {"name": "chat", "type": "llm"}
    assert [one.string_value for one in found["braintrust.tags"].values] == ["x"]


def test_other_backends_read_the_attributes() -> None:
    """The conventions' names: operation, model, tokens, messages of parts."""
    found = attributes(only_span(message(CALL)))
    assert found["gen_ai.operation.name"] == "chat"
    assert (found["gen_ai.request.model"], found["gen_ai.provider.name"]) == ("m", "openai")
    assert (found["gen_ai.usage.input_tokens"], found["gen_ai.usage.cache_read.input_tokens"]) == (3, 1)
    assert json.loads(found["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "hi"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "3"}]},
    ]
    assert json.loads(found["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "c2", "name": "add", "arguments": {"a": 1}}]}
    ]


def test_ids_of_other_kinds_are_derived() -> None:
    """A UUID loses its hyphens, anything else is hashed; both are said beside."""
    uuid = "0af76519-16cd-43dd-8448-eb211c80319c"
    span = only_span(message(row("a", trace=uuid)))
    assert span.trace_id.hex() == TRACE
    assert attributes(span)["bt.root_span_id"] == uuid
    assert attributes(span)["bt.span_id"] == "a"
    other = only_span(message(row("a", trace="t")))
    assert len(other.trace_id) == 16
    assert other.span_id != span.span_id


def test_a_request_a_line() -> None:
    """Exporters and collectors read it line by line."""
    written = open_writer("otlp")([row("a"), row("b", "a")], False)
    assert written.endswith(b"\n") and written.count(b"\n") == 1
    assert open_writer("otlp")([], False) == b""
