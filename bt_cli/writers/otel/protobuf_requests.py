"""Rows as OTLP's protobuf: one request, which the messages of all traces make up, one behind the other."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from bt_cli.spans.otel import is_span_id, is_trace_id
from bt_cli.spans.row import Row
from bt_cli.writers.otel.span import OutSpan, to_span

_INT64 = 1 << 63


def write_otlp_protobuf(rows: Sequence[Row], with_container: bool = False) -> bytes:
    """The message of one trace; messages of several make one, as protobuf's lists may be written in parts."""
    data = TracesData()
    last: OutSpan | None = None
    for span in map(to_span, rows):
        kept = span.kept
        if last is None or (last.kept.resource, last.kept.resource_more) != (kept.resource, kept.resource_more):
            resource = data.resource_spans.add()
            if kept.resource or kept.resource_more:
                _describe(resource.resource, {"attributes": kept.resource} | kept.resource_more)
            resource.schema_url = _text(kept.resource_more, "schemaUrl")
            last = None
        if last is None or last.kept.scope != kept.scope:
            scoped = resource.scope_spans.add()
            if kept.scope:
                _describe(scoped.scope, kept.scope)
                scoped.scope.name, scoped.scope.version = _text(kept.scope, "name"), _text(kept.scope, "version")
            scoped.schema_url = _text(kept.scope, "schemaUrl")
        _fill(scoped.spans.add(), span)
        last = span
    return bytes(data.SerializeToString())


def _describe(message: Any, about: dict[str, Any]) -> None:
    message.SetInParent()
    attributes = about.get("attributes")
    _set_all(message.attributes, attributes if isinstance(attributes, dict) else {})
    count = about.get("droppedAttributesCount")
    message.dropped_attributes_count = count if type(count) is int and 0 < count < 1 << 32 else 0


def _text(about: dict[str, Any], name: str) -> str:
    value = about.get(name, "")
    return value if isinstance(value, str) else ""


def _fill(message: Any, span: OutSpan) -> None:
    kept = span.kept
    message.trace_id, message.span_id = bytes.fromhex(span.trace_id), bytes.fromhex(span.span_id)
    message.parent_span_id = bytes.fromhex(span.parent_id)
    message.trace_state, message.flags = kept.trace_state, kept.flags
    message.name, message.kind = span.name, span.kind
    message.start_time_unix_nano, message.end_time_unix_nano = span.start, span.end
    _set_all(message.attributes, span.attributes)
    for event in span.events:
        added = message.events.add(name=event.get("name", ""), time_unix_nano=int(event.get("time_unix_nano", 0)))
        added.dropped_attributes_count = event.get("dropped", 0)
        _set_all(added.attributes, event.get("attributes", {}))
    for link in span.links:
        _add_link(message, link)
    if span.status or span.status_message:
        message.status.code, message.status.message = span.status, span.status_message
    for name, number in kept.dropped.items():
        setattr(message, f"dropped_{name}_count", number)


def _add_link(message: Any, link: dict[str, Any]) -> None:
    added = message.links.add(trace_state=link.get("trace_state", ""), flags=link.get("flags", 0))
    trace_id, span_id = link.get("trace_id", ""), link.get("span_id", "")
    added.trace_id = bytes.fromhex(trace_id) if is_trace_id(trace_id) else b""
    added.span_id = bytes.fromhex(span_id) if is_span_id(span_id) else b""
    added.dropped_attributes_count = link.get("dropped", 0)
    _set_all(added.attributes, link.get("attributes", {}))


def _set_all(listed: Any, plain: dict[str, Any]) -> None:
    for key, value in plain.items():
        _set(listed.add(key=key).value, value)


def _set(message: AnyValue, value: Any) -> None:
    """Plain JSON as an attribute's value; see `bt_cli.spans.otel.typed_value`."""
    if isinstance(value, str):
        message.string_value = value
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int):
        if -_INT64 <= value < _INT64:
            message.int_value = value
        else:
            message.string_value = str(value)
    elif isinstance(value, float):
        message.double_value = value
    elif isinstance(value, list):
        message.array_value.SetInParent()
        for one in value:
            _set(message.array_value.values.add(), one)
    elif isinstance(value, dict):
        _set_map(message, value)


def _set_map(message: AnyValue, value: dict[str, Any]) -> None:
    held = next(iter(value.values())) if len(value) == 1 else None
    if isinstance(held, str) and "bytesValue" in value:
        message.bytes_value = base64.b64decode(held)
    elif isinstance(held, str) and "doubleValue" in value:
        message.double_value = float(held)
    else:
        message.kvlist_value.SetInParent()
        for key, one in value.items():
            added: KeyValue = message.kvlist_value.values.add(key=key)
            _set(added.value, one)
