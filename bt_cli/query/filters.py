"""What a reading command asks a store for."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Operator = Literal["=", "<", ">=", "glob", "is null", "is not null"]
Scope = Literal["traces", "spans"]


class Condition(Struct, frozen=True):
    """One test on a field of a span: ``name``, ``type``, ``error``, ``created`` (epoch seconds), ``trace``.

    ``trace`` is an id of a trace or a span in it, or a prefix or suffix of at least 4 characters.
    """

    field: str
    operator: Operator
    value: str | float | None = None


class SpanFilter(Struct, frozen=True):
    """Conditions that all must hold, over spans; with scope ``traces`` one matching span brings its trace.

    ``created`` conditions test the root's time with scope ``traces``, the span's own with ``spans``;
    spans without a time never match them. ``limit`` counts traces or spans, as the scope says.
    """

    conditions: tuple[Condition, ...] = ()
    scope: Scope = "traces"
    limit: int | None = None

    @property
    def by_time(self) -> bool:
        """Whether spans without a time can't match."""
        return any(one.field == "created" for one in self.conditions)


EVERYTHING = SpanFilter()
