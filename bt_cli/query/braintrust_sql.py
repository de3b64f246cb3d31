"""Braintrust's SQL → ours: ``FROM project_logs('NAME')``, ``experiment('NAME')``, ``dataset('NAME')``, and more.

sqlglot is needed for nothing else, so it is imported when a query has such a call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from bt_cli.errors import QueryError
from bt_cli.query.braintrust_dialect import WRITTEN, braintrust, misplaced, parsed
from bt_cli.query.braintrust_words import write_in_sqlite
from bt_cli.spans.container import Container

Resolve = Callable[[str, str], Container]
"""(``project_logs``, ``experiment`` or ``dataset``, name or id) → the container; raises NotFoundError."""

DATASET_VIEW = "dataset_rows"
"""The view that has the rows of datasets, which no other view has."""
_CALL = re.compile(r"\b(project_logs|experiment|dataset)\s*\(", re.IGNORECASE)
_EXPLAIN = re.compile(r"\s*explain(\s+query\s+plan)?\b", re.IGNORECASE)
SOURCES = ("project_logs", "experiment", "dataset")
_SHAPES = ("spans", "traces", "summary")
_TRACE = ("project", "experiment", "trace")
"""Columns that name a trace."""


def is_braintrust_sql(statement: str) -> bool:
    """Whether a query has a call that only Braintrust's SQL has."""
    return _CALL.search(statement) is not None


def translated(statement: str, resolve: Resolve) -> str:
    """A query in Braintrust's SQL as one over the views ``spans`` and ``traces``, in SQLite's dialect.

    The columns of its answer are called as SQLite would call those of ``statement``. Raises QueryError for
    what can't be parsed or is not in a store, and what ``resolve`` raises.
    """
    explain = _EXPLAIN.match(statement)
    begin = explain.end() if explain else 0
    # Blanks for what is left away, so that places stay the same.
    statement = " " * begin + statement[begin:]
    ours = translated_tree(parsed(statement), statement, resolve)
    return f"{explain[0]} {ours}" if explain else ours


def translated_tree(tree: Any, statement: str, resolve: Resolve) -> str:
    """The same for a tree of `parsed`, which is changed; ``statement`` is its text, for messages."""
    from sqlglot import exp
    from sqlglot.errors import ErrorLevel, UnsupportedError

    sources = {one.alias_or_name.lower() for one in tree.find_all(exp.Table, exp.CTE, exp.Subquery)}
    for table in list(tree.find_all(exp.Table)):
        if table.args.get("sample") or table.args.get("pivots"):
            hint = "ORDER BY random() LIMIT 100 takes a sample; max(CASE WHEN …) makes columns of rows"
            raise QueryError("there is no TABLESAMPLE, PIVOT or UNPIVOT here", hint=hint)
        if isinstance(table.this, exp.Func):
            _replace_source(table, statement, resolve)
    _name_columns(tree, sources)
    write_in_sqlite(tree, sources, statement)
    try:
        return str(tree.sql(dialect=braintrust(), normalize_functions=False, unsupported_level=ErrorLevel.RAISE))
    except UnsupportedError as error:
        raise QueryError(str(error).rstrip("."), hint="SQLite, which answers, has no such thing") from None


def _name_columns(tree: Any, sources: set[str]) -> None:
    """Gives columns of answers the names that they would have without any rewriting."""
    from sqlglot import exp

    for select in tree.find_all(exp.Select):
        for column in list(select.expressions):
            # SQLite itself names what is a column of a view, as t.id.
            named = isinstance(column, exp.Column) and {part.name.lower() for part in column.parts[:-1]} <= sources
            if WRITTEN in column.meta and not (named or column.is_star or column.alias):
                column.replace(exp.alias_(column.copy(), column.meta[WRITTEN], quoted=True))


def _replace_source(table: Any, statement: str, resolve: Resolve) -> None:
    """The rows of the containers that a call names, in place of the call."""
    from sqlglot import exp

    kind = table.this.name.lower()
    names, shape = arguments_of(kind, table.this.expressions, statement)
    where = exp.or_(*(_is_in(resolve(kind, name)) for name in names))
    view = DATASET_VIEW if kind == "dataset" else "traces" if shape == "summary" else "spans"
    source = exp.select("*").from_(view).where(where).subquery(table.alias or None)
    if shape == "traces" and kind != "dataset":  # whose rows are traces of their own
        _match_whole_traces(table, source, statement)
    table.replace(source)


def arguments_of(kind: str, arguments: Sequence[Any], statement: str) -> tuple[list[str], str]:
    """The names in a call of a source, and the shape of its rows. Raises QueryError."""
    from sqlglot import exp

    if kind not in SOURCES:
        hint = "FROM project_logs('NAME'), experiment('NAME') or dataset('NAME')"
        raise misplaced(kind, statement, f"there is no {kind}() here", hint)
    names, shape = [], "spans"
    for one in arguments:
        if isinstance(one, exp.Literal):
            names.append(one.name)
        elif isinstance(one, exp.Kwarg) and one.name.lower() == "shape" and one.expression.name in _SHAPES:
            shape = one.expression.name
        else:
            hint = f"as in: {kind}('NAME', shape => 'traces'); shapes: {', '.join(_SHAPES)}"
            raise misplaced(kind, statement, f"{kind}() takes names and a shape, not {one.sql()}", hint)
    if not names:
        raise misplaced(kind, statement, f"{kind}() needs a name", f"FROM {kind}('NAME')")
    return names, shape


def _is_in(container: Container) -> Any:
    from sqlglot import exp

    if container.dataset is not None:
        return exp.and_(exp.column("project").eq(container.project), exp.column("dataset").eq(container.dataset))
    experiment = exp.column("experiment")
    its = experiment.is_(exp.null()) if container.experiment is None else experiment.eq(container.experiment)
    return exp.and_(exp.column("project").eq(container.project), its)


def _match_whole_traces(table: Any, source: Any, statement: str) -> None:
    """Has a condition on a span bring the whole trace that the span is in."""
    from sqlglot import exp

    select = table.parent_select
    where = select.args.get("where")
    if not isinstance(table.parent, exp.From) or select.args.get("joins"):
        hint = "write: FROM (SELECT * FROM project_logs('NAME', shape => 'traces') WHERE …) JOIN …"
        raise misplaced("shape", statement, "shape => 'traces' can't be joined", hint)
    if where:
        columns: list[Any] = [exp.column(name, table=table.alias or None) for name in _TRACE]
        # As experiments may be NULL, which equals nothing, their text is compared.
        columns[1] = exp.func("coalesce", columns[1], exp.Literal.string(""))
        matching = exp.select(*columns).from_(source.copy()).where(where.this)
        trace = exp.Tuple(expressions=[one.copy() for one in columns])
        where.set("this", exp.In(this=trace, query=matching.subquery()))
