"""Complete rows: records that say all of their row in the forms that the fields have, and ask for nothing else.

Such a row is what the long way (`bt_cli.spans.flatten`) makes of it, member by member, so it may be passed
on as it is. Whatever is odd in any way is no complete row, and goes the long way.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from bt_cli.spans import text
from bt_cli.spans.linkage import as_list
from bt_cli.spans.metrics import IN_SECONDS
from bt_cli.spans.node import Field
from bt_cli.spans.row import PAYLOAD, Row
from bt_cli.spans.shapes import METRICS, SCORES, TAGS
from bt_cli.spans.times import is_absolute, parse_iso

_Id = Annotated[str, Meta(min_length=1)]


class CompleteRow(Struct, gc=False, forbid_unknown_fields=True):
    """A row that gives its ids and its linkage; its payload as raw JSON, which encoding writes as it is."""

    id: _Id
    span_id: _Id
    root_span_id: _Id
    span_parents: list[str]
    created: str | UnsetType = UNSET
    input: Field = UNSET
    output: Field = UNSET
    expected: Field = UNSET
    error: Field = UNSET
    scores: Field = UNSET
    metadata: Field = UNSET
    metrics: Field = UNSET
    tags: Field = UNSET
    span_attributes: Field = UNSET
    context: Field = UNSET
    origin: Field = UNSET

    def as_row(self) -> Row:
        """The same as a row that can be merged with others."""
        created = None if self.created is UNSET else self.created
        row = Row(self.id, self.span_id, self.root_span_id, as_list(self.span_parents), created)
        row.time = None if created is None else parse_iso(created)
        for name in PAYLOAD:
            value = getattr(self, name)
            if value is not UNSET:
                setattr(row, name, text.text_of(value))
        return row


_decode = msgspec.json.Decoder(CompleteRow).decode
_metrics = METRICS.decode


def read_complete(record: bytes) -> CompleteRow | None:
    """The row of a record in UTF-8 that is a complete one; None for any other, valid JSON or not."""
    try:
        row = _decode(record)
        if row.metrics is not UNSET:
            # Times in seconds, and a start that is a date: relative clocks are counted, the long way.
            start, end = (found := _metrics(row.metrics)).get("start"), found.get("end")
            if not ((start is None or is_absolute(start)) and (end is None or -IN_SECONDS < end < IN_SECONDS)):
                return None
        if row.scores is not UNSET and bytes(row.scores) != b"null":
            SCORES.decode(row.scores)
        if row.tags is not UNSET and bytes(row.tags) != b"null":
            TAGS.decode(row.tags)
    except (msgspec.DecodeError, RecursionError):
        return None
    for value in (row.metadata, row.span_attributes):
        if value is not UNSET and bytes(value)[0] != 123 and bytes(value) != b"null":
            return None
    return row
