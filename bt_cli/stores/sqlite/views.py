"""The views that ``bt sql`` offers: spans, traces and scores with the columns that people ask for.

They are temporary views, which SQLite finds before the tables of the same names; the tables stay
within reach as ``main.spans`` and ``main.traces``. Everything in them is plain SQL, so that they work
in the sqlite3 program too, and a column that a query does not name is not worked out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bt_cli.query.braintrust_sql import DATASET_VIEW
from bt_cli.spans.transactions import MARK as TRANSACTION_MARK
from bt_cli.stores.sqlite import span_facts as span
from bt_cli.stores.sqlite.counting import IN_TRACE, PARENT, counted, errors, trace_duration

VIEWS = ("spans", "traces", "scores")

SCORE = "score."
"""What the name of a column begins with that holds a score; there is one for each that a query names."""

_CONTAINERS = "LEFT JOIN main.containers AS c ON c.container ="


def _text(column: str) -> str:
    """Decoded text for a JSON string, JSON otherwise; a string with a NUL stays JSON, for SQLite would cut it there."""
    field = f"s.{column}"
    decodes = f"substr({field}, 1, 1) = '\"' AND instr({field}, '\\u0000') = 0 AND json_valid({field})"
    return f"CASE WHEN {field} = 'null' THEN NULL WHEN {decodes} THEN json_extract({field}, '$') ELSE {field} END"


def _json(column: str) -> str:
    return f"nullif(s.{column}, 'null')"


_PAGINATION_KEY = "printf('p%020d', s.key)"
_XACT_ID = f"CAST({TRANSACTION_MARK} | {span.XACT} AS TEXT)"
_DATASETS = "(SELECT container FROM main.containers WHERE dataset IS NOT NULL)"
ON_DEMAND: Mapping[str, str] = {"_pagination_key": _PAGINATION_KEY, "_xact_id": _XACT_ID}
"""Columns of Braintrust's that ``spans`` and `DATASET_VIEW` have where a query names them."""
_ROOT = f"""coalesce(
        (SELECT s.key FROM main.spans AS s WHERE {IN_TRACE} AND {span.IS_ROOT} ORDER BY s.key LIMIT 1),
        (SELECT s.key FROM main.spans AS s WHERE {IN_TRACE} ORDER BY s.key LIMIT 1))"""


def _of_root(expression: str) -> str:
    """What ``expression`` is for the root of a trace, or else its first span.

    A join would find the root once for all columns, but for every count too.
    """
    return f"(SELECT {expression} FROM main.spans AS s WHERE s.key = {_ROOT})"


SPANS: Mapping[str, str] = {
    "project": "c.project",
    "experiment": "c.experiment",
    "trace": "s.root_span_id",
    "id": "s.id",
    "span_id": "s.span_id",
    "parent": PARENT,
    "position": "s.key & 4294967295",
    "name": span.NAME,
    "type": span.TYPE,
    "model": span.MODEL,
    "start": span.START,
    "end": span.END,
    "duration": span.DURATION,
    "created": "s.created",
    "tokens": span.TOKENS,
    "prompt_tokens": span.PROMPT_TOKENS,
    "completion_tokens": span.COMPLETION_TOKENS,
    "cost": span.COST,
    "input": _text("input"),
    "output": _text("output"),
    "expected": _text("expected"),
    "error": _text("error"),
    "metadata": _json("metadata"),
    "metrics": _json("metrics"),
    "scores": _json("scores"),
    "tags": _json("tags"),
    "root_span_id": "s.root_span_id",
    "span_parents": "s.span_parents",
    "is_root": span.IS_ROOT,
    "span_attributes": _json("span_attributes"),
    "context": _json("context"),
    "origin": _json("origin"),
}
"""Columns of the view ``spans`` as SQL over ``s``, a span, and ``c``, its container."""

TRACES: Mapping[str, str] = {
    "project": "c.project",
    "experiment": "c.experiment",
    "id": "t.root_span_id",
    "name": _of_root(span.NAME),
    "created": _of_root("s.created"),
    "start": _of_root(span.START),
    "duration": trace_duration(),
    "spans": "t.spans",
    "errors": errors(),
    "tokens": counted(span.TOKENS, f"{span.TYPE} = 'llm' AND {span.TOKENS} IS NOT NULL"),
    "cost": counted(span.COST, f"{span.COST} IS NOT NULL"),
    "input": _of_root(_text("input")),
    "output": _of_root(_text("output")),
    "metadata": _of_root(_json("metadata")),
    "tags": _of_root(_json("tags")),
}
"""Columns of the view ``traces`` over ``t``, a trace; most are those of its root, or else its first span."""

