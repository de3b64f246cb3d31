"""What a program logs → fields as JSON text: checked at once, whatever the program does with its values later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bt_cli.spans.validating import checked_event
from bt_cli.tracing.attachments import BaseAttachment
from bt_cli.tracing.values import UNKNOWN, to_json

_LINKAGE = frozenset(("id", "span_id", "root_span_id", "span_parents", "_is_merge"))


class Encoded(NamedTuple):
    """Fields of a row, names and JSON text, and the attachments that they name."""

    fields: list[tuple[str, str]]
    attachments: list[BaseAttachment]


def encode_event(event: Mapping[str, Any]) -> Encoded:
    """The fields of an event; those that are None say nothing.

    Raises ValueError for what Braintrust's fields don't allow, TypeError for what places a span.
    """
    if not _LINKAGE.isdisjoint(event):
        raise TypeError(f"a span's {', '.join(sorted(_LINKAGE.intersection(event)))} cannot be logged")
    attachments: list[BaseAttachment] = []

    def replaced(value: object) -> object:
        if isinstance(value, BaseAttachment):
            attachments.append(value)
            return value.reference
        return stand_in(value)

    checked = checked_event(event)
    return Encoded(
        [(name, to_json(value, replaced)) for name, value in checked.items() if value is not None], attachments
    )


def merged(event: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """``more`` merged into a copy of ``event``, objects deeply."""
    both = dict(event)
    for key, value in more.items():
        there = both.get(key)
        both[key] = merged(there, value) if isinstance(there, dict) and isinstance(value, Mapping) else value
    return both


def stand_in(value: object) -> object:
    """What stands for an object of this library in JSON; `UNKNOWN` for any other object."""
    kind = type(value)
    return _NAMES.get(kind.__name__, UNKNOWN) if kind.__module__.startswith("bt_cli.tracing.") else UNKNOWN


_NAMES = {"Span": "<span>", "NoopSpan": "<span>", "Experiment": "<experiment>", "Logger": "<logger>"}
"""What stands for the library's own objects."""
