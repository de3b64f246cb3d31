"""What a statement of Braintrust's SQL asks for: rows by a test in the order of arrival, or more than that."""

from __future__ import annotations

import re
from typing import Any

from bt_cli.errors import QueryError, UsageError
from bt_cli.query.braintrust_dialect import WRITTEN, parsed
from bt_cli.query.braintrust_sql import arguments_of
from bt_cli.query.btql_question import Column, Question
from bt_cli.query.expression_faults import BEYOND, LONGEST, Written
from bt_cli.query.expression_tests import TestReader
from bt_cli.query.filters import Test
from bt_cli.query.limits import whole_number

COLUMNS = frozenset(
    (
        "_async_scoring_state",
        "_pagination_key",
        "_xact_id",
        "audit_data",
        "classifications",
        "comments",
        "context",
        "created",
        "dataset_id",
        "error",
        "expected",
        "experiment_id",
        "facets",
        "id",
        "input",
        "is_root",
        "log_id",
        "metadata",
        "metrics",
        "org_id",
        "origin",
        "output",
        "project_id",
        "root_span_id",
        "scores",
        "span_attributes",
        "span_id",
        "span_parents",
        "span_type_info",
        "tags",
    )
)
"""Members of a row as the API gives it (wire protocol: columns)."""
EMPTY = (
    "project_prompts",
    "project_functions",
    "org_prompts",
    "org_functions",
    "prompt",
    "function",
    "view",
    "playground_logs",
)
"""Sources that Braintrust has and a store has nothing of: whatever is asked of them, there is none."""
_SUMS = (
    "count",
    "count_distinct",
    "sum",
    "avg",
    "min",
    "max",
    "total",
    "percentile",
    "any_value",
    "group_concat",
    "string_agg",
    "json_group_array",
    "json_group_object",
)
_WORD = re.compile(r"\w+|[^\w\s]")
_MORE = ("group", "having", "distinct", "joins", "laterals", "windows", "qualify", "with", "with_")
"""Parts of a statement that make it more than a choice of rows."""


def planned(statement: str, after: int | None = None, preview: int = -1) -> Question:
    """What a statement asks for, from the place ``after`` on. Raises QueryError with the place."""
    if len(_WORD.findall(statement)) > 4 * LONGEST:
        raise QueryError(f"the query has more than {4 * LONGEST:,} words and signs", hint="ask in several parts")
    tree = parsed(statement)
    table = _only_source(tree)
    kind = "" if table is None else table.this.name.lower()
    if kind in EMPTY:
        return Question(kind, (), "spans", ())
    columns = None if table is None else _columns(tree, table)
    if table is None or columns is None:
        if after is not None:
            raise QueryError("a cursor goes on with rows only, not with sums", hint="write: OFFSET n")
        if (
            table is not None
            and arguments_of(kind, table.this.expressions, statement)[1] != "summary"
            and not _has_sums(tree)
        ):
            tree = _newest_first(tree)
        return Question("", (), "spans", None, limit=_limit(tree), tree=tree, written=statement)
    names, shape = arguments_of(kind, table.this.expressions, statement)
    test, told = _test(tree, statement)
    sort, newest_first = _sort(tree)
    beyond = told or sort == "other" or tree.args.get("offset")
    if kind == "dataset":
        shape = "spans"  # each row is a trace of its own
    if shape == "summary" and (beyond or sort != "place"):
        raise told or QueryError("summaries are sorted by _pagination_key", hint="shape spans sorts by anything")
    return Question(
        kind,
        tuple(names),
        shape,  # type: ignore[arg-type]  # checked there
        columns,
        test,
        sort,
        newest_first,
        _limit(tree),
        after,
        preview,
        tree if beyond else None,
        statement,
    )


def _only_source(tree: Any) -> Any:
    """The call that all rows come from, where a statement only chooses among them."""
    from sqlglot import exp

    if not isinstance(tree, exp.Select) or any(tree.args.get(part) for part in _MORE):
        return None
    origin = tree.args.get("from") or tree.args.get("from_")
    table = origin.this if origin else None
    called = isinstance(table, exp.Table) and isinstance(table.this, exp.Func)
    return table if called and tree.find(exp.Subquery) is None else None


def _has_sums(tree: Any) -> bool:
    """Whether one row of the answer stands for many."""
    from sqlglot import exp

    return any(one.name.lower() in _SUMS for one in tree.find_all(exp.Anonymous))


def _newest_first(tree: Any) -> Any:
    """The statement in the order that rows have where none is asked for."""
    from sqlglot import exp

    if tree.args.get("order") is not None:
        return tree
    return tree.order_by(exp.Ordered(this=exp.column("_pagination_key"), desc=True))


def _columns(tree: Any, table: Any) -> tuple[Column, ...] | None:
    """The columns of a select list that names members of rows; None where it has anything else."""
    found = []
    for one in tree.expressions:
        inner = one.this if type(one).__name__ == "Alias" else one
        if inner.is_star and not isinstance(inner.parent, type(None)) and type(inner).__name__ in ("Star", "Column"):
            found.append(Column("*", ()))
            continue
        try:
            steps = TestReader(Written("")).steps(inner)
        except UsageError:
            return None
        if len(steps) > 1 and steps[0] == table.alias:
            steps = steps[1:]
        if steps[0] not in COLUMNS:
            return None
        written = one.alias or ".".join(map(str, steps)) if _is_dotted(steps) else one.alias or one.meta[WRITTEN]
        found.append(Column(written, tuple(steps)))
    return tuple(found)


def _is_dotted(steps: list[str | int]) -> bool:
    return all(isinstance(one, str) for one in steps)


def _test(tree: Any, statement: str) -> tuple[Test | None, QueryError | None]:
    """The test of the rows; or what is wrong with it where only a database can tell."""
    where = tree.args.get("where")
    if where is None:
        return None, None
    try:
        return TestReader(Written(statement)).test(where.this), None
    except QueryError as error:
        if error.code != BEYOND:
            raise
        return None, error


def _sort(tree: Any) -> tuple[Any, bool]:
    """What rows are sorted by, and whether from the end."""
    order = tree.args.get("order")
    if order is None:
        return "place", True
    (first, *more) = order.expressions
    plain = type(first.this).__name__ == "Column" and len(first.this.parts) == 1 and not more
    sort = {"_pagination_key": "place", "created": "created"}.get(first.this.name if plain else "", "other")
    return sort, bool(first.args.get("desc"))


def _limit(tree: Any) -> int | None:
    limit = tree.args.get("limit")
    if limit is None:
        return None
    written = limit.expression.name if limit.expression is not None else ""
    most = whole_number(written)
    if most is None:
        raise QueryError(f"LIMIT is a whole number, and {limit.expression} is none")
    return most
