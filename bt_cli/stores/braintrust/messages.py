"""What our client asks our server beside Braintrust's API: the questions of a store, as MessagePack."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from bt_cli.query.filters import SpanFilter
from bt_cli.spans.container import Container
from bt_cli.stores.base import Arrivals, ContainerInfo, Found
from bt_cli.stores.serving import TraceKey

MEDIA_TYPE = "application/msgpack"


class TracesAsked(Struct, array_like=True):
    """A page of traces, of about so many bytes."""

    container: Container
    wanted: SpanFilter
    newest: bool
    after: TraceKey | None
    fields: list[str] | None
    bytes: int


class TracesGiven(Struct, array_like=True):
    """Traces as a list of lists of lists of rows, still encoded; ``after`` is for the next page, None for none."""

    traces: list[Raw]
    spans: int
    after: TraceKey | None
    timeless: int


class HoldingAsked(Struct, array_like=True):
    """The traces that hold some rows."""

    container: Container
    ids: list[str]
    fields: list[str] | None


class FindAsked(Struct, array_like=True):
    """What an id, or an end of one, means."""

    wanted: str
    kind: Literal["trace", "span"]
    container: Container | None


class FindGiven(Struct, array_like=True):
    """Traces or spans."""

    found: list[Found]


class ArrivalsAsked(Struct, array_like=True):
    """Traces that came into being since."""

    container: Container
    wanted: SpanFilter
    after: int | None


class ArrivalsGiven(Struct, array_like=True):
    """They, and where they end."""

    arrivals: Arrivals


class QueryAsked(Struct, array_like=True):
    """One SQL query."""

    statement: str
    within: Container | None


class QueryGiven(Struct, array_like=True):
    """The whole answer."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


class DeleteAsked(Struct, array_like=True):
    """A container is to go."""

    container: Container


class DeleteGiven(Struct, array_like=True):
    """How many spans it had."""

    spans: int


class ContainersAsked(Struct, array_like=True):
    """All containers."""


class ContainersGiven(Struct, array_like=True):
    """They, and what is in them."""

    containers: list[ContainerInfo]


class Fault(Struct, array_like=True):
    """An error of the store, to be raised where the question came from."""

    kind: Literal["usage", "not_found", "query"]
    message: str
    hint: str | None
    code: str
    name: str | None = None
    line: int | None = None
    byte: int | None = None
    excerpt: tuple[str, ...] = ()


packed = msgspec.msgpack.Encoder().encode
