"""One query over Braintrust's API → its answer: a page of rows and where the next begins, or values from a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Any, Literal

from msgspec import Struct, field, structs

from bt_cli.errors import NotFoundError, QueryError, UsageError
from bt_cli.query.braintrust_sql import SOURCES, translated_tree
from bt_cli.query.btql_question import Question
from bt_cli.query.filters import Condition, Or
from bt_cli.spans import text
from bt_cli.spans.container import Container, Kind
from bt_cli.spans.selecting import schema_of, selected
from bt_cli.spans.trace_summary import trace_summary
from bt_cli.spans.transactions import cursor_of, pagination_key, place_of_cursor
from bt_cli.stores.serving import RowsAsked, ServingStore, Shape, StoredRow

PAGE = 1000
"""Rows of a page at most, as Braintrust has it."""
MOST_VALUES = 10_000
"""Rows that a query of values may have: they come at one go."""
_MOST_BYTES = 16 << 20
"""A page ends with the row that exceeds this; the next page goes on from there."""
_AT_ONCE = 200
_ID = ("its_project", "its_name", "its_id")
"""Names of columns that tell a row."""

Write = Callable[[StoredRow, int], str]
"""A row and the length of previews → the row as JSON text."""


class Answered(Struct):
    """A page: each row as JSON text, and the cursor of the next page, if there can be one."""

    rows: list[str] = field(default_factory=list)
    cursor: str | None = None

    @property
    def properties(self) -> dict[str, dict[str, str]]:
        """The columns and their types, as JSON Schema says it."""
        return schema_of(self.rows)


def answer(store: ServingStore, question: Question, write: Write, stop: Callable[[], int]) -> Answered:
    """The answer to ``question``; ``stop`` says by a number other than 0 that nobody waits for it any more.

    Raises QueryError, NotFoundError for containers that are not there, Interrupted.
    """
    if question.columns is None:
        return Answered(list(_values(store, question.tree, question.written, stop)))
    if question.kind not in SOURCES:
        return Answered()
    containers = [found_container(store, question.kind, name) for name in question.names]
    if question.limit == 0:
        return Answered()
    if question.shape == "summary":
        return _summaries(store, question, containers, write, stop)
    if question.tree is not None:
        return _found_by_sql(store, question, containers, write, stop)
    return _rows(store, question, containers, write, stop)


def answer_whole(
    store: ServingStore, question: Question, write: Write, stop: Callable[[], int], most_bytes: int
) -> list[str]:
    """The rows of all pages. Raises QueryError for more than ``most_bytes``, and what `answer` raises."""
    rows: list[str] = []
    size = 0
    while True:
        left = None if question.limit is None else question.limit - len(rows)
        page = answer(store, structs.replace(question, limit=left), write, stop)
        rows += page.rows
        size += sum(map(len, page.rows))
        if size > most_bytes:
            raise QueryError(f"the result is larger than {most_bytes >> 20} MiB", hint="give a LIMIT")
        if page.cursor is None or len(rows) == question.limit:
            return rows
        question = structs.replace(question, after=place_of_cursor(page.cursor))


def place_before(store: ServingStore, kind: str, name: str, root: str) -> int:
    """The first place of the trace of this ``root_span_id``, behind which older ones come. Raises NotFoundError."""
    container = found_container(store, kind, name)
    found = store.rows(RowsAsked([container], Condition("root_span_id", "=", root), newest_first=False, limit=1))
    if not found:
        raise NotFoundError(f"there is no trace with the root_span_id {root}")
    return found[0].place


def found_container(store: ServingStore, kind: str, name: str) -> Container:
    """The container of a kind that an id, or else a name, means. Raises NotFoundError, UsageError for two of a name."""
    wanted: Kind = kind  # type: ignore[assignment]  # the caller's word for it
    found = store.objects(wanted, id=name) or store.objects(wanted, name=name)
    if not found:
        raise NotFoundError(f"Missing read access to {kind} id {name}, or the {kind} does not exist")
    if len(found) > 1:
        raise UsageError(f"there are {len(found)} with the name {name!r}", hint="give the id", code="ambiguous")
    return found[0].container


def _asked(question: Question, containers: Sequence[Container], limit: int, after: int | None = None) -> RowsAsked:
    """The rows of a question as a store is asked for them."""
    shape: Shape = "spans" if question.shape == "spans" else "traces"
    sort: Literal["place", "created"] = "created" if question.sort == "created" else "place"
    return RowsAsked(containers, question.test, shape, sort, question.newest_first, after, limit)


def _page_of(question: Question) -> int:
    return min(PAGE, PAGE if question.limit is None else question.limit)


def _rows(
    store: ServingStore,
    question: Question,
    containers: Sequence[Container],
    write: Write,
    stop: Callable[[], int],
) -> Answered:
    """A page of rows, read a few at a time, so that large ones don't fill the memory."""
    left, size, page = _page_of(question), 0, Answered()
    if question.sort != "place":
        found = store.rows(_asked(question, containers, left), stop)
        return Answered([_written(one, question, write) for one in found])
    after = question.after
    while left > 0 and size < _MOST_BYTES:
        wanted = min(left, _AT_ONCE)
        found = store.rows(_asked(question, containers, wanted, after), stop)
        for one in found:
            page.rows.append(_written(one, question, write))
            size, after = size + len(page.rows[-1]), one.place
            if size >= _MOST_BYTES:
                break
        left -= len(found)
        if len(found) < wanted:
            break
    page.cursor = cursor_of(after) if page.rows and after is not None else None
    return page


