"""How instrumentations name things, one file each, in the order in which they are believed.

A dialect has ``FAMILIES`` (first words of attribute names, or None where the span's events or name tell),
``PLAIN`` (attribute → where its value goes as it is) and ``read``, for what takes more than that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from bt_cli.readers.otel.dialects import (
    braintrust,
    claude_code,
    gen_ai,
    gen_ai_events,
    logfire,
    openinference,
    traceloop,
    vercel,
)
from bt_cli.readers.otel.reading import Reading, value_of
from bt_cli.spans.otel import COPIES


class Dialect(Protocol):
    """A module of this package."""

    FAMILIES: frozenset[str] | None
    PLAIN: dict[str, tuple[str, str]]
    read: Callable[[Reading], bool]


_ORDER: tuple[tuple[str, Any], ...] = (
    ("braintrust", braintrust),
    ("gen_ai events", gen_ai_events),
    ("gen_ai", gen_ai),
    ("ai-sdk", vercel),
    ("openinference", openinference),
    ("logfire", logfire),
    ("traceloop", traceloop),
    ("claude_code", claude_code),
)

_PLAIN: dict[str, tuple[int, str, str]] = {}
for _rank, (_name, _module) in enumerate(_ORDER):
    for _key, (_part, _target) in _module.PLAIN.items():
        _PLAIN.setdefault(_key, (_rank * 1000 + list(_module.PLAIN).index(_key), _part, _target))


def read_dialects(reading: Reading) -> None:
    """Reads all that is understood of a span's attributes and events into the row's fields."""
    if COPIES in reading.bag:  # `bt export` has written it: what it did not take from a row was kept by it
        braintrust.read(reading)
        reading.dialects.append("bt")
        return
    for name, module in _ORDER:
        dialect: Dialect = module
        if dialect.FAMILIES is not None and dialect.FAMILIES.isdisjoint(reading.families):
            continue
        if dialect.read(reading):
            reading.dialects.append(name)
    _read_plain(reading)


def _read_plain(reading: Reading) -> None:
    """Attributes whose value is that of a member: of several for one member the first in order.

    Another that says something else stays where it is.
    """
    found = sorted((*_PLAIN[key], key) for key in reading.bag if key in _PLAIN)
    for _, part, target, key in found:
        members: dict[str, Any] = getattr(reading, part)
        if target in reading.held("metadata" if part == "metadata" else "metrics"):
            continue
        value = reading.bag[key]
        if isinstance(value, str) and value[:1] in ("[", "{"):
            value = value_of(value)
        if part != "metadata" and (isinstance(value, bool) or not isinstance(value, int | float)):
            if not (isinstance(value, str) and _as_number(value) is not None):
                continue
            value = _as_number(value)
        if members.setdefault(target, value) == value:
            del reading.bag[key]


def _as_number(written: str) -> int | float | None:
    """Flat forms write numbers as text."""
    for kind in (int, float):
        try:
            return kind(written)
        except ValueError:
            continue
    return None
