"""One query over Braintrust's API → its answer: a page of rows and where the next begins, or values from a database."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from bt_cli.errors import NotFoundError, QueryError
from bt_cli.pipeline.answer_page import Answered, Write, found_container
from bt_cli.pipeline.answer_rows import page_of_rows, page_of_summaries
from bt_cli.pipeline.answer_sql import page_by_sql, values_of
from bt_cli.query.braintrust_sql import SOURCES
from bt_cli.query.btql_question import Question
from bt_cli.query.filters import Condition
from bt_cli.spans.transactions import place_of_cursor
from bt_cli.stores.serving import RowsAsked, ServingStore


def answer(store: ServingStore, question: Question, write: Write, stop: Callable[[], int]) -> Answered:
    """The answer to ``question``; ``stop`` says by a number other than 0 that nobody waits for it any more.

    Raises QueryError, NotFoundError for containers that are not there, Interrupted.
    """
    if question.columns is None:
        return Answered(list(values_of(store, question.tree, question.written, stop)))
    if question.kind not in SOURCES:
        return Answered()
    containers = [found_container(store, question.kind, name) for name in question.names]
    if question.limit == 0:
        return Answered()
    if question.shape == "summary":
        return page_of_summaries(store, question, containers, write, stop)
    if question.tree is not None:
        return page_by_sql(store, question, containers, write, stop)
    return page_of_rows(store, question, containers, write, stop)


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
