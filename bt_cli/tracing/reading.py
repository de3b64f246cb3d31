"""Rows of an experiment back from the store, as a program that logged them would have them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from bt_cli.query.filters import SpanFilter
from bt_cli.spans import text
from bt_cli.spans.attachments import Reference, reference_of, references_in
from bt_cli.spans.row import PAYLOAD, Row
from bt_cli.stores.base import ReadStats
from bt_cli.tracing.attachments import ReadonlyAttachment
from bt_cli.tracing.target import Target

if TYPE_CHECKING:
    from bt_cli.stores.logging import LoggingStore
    from bt_cli.tracing.worker import Worker


class Rows:
    """Something whose rows can be read."""

    target: Target

    def fetch(self) -> Iterator[dict[str, Any]]:
        """Its rows, trace after trace, once everything that was logged is stored. Raises BtError.

        What they name as attachments is a `ReadonlyAttachment`, whose content is read when it is looked at.
        """
        worker = self.target.worker
        worker.flush()
        container = self.target.wait().container

        def read(store: LoggingStore) -> list[Row]:
            traces = store.read_traces(container, SpanFilter(), ReadStats())
            return [row for trace in traces for row in trace]

        return (_with_files(row, worker) for row in worker.call(read))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.fetch()


class ReadonlyExperiment(Rows):
    """An experiment that is there already. Made by `init` with ``open``."""

    def __init__(self, target: Target) -> None:
        self.target = target

    @property
    def id(self) -> str:
        """Its id. Raises NotFoundError where there is no such experiment."""
        return self.target.wait().id

    @property
    def name(self) -> str:
        """Its name. Raises NotFoundError where there is no such experiment."""
        return self.target.wait().container.name

    def as_dataset(self) -> Iterator[dict[str, Any]]:
        """Its cases as records of a dataset: ``input``, ``expected`` or else ``output``, ``metadata``, ``tags``."""
        for row in self.fetch():
            if not row["span_parents"]:
                expected = row.get("output") if row.get("expected") is None else row["expected"]
                kept = {name: row[name] for name in ("input", "metadata", "tags") if row.get(name) is not None}
                yield {"id": row["id"], **kept, "expected": expected}


def as_record(row: Row) -> dict[str, Any]:
    """A row as Python values."""
    record: dict[str, Any] = {
        "id": row.id,
        "span_id": row.span_id,
        "root_span_id": row.root_span_id,
        "span_parents": orjson.loads(row.span_parents),
        "created": row.created,
    }
    for name in PAYLOAD:
        value = getattr(row, name)
        if value is not None:
            record[name] = text.decode(value)
    return {**record, **(text.decode(row.extra) if row.extra else {})}


def _with_files(row: Row, worker: Worker) -> dict[str, Any]:
    """A row as Python values; its attachments can be read."""
    record = as_record(row)
    if next(references_in(row), None) is None:
        return record
    return {name: _opened(value, worker) for name, value in record.items()}


def _opened(value: Any, worker: Worker) -> Any:
    if isinstance(value, list):
        return [_opened(one, worker) for one in value]
    if not isinstance(value, dict):
        return value
    reference = reference_of(orjson.dumps(value).decode()) if "type" in value else None
    if reference is None:
        return {key: _opened(one, worker) for key, one in value.items()}
    return ReadonlyAttachment(value, partial(worker.call, partial(_content, reference)))


def _content(reference: Reference, store: LoggingStore) -> bytes:
    return b"".join(store.attachment_content(reference))
