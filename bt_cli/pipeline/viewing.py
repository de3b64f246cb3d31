"""``bt view``: one trace or span by its id."""

from __future__ import annotations

from shlex import quote
from typing import Literal

from msgspec import Struct

from bt_cli.errors import NotFoundError, UsageError
from bt_cli.query.filters import Condition, SpanFilter
from bt_cli.spans.assemble import Branch, assemble
from bt_cli.spans.container import Container
from bt_cli.spans.facts import Facts, facts_of
from bt_cli.spans.fragments import Why, fragments_of
from bt_cli.spans.row import Row
from bt_cli.spans.trace import SHORT, TraceFacts, trace_facts
from bt_cli.stores.base import Fields, Found, ReadStats, Store

DRAWN = (*SHORT, "metadata")
"""Fields of a row that its line in a tree shows, beside its linkage: all but the payload."""
_SHOWN = 10


class SeenTrace(Struct):
    """A trace with all that is shown of it; ``facts`` and ``why`` go by the identity of a branch."""

    container: Container
    rows: list[Row]
    tops: list[Branch]
    facts: dict[int, Facts]
    why: dict[int, Why]
    short: TraceFacts


def seen_trace(container: Container, rows: list[Row], *, lean: bool = False) -> SeenTrace:
    """A trace of these rows; ``lean`` lets go of their texts, for a tree that shows only what the facts have."""
    facts: dict[int, Facts] = {}
    every: list[Facts] = []
    words: dict[str | None, str | None] = {}
    for row in rows:
        own = facts_of(row)
        # Thousands of spans share few words: memory, not time, is what a large trace lacks.
        own.name, own.type, own.model = (words.setdefault(one, one) for one in (own.name, own.type, own.model))
        row.root_span_id = words.setdefault(row.root_span_id, row.root_span_id)
        every.append(own)
        if lean:
            row.error = row.scores = row.metadata = row.metrics = row.span_attributes = None
    of_row = {id(row): own for row, own in zip(rows, every, strict=True)}
    tops = assemble(rows)
    waiting = list(tops)
    while waiting:
        branch = waiting.pop()
        facts[id(branch)] = of_row[id(branch.row)]
        waiting += branch.children
    return SeenTrace(container, rows, tops, facts, fragments_of(tops, rows), trace_facts(rows, every))


def find_one(
    store: Store, wanted: str, kind: Literal["trace", "span"], container: Container | None, name: str = ""
) -> Found:
    """What an id means, in one container, which people know as ``name``, or in all.

    Raises NotFoundError where there is none, UsageError with the candidates where there are several.
    """
    found = store.find(wanted, kind, container)
    if not found:
        what = "trace or span" if kind == "trace" else "span"
        where = f" in {name}" if name else ""
        hint = "at least 4 characters of its beginning or end are enough; bt view logs lists traces"
        if "." in wanted:
            hint = f"nor is there a file {wanted!r}; bt view logs lists traces"
        raise NotFoundError(f"no {what} has the id {wanted}{where}", hint=hint)
    if len(found) > 1:
        several = len({one.container for one in found}) > 1
        names = [f"{one.id or one.trace}{f' ({_place(one.container)})' if several else ''}" for one in found]
        shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        hint = "give more characters"
        if several:
            hint = f"name where it is, as in: bt view {kind} {_words(found[0], wanted)}"
        raise UsageError(f"the id {wanted} is ambiguous: {shown}", hint=hint, code="ambiguous")
    return found[0]


def _words(one: Found, wanted: str) -> str:
    """The words of a command line that mean this one: the container, the id as far as it is known, the project."""
    where = one.container
    project = [] if where.kind == "project_logs" else ["-p", where.project]
    return " ".join(map(quote, [where.ref, wanted, *project]))


def _place(container: Container) -> str:
    return container.ref if container.kind == "project_logs" else f"{container.ref} -p {container.project}"


def rows_of_trace(store: Store, container: Container, trace: str, fields: Fields = None) -> list[Row]:
    """The rows of the trace with this ``root_span_id``, of each only ``fields``; NotFoundError where it is gone."""
    wanted = SpanFilter((Condition("trace", "=", trace),))
    return next(store.read_traces(container, wanted, ReadStats(), fields=fields), [])


def row_of(store: Store, found: Found) -> list[Row]:
    """The one row that was found, alone; none where it is gone by now."""
    wanted = SpanFilter((Condition("trace", "=", found.trace), Condition("id", "=", found.id)), scope="spans")
    return next(store.read_traces(found.container, wanted, ReadStats()), [])


def first_rows(store: Store, container: Container, kind: Literal["trace", "span"], fields: Fields = None) -> list[Row]:
    """The rows of the earliest trace of a container, which has one, or of its first span; of each only ``fields``."""
    wanted = SpanFilter(limit=1, scope="traces" if kind == "trace" else "spans")
    return next(store.read_traces(container, wanted, ReadStats(), fields=fields), [])
