"""Readable fixtures: records, rows and trees in a few characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from bt_cli.pipeline.converting import Conversion
from bt_cli.readers.base import Record, Reject
from bt_cli.readers.json_records import JsonReader
from bt_cli.spans.flatten import Flat
from bt_cli.spans.ids import content_hash
from bt_cli.spans.problem import Problem
from bt_cli.spans.row import Row
from bt_cli.spans.times import format_iso
from bt_cli.writers.rows import write_rows

_NAME = re.compile(r"[\w-]+")


def tree(text: str) -> dict[str, Any]:
    """``a(b,c(d))`` as a nested record whose spans have these names."""
    top: dict[str, Any] = {"children": []}
    path = [top]
    at = 0
    while at < len(text):
        name = _NAME.match(text, at)
        if name:
            path[-1]["children"].append({"name": name.group(), "children": []})
            at = name.end()
        else:
            if text[at] == "(":
                path.append(path[-1]["children"][-1])
            elif text[at] == ")":
                path.pop()
            at += 1
    (only,) = top["children"]
    return dict(only)


def row(row_id: str, *parents: str, trace: str | None = "a", **fields: str | float | None) -> Row:
    """A stored row whose ``span_id`` is its ``id`` if not given; other fields as JSON text."""
    made = Row(row_id, row_id, trace, orjson.dumps(parents).decode())
    for name, value in fields.items():
        setattr(made, name, value)
    if made.time is not None and made.created is None:
        made.created = format_iso(made.time)
    return made


def dump(record: Any) -> bytes:
    """One record as one line of JSON."""
    return orjson.dumps(record)


def convert(record: Any, **options: Any) -> Flat:
    """The rows of one record (a value, or its JSON text), which must have some."""
    done = _convert(record, **options)
    assert isinstance(done, Flat), done
    return done


def refusal(record: Any, **options: Any) -> Problem:
    """Why one record has no rows."""
    done = _convert(record, **options)
    assert isinstance(done, Problem), done
    return done


def _convert(record: Any, **options: Any) -> Flat | Problem:
    text = record if isinstance(record, bytes) else dump(record)
    return Conversion(**options).convert(text, content_hash(text))


def only_row(record: Any, **options: Any) -> Row:
    """The row of a record of one span."""
    (single,) = convert(record, **options).rows
    return single


def by_name(rows: Iterable[Row]) -> dict[str, Row]:
    """Rows by the name of their span."""
    return {orjson.loads(one.span_attributes or "{}").get("name"): one for one in rows}


def value(text: str | None) -> Any:
    """What JSON text says; None where there is none."""
    return None if text is None else orjson.loads(text)


def read(data: bytes, *, block: int = 1 << 18, limit: int = 64 << 20) -> list[Record | Reject]:
    """Records and rejects of some input, read in blocks of a size."""
    blocks = (data[at : at + block] for at in range(0, len(data), block))
    return [item for item in JsonReader(limit).read(blocks) if item is not None]


def records(data: bytes, **options: int) -> list[bytes]:
    """The records of input that has no rejects, as lines of JSON."""
    items = read(data, **options)
    assert all(isinstance(item, Record) for item in items), items
    return [item.json for item in items if isinstance(item, Record)]


def rejects(data: bytes, **options: int) -> list[Reject]:
    """What is no record in some input."""
    return [item for item in read(data, **options) if isinstance(item, Reject)]


def rows_of(data: bytes) -> list[Row]:
    """Input → rows, all of it."""
    return [one for record in records(data) for one in convert(record).rows]


def written(rows: Iterable[Row]) -> bytes:
    """Rows as JSON lines."""
    return write_rows(list(rows)).encode()
