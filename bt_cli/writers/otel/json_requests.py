"""Rows as OTLP's JSON: a request a line, which holds the spans of one trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from bt_cli.spans import text
from bt_cli.spans.otel import typed_attributes
from bt_cli.spans.row import Row
from bt_cli.writers.otel.span import OutSpan, to_span


def write_otlp(rows: Sequence[Row], with_container: bool = False) -> bytes:
    """The request of one trace, ended by a newline: camel case, ids in hexadecimal, 64-bit integers as text.

    Spans stay in order: those that follow each other and have one resource stand together.
    """
    if not rows:
        return b""
    by_resource = groupby(map(to_span, rows), lambda span: (span.kept.resource, span.kept.resource_more))
    resources = [_of_resource(resource, more, spans) for (resource, more), spans in by_resource]
    return text.encode_bytes({"resourceSpans": resources}) + b"\n"


def _of_resource(resource: dict[str, Any], more: dict[str, Any], spans: Iterable[OutSpan]) -> dict[str, Any]:
    scopes = [_of_scope(scope, some) for scope, some in groupby(spans, lambda span: span.kept.scope)]
    about = {"attributes": resource, **more} if resource or more else {}
    return _described("resource", about) | {"scopeSpans": scopes}


def _of_scope(scope: dict[str, Any], spans: Iterable[OutSpan]) -> dict[str, Any]:
    return _described("scope", scope) | {"spans": [_span(one) for one in spans]}


def _described(name: str, about: dict[str, Any]) -> dict[str, Any]:
    """A resource or scope under its name, its attributes typed, and its schema beside it; nothing for none."""
    found = dict(about)
    url = found.pop("schemaUrl", None)
    if isinstance(found.get("attributes"), dict):
        found["attributes"] = typed_attributes(found["attributes"])
    return ({name: found} if found else {}) | ({"schemaUrl": url} if url else {})


def _span(span: OutSpan) -> dict[str, Any]:
    written: dict[str, Any] = {"traceId": span.trace_id, "spanId": span.span_id}
    if span.parent_id:
        written["parentSpanId"] = span.parent_id
    kept = span.kept
    if kept.trace_state:
        written["traceState"] = kept.trace_state
    if kept.flags:
        written["flags"] = kept.flags
    written["name"] = span.name
    written["kind"] = span.kind
    written["startTimeUnixNano"] = str(span.start)
    written["endTimeUnixNano"] = str(span.end)
    written["attributes"] = typed_attributes(span.attributes)
    if span.events:
        written["events"] = [_event(one) for one in span.events]
    if span.links:
        written["links"] = [_link(one) for one in span.links]
    if span.status or span.status_message:
        written["status"] = {"code": span.status, "message": span.status_message}
    for name, number in kept.dropped.items():
        written[f"dropped{name.capitalize()}Count"] = number
    return written


def _event(event: dict[str, Any]) -> dict[str, Any]:
    written = {"name": event.get("name", ""), "timeUnixNano": event.get("time_unix_nano", "0")}
    written["attributes"] = typed_attributes(event.get("attributes", {}))
    return written | ({"droppedAttributesCount": event["dropped"]} if "dropped" in event else {})


def _link(link: dict[str, Any]) -> dict[str, Any]:
    names = {
        "trace_id": "traceId",
        "span_id": "spanId",
        "trace_state": "traceState",
        "flags": "flags",
        "dropped": "droppedAttributesCount",
    }
    written = {names[name]: value for name, value in link.items() if name in names}
    return written | {"attributes": typed_attributes(link.get("attributes", {}))}
