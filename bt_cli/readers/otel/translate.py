"""A span of OpenTelemetry → a row, as the node that Braintrust's field names read into."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct

from bt_cli.readers.otel.dialects import read_dialects
from bt_cli.readers.otel.reading import Reading
from bt_cli.readers.otel.span import FAILED, KINDS, STATUSES, Event, Loss, OtelSpan
from bt_cli.readers.otel.usage import settle_usage
from bt_cli.spans import text
from bt_cli.spans.node import Members, Node
from bt_cli.spans.otel import KEPT, nanoseconds
from bt_cli.spans.times import format_iso

_CODE = {
    "code.function.name": "caller_functionname",
    "code.function": "caller_functionname",
    "code.file.path": "caller_filename",
    "code.filepath": "caller_filename",
    "code.line.number": "caller_lineno",
    "code.lineno": "caller_lineno",
}


class Translation(Struct, gc=False):
    """The node of a span, the dialects that it was read with, and what has no field of its own."""

    node: Node
    dialects: list[str]
    losses: list[Loss]
    parent: str
    """The attribute ``braintrust.parent``: where the span says that it belongs."""


def translate(span: OtelSpan) -> Translation:
    """Makes a row of a span: nothing of it is lost, and what no field holds is kept in ``metadata.otel``."""
    reading = Reading(span)
    read_dialects(reading)
    settle_usage(reading)
    _read_error(reading)
    _read_caller(reading)
    parent = span.attributes.get("braintrust.parent")
    return Translation(_node(reading), reading.dialects, reading.losses, parent if isinstance(parent, str) else "")


def _read_error(reading: Reading) -> None:
    span = reading.span
    if span.status != FAILED or "error" in reading.texts:
        return
    message = span.status_message or _exception(reading.events) or reading.bag.get("error.type") or "error"
    reading.put_value("error", message)


def _exception(events: list[Event]) -> str:
    """``type: message`` of the last exception among the events; empty where there is none."""
    for event in reversed(events):
        if event.name == "exception":
            named = (event.attributes.get(f"exception.{part}") for part in ("type", "message"))
            return ": ".join(str(one) for one in named if one)
    return ""


def _read_caller(reading: Reading) -> None:
    """Where in the program the span was begun."""
    if "code" not in reading.families or "context" in reading.texts:
        return
    caller: dict[str, Any] = {}
    for key, name in _CODE.items():
        if key in reading.bag and name not in caller:
            caller[name] = reading.bag.pop(key)
    if caller:
        reading.put_value("context", caller)


def _node(reading: Reading) -> Node:
    span, texts = reading.span, reading.texts
    times, exact = _times(span)
    kept = _kept(reading, exact)
    named = {name: value for name, value in (("name", reading.name), ("type", reading.type)) if value}
    texts["metrics"] = _merged(texts.get("metrics"), {**times, **reading.metrics})
    texts["metadata"] = _merged(texts.get("metadata"), reading.metadata, kept)
    texts["scores"] = _merged(texts.get("scores"), reading.scores)
    texts["span_attributes"] = _merged(texts.get("span_attributes"), named)
    if "created" not in texts and "start" in times:
        texts["created"] = text.quote(format_iso(times["start"]))
    if "tags" not in texts and reading.tags:
        texts["tags"] = text.encode(reading.tags)
    node = Node(extra=Members(texts.pop("extra", "")))
    _link(node, span, texts)
    for name, written in texts.items():
        if written:
            setattr(node, name, _raw(written))
    return node


def _link(node: Node, span: OtelSpan, texts: dict[str, str]) -> None:
    """The ids of the span, or those that it had before it was written as OpenTelemetry's."""
    span_id = texts.pop("bt.span_id", span.span_id)
    trace_id = texts.pop("bt.root_span_id", span.trace_id)
    row_id = texts.pop("bt.id", span_id)
    if row_id:
        node.id = row_id
    if span_id:
        node.span_id = span_id
    if trace_id:
        node.root_span_id = trace_id
    node.span_parents = _raw(texts.pop("span_parents", text.encode(span.parents)))


def _times(span: OtelSpan) -> tuple[dict[str, float], dict[str, str]]:
    """Start and end in seconds, and the nanoseconds that these cannot hold, as ``metadata.otel`` has them."""
    seconds: dict[str, float] = {}
    exact: dict[str, str] = {}
    for name, nanos in (("start", span.start), ("end", span.end)):
        if nanos:
            seconds[name] = nanos / 1e9
            if nanoseconds(seconds[name]) != nanos:
                exact[f"{name}_time_unix_nano"] = str(nanos)
    return seconds, exact


def _kept(reading: Reading, exact: dict[str, str]) -> str:
    """The member of the metadata that holds what no field does; empty where that is nothing."""
    span = reading.span
    members: dict[str, Any] = {}
    if reading.bag:
        members["attributes"] = reading.bag
        reading.losses.extend((key, "no_field") for key in reading.bag)
    if reading.events:
        members["events"] = [_event(one) for one in reading.events]
        reading.losses.extend((f"event {one.name}", "no_field") for one in reading.events)
    if span.links:
        members["links"] = span.links
        reading.losses.append(("links", "no_field"))
    if span.kind > 1:
        members["kind"] = KINDS[span.kind] if span.kind < len(KINDS) else span.kind
    status = _status(reading)
    if status and "status" not in span.more:
        members["status"] = status
    members |= span.more
    members |= exact
    written = text.encode(members)[1:-1] if members else ""
    return ",".join(part for part in (written, span.origin.members) if part)


def _status(reading: Reading) -> dict[str, Any]:
    """The status, unless the row's error says it all."""
    span = reading.span
    if span.status == FAILED and reading.texts.get("error") in (text.encode(span.status_message), span.status_message):
        return {}
    code = STATUSES[span.status] if span.status < len(STATUSES) else span.status
    found = {"code": code if span.status else None, "message": span.status_message}
    return {name: value for name, value in found.items() if value}


def _event(event: Event) -> dict[str, Any]:
    found = {"name": event.name, "time_unix_nano": str(event.time) if event.time else None}
    found |= {"attributes": event.attributes, "dropped": event.dropped}  # type: ignore[dict-item]
    return {name: value for name, value in found.items() if value}


def _merged(given: str | None, more: dict[str, Any], kept: str = "") -> str:
    """The JSON of an object as it was given, with members that it lacks, and ``kept`` as its member of that name.

    Empty where there is nothing; what was given is an object or null.
    """
    if given is None:
        if not kept:
            return text.encode(more) if more else ""
        head = text.encode(more)[:-1] + "," if more else "{"
        return f'{head}"{KEPT}":{{{kept}}}}}'
    held = text.members(given) if text.is_object(given) else {}
    parts = [given.strip()[1:-1].strip()] if held else []
    lacking = {key: value for key, value in more.items() if key not in held}
    if lacking:
        parts.append(text.encode(lacking)[1:-1])
    if kept:
        parts.append(f'"{KEPT}":{{{kept}}}')
    return f"{{{','.join(parts)}}}" if len(parts) > bool(held) else given


def _raw(written: str) -> Raw:
    return Raw(written.encode())
