"""Answers read row by row, in the order of arrival: rows of spans, and one row for each trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from bt_cli.pipeline.answer_page import (
    AT_ONCE,
    MOST_BYTES,
    WHOLE_BYTES,
    Answered,
    Write,
    chosen,
    page_of,
    rows_asked,
    too_large,
    written,
)
from bt_cli.query.btql_question import Question
from bt_cli.spans import text
from bt_cli.spans.container import Container
from bt_cli.spans.trace_summary import trace_summary
from bt_cli.spans.transactions import cursor_of
from bt_cli.stores.serving import ServingStore, StoredRow


def page_of_rows(
    store: ServingStore,
    question: Question,
    containers: Sequence[Container],
    write: Write,
    stop: Callable[[], int],
) -> Answered:
    """A page of rows, read a few at a time, so that large ones don't fill the memory."""
    left, size, page = page_of(question), 0, Answered()
    if question.sort != "place":
        found = store.rows(rows_asked(question, containers, left, most=WHOLE_BYTES), stop)
        if sum(one.row.size for one in found) >= WHOLE_BYTES:
            raise too_large()
        return Answered([written(one, question, write) for one in found])
    after = question.after
    while left > 0 and size < MOST_BYTES:
        wanted = min(left, AT_ONCE)
        found = store.rows(rows_asked(question, containers, wanted, after), stop)
        for one in found:
            page.rows.append(written(one, question, write))
            size, after = size + len(page.rows[-1]), one.place
            if size >= MOST_BYTES:
                break
        left -= len(found)
        if len(found) < wanted:
            break
    page.cursor = cursor_of(after) if page.rows and after is not None else None
    return page


def page_of_summaries(
    store: ServingStore,
    question: Question,
    containers: Sequence[Container],
    write: Write,
    stop: Callable[[], int],
) -> Answered:
    """One row for each trace that has a matching span."""
    page, size = Answered(), 0
    for trace in _traces(store, question, containers, stop):
        page.rows.append(chosen(_summary(trace, question.preview, write), question))
        page.cursor, size = cursor_of(trace[-1].place), size + len(page.rows[-1])
        if len(page.rows) >= page_of(question) or size >= MOST_BYTES:
            break
    return page


def _traces(
    store: ServingStore, question: Question, containers: Sequence[Container], stop: Callable[[], int]
) -> Iterator[list[StoredRow]]:
    """Whole traces in the order asked for; a trace's rows lie side by side."""
    begun: list[StoredRow] = []
    after = question.after
    while found := store.rows(rows_asked(question, containers, AT_ONCE, after), stop):
        after = found[-1].place
        for _, one in groupby(found, _trace_of):
            rows = list(one)
            if begun and _trace_of(begun[0]) != _trace_of(rows[0]):
                yield begun
                begun = []
            begun += rows
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
