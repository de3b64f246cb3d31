"""The flat form of a span, in Braintrust's field names."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import astuple

PAYLOAD = (
    "input",
    "output",
    "expected",
    "error",
    "scores",
    "metadata",
    "metrics",
    "tags",
    "span_attributes",
    "context",
    "origin",
)
"""Fields kept as the source's JSON text, in the order in which they are written."""

LINKAGE = ("id", "span_id", "root_span_id", "span_parents", "created")
"""Fields that place a span; a merge never changes them."""

SERVER = (
    "project_id",
    "experiment_id",
    "dataset_id",
    "prompt_session_id",
    "org_id",
    "org_name",
    "log_id",
    "_xact_id",
    "_pagination_key",
    "_async_scoring_state",
)
"""Container and server fields; written only with ``--with-container``."""


class Row(Struct, array_like=True, gc=False):
    """One span.

    ``id``, ``span_id``, ``root_span_id`` and ``created`` are plain text. ``time`` is ``created`` as
    epoch seconds, None where it is no date. ``span_parents`` is the JSON text of a list of span ids,
    ``[]`` at a root. Every other field is JSON text; None means absent and ``"null"`` an explicit
    null. ``extra`` holds unknown keys and ``server`` those of `SERVER`, each as one JSON object.
    A row that the source gave no ``root_span_id`` has None until its parents are known.
    """

    id: str
    span_id: str
    root_span_id: str | None
    span_parents: str
    created: str | None = None
    time: float | None = None
    input: str | None = None
    output: str | None = None
    expected: str | None = None
    error: str | None = None
    scores: str | None = None
    metadata: str | None = None
    metrics: str | None = None
    tags: str | None = None
    span_attributes: str | None = None
    context: str | None = None
    origin: str | None = None
    extra: str | None = None
    server: str | None = None

    @property
    def size(self) -> int:
        """How many characters its payload has."""
        return sum(map(len, filter(None, astuple(self)[_PAYLOAD_AT])))


_PAYLOAD_AT = slice(Row.__struct_fields__.index(PAYLOAD[0]), Row.__struct_fields__.index("extra") + 1)
