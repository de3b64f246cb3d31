"""Changes to rows that were written before: updates by id or slug, and feedback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bt_cli.spans import text
from bt_cli.spans.row import Row
from bt_cli.spans.slugs import decode_slug
from bt_cli.spans.terms import Terms, audit_entry
from bt_cli.spans.times import format_iso
from bt_cli.spans.validating import checked_feedback
from bt_cli.stores.base import Submission
from bt_cli.tracing.draft import Logged, amend
from bt_cli.tracing.event import encode_event
from bt_cli.tracing.state import STATE
from bt_cli.tracing.target import Target


def update_span(exported: str, **event: Any) -> None:
    """Merges an event into the span of a slug (see `Span.export`), which should be written before.

    Raises ValueError for a slug that names no span.
    """
    from bt_cli.tracing.parents import target_of

    slug = decode_slug(exported)
    if not slug.row_id:
        raise ValueError("Exported span must have a row_id")
    given = {"root_span_id": slug.root_span_id, "span_id": slug.span_id, **event}
    update_row(target_of(slug, None), slug.row_id, given)


def update_row(target: Target, id: str, event: Mapping[str, Any]) -> None:
    """Merges an event into the row of an id; ``span_id`` and ``root_span_id`` in it, both or none, say whose it is."""
    rest = dict(event)
    span_id, root_span_id = rest.pop("span_id", None), rest.pop("root_span_id", None)
    if (span_id is None) != (root_span_id is None):
        raise ValueError("both root_span_id and span_id must be set, or neither")
    fields, attachments = encode_event(rest)
    row = Row(id, span_id or id, root_span_id, "[]")
    amend(row, fields)
    target.worker.put(Logged(target, Submission([row], None, "merge", tree=False, terms=Terms()), attachments))


def log_feedback(target: Target, id: str, event: Mapping[str, Any]) -> None:
    """Merges scores, an expected answer and tags into the row of an id, and adds a comment to it.

    ``metadata`` and ``source`` are about the feedback, not of the row. Raises ValueError where nothing is said.
    """
    feedback = checked_feedback(event)
    about = dict(encode_event({"_audit_source": feedback.source, "_audit_metadata": feedback.metadata}).fields)
    if feedback.event:
        fields, attachments = encode_event(feedback.event)
        row = Row(id, id, None, "[]")
        amend(row, fields)
        audit = audit_entry(about["_audit_source"], about.get("_audit_metadata", "null"), "merge")
        submission = Submission([row], None, "merge", tree=False, terms=Terms(audit=audit))
        target.worker.put(Logged(target, submission, attachments))
    if feedback.comment is not None:
        said = {
            "id": text.quote(STATE.ids.row()),
            "created": text.quote(format_iso(STATE.clock())),
            "comment": f'{{"text":{text.quote(feedback.comment)}}}',
            **about,
        }
        comment = text.join({key: text.raw(value) for key, value in said.items()})
        commented = Submission([Row(id, id, None, "[]")], None, "merge", tree=False, terms=Terms(comment=comment))
        target.worker.put(Logged(target, commented))