SCORES: Mapping[str, str] = {
    "project": "c.project",
    "experiment": "c.experiment",
    "trace": "s.root_span_id",
    "span_id": "s.span_id",
    "name": "e.key",
    "value": "e.value",
}
"""Columns of the view ``scores`` over ``e``, a score of the span ``s``; one that is null has no value."""

_OF_DATASETS = (
    "id",
    "created",
    "input",
    "expected",
    "metadata",
    "tags",
    "span_id",
    "root_span_id",
    "is_root",
    "origin",
)

DATASET_ROWS: Mapping[str, str] = {
    "project": "c.project",
    "dataset": "c.dataset",
    **{name: SPANS[name] for name in _OF_DATASETS},
}
"""Columns of `DATASET_VIEW` over ``s``, a row of a dataset, and ``c``, the dataset."""

COLUMNS = {"spans": SPANS, "traces": TRACES, "scores": SCORES}


def create_statements(
    container: int | None = None, scores: Sequence[str] = (), more: Collection[str] = (), datasets: bool = False
) -> list[str]:
    """The statements that make the views, of one container (by its number) or of all.

    ``spans`` and ``traces`` have a column for each of ``scores``, ``spans`` for each of ``more``, which
    are in `ON_DEMAND`. Rows of datasets are in none of the views of all containers; it takes a clause to
    leave them out, needed where there are ``datasets``.
    """
    spans = f"main.spans AS s {_CONTAINERS} s.container"
    traces = f"main.traces AS t {_CONTAINERS} t.container"
    members = "json_each(CASE WHEN json_valid(s.scores) THEN s.scores END) AS e"
    left_out = f" WHERE {{}}.container NOT IN {_DATASETS}" if datasets else ""
    ours = left_out if container is None else f" WHERE {{}}.container = {container}"
    both = " AND" if ours else " WHERE"
    on_demand = {name: ON_DEMAND[name] for name in more}
    span_scores = {SCORE + name: _span_score(name) for name in scores}
    trace_scores = {SCORE + name: _trace_score(name) for name in scores}
    return [
        _create("spans", {**SPANS, **on_demand, **span_scores}, spans + ours.format("s")),
        _create("traces", {**TRACES, **trace_scores}, traces + ours.format("t")),
        _create("scores", SCORES, f"{spans} JOIN {members}{ours.format('s')}{both} e.key IS NOT NULL"),
    ]


def dataset_statement(container: int | None = None, more: Collection[str] = ()) -> str:
    """The statement that makes `DATASET_VIEW`; the datasets come first in it, for there are few of them."""
    one = "" if container is None else f" AND c.container = {container}"
    traces = "main.containers AS c CROSS JOIN main.traces AS t ON t.container = c.container"
    source = f"{traces} CROSS JOIN main.spans AS s ON {IN_TRACE} WHERE c.dataset IS NOT NULL{one}"
    return _create(DATASET_VIEW, {**DATASET_ROWS, **{name: ON_DEMAND[name] for name in more}}, source)


def _create(view: str, columns: Mapping[str, str], source: str) -> str:
    listed = ",\n".join(f"  {expression} AS {quoted(name)}" for name, expression in columns.items())
    return f"CREATE TEMP VIEW {view} AS SELECT\n{listed}\nFROM {source}"


def _span_score(name: str) -> str:
    path = f'$."{name}"'.replace("'", "''")
    return f"CASE WHEN json_valid(s.scores) THEN json_extract(s.scores, '{path}') END"


def _trace_score(name: str) -> str:
    """Rule 3.5: the root's value, else the mean over the trace's spans."""
    value, spans = _span_score(name), f"FROM main.spans AS s WHERE {IN_TRACE}"
    root = f"SELECT {value} {spans} AND {span.IS_ROOT} AND {value} IS NOT NULL ORDER BY s.key LIMIT 1"
    return f"coalesce(({root}), (SELECT avg({value}) {spans}))"


def quoted(name: str) -> str:
    """An SQL name that may be anything, in quotation marks where it needs them."""
    return name if name.isidentifier() and name != "end" else '"' + name.replace('"', '""') + '"'
