"""A row → a span of OpenTelemetry: ids, times and status where these have a place, all else in attributes.

The attributes are those that Braintrust documents (``braintrust.input_json`` …), so that its own endpoint reads
them too; what these cannot say is said by ``bt.*``. Together they give the row back as it is.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from bt_cli.spans import text
from bt_cli.spans.otel import COPIES, COPY, PARENT_LINK, is_span_id, nanoseconds, span_id_of, trace_id_of
from bt_cli.spans.row import Row
from bt_cli.spans.times import format_iso
from bt_cli.writers.otel.copies import copies_of
from bt_cli.writers.otel.kept import Kept, split_metadata

KINDS = {"SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}
_INTERNAL = 1
_FAILED = 2
_STATUSES = {"OK": 1, "ERROR": _FAILED}
_PAYLOADS = (
    ("braintrust.input_json", "input"),
    ("braintrust.output_json", "output"),
    ("braintrust.expected_json", "expected"),
    ("braintrust.metrics", "metrics"),
    ("braintrust.scores", "scores"),
    ("braintrust.span_attributes", "span_attributes"),
    ("braintrust.context_json", "context"),
    ("braintrust.origin", "origin"),
    ("bt.extra", "extra"),
)


_OURS = frozenset(key for key, _ in _PAYLOADS) | {"braintrust.metadata", "braintrust.tags"}


def _is_ours(key: str) -> bool:
    """Whether an attribute that a row keeps has a name that its own fields are written under."""
    return key in _OURS or key.startswith("bt.")


class OutSpan(Struct, gc=False):
    """One span: ids in hexadecimal, times in epoch nanoseconds (0 for unknown), attributes as plain JSON."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: int
    start: int
    end: int
    attributes: dict[str, Any]
    status: int
    status_message: str
    kept: Kept
    events: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)


def to_span(row: Row) -> OutSpan:
    """The span of a row."""
    trace = row.id if row.root_span_id is None else row.root_span_id
    metadata, kept = split_metadata(row.metadata)
    described = text.decode(row.span_attributes) if text.is_object(row.span_attributes) and row.span_attributes else {}
    metrics = text.decode(row.metrics) if text.is_object(row.metrics) and row.metrics else {}
    name = described.get("name")
    attributes = {key: value for key, value in kept.attributes.items() if not _is_ours(key)}
    if len(attributes) < len(kept.attributes):
        ours = {key: value for key, value in kept.attributes.items() if _is_ours(key)}
        attributes["bt.attributes"] = text.encode(ours)
    copies = copies_of(row, described.get("type"), metadata, metrics)
    attributes[COPIES] = [key for key in copies if key not in attributes]
    attributes = copies | attributes
    for key, member in _PAYLOADS:
        written = getattr(row, member)
        if written is not None:
            attributes[key] = written
    if metadata is not None:
        attributes["braintrust.metadata"] = metadata
    if kept.members:
        attributes["bt.members"] = text.encode(kept.members)
    _write_tags(row, attributes)
    start, end = _times(metrics, kept)
    _write_created(row, start, attributes)
    span = OutSpan(
        trace_id_of(trace),
        span_id_of(trace, row.span_id),
        "",
        name if isinstance(name, str) else "",
        kept.kind if isinstance(kept.kind, int) and kept.kind else KINDS.get(str(kept.kind), _INTERNAL),
        start,
        end,
        attributes,
        *_status(row, kept, attributes),
        kept,
        list(kept.events),
        list(kept.links),
    )
    _write_linkage(row, trace, span)
    if row.error not in (None, "null") and not any(one.get("name") == "exception" for one in span.events):
        message = span.status_message or row.error
        span.events.append({"name": "exception", "attributes": {"exception.message": message, COPY: True}})
    return span


def _write_linkage(row: Row, trace: str, span: OutSpan) -> None:
    """Parents as OpenTelemetry has them, one and links; and the row's own ids where these are others."""
    attributes = span.attributes
    parents: list[str] = [] if row.span_parents == "[]" else text.decode(row.span_parents)
    if parents:
        span.parent_id = span_id_of(trace, parents[0])
    if len(parents) > 1 or (parents and not is_span_id(parents[0])):
        attributes["bt.span_parents"] = row.span_parents
    for parent in parents[1:]:
        link = {"trace_id": span.trace_id, "span_id": span_id_of(trace, parent), "attributes": {PARENT_LINK: "parent"}}
        span.links.append(link)
    if row.root_span_id != span.trace_id:
        attributes["bt.root_span_id"] = row.root_span_id or ""
    if row.span_id != span.span_id:
        attributes["bt.span_id"] = row.span_id
    if row.id != row.span_id:
        attributes["bt.id"] = row.id


def _write_tags(row: Row, attributes: dict[str, Any]) -> None:
    if row.tags is None:
        return
    tags = text.decode(row.tags)
    if isinstance(tags, list) and tags and text.encode(tags) == row.tags:
        attributes["braintrust.tags"] = tags
    else:
        attributes["bt.tags"] = row.tags


def _times(metrics: dict[str, Any], kept: Kept) -> tuple[int, int]:
    """Start and end: to the nanosecond where these are kept."""
    found = []
    for name, exact in (("start", kept.start_time_unix_nano), ("end", kept.end_time_unix_nano)):
        seconds = metrics.get(name)
        if exact.isdigit():
            found.append(int(exact))
        elif isinstance(seconds, int | float) and 0 < seconds < 1e10:
            found.append(nanoseconds(seconds))
        else:
            found.append(0)
    return found[0], found[1]


def _write_created(row: Row, start: int, attributes: dict[str, Any]) -> None:
    """``created`` where it is not what a reader takes for it, the start."""
    if row.created != (format_iso(start / 1e9) if start else None):
        attributes["bt.created"] = "null" if row.created is None else text.quote(row.created)


def _status(row: Row, kept: Kept, attributes: dict[str, Any]) -> tuple[int, str]:
    """Status code and message; an error that these do not give back is an attribute too."""
    error = None if row.error is None else text.decode(row.error)
    code = _STATUSES.get(str(kept.status.get("code")), kept.status.get("code", 0))
    message = kept.status.get("message", "")
    if not kept.status and isinstance(error, str) and error and text.encode(error) == row.error:
        return _FAILED, error
    if row.error is not None:
        attributes["bt.error"] = row.error
        if error is not None and kept.status and code != _FAILED:
            attributes["bt.status"] = text.encode(kept.status)
        code = code if error is None else _FAILED
        message = message if kept.status or error is None else row.error
    return code if isinstance(code, int) else 0, message if isinstance(message, str) else ""
