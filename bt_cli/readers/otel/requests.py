"""OTLP's JSON requests, and Jaeger's traces, cut into those of one span each: the records of such input.

A request of one span is valid input itself, so that a rejected span can be mended and imported again.
Older and other forms of the wrapping come out as the present one; the span stays as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Raw

from bt_cli.readers.base import Skip

_RESOURCES = ("resourceSpans", "resource_spans", "batches")
_SCOPES = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans")
_SCOPE = ("scope", "instrumentationLibrary", "instrumentation_library")
_SIGNALS = {
    "resourceLogs": "logs",
    "resource_logs": "logs",
    "resourceMetrics": "metrics",
    "resource_metrics": "metrics",
    "resourceProfiles": "profiles",
}

BEGINNINGS = (*_RESOURCES, *_SIGNALS, "trace")
"""Keys with which a request may begin."""

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_items = msgspec.json.Decoder(list[Raw]).decode
_objects = msgspec.json.Decoder(list[dict[str, Raw]]).decode


def cut_request(members: dict[str, Raw]) -> Iterator[bytes | Skip] | None:
    """The spans of a request, each as a request of its own, and what is no trace; None where it is no request.

    Raises msgspec.DecodeError where it has the keys of one and is built otherwise.
    """
    if "trace" in members and len(members) <= 3 and bytes(members["trace"])[:1] == b"{":
        members = _members(members["trace"])
        if _first(members, _RESOURCES) is None:
            return None
    skips = [Skip(signal) for key, signal in _SIGNALS.items() if key in members]
    if _first(members, _RESOURCES) is None:
        return iter(skips) if skips else None
    return _composed(list(_groups(members)), skips)


def cut_trace(members: dict[str, Raw]) -> Iterator[bytes]:
    """The spans of Jaeger's trace, each as a trace of its own. Raises msgspec.DecodeError where they are no list."""
    processes = members.get("processes", Raw(b"{}"))
    tail = b'],"processes":%s}' % bytes(processes)
    head = b'{"traceID":%s,"spans":[' % bytes(members["traceID"])
    return iter([head + bytes(span) + tail for span in _items(members["spans"])])


def _composed(groups: list[tuple[bytes, list[Raw]]], skips: list[Skip]) -> Iterator[bytes | Skip]:
    for head, spans in groups:
        for span in spans:
            yield b"%s%s]}]}]}" % (head, bytes(span))
    yield from skips


def _groups(members: dict[str, Raw]) -> Iterator[tuple[bytes, list[Raw]]]:
    """The spans of each scope, and how a request of one of them begins."""
    for resource in _list(_first(members, _RESOURCES)):
        about = _member("resource", resource.get("resource")) + _member("schemaUrl", _schema(resource))
        for scope in _list(_first(resource, _SCOPES)):
            within = _member("scope", _first(scope, _SCOPE)) + _member("schemaUrl", _schema(scope))
            spans = _first(scope, ("spans",))
            head = b'{"resourceSpans":[{%s"scopeSpans":[{%s"spans":[' % (about, within)
            yield head, [] if spans is None else _items(spans)


def _first(members: dict[str, Raw], names: tuple[str, ...]) -> Raw | None:
    for name in names:
        value = members.get(name)
        if value is not None and bytes(value) != b"null":
            return value
    return None


def _schema(members: dict[str, Raw]) -> Raw | None:
    url = _first(members, ("schemaUrl", "schema_url"))
    return None if url is None or bytes(url) == b'""' else url


def _list(value: Raw | None) -> list[dict[str, Raw]]:
    return [] if value is None else _objects(value)


def _member(name: str, value: Raw | None) -> bytes:
    return b"" if value is None or bytes(value) == b"null" else b'"%s":%s,' % (name.encode(), bytes(value))
