"""Spans as flat objects → span: what OpenTelemetry's SDK for Python prints, and dumps of the like."""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.origin import origin_of
from bt_cli.readers.otel.span import KINDS, STATUSES, Event, OtelSpan, nanos_of, number_of
from bt_cli.spans import text
from bt_cli.spans.otel import MAX_VALUE_DEPTH, nanoseconds, plain_attributes, read_id
from bt_cli.spans.times import parse_iso

_READ = frozenset(
    (
        "trace_id", "span_id", "parent_span_id", "parent_id", "context", "name", "kind", "start_time", "end_time",
        "attributes", "events", "span_events", "links", "status", "resource", "scope", "instrumentation_scope",
    )
)  # fmt: skip


def is_flat(members: dict[str, Any], context: str | None) -> bool:
    """Whether a record's unknown members, and its ``context``, are those of such a span."""
    if "attributes" not in members and "start_time" not in members:
        return False
    return "trace_id" in members or (context is not None and '"trace_id"' in context)


def read_flat(record: bytes) -> OtelSpan:
    """The span of one flat object."""
    span: dict[str, Any] = text.decode(str(record, "utf-8"))
    context = span.get("context")
    ids = {**span, **context} if isinstance(context, dict) else span
    found = OtelSpan(
        name=str(span.get("name") or ""),
        kind=number_of(span.get("kind"), KINDS),
        attributes=_attributes(span.get("attributes")),
    )
    for name in ("start", "end"):
        written = span.get(f"{name}_time")
        setattr(found, name, _time(written))
        if not getattr(found, name) and written not in (None, 0, "", "0"):
            found.keep(f"{name}_time", written)
    found.trace_id = _id(found, ids, "trace_id", 16)
    found.span_id = _id(found, ids, "span_id", 8)
    parent = _id(found, span, "parent_span_id", 8) or _id(found, span, "parent_id", 8)
    if parent:
        found.parents.append(parent)
    status = span.get("status")
    if isinstance(status, dict):
        found.status = number_of(status.get("status_code", status.get("code")), STATUSES)
        found.status_message = str(status.get("description") or status.get("message") or "")
    elif status is not None:
        found.keep("status", status)
    found.events = [_event(one) for name in ("span_events", "events") for one in found.objects(name, span.get(name))]
    found.links = [_link(found, one) for one in found.objects("links", span.get("links"))]
    found.origin = origin_of(_about(span.get("resource")), _about(span.get("scope", span.get("instrumentation_scope"))))
    for key, value in span.items():
        if key not in _READ and value not in (None, ""):
            found.keep(key, value, "no_field")
    state = context.get("trace_state") if isinstance(context, dict) else None
    if isinstance(state, str) and state not in ("", "[]"):
        found.more["trace_state"] = state
    elif state and not isinstance(state, str):
        found.keep("trace_state", state)
    return found


def _time(value: Any) -> int:
    if isinstance(value, str) and not value.isdigit():
        seconds = parse_iso(value)
        return 0 if seconds is None else nanoseconds(seconds)
    return nanos_of(value)


def _attributes(given: Any) -> dict[str, Any]:
    if isinstance(given, list | None):
        return plain_attributes(given)
    found = given if isinstance(given, dict) else {"attributes": given}
    return {key: _bounded(value, MAX_VALUE_DEPTH) for key, value in found.items()}


def _bounded(value: Any, depth: int) -> Any:
    """A value within the depth that attributes have elsewhere; what lies deeper as its JSON text."""
    if depth == 0:
        return text.encode(value)
    if isinstance(value, dict):
        return {key: _bounded(one, depth - 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_bounded(one, depth - 1) for one in value]
    return value


def _id(span: OtelSpan, members: dict[str, Any], name: str, size: int) -> str:
    written = members.get(name)
    if not written:
        return ""
    found, standard = read_id(str(written).removeprefix("0x"), size)
    if not standard:
        span.losses.append((name, "nonstandard_id"))
    return found


def _event(event: dict[str, Any]) -> Event:
    name = event.get("name", event.get("event_name"))
    time = event.get("timestamp", event.get("time", event.get("time_unix_nano")))
    return Event(str(name or ""), _time(time), _attributes(event.get("attributes")))


def _link(span: OtelSpan, link: dict[str, Any]) -> dict[str, Any]:
    context = link.get("context")
    ids = context if isinstance(context, dict) else link
    found = {
        "trace_id": _id(span, ids, "trace_id", 16),
        "span_id": _id(span, ids, "span_id", 8),
        "attributes": _attributes(link.get("attributes")),
    }
    return {key: value for key, value in found.items() if value}


def _about(described: Any) -> dict[str, Any]:
    """A resource or scope, whose attributes may stand in it bare."""
    if not isinstance(described, dict):
        return {} if described is None else {"value": described}
    if "attributes" in described or "name" in described:
        return described | {"attributes": _attributes(described.get("attributes"))}
    return {"attributes": described}
