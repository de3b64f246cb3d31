"""Answers that only a database has: values, sums and groups, and rows by tests or in an order beyond the usual."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import count
from typing import Any

from bt_cli.errors import QueryError
from bt_cli.pipeline.answer_page import WHOLE_BYTES, Answered, Write, found_container, page_of, too_large, written
from bt_cli.query.braintrust_sql import translated_tree
from bt_cli.query.btql_question import Question
from bt_cli.query.filters import Condition, Or
from bt_cli.spans import text
from bt_cli.spans.container import Container
from bt_cli.spans.transactions import cursor_of, pagination_key
from bt_cli.stores.serving import RowsAsked, ServingStore

MOST_VALUES = 10_000
"""Rows that a query of values may have: they come at one go."""
_ID = ("its_project", "its_name", "its_id")
"""Names of columns that tell a row."""


def page_by_sql(
    store: ServingStore,
    question: Question,
    containers: Sequence[Container],
    write: Write,
    stop: Callable[[], int],
) -> Answered:
    """Rows whose tests or order only a database tells: it finds their ids, then they are read as all others are."""
    ids = _ids_statement(question)
    found = list(_raw_values(store, ids, question.written, stop))
    tests = tuple(Condition("id", "=", id) for _, _, id in found)
    stored = store.rows(RowsAsked(containers, Or(tests), most_bytes=WHOLE_BYTES), stop) if tests else []
    if sum(one.row.size for one in stored) >= WHOLE_BYTES:
        raise too_large()
    by_id = {(one.container.project, one.container.name, one.row.id): one for one in stored}
    rows = [by_id[key] for key in found if key in by_id]
    goes_on = rows and question.sort == "place" and not question.tree.args.get("offset")
    return Answered([written(one, question, write) for one in rows], cursor_of(rows[-1].place) if goes_on else None)


def _ids_statement(question: Question) -> Any:
    """The statement that finds the ids of the rows, in order: project, name of the container, id."""
    from sqlglot import exp

    names = ("project", {"project_logs": "project"}.get(question.kind, question.kind), "id")
    if question.sort != "place":
        return question.tree.select(*names, append=False).limit(page_of(question))
    key = exp.column("_pagination_key")
    every = question.tree.select(
        *(exp.column(name).as_(alias) for name, alias in zip(names, _ID, strict=True)), key, append=False
    )
    for part in ("order", "limit", "offset"):
        every.set(part, None)
    # A condition of its own around them, which must not decide what traces match.
    ids = exp.select(*_ID).from_(every.subquery("found")).limit(page_of(question))
    ids.set("offset", question.tree.args.get("offset"))
    if question.after is not None:
        behind = exp.LT if question.newest_first else exp.GT
        ids = ids.where(behind(this=key.copy(), expression=exp.Literal.string(pagination_key(question.after))))
    return ids.order_by(exp.Ordered(this=key.copy(), desc=question.newest_first))


def values_of(store: ServingStore, tree: Any, statement: str, stop: Callable[[], int]) -> Iterator[str]:
    """The answer of a database, a row an object; text that is JSON of a list or an object is one."""
    names: list[str] = []
    size = 0
    for number, row in enumerate(_raw_values(store, tree.copy(), statement, stop, names)):
        if number == MOST_VALUES:
            raise QueryError(f"the answer has more than {MOST_VALUES:,} rows", hint="give a LIMIT")
        written = text.join({name: text.raw(_as_json(value)) for name, value in zip(names, row, strict=True)})
        size += len(written)
        if size > WHOLE_BYTES:
            raise too_large()
        yield written


def _raw_values(
    store: ServingStore, tree: Any, statement: str, stop: Callable[[], int], names: list[str] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement's answer; the names of its columns go into ``names``."""
    ours = translated_tree(tree, statement, lambda kind, name: found_container(store, kind, name))
    with closing(store.query(ours, None, stop)) as found:
        if names is not None:
            names += _told_apart(found.columns)
        yield from found


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names of an object's keys: the second ``n`` is ``n_1``, or the next that no column has."""
    taken, apart = set(names), list[str]()
    for name in names:
        numbered = (f"{name}_{number}" for number in count(1))
        apart.append(name if name not in apart else next(one for one in numbered if one not in taken))
        taken.add(apart[-1])
    return apart


def _as_json(value: Any) -> str:
    if isinstance(value, str) and value[:1] in ("{", "[") and not isinstance(text.decode(value), str):
        return value
    return text.encode(value.hex() if isinstance(value, bytes) else value)
