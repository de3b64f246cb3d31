"""Small spans in OTLP's JSON form, and the rows that they are read as."""

from __future__ import annotations

import json
from typing import Any

from bt_cli.pipeline.converting import Conversion
from bt_cli.readers import open_reader
from bt_cli.readers.base import Record, Reject, Skip
from bt_cli.spans.foreign import Foreign
from bt_cli.spans.otel import typed_attributes
from bt_cli.spans.problem import Problem
from bt_cli.writers.rows import write_rows

TRACE, SPAN, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"


def span(plain: dict[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """One span in OTLP's JSON form."""
    base = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "work",
        "startTimeUnixNano": "1767603731630000000",
        "endTimeUnixNano": "1767603733610000000",
        "attributes": typed_attributes(plain or {}),
    }
    return base | fields


def request(*spans: dict[str, Any], **resource: Any) -> dict[str, Any]:
    """A request of some spans of one program."""
    scope = {"scope": {"name": "my.scope"}, "spans": list(spans)}
    return {"resourceSpans": [{"resource": {"attributes": typed_attributes(resource)}, "scopeSpans": [scope]}]}


def read(data: bytes | str | dict[str, Any], form: str = "auto") -> list[Record | Reject | Skip]:
    """What a reader makes of some input."""
    if isinstance(data, dict):
        data = json.dumps(data)
    if isinstance(data, str):
        data = data.encode()
    return [one for one in open_reader(form).read(iter([data])) if one is not None]  # type: ignore[misc]


def rows_of(data: bytes | str | dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of some input, all of which must be accepted."""
    rows = []
    for one in read(data):
        assert isinstance(one, Record), one
        flat = Conversion().convert(one.json, b"0" * 16, one.form)
        assert not isinstance(flat, Problem), flat
        rows.extend(json.loads(line) for line in write_rows(flat.rows).splitlines())
    return rows


def row_of(plain: dict[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """The row of one span."""
    (row,) = rows_of(request(span(plain, **fields)))
    return row


def told_of(plain: dict[str, Any] | None = None, /, **fields: Any) -> Foreign:
    """How one span was understood."""
    (one,) = read(request(span(plain, **fields)))
    assert isinstance(one, Record)
    flat = Conversion().convert(one.json, b"0" * 16, one.form)
    assert not isinstance(flat, Problem)
    assert flat.foreign is not None
    return flat.foreign
