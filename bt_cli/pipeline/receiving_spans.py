"""Spans that OpenTelemetry's exporters send → the store: read as from files, each where it belongs."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from bt_cli.pipeline.addressing import UNKNOWN
from bt_cli.pipeline.converting import Conversion
from bt_cli.pipeline.receiving import Receiving
from bt_cli.readers import open_reader
from bt_cli.readers.base import Record, Reject
from bt_cli.spans.container import Container, Kind
from bt_cli.spans.ids import content_hash
from bt_cli.spans.problem import Problem, Rejected
from bt_cli.spans.slugs import decode_slug
from bt_cli.stores.base import Submission
from bt_cli.stores.serving import ServingStore

Encoding = Literal["json", "otlp-proto"]
DEFAULT_PROJECT = "default"
"""Where spans go that say nothing of it."""

_KINDS: dict[str, Kind] = {"project_id": "project_logs", "experiment_id": "experiment"}


class SpanBody(Struct):
    """A request's spans as it had them: what is kept of those that are refused."""

    items: list[bytes]


def read_spans(store: ServingStore, body: bytes, encoding: Encoding, parent: str) -> Receiving:
    """What the spans of a request mean, and where they belong: where they say themselves, else to ``parent``.

    ``parent`` is what the header ``x-bt-parent`` says: ``project_name:…``, ``project_id:…``,
    ``experiment_id:…`` or a slug; empty for nothing. What is no span, in a body that is, is refused by itself.
    """
    taken = SpanBody([])
    receiving = Receiving(taken)
    places = _Places(store, parent)
    conversion = Conversion()
    for item in open_reader(encoding).read(iter([body])):
        if isinstance(item, Record):
            taken.items.append(item.raw)
            _take(receiving, conversion, places, item)
        elif isinstance(item, Reject):
            taken.items.append(item.raw or b"")
            receiving.refuse(Problem(item.code, item.message))
    return receiving


def _take(receiving: Receiving, conversion: Conversion, places: _Places, record: Record) -> None:
    flat = conversion.convert(record.json, content_hash(record.raw), record.form)
    if isinstance(flat, Problem):
        receiving.refuse(flat)
        return
    try:
        container = places.of(flat.foreign.parent if flat.foreign else "")
    except Rejected as rejected:
        receiving.refuse(rejected.problem)
        return
    (row,) = flat.rows
    receiving.take(row.id, container, Submission([row], None, "merge", False, False))


class _Places:
    """The containers that the spans of one request name, each looked up once."""

    def __init__(self, store: ServingStore, default: str) -> None:
        self._store = store
        self._default = default
        self._found: dict[str, Container] = {}

    def of(self, parent: str) -> Container:
        """The container that a span's own ``braintrust.parent`` names, else the request's. Raises `Rejected`."""
        named = parent or self._default
        if named not in self._found:
            self._found[named] = self._look_up(named)
        return self._found[named]

    def _look_up(self, named: str) -> Container:
        if not named:
            return Container(DEFAULT_PROJECT)
        kind, _, value = named.partition(":")
        if kind == "project_name" and value:
            return Container(value)
        if kind in _KINDS:
            return self._by_id(_KINDS[kind], value)
        try:
            slug = decode_slug(named)
        except ValueError:
            raise Rejected(UNKNOWN, f"{named!r} names no project or experiment", "braintrust.parent") from None
        if slug.object_id and slug.object_type in ("experiment", "project_logs"):
            return self._by_id("experiment" if slug.object_type == "experiment" else "project_logs", slug.object_id)
        about = slug.compute_object_metadata_args or {}
        if isinstance(name := about.get("project_name"), str):
            return Container(name)
        return self._by_id("project_logs", str(about.get("project_id", "")))

    def _by_id(self, kind: Kind, id: str) -> Container:
        there = self._store.objects(kind, id=id) if id else []
        if not there:
            raise Rejected(UNKNOWN, f"there is no {kind} with the id {id!r}", "braintrust.parent")
        return there[0].container
