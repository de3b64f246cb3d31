"""The filters of every command that reads spans, and what they mean.

A command gets them by being declared with ``cls=FilteringCommand``, and their meaning from `wanted`.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any, get_args

import typer
from msgspec import Struct
from typer.core import TyperOption

from bt_cli.cli.commands import Command
from bt_cli.cli.session import Session, session_of
from bt_cli.cli.shared_option import shared_option
from bt_cli.cli.times import parse_duration, parse_time
from bt_cli.cli.visible import visible
from bt_cli.errors import UsageError
from bt_cli.query.filters import Condition, Scope, SpanFilter, Test

PANEL = "Filters"


class FilterFlags(Struct, frozen=True):
    """The filter options as given; `to_filter` checks them."""

    since: str | None = None
    until: str | None = None
    window: str | None = None
    name: str | None = None
    type: str | None = None
    model: str | None = None
    tag: tuple[str, ...] = ()
    error: bool | None = None
    min_duration: str | None = None
    min_tokens: int | None = None
    where_score: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    trace_id: str | None = None
    grep: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    scope: Scope = "traces"
    limit: int | None = None

    def to_filter(self, now: float) -> SpanFilter:
        """What a store gets; ``now`` in epoch seconds. Raises UsageError for a value that does not work."""
        conditions = (*self._times(now), *self._equalities(), *self._amounts(), *self._written())
        return SpanFilter(conditions, self.scope, self.limit)

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
            Condition("model", "=", self.model) if self.model is not None else None,
            Condition("error", "is not null") if self.error else None,
            Condition("error", "is null") if self.error is False else None,
            *(Condition("tags", "=", tag) for tag in self.tag),
        ]
        return [one for one in conditions if one is not None]

    def _amounts(self) -> list[Condition]:
        seconds = None if self.min_duration is None else parse_duration(self.min_duration)
        duration = [] if seconds is None else [Condition("duration", ">=", seconds)]
        return duration + ([] if self.min_tokens is None else [Condition("tokens", ">=", self.min_tokens)])

    def _written(self) -> list[Test]:
        """What is a small language of its own: its parsers are loaded where they are asked for."""
        tests: list[Test] = []
        if self.where_score or self.metadata or self.grep:
            from bt_cli.cli.filter_words import parse_grep, parse_metadata, parse_score_test

            tests += map(parse_score_test, self.where_score)
            tests += map(parse_metadata, self.metadata)
            tests += map(parse_grep, self.grep)
        if self.filter:
            from bt_cli.query.expression import parse_filter

            tests += map(parse_filter, self.filter)
        return tests


def wanted(session: Session, now: float) -> SpanFilter:
    """The filter that a command line asks for; raises UsageError for a value that does not work."""
    flags = FilterFlags(**session.filters)
    for written in flags.grep:
        if written[:1] == written[-1:] == "/" != written:
            session.console.note(
                f"--grep {visible(written)} looks for the slashes too; without them in any text, or path=/regex/"
            )
    return flags.to_filter(now)


def wanted_traces(session: Session, now: float) -> SpanFilter:
    """The same for a command that looks at traces as wholes; raises UsageError for ``--scope spans``."""
    found = wanted(session, now)
    if found.scope == "spans":
        raise UsageError("--scope spans: this command looks at whole traces", hint="leave --scope away")
    return found


class FilteringCommand(Command):
    """A command that reads spans: it has the filter options."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        self.params = [*self.params, *_options()]


def _remember(ctx: typer.Context, option: TyperOption, value: Any) -> None:
    if value in (None, ()) or option.name is None or ctx.obj is None:
        return
    if option.name == "scope" and value not in get_args(Scope):
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(get_args(Scope))}.")
    if isinstance(value, int) and value < 0:
        raise typer.BadParameter(f"{value} is less than 0.")
    session_of(ctx).filters[option.name] = value


@cache
def _options() -> list[TyperOption]:
    option = partial(shared_option, PANEL, _remember)
    return [
        option("--since", metavar="TIME", help="From TIME on (bt help filters)."),
        option("--until", metavar="TIME", help="Before TIME."),
        option("--window", metavar="DURATION", help="The last 24h, 7d …"),
        option("--name", metavar="GLOB", help="Spans of that name."),
        option("--type", metavar="TYPE", help="Spans of that type, as llm."),
        option("--model", metavar="MODEL", help="Spans of that model."),
        option("--tag", metavar="TAG", help="Spans that have the tag.", multiple=True),
        option("--error/--no-error", help="Spans with an error, or without.", is_flag=True, default=None),
        option("--min-duration", metavar="DURATION", help="Spans that took 2s, 1.5s, 3m or longer."),
        option("--min-tokens", metavar="N", help="Spans of N tokens or more.", type=int),
        option("--where-score", metavar="TEST", help="As 'Factuality<0.5'.", multiple=True),
        option("--metadata", metavar="KEY=VALUE", help="Spans with that in their metadata.", multiple=True),
        option("--trace-id", metavar="ID", help="One trace; 4 characters of its id do."),
        option("--grep", metavar="REGEX", help="In any text, or as 'output=/REGEX/'.", multiple=True),
        option("--filter", metavar="SQL", help="As 'tokens > 500 and error is null'.", multiple=True),
        option("--scope", metavar="traces|spans", help="A matching span brings its trace, or itself."),
        option("--limit", metavar="N", help="At most N traces (or spans, as --scope).", type=int),
    ]
