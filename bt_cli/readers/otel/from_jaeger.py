"""Jaeger's JSON, as its page downloads it → span: a trace of one span, as `bt_cli.readers.otel.requests` cuts them."""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.origin import origin_of
from bt_cli.readers.otel.span import FAILED, KINDS, Event, OtelSpan, nanos_of, number_of
from bt_cli.spans import text
from bt_cli.spans.otel import read_id
from bt_cli.spans.problem import Rejected

_STATUSES = {"ERROR": FAILED, "OK": 1}
_SCOPE = ("otel.library.name", "otel.library.version", "otel.scope.name", "otel.scope.version")
_READ = frozenset(
    (
        "traceID", "spanID", "operationName", "references", "startTime", "duration", "tags", "logs", "processID",
        "parentSpanID",
    )
)  # fmt: skip
_EXTRA_PARENT = ("CHILD_OF", "FOLLOWS_FROM")


def read_trace(record: bytes) -> OtelSpan:
    """The span of a trace that holds one."""
    trace = text.decode(str(record, "utf-8"))
    span = trace["spans"][0]
    if not isinstance(span, dict):
        raise Rejected("not_object", "a span is not an object", "spans")
    tags = _tags(span.get("tags"))
    scope = {key.rpartition(".")[2]: tags.pop(key) for key in _SCOPE if key in tags}
    found = OtelSpan(
        name=str(span.get("operationName") or ""),
        kind=number_of(tags.pop("span.kind", None), KINDS),
        start=_micros(span.get("startTime")),
    )
    found.trace_id = _id(found, "traceID", span.get("traceID") or trace.get("traceID"), 16)
    found.span_id = _id(found, "spanID", span.get("spanID"), 8)
    found.parents = _parents(found, span)
    if not found.start and span.get("startTime"):
        found.keep("startTime", span["startTime"])
    if span.get("tags") and not isinstance(span["tags"], list):
        found.keep("tags", span["tags"])
    found.end = found.start + _micros(span.get("duration")) if found.start else 0
    _read_status(found, tags)
    found.attributes = tags
    found.events = [_event(one) for one in found.objects("logs", span.get("logs"))]
    processes, named = trace.get("processes"), span.get("processID")
    process = processes.get(named) if isinstance(processes, dict) and isinstance(named, str) else None
    if isinstance(process, dict):
        about = {"service.name": process.get("serviceName")} | _tags(process.get("tags"))
        found.origin = origin_of({"attributes": about}, scope)
    for key, value in span.items():
        if key not in _READ and value not in (None, "", 0, []):
            found.keep(key, value, "no_field")
    return found


def _micros(value: Any) -> int:
    """Nanoseconds of microseconds; 0 for what is none."""
    nanos = nanos_of(value) * 1000
    return nanos if nanos < 1 << 62 else 0


def _tags(listed: Any) -> dict[str, Any]:
    found = {}
    for tag in listed if isinstance(listed, list) else ():
        if isinstance(tag, dict) and "key" in tag:
            found[str(tag["key"])] = _value(tag.get("type"), tag.get("value"))
    return found


def _value(kind: Any, value: Any) -> Any:
    """Numbers may be written as text."""
    if isinstance(value, str) and kind in ("int64", "float64"):
        try:
            return int(value) if kind == "int64" else float(value)
        except ValueError:
            return value
    if isinstance(value, str) and kind == "bool":
        return {"true": True, "false": False}.get(value.lower(), value)
    return {"bytesValue": value} if kind == "binary" else value


def _id(span: OtelSpan, name: str, written: Any, size: int) -> str:
    """Jaeger leaves out leading zeros."""
    plain = str(written or "")
    found, standard = read_id(plain.rjust(2 * size, "0") if plain else "", size)
    if standard:
        return found
    span.losses.append((name, "nonstandard_id"))
    return plain


def _parents(found: OtelSpan, span: dict[str, Any]) -> list[str]:
    """References of the same trace: the spans that it is a child of, else the first that it follows from."""
    by_kind: dict[str, list[str]] = {kind: [] for kind in _EXTRA_PARENT}
    for one in found.objects("references", span.get("references")):
        kind = str(one.get("refType"))
        if kind not in by_kind:
            continue
        trace, parent = _id(found, "traceID", one.get("traceID"), 16), _id(found, "spanID", one.get("spanID"), 8)
        if trace == found.trace_id:
            by_kind[kind].append(parent)
        else:
            kind_of_link = {"opentracing.ref_type": kind.lower()}
            link = {"trace_id": trace, "span_id": parent, "attributes": kind_of_link}
            found.links.append({key: value for key, value in link.items() if value})
    if not any(by_kind.values()) and span.get("parentSpanID"):
        return [_id(found, "parentSpanID", span["parentSpanID"], 8)]
    return by_kind["CHILD_OF"] or by_kind["FOLLOWS_FROM"][:1]


def _read_status(span: OtelSpan, tags: dict[str, Any]) -> None:
    code = tags.pop("otel.status_code", None)
    span.status = _STATUSES.get(str(code).upper(), 0)
    if tags.get("error") is True:
        span.status = FAILED
    if span.status == FAILED:
        tags.pop("error", None)
    span.status_message = str(tags.pop("otel.status_description", "") or "")


def _event(log: dict[str, Any]) -> Event:
    fields = _tags(log.get("fields"))
    name = fields.pop("event", fields.pop("message", ""))
    return Event(str(name), _micros(log.get("timestamp")), fields)
