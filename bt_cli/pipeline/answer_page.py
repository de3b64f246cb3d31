"""A page of an answer to a query: how much of it there may be, and what each row shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct, field

from bt_cli.errors import NotFoundError, QueryError, UsageError
from bt_cli.query.btql_question import Question
from bt_cli.spans.container import Container, Kind
from bt_cli.spans.selecting import schema_of, selected
from bt_cli.stores.serving import RowsAsked, ServingStore, Shape, StoredRow

PAGE = 1000
"""Rows of a page at most, as Braintrust has it."""
MOST_BYTES = 16 << 20
"""A page ends with the row that exceeds this; the next page goes on from there."""
WHOLE_BYTES = 64 << 20
"""An answer that comes at one go, and could go on nowhere, is refused beyond this."""
AT_ONCE = 200
"""Rows that are read at a time, so that large ones don't fill the memory."""

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


def found_container(store: ServingStore, kind: str, name: str) -> Container:
    """The container of a kind that an id, or else a name, means. Raises NotFoundError, UsageError for two of a name."""
    wanted: Kind = kind  # type: ignore[assignment]  # the caller's word for it
    found = store.objects(wanted, id=name) or store.objects(wanted, name=name)
    if not found:
        raise NotFoundError(f"Missing read access to {kind} id {name}, or the {kind} does not exist")
    if len(found) > 1:
        raise UsageError(f"there are {len(found)} with the name {name!r}", hint="give the id", code="ambiguous")
    return found[0].container


def rows_asked(
    question: Question, containers: Sequence[Container], limit: int, after: int | None = None, most: int = MOST_BYTES
) -> RowsAsked:
    """The rows of a question as a store is asked for them."""
    shape: Shape = "spans" if question.shape == "spans" else "traces"
    sort: Literal["place", "created"] = "created" if question.sort == "created" else "place"
    return RowsAsked(containers, question.test, shape, sort, question.newest_first, after, limit, most)


def too_large() -> QueryError:
    """Why an answer that comes at one go is refused."""
    return QueryError(
        f"the answer is larger than {WHOLE_BYTES >> 20} MiB",
        hint="give a smaller limit, or sort by _pagination_key, whose pages go on from one another",
    )


def page_of(question: Question) -> int:
    """How many rows the next page has at most."""
    return min(PAGE, PAGE if question.limit is None else question.limit)


def written(stored: StoredRow, question: Question, write: Write) -> str:
    """What is shown of a stored row."""
    return chosen(write(stored, question.preview), question)


def chosen(row: str, question: Question) -> str:
    """The columns of a row that are asked for; all of them is what it is already."""
    columns = [(one.name, one.path) for one in question.columns or ()]
    return row if columns == [("*", ())] else selected(row, columns)
