"""One row with its terms as the JSON of ``/logs3``: what `bt_cli.spans.posted` reads, written."""

from __future__ import annotations

import orjson

from bt_cli.spans import text
from bt_cli.spans.row import Row
from bt_cli.spans.row_text import add_linkage, add_payload
from bt_cli.spans.terms import Terms
from bt_cli.stores.base import Submission
from bt_cli.stores.braintrust.wire import Form, rows_json


def posted_json(submission: Submission, form: Form) -> bytes:
    """The row of a submission as it is posted. One without terms is merged as rows of ``bt import`` are.

    When it came (`Terms.created`) is left to the server to say.
    """
    row, terms, merges = submission.rows[0], submission.terms, submission.conflict != "replace"
    if terms is None:
        return rows_json([row], form, merges, None)
    if terms.comment is not None:
        origin = text.raw(f'{{"id":{text.quote(row.id)}}}')
        members = {**text.members(terms.comment), "origin": origin}
        return f"{text.join(members)[:-1]},{form.place}}}".encode()
    if terms.deleted:
        return f'{{"id":{text.quote(row.id)},{form.place},"_object_delete":true}}'.encode()
    parts: list[str] = []
    if merges and row.root_span_id is None and row.span_parents == "[]":
        _add_ids(parts, row)
    else:
        add_linkage(parts, row)
    add_payload(parts, row, False)
    if row.span_attributes is not None:
        parts.append(f',"span_attributes":{row.span_attributes}')
    parts.append(f',{form.place}{_instructions(terms)},"_is_merge":{"true" if merges else "false"}}}')
    return "".join(parts).encode()


def _add_ids(parts: list[str], row: Row) -> None:
    """Opens the object of a row that knows nothing of its place: what is said of that would be put in its stead."""
    span_id = "" if row.span_id == row.id else f',"span_id":{text.quote(row.span_id)}'
    created = "" if row.created is None else f',"created":{text.quote(row.created)}'
    parts.append(f'{{"id":{text.quote(row.id)}{span_id}{created}')


def _instructions(terms: Terms) -> str:
    replaced = f',"_merge_paths":{orjson.dumps(terms.replaced).decode()}' if terms.replaced else ""
    removed = ",".join(f'{{"path":{orjson.dumps(path).decode()},"delete":{items}}}' for path, items in terms.removed)
    return f'{replaced},"_array_delete":[{removed}]' if removed else replaced