def _written(stored: StoredRow, question: Question, write: Write) -> str:
    return _chosen(write(stored, question.preview), question)


def _chosen(row: str, question: Question) -> str:
    """The columns of a row that are asked for; all of them is what it is already."""
    columns = [(one.name, one.path) for one in question.columns or ()]
    return row if columns == [("*", ())] else selected(row, columns)


def _summaries(
    store: ServingStore,
    question: Question,
    containers: Sequence[Container],
    write: Write,
    stop: Callable[[], int],
) -> Answered:
    """One row for each trace that has a matching span."""
    page, size = Answered(), 0
    for trace in _traces(store, question, containers, stop):
        page.rows.append(_chosen(_summary(trace, question.preview, write), question))
        page.cursor, size = cursor_of(trace[-1].place), size + len(page.rows[-1])
        if len(page.rows) >= _page_of(question) or size >= _MOST_BYTES:
            break
    return page


def _traces(
    store: ServingStore, question: Question, containers: Sequence[Container], stop: Callable[[], int]
) -> Iterator[list[StoredRow]]:
    """Whole traces in the order asked for; a trace's rows lie side by side."""
    begun: list[StoredRow] = []
    after = question.after
    while found := store.rows(_asked(question, containers, _AT_ONCE, after), stop):
        after = found[-1].place
        for _, one in groupby(found, _trace_of):
            rows = list(one)
            if begun and _trace_of(begun[0]) != _trace_of(rows[0]):
                yield begun
                begun = []
            begun += rows
        if len(found) < _AT_ONCE:
            break
    if begun:
        yield begun


def _trace_of(stored: StoredRow) -> tuple[Container, str | None]:
    return stored.container, stored.row.root_span_id


def _summary(trace: list[StoredRow], preview: int, write: Write) -> str:
    in_order = sorted(trace, key=lambda one: one.place)
    summary = trace_summary([one.row for one in in_order])
    members = text.members(write(in_order[summary.place], preview))
    members["scores"] = text.raw(text.encode(summary.scores))
    members["metrics"] = text.raw(text.encode(summary.metrics))
    members["span_type_info"] = text.raw(text.encode(summary.span_type_info))
    return text.join(members)


def _found_by_sql(
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
    stored = store.rows(RowsAsked(containers, Or(tests)), stop) if tests else []
    by_id = {(one.container.project, one.container.name, one.row.id): one for one in stored}
    rows = [by_id[key] for key in found if key in by_id]
    goes_on = rows and question.sort == "place" and not question.tree.args.get("offset")
    return Answered([_written(one, question, write) for one in rows], cursor_of(rows[-1].place) if goes_on else None)


def _ids_statement(question: Question) -> Any:
    """The statement that finds the ids of the rows, in order: project, name of the container, id."""
    from sqlglot import exp

    names = ("project", {"project_logs": "project"}.get(question.kind, question.kind), "id")
    if question.sort != "place":
        return question.tree.select(*names, append=False).limit(_page_of(question))
    key = exp.column("_pagination_key")
    every = question.tree.select(
        *(exp.column(name).as_(alias) for name, alias in zip(names, _ID, strict=True)), key, append=False
    )
    for part in ("order", "limit", "offset"):
        every.set(part, None)
    # A condition of its own around them, which must not decide what traces match.
    ids = exp.select(*_ID).from_(every.subquery("found")).limit(_page_of(question))
    ids.set("offset", question.tree.args.get("offset"))
    if question.after is not None:
        behind = exp.LT if question.newest_first else exp.GT
        ids = ids.where(behind(this=key.copy(), expression=exp.Literal.string(pagination_key(question.after))))
    return ids.order_by(exp.Ordered(this=key.copy(), desc=question.newest_first))


def _values(store: ServingStore, tree: Any, written: str, stop: Callable[[], int]) -> Iterator[str]:
    """The answer of a database, a row an object; text that is JSON of a list or an object is one."""
    names: list[str] = []
    for number, row in enumerate(_raw_values(store, tree.copy(), written, stop, names)):
        if number == MOST_VALUES:
            raise QueryError(f"the answer has more than {MOST_VALUES:,} rows", hint="give a LIMIT")
        yield text.join({name: text.raw(_as_json(value)) for name, value in zip(names, row, strict=True)})


def _raw_values(
    store: ServingStore, tree: Any, written: str, stop: Callable[[], int], names: list[str] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement's answer; the names of its columns go into ``names``."""
    statement = translated_tree(tree, written, lambda kind, name: found_container(store, kind, name))
    with closing(store.query(statement, None, stop)) as found:
        if names is not None:
            names += found.columns
        yield from found


def _as_json(value: Any) -> str:
    if isinstance(value, str) and value[:1] in ("{", "[") and not isinstance(text.decode(value), str):
        return value
    return text.encode(value.hex() if isinstance(value, bytes) else value)
