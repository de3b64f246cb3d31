"""A span as OpenTelemetry has it, whichever form it was written in."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
"""Kinds of spans by their number."""
STATUSES = ("UNSET", "OK", "ERROR")
"""Status codes by their number."""
FAILED = 2

Loss = tuple[str, str]
"""Something of a span that a row has no field for, or not in that form: its name, and a reason.

``no_field`` (kept as it is in ``metadata.otel``), ``unparsed`` (said to be JSON and is none; kept),
``nonstandard_id`` (kept), ``coerced`` (a count that left cached tokens out got them),
``truncated_by_source`` (the program that wrote the span dropped it).
"""


class Event(Struct, gc=False):
    """Something that happened within a span; ``time`` in epoch nanoseconds, 0 for unknown."""

    name: str
    time: int = 0
    attributes: dict[str, Any] = {}
    dropped: int = 0


class Origin(Struct, frozen=True, gc=False):
    """What the spans of one program's part have in common: JSON text of the members that tell of it, or none.

    ``members`` is what ``metadata.otel`` says of resource and scope (``"resource":{…},"scope":{…}``).
    """

    members: str = ""
    scope: str = ""


class OtelSpan(Struct):
    """One span. Ids are as `bt_cli.spans.otel.read_id` has them; times in epoch nanoseconds, 0 for unknown."""

    trace_id: str = ""
    span_id: str = ""
    parents: list[str] = field(default_factory=list)
    """The ids of its parents: of OTLP's none or one."""
    name: str = ""
    kind: int = 0
    start: int = 0
    end: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    """As ``metadata.otel.links`` has them: ``trace_id``, ``span_id`` and what else there is."""
    status: int = 0
    status_message: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    """Further members for ``metadata.otel``: ``trace_state``, ``flags``, ``dropped`` …"""
    origin: Origin = Origin()
    losses: list[Loss] = field(default_factory=list)

    def keep(self, name: str, value: Any, reason: str = "unparsed") -> None:
        """Keeps a member that is not built as its name says, or (``no_field``) that nobody knows."""
        self.more.setdefault("members", {})[name] = value
        self.losses.append((name, reason))

    def objects(self, name: str, value: Any) -> list[dict[str, Any]]:
        """A member that is a list of objects; what is none is kept apart."""
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            return value
        if value is not None:
            self.keep(name, value)
        return []


_LATEST = 1 << 63
"""Nanoseconds that have a place in OTLP: until the year 2262."""


def number_of(value: Any, names: tuple[str, ...]) -> int:
    """An enumeration's number, which may be written as its name with any prefix; 0 for what is neither."""
    if isinstance(value, int) and 0 <= value < 100:
        return int(value)
    if isinstance(value, str):
        if value.isdecimal() and len(value) < 3:
            return int(value)
        word = value.rpartition("_")[2].rpartition(".")[2].upper()
        return names.index(word) if word in names else 0
    return 0


def nanos_of(value: Any) -> int:
    """Epoch nanoseconds that are a number or its digits; 0, which means unknown, for anything else."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and 0 < value < _LATEST:
        value = int(value)
    return value if type(value) is int and 0 < value < _LATEST else 0


def told_time(span: OtelSpan, name: str, value: Any) -> int:
    """Epoch nanoseconds; what is no time is kept apart."""
    nanos = nanos_of(value)
    if not nanos and value not in (None, 0, "0", ""):
        span.keep(name, value)
    return nanos
