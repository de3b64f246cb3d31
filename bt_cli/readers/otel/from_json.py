"""OTLP's JSON → span: a request of one span, as `bt_cli.readers.otel.requests` cuts them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from bt_cli.readers.otel.origin import origin_of
from bt_cli.readers.otel.span import KINDS, STATUSES, Event, Origin, OtelSpan, nanos_of, number_of
from bt_cli.spans import text
from bt_cli.spans.otel import plain_attributes, read_id
from bt_cli.spans.problem import Rejected

_NONE = Raw(b"{}")


class _Scoped(Struct, rename="camel"):
    spans: tuple[Raw]
    scope: Raw = _NONE
    schema_url: Raw = _NONE


class _Resource(Struct, rename="camel"):
    scope_spans: tuple[_Scoped]
    resource: Raw = _NONE
    schema_url: Raw = _NONE


class _Request(Struct, rename="camel"):
    resource_spans: tuple[_Resource]


_KNOWN = frozenset(
    (
        "traceId", "spanId", "parentSpanId", "traceState", "flags", "name", "kind", "startTimeUnixNano",
        "endTimeUnixNano", "attributes", "droppedAttributesCount", "events", "droppedEventsCount", "links",
        "droppedLinksCount", "status",
    )
)  # fmt: skip
_ALL = _KNOWN | {re.sub("[A-Z]", lambda capital: "_" + capital.group().lower(), name) for name in _KNOWN}

_COMMON = _KNOWN - {"traceState", "flags", "droppedAttributesCount", "droppedEventsCount", "droppedLinksCount"}

_request = msgspec.json.Decoder(_Request).decode


def read_request(record: bytes) -> OtelSpan:
    """The span of a request that holds one. Raises `Rejected` for what is none."""
    (resource,) = _request(record).resource_spans
    (scoped,) = resource.scope_spans
    span = text.decode(str(scoped.spans[0], "utf-8"))
    if not isinstance(span, dict):
        raise Rejected("not_object", "a span is not an object", "spans")
    found = read_span(span)
    about = (bytes(resource.resource), bytes(resource.schema_url), bytes(scoped.scope), bytes(scoped.schema_url))
    found.origin = _origin(*about)
    return found


@lru_cache(maxsize=256)
def _origin(resource: bytes, resource_url: bytes, scope: bytes, scope_url: bytes) -> Origin:
    """Spans that follow each other mostly come from one place."""
    about, within, url, scope_schema = (text.decode(one.decode()) for one in (resource, scope, resource_url, scope_url))
    return origin_of(_plain(about, url), _plain(within, scope_schema))


def _plain(described: Any, schema_url: Any) -> dict[str, Any]:
    """What a resource or scope says of itself, its attributes plain."""
    if not isinstance(described, dict):
        return {}
    found = {key: value for key, value in described.items() if value not in ("", None, 0)}
    if "attributes" in found:
        found["attributes"] = plain_attributes(found["attributes"])
    if isinstance(schema_url, str):
        found["schemaUrl"] = schema_url
    return found


def read_span(span: dict[str, Any]) -> OtelSpan:
    """A span in OTLP's JSON form, in camel case or snake case. Raises `Rejected` for nesting beyond bounds."""
    get = span.get
    if "traceId" not in span and "trace_id" in span:
        get = {_camel(key): value for key, value in span.items()}.get
    found = OtelSpan(
        name=_string(get("name")),
        kind=number_of(get("kind"), KINDS),
        start=nanos_of(get("startTimeUnixNano")),
        end=nanos_of(get("endTimeUnixNano")),
        attributes=plain_attributes(get("attributes")),
    )
    found.trace_id = _id(found, "traceId", get("traceId"), 16)
    found.span_id = _id(found, "spanId", get("spanId"), 8)
    parent = _id(found, "parentSpanId", get("parentSpanId"), 8)
    if parent:
        found.parents.append(parent)
    if status := get("status"):
        found.status = number_of(status.get("code"), STATUSES)
        found.status_message = _string(status.get("message"))
    found.events = [_event(one) for one in get("events") or () if isinstance(one, dict)]
    found.links = [_link(found, one) for one in get("links") or () if isinstance(one, dict)]
    if not span.keys() <= _COMMON:
        _read_more(found, span, get)
    return found


def _read_more(found: OtelSpan, span: dict[str, Any], get: Callable[[str], Any]) -> None:
    """What spans rarely have."""
    if state := get("traceState"):
        found.more["trace_state"] = state
    if flags := get("flags"):
        found.more["flags"] = flags
    if not span.keys() <= _KNOWN and (unknown := {key: span[key] for key in span if key not in _ALL}):
        found.more["members"] = unknown
    for name in ("attributes", "events", "links"):
        if dropped := get(f"dropped{name.capitalize()}Count"):
            found.more.setdefault("dropped", {})[name] = dropped
            found.losses.append((f"dropped {name}", "truncated_by_source"))


def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(map(str.capitalize, rest))


def _string(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else text.encode(value)


def _id(span: OtelSpan, name: str, written: Any, size: int) -> str:
    if not written:
        return ""
    found, standard = read_id(_string(written), size)
    if not standard:
        span.losses.append((name, "nonstandard_id"))
    return found


def _event(event: dict[str, Any]) -> Event:
    dropped = event.get("droppedAttributesCount") or event.get("dropped_attributes_count") or 0
    time = nanos_of(event.get("timeUnixNano") or event.get("time_unix_nano"))
    return Event(_string(event.get("name")), time, plain_attributes(event.get("attributes")), dropped)


def _link(span: OtelSpan, link: dict[str, Any]) -> dict[str, Any]:
    found = {
        "trace_id": _id(span, "links.traceId", link.get("traceId") or link.get("trace_id"), 16),
        "span_id": _id(span, "links.spanId", link.get("spanId") or link.get("span_id"), 8),
        "attributes": plain_attributes(link.get("attributes")),
        "trace_state": link.get("traceState") or link.get("trace_state"),
        "flags": link.get("flags"),
        "dropped": link.get("droppedAttributesCount") or link.get("dropped_attributes_count"),
    }
    return {key: value for key, value in found.items() if value}
