"""Braintrust's SQL → ours: ``FROM project_logs('NAME')``, ``experiment('NAME')``, and paths like ``metadata.model``.

sqlglot is needed for nothing else, so it is imported when a query has such a call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from bt_cli.errors import QueryError
from bt_cli.spans.container import Container
from bt_cli.spans.row import PAYLOAD

Resolve = Callable[[str, str], Container]
"""(``project_logs`` or ``experiment``, name) → the container; raises NotFoundError."""

_CALL = re.compile(r"\b(project_logs|experiment|dataset)\s*\(", re.IGNORECASE)
_SOURCES = ("project_logs", "experiment")
_DAYS = {"WEEK": ("DAY", 7), "QUARTER": ("MONTH", 3)}
_TIME = "%Y-%m-%dT%H:%M:%S"
"""How the text of ``created`` begins; such texts compare as their times do."""


def is_braintrust_sql(statement: str) -> bool:
    """Whether a query has a call that only Braintrust's SQL has."""
    return _CALL.search(statement) is not None


def translated(statement: str, resolve: Resolve) -> str:
    """A query in Braintrust's SQL as one over the view ``spans``, in SQLite's dialect.

    Raises QueryError for what can't be parsed or is not in a store, and what ``resolve`` raises.
    """
    from sqlglot import exp

    tree = _parsed(statement)
    if not isinstance(tree, exp.Query):
        raise QueryError("a query only reads: it begins with SELECT", code="read_only")
    sources = {one.alias_or_name.lower() for one in tree.find_all(exp.Table, exp.CTE, exp.Subquery)}
    for table in list(tree.find_all(exp.Table)):
        if isinstance(table.this, exp.Func):
            table.replace(_source(table, statement, resolve))
    for column in list(tree.find_all(exp.Column)):
        _open_path(column, sources)
    for time in list(tree.find_all(exp.CurrentTimestamp, exp.Anonymous)):
        _write_time(time)
    return tree.sql(dialect="sqlite")


def _parsed(statement: str) -> Any:
    from sqlglot import parse
    from sqlglot.dialects.sqlite import SQLite
    from sqlglot.errors import SqlglotError

    class Dialect(SQLite):
        class Tokenizer(SQLite.Tokenizer):
            IDENTIFIERS = ['"', "`"]  # noqa: RUF012 - as the class it overrides; brackets hold an index here

    try:
        trees = [one for one in parse(statement, dialect=Dialect) if one is not None]
    except SqlglotError as error:
        raise _syntax_error(statement, getattr(error, "errors", None)) from error
    except RecursionError as error:
        raise QueryError("the query is nested too deeply") from error
    if len(trees) != 1:
        raise QueryError("one query a run" if trees else "the query is empty")
    return trees[0]


def _syntax_error(statement: str, errors: list[dict[str, Any]] | None) -> QueryError:
    if not errors:
        return QueryError("the query ends within a text or a name", hint="is a quotation mark missing?")
    found = errors[0]
    told = QueryError(found["description"].rstrip(".") or "syntax error")
    before = found["start_context"] or ""
    place = statement.find(before + (found["highlight"] or ""))
    if place >= 0:
        told.point_at(statement, place + len(before))
    return told


def _source(table: Any, statement: str, resolve: Resolve) -> Any:
    """The spans of the containers that a call names, in place of the call."""
    from sqlglot import exp

    kind = table.this.name.lower()
    if kind not in _SOURCES:
        told = QueryError(f"there is no {kind}() here", hint="FROM project_logs('NAME') or experiment('NAME')")
        place = re.search(rf"\b{re.escape(kind)}\b", statement, re.IGNORECASE)
        if place:
            told.point_at(statement, place.start())
        raise told
    containers = [resolve(kind, name) for name in _names(kind, table.this.expressions)]
    where = exp.or_(*(_is_in(one) for one in containers))
    return exp.select("*").from_("spans").where(where).subquery(table.alias or None)


def _names(kind: str, arguments: Iterable[Any]) -> list[str]:
    from sqlglot import exp

    names = []
    for one in arguments:
        if isinstance(one, exp.Literal):
            names.append(one.name)
        elif not (isinstance(one, exp.Kwarg) and one.name.lower() == "shape" and one.expression.name == "spans"):
            hint = f"{kind}('NAME') gives spans; whole traces are in the view traces"
            raise QueryError(f"{kind}() takes names: {one.sql()}", hint=hint)
    if not names:
        raise QueryError(f"{kind}() needs a name", hint=f"FROM {kind}('NAME')")
    return names


def _is_in(container: Container) -> Any:
    from sqlglot import exp

    experiment = exp.column("experiment")
    its = experiment.is_(exp.null()) if container.experiment is None else experiment.eq(container.experiment)
    return exp.and_(exp.column("project").eq(container.project), its)


def _open_path(column: Any, sources: set[str]) -> None:
    """Replaces ``metadata.model`` or ``input[0].role`` by the member of the JSON in that column."""
    from sqlglot import exp

    node, steps = column, [part.name for part in column.parts]
    while isinstance(node.parent, exp.Dot | exp.Bracket) and node.arg_key == "this":
        node = node.parent
        steps.append(node.expression.name if isinstance(node, exp.Dot) else _index(node))
    alias = [steps.pop(0)] if len(steps) > 1 and steps[0].lower() in sources else []
    if steps[0].lower() not in PAYLOAD or len(steps) < 2:
        return
    name = ".".join(str(step) for step in steps)
    path = "$" + "".join(f"[{one}]" if isinstance(one, int) else f'."{one}"' for one in steps[1:])
    field = exp.column(steps[0], table=alias[0] if alias else None)
    valid = exp.func("json_valid", field)
    member = exp.Anonymous(this="json_extract", expressions=[field.copy(), exp.Literal.string(path)])
    opened = exp.Case().when(valid, member)
    node.replace(
        exp.alias_(opened, name, quoted=True)
        if isinstance(node.parent, exp.Select) and node.arg_key == "expressions"
        else opened
    )


def _index(bracket: Any) -> str | int:
    (inside,) = bracket.expressions
    return str(inside.name) if inside.is_string else int(inside.name)


def _write_time(time: Any) -> None:
    """Replaces ``now() - interval 7 day`` by text that compares with ``created``."""
    from sqlglot import exp

    if isinstance(time, exp.Anonymous) and time.name.lower() != "now":
        return
    node, shifts = time, []
    while isinstance(node.parent, exp.Sub | exp.Add) and isinstance(node.parent.expression, exp.Interval):
        interval: Any = node.parent.expression
        unit, factor = _DAYS.get(interval.unit.name.upper().rstrip("S"), (interval.unit.name, 1))
        sign = "-" if isinstance(node.parent, exp.Sub) else "+"
        shifts.append(exp.Literal.string(f"{sign}{float(interval.this.name) * factor:g} {unit.lower()}"))
        node = node.parent
    now = exp.Literal.string("now")
    node.replace(exp.Anonymous(this="strftime", expressions=[exp.Literal.string(_TIME), now, *shifts]))
