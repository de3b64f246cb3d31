"""A stored row as Braintrust's API gives it: every column, null where unset (wire protocol 8.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from bt_cli.spans import text
from bt_cli.spans.container import Container, container_id
from bt_cli.spans.terms import COMMENTS
from bt_cli.spans.transactions import pagination_key, xact_id
from bt_cli.stores.serving import StoredRow

_CUT = ("input", "output", "expected", "error")
"""Columns that a preview cuts."""
_PLAIN = ("scores", "metadata", "metrics", "tags", "span_attributes", "context", "origin")
_ABSENT: Mapping[str, str] = dict.fromkeys(
    ("_async_scoring_state", "audit_data", "classifications", COMMENTS, "facets", "org_id"), "null"
)
"""Columns that only what a client sent can fill."""


def row_json(stored: StoredRow, preview: int = -1) -> str:
    """The row as a JSON object; of ``preview`` or more characters input, output, expected and error are cut."""
    return text.join({key: text.raw(value) for key, value in row_columns(stored, preview).items()})


def row_columns(stored: StoredRow, preview: int = -1) -> dict[str, str]:
    """The columns of a row by name, each as JSON text."""
    row = stored.row
    columns = {
        "id": text.quote(row.id),
        "span_id": text.quote(row.span_id),
        "root_span_id": "null" if row.root_span_id is None else text.quote(row.root_span_id),
        "span_parents": "null" if row.span_parents == "[]" else row.span_parents,
        "is_root": "true" if row.span_parents == "[]" else "false",
        "created": _created(stored),
        "_xact_id": f'"{xact_id(stored.xact)}"',
        "_pagination_key": f'"{pagination_key(stored.place)}"',
        **_container(stored.container),
        **_ABSENT,
    }
    for name in _PLAIN:
        columns[name] = getattr(row, name) or "null"
    for name in _CUT:
        columns[name] = _cut(getattr(row, name) or "null", preview)
    if row.extra:
        columns.update({key: text.text_of(value) for key, value in text.members(row.extra).items()})
    return columns


@lru_cache(maxsize=256)
def _container(container: Container) -> Mapping[str, str]:
    project = text.quote(container_id(container.logs))
    if container.kind == "project_logs":
        return {"project_id": project, "log_id": '"g"'}
    return {"project_id": project, f"{container.kind}_id": text.quote(container_id(container))}


def _created(stored: StoredRow) -> str:
    """``created`` to the millisecond in UTC: the row's own, else its start, else when its trace was last written to."""
    row = stored.row
    seconds = (stored.xact >> 16) if row.time is None else row.time
    if row.created is not None and row.time is None:
        return text.quote(row.created)
    try:
        moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):  # the last moment that there is, rounded up
        return text.quote(row.created or "")
    return f'"{moment.replace("+00:00", "Z")}"'


def _cut(value: str, preview: int) -> str:
    if preview < 0 or len(value) <= preview:
        return value
    shown = text.decode(value) if value[:1] == '"' else value
    return text.encode(shown[:preview]) if len(shown) > preview else value
