"""Posted rows that say all and ask for nothing else, as nearly all do: a body of them is read at one go.

What such a row becomes is what `bt_cli.spans.posted.read_posted` makes of it. Whatever is odd in any way is
no plain row, and is left to that.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
import orjson
from msgspec import UNSET, Meta, Raw, Struct, UnsetType, defstruct, field

from bt_cli.spans import text
from bt_cli.spans.learned import Learned, Unknown, learned_fields, members_of
from bt_cli.spans.merge import Path
from bt_cli.spans.metrics import Numbers, in_seconds
from bt_cli.spans.node import Field, Node
from bt_cli.spans.posted import Head
from bt_cli.spans.row import Row
from bt_cli.spans.shapes import METRICS, SCORES, TAGS
from bt_cli.spans.times import SECONDS_FROM, SECONDS_TO, parse_iso

_Id = Annotated[str, Meta(min_length=1)]


class Plain(Struct, gc=False, forbid_unknown_fields=True):
    """A row that gives its ids and its trace, in the forms that every field has.

    Fields of the type None are what clients send back of what a server gave them.
    """

    unknown: ClassVar[Unknown] = []

    id: _Id
    span_id: _Id
    root_span_id: _Id
    span_parents: list[str] | None = None
    created: str | UnsetType | None = UNSET
    project_id: str | None = None
    experiment_id: str | None = None
    dataset_id: str | None = None
    is_merge: bool | UnsetType = field(default=UNSET, name="_is_merge")
    merge_paths: list[Path] | UnsetType = field(default=UNSET, name="_merge_paths")
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
    log_id: Field = UNSET
    org_id: Field = UNSET
    org_name: Field = UNSET
    xact_id: Field = field(default=UNSET, name="_xact_id")
    pagination_key: Field = field(default=UNSET, name="_pagination_key")
    async_scoring_state: Field = field(default=UNSET, name="_async_scoring_state")
    is_root: Field = UNSET
    prompt_session_id: None = None
    audit_source: Literal["api"] | None = field(default=None, name="_audit_source")
    audit_metadata: None = field(default=None, name="_audit_metadata")
    audit_data: None = None
    classifications: None = None
    comments: None = None
    facets: None = None


class PlainBody(Struct, forbid_unknown_fields=True):
    """A body of plain rows, under either of the names that rows go by."""

    rows: list[Plain] = []
    events: list[Plain] = []
    api_version: Field = UNSET


def _decoder(keys: list[str]) -> msgspec.json.Decoder[PlainBody]:
    fields, names = learned_fields(keys)
    unknown = [(names[key], text.quote(key)) for key in keys]
    plain = defstruct(
        "LearnedPlain", fields, bases=(Plain,), namespace={"unknown": unknown}, gc=False, forbid_unknown_fields=True
    )
    rows: Any = list[plain]  # type: ignore[valid-type]  # made here
    lists: list[tuple[str, Any, Any]] = [(name, rows, field(default_factory=list)) for name in ("rows", "events")]
    return msgspec.json.Decoder(defstruct("LearnedBody", lists, bases=(PlainBody,), forbid_unknown_fields=True))


def _ours() -> set[str]:
    """Keys that mean something in a posted row."""
    return {*Plain.__struct_encode_fields__, *Node.__struct_encode_fields__, *Head.__struct_encode_fields__}


_learned = Learned(_decoder, _ours())


def plain_body(content: bytes, member: str) -> list[Plain] | None:
    """The rows of a body in UTF-8, its ``rows`` or ``events``; None where some are not plain, or it is no such JSON."""
    try:
        found: list[Plain] = getattr(_learned.decode(content), member)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found


def plain_row(raw: Raw) -> Plain | Raw:
    """A row as a plain one where it may be one, else as it is."""
    try:
        return _learned.decode(b'{"rows":[%b]}' % bytes(raw)).rows[0]
    except (msgspec.DecodeError, RecursionError):
        return raw


def learn_from(row: Row) -> None:
    """Learns the unknown keys of a row that was no plain one."""
    if row.extra is not None:
        _learned.learn(text.members(row.extra))


def read_plain(one: Plain) -> Row | None:
    """The row; None where some value does not fit its field."""
    scores = None if (value := one.scores) is UNSET else str(value, "utf-8")
    metadata = None if (value := one.metadata) is UNSET else str(value, "utf-8")
    metrics = None if (value := one.metrics) is UNSET else str(value, "utf-8")
    tags = None if (value := one.tags) is UNSET else str(value, "utf-8")
    attributes = None if (value := one.span_attributes) is UNSET else str(value, "utf-8")
    created = time = None
    try:
        if metrics is not None:
            time = _start(METRICS.decode(metrics))
        if scores is not None and scores != "null":
            SCORES.decode(scores)
        if tags is not None and tags != "null":
            TAGS.decode(tags)
    except msgspec.DecodeError:
        return None
    if metadata is not None and metadata[0] != "{" and metadata != "null":
        return None
    if attributes is not None and attributes[0] != "{" and attributes != "null":
        return None
    if isinstance(one.created, str):
        created, time = one.created, parse_iso(one.created)
    return Row(
        one.id,
        one.span_id,
        one.root_span_id,
        orjson.dumps(one.span_parents).decode() if one.span_parents else "[]",
        created,
        time,
        None if (value := one.input) is UNSET else str(value, "utf-8"),
        None if (value := one.output) is UNSET else str(value, "utf-8"),
        None if (value := one.expected) is UNSET else str(value, "utf-8"),
        None if (value := one.error) is UNSET else str(value, "utf-8"),
        scores,
        metadata,
        metrics,
        tags,
        attributes,
        None if (value := one.context) is UNSET else str(value, "utf-8"),
        None if (value := one.origin) is UNSET else str(value, "utf-8"),
        members_of(one, one.unknown) or None if one.unknown else None,
    )


def _start(numbers: Numbers) -> float | None:
    """The time at which a span starts, where it is a date. Raises msgspec.ValidationError for times not in seconds."""
    start = numbers.get("start")
    if not in_seconds(numbers):
        raise msgspec.ValidationError("not in seconds")
    return start if start is not None and SECONDS_FROM <= start < SECONDS_TO else None
