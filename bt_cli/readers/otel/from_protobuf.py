"""OTLP's protobuf → span: a request of one span, as `bt_cli.readers.protobuf_records` cuts them."""

from __future__ import annotations

import base64
import math
from functools import lru_cache
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bt_cli.readers.otel.origin import origin_of
from bt_cli.readers.otel.span import Event, Origin, OtelSpan
from bt_cli.readers.otel.wire import fields
from bt_cli.spans.otel import MAX_VALUE_DEPTH
from bt_cli.spans.problem import Rejected


def read_request(record: bytes) -> OtelSpan:
    """The span of a request that holds one. Raises `Rejected` for what is none."""
    try:
        (resource_spans,) = [value for number, value in fields(record) if number == 1]
        resource, scoped, resource_url = _parts(resource_spans)
        scope, span, scope_url = _parts(scoped)
        found = _span(Span.FromString(span))
        found.origin = _origin(resource, resource_url, scope, scope_url)
    except (DecodeError, ValueError) as error:
        raise Rejected("not_protobuf", f"not a valid span: {error}") from None
    return found


def _parts(message: bytes) -> tuple[bytes, bytes, bytes]:
    """The fields 1, 2 and 3: of spans of a resource, and of a scope, what they come from, the spans, the schema."""
    found = {1: b"", 2: b"", 3: b""}
    for number, value in fields(message):
        found[number] = value
    return found[1], found[2], found[3]


@lru_cache(maxsize=256)
def _origin(resource: bytes, resource_url: bytes, scope: bytes, scope_url: bytes) -> Origin:
    about, within = Resource.FromString(resource), InstrumentationScope.FromString(scope)
    described: dict[str, Any] = {"name": within.name, "version": within.version}
    return origin_of(_described(about, resource_url, {}), _described(within, scope_url, described))


def _described(about: Any, schema_url: bytes, described: dict[str, Any]) -> dict[str, Any]:
    described["attributes"] = _attributes(about.attributes)
    described["droppedAttributesCount"] = about.dropped_attributes_count
    described["schemaUrl"] = schema_url.decode("utf-8", "replace")
    return described


def _span(span: Any) -> OtelSpan:
    found = OtelSpan(
        trace_id=_id(span.trace_id),
        span_id=_id(span.span_id),
        name=span.name,
        kind=span.kind,
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
    )
    if parent := _id(span.parent_span_id):
        found.parents.append(parent)
    if span.HasField("status"):
        found.status, found.status_message = span.status.code, span.status.message
    found.events = [_event(one) for one in span.events]
    found.links = [_link(one) for one in span.links]
    if span.trace_state:
        found.more["trace_state"] = span.trace_state
    if span.flags:
        found.more["flags"] = span.flags
    for name in ("attributes", "events", "links"):
        if dropped := getattr(span, f"dropped_{name}_count"):
            found.more.setdefault("dropped", {})[name] = dropped
            found.losses.append((f"dropped {name}", "truncated_by_source"))
    return found


def _id(value: bytes) -> str:
    return value.hex() if any(value) else ""


def _attributes(listed: Any, depth: int = MAX_VALUE_DEPTH) -> dict[str, Any]:
    found = {}
    for one in listed:
        value = one.value
        kind = value.WhichOneof("value")
        found[one.key] = value.string_value if kind == "string_value" else _value(kind, value, depth)
    return found


def _value(kind: str | None, value: AnyValue, depth: int) -> Any:
    if depth == 0:
        raise Rejected("too_deep", f"more than {MAX_VALUE_DEPTH} levels in an attribute", "attributes")
    if kind is None:
        return None
    if kind == "array_value":
        return [_value(one.WhichOneof("value"), one, depth - 1) for one in value.array_value.values]
    if kind == "kvlist_value":
        return _attributes(value.kvlist_value.values, depth - 1)
    if kind == "bytes_value":
        return {"bytesValue": base64.b64encode(value.bytes_value).decode()}
    held = getattr(value, kind)
    if isinstance(held, float) and not math.isfinite(held):
        return {"doubleValue": "NaN" if math.isnan(held) else "Infinity" if held > 0 else "-Infinity"}
    return held


def _event(event: Any) -> Event:
    return Event(event.name, event.time_unix_nano, _attributes(event.attributes), event.dropped_attributes_count)


def _link(link: Any) -> dict[str, Any]:
    found = {
        "trace_id": _id(link.trace_id),
        "span_id": _id(link.span_id),
        "attributes": _attributes(link.attributes),
        "trace_state": link.trace_state,
        "flags": link.flags,
        "dropped": link.dropped_attributes_count,
    }
    return {key: value for key, value in found.items() if value}
