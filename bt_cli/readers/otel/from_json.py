"""OTLP's JSON → span: a request of one span, as `bt_cli.readers.otel.requests` cuts them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from bt_cli.readers.otel.origin import origin_of
from bt_cli.readers.otel.span import KINDS, STATUSES, Event, Origin, OtelSpan, nanos_of, number_of, told_time
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
        described = {} if described is None else {"value": described}
    found = {key: value for key, value in described.items() if value not in ("", None, 0)}
    if isinstance(found.get("attributes"), list):
        found["attributes"] = plain_attributes(found["attributes"])
    elif "attributes" in found:
        found["attributes"] = {"attributes": found["attributes"]}
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
    )
    found.start = told_time(found, "startTimeUnixNano", get("startTimeUnixNano"))
    found.end = told_time(found, "endTimeUnixNano", get("endTimeUnixNano"))
    attributes = get("attributes")
    found.attributes = plain_attributes(attributes)
    if attributes is not None and not isinstance(attributes, list):
        found.keep("attributes", attributes)
    found.trace_id = _id(found, "traceId", get("traceId"), 16)
    found.span_id = _id(found, "spanId", get("spanId"), 8)
    parent = _id(found, "parentSpanId", get("parentSpanId"), 8)
    if parent:
        found.parents.append(parent)
    status = get("status")
    if isinstance(status, dict):
        found.status = number_of(status.get("code"), STATUSES)
        found.status_message = _string(status.get("message"))
    elif status is not None:
        found.keep("status", status)
    if events := get("events"):
        found.events = [_event(one) for one in found.objects("events", events)]
    if links := get("links"):
        found.links = [_link(found, one) for one in found.objects("links", links)]
    if not span.keys() <= _COMMON:
        _read_more(found, span, get)
    return found


def _read_more(found: OtelSpan, span: dict[str, Any], get: Callable[[str], Any]) -> None:
    """What spans rarely have."""
    if state := get("traceState"):
        _more(found, "trace_state", state, isinstance(state, str))
    if flags := get("flags"):
        _more(found, "flags", flags, _is_count(flags))
    for key in span.keys() - _ALL:
        found.keep(key, span[key], "no_field")
    for name in ("attributes", "events", "links"):
        dropped = get(f"dropped{name.capitalize()}Count")
        if _is_count(dropped):
            found.more.setdefault("dropped", {})[name] = dropped
            found.losses.append((f"dropped {name}", "truncated_by_source"))
        elif dropped:
            found.keep(f"dropped_{name}_count", dropped)


def _more(found: OtelSpan, name: str, value: Any, fits: bool) -> None:
    if fits:
        found.more[name] = value
    else:
        found.keep(name, value)


def _is_count(value: Any) -> bool:
    """Whether a value is one of OTLP's unsigned numbers of 32 bits, and not zero."""
    return type(value) is int and 0 < value < 1 << 32


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
    attributes = event.get("attributes")
    plain = plain_attributes(attributes) if isinstance(attributes, list | None) else {"attributes": attributes}
    return Event(_string(event.get("name")), time, plain, dropped if _is_count(dropped) else 0)


def _link(span: OtelSpan, link: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "trace_id": _id(span, "links.traceId", link.get("traceId") or link.get("trace_id"), 16),
        "span_id": _id(span, "links.spanId", link.get("spanId") or link.get("span_id"), 8),
        "attributes": plain_attributes(link.get("attributes")),
        "trace_state": _string(link.get("traceState") or link.get("trace_state")),
    }
    counts = {"flags": link.get("flags"), "dropped": link.get("droppedAttributesCount")}
    found |= {key: value for key, value in counts.items() if _is_count(value)}
    return {key: value for key, value in found.items() if value}
