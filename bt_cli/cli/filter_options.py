"""The filters of every command that reads a store, and what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from msgspec import Struct

from bt_cli.cli.times import parse_duration, parse_time
from bt_cli.errors import UsageError
from bt_cli.query.filters import Condition, Scope, SpanFilter

PANEL = "Filters"

SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="From TIME on (bt help filters).", rich_help_panel=PANEL)
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Before TIME.", rich_help_panel=PANEL)]
WindowOption = Annotated[
    str | None, typer.Option("--window", metavar="DURATION", help="The last 24h, 7d …", rich_help_panel=PANEL)
]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar="GLOB", help="Spans of that name.", rich_help_panel=PANEL)
]
TypeOption = Annotated[
    str | None, typer.Option("--type", metavar="TYPE", help="Spans of that type, as llm.", rich_help_panel=PANEL)
]
ErrorOption = Annotated[
    bool | None,
    typer.Option("--error/--no-error", help="Spans with an error, or without.", rich_help_panel=PANEL),
]
TraceOption = Annotated[
    str | None,
    typer.Option("--trace-id", metavar="ID", help="One trace; 4 characters of its id do.", rich_help_panel=PANEL),
]
ScopeOption = Annotated[
    Scope, typer.Option("--scope", help="A matching span brings its trace, or itself.", rich_help_panel=PANEL)
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=0, help="At most N traces (or spans, as --scope).", rich_help_panel=PANEL),
]


class FilterFlags(Struct, frozen=True):
    """The filter options as given; `to_filter` checks them."""

    since: str | None = None
    until: str | None = None
    window: str | None = None
    name: str | None = None
    type: str | None = None
    error: bool | None = None
    trace_id: str | None = None
    scope: Literal["traces", "spans"] = "traces"
    limit: int | None = None

    def to_filter(self, now: float) -> SpanFilter:
        """What a store gets; ``now`` in epoch seconds. Raises UsageError for a value that does not work."""
        conditions = [*self._times(now), *self._equalities()]
        return SpanFilter(tuple(conditions), self.scope, self.limit)

    def _times(self, now: float) -> list[Condition]:
        if self.window and self.since:
            raise UsageError("--window and --since both say where to begin", hint="give one of them")
        until = parse_time(self.until, now) if self.until else None
        since = parse_time(self.since, now) if self.since else None
        if self.window:
            since = (now if until is None else until) - parse_duration(self.window)
        if since is not None and until is not None and since >= until:
            raise UsageError("--since is not before --until: nothing can match")
        begin = [Condition("created", ">=", since)] if since is not None else []
        return begin + ([Condition("created", "<", until)] if until is not None else [])

    def _equalities(self) -> list[Condition]:
        conditions = [
            Condition("trace", "=", self.trace_id) if self.trace_id else None,
            Condition("name", "glob", self.name) if self.name is not None else None,
            Condition("type", "=", self.type) if self.type is not None else None,
            Condition("error", "is not null") if self.error else None,
            Condition("error", "is null") if self.error is False else None,
        ]
        return [one for one in conditions if one is not None]
