"""What a program says of a span that it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bt_cli.tracing.propagation import Inbound

Attributes = Mapping[str, Any] | None


class Above(NamedTuple):
    """The span that another begins below."""

    span_id: str
    root_span_id: str


class Start(NamedTuple):
    """What a program says of a span that it begins."""

    event: dict[str, Any]
    name: str | None = None
    type: str | None = None
    span_attributes: Attributes = None
    start_time: float | None = None
    set_current: bool | None = None
    propagated: dict[str, Any] | None = None
    """An event that every span of the trace gets from here on down."""
    inbound: Inbound | None = None
    """What headers brought beside the parent, to be passed on."""
