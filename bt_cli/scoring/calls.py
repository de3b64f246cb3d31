"""A judge's call → its span: type ``llm``, with messages, reply, model and token counts where Braintrust has them."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from bt_cli.scoring.base import Call
from bt_cli.spans import text
from bt_cli.spans.row import Row
from bt_cli.spans.times import format_iso, is_absolute

_ASKED = ("messages", "input")
"""Members of a request that hold what is asked; the others are parameters."""
_ANSWERED = ("choices", "output", "results")
"""Members of a reply that hold the answer."""


def call_row(parent: Row, span_id: str, call: Call) -> Row:
    """The span of a call below a score span."""
    row = Row(span_id, span_id, parent.root_span_id, f"[{text.quote(parent.span_id)}]", parent.created, parent.time)
    if is_absolute(call.start):
        row.created, row.time = format_iso(call.start), call.start
    request = _members(call.request)
    row.input = next((text.text_of(request[name]) for name in _ASKED if name in request), None)
    row.output = None if call.reply is None else _answer(call.reply)
    row.error = None if call.error is None else text.encode(call.error)
    row.metadata = _metadata(request, call)
    row.metrics = _metrics(call)
    row.span_attributes = f'{{"name":{text.quote(call.name)},"type":"llm","purpose":"scorer"}}'
    return row


def superseded_row(earlier: Row) -> Row:
    """What is left of a call of an earlier run that the last one did not make: its place and name, and a mark.

    A store removes nothing; emptied, it tells no answer and counts no tokens beside a score that it is no part of.
    """
    row = Row(earlier.id, earlier.span_id, earlier.root_span_id, earlier.span_parents, earlier.created, earlier.time)
    row.metadata = '{"superseded":true}'
    row.span_attributes = earlier.span_attributes
    return row


def _members(json: str) -> dict[str, Raw]:
    try:
        return text.members(json)
    except msgspec.DecodeError:
        return {}


def _answer(reply: str) -> str:
    """The answer in a reply; of vectors their number, and a reply of no known shape whole."""
    members = _members(reply)
    for name in _ANSWERED:
        if name in members:
            return text.text_of(members[name])
    if not members:
        return text.encode(text.decode(reply))
    data = text.decode(reply).get("data")
    vectors = data if isinstance(data, list) else None
    return reply if vectors is None else f'{{"embeddings":{len(vectors)}}}'


def _metadata(request: dict[str, Raw], call: Call) -> str:
    parameters = {name: value for name, value in request.items() if name not in _ASKED}
    ours = {"host": call.host, "attempts": call.attempts, "cached": call.cached}
    return text.join({**parameters, **{name: text.raw(text.encode(value)) for name, value in ours.items()}})


def _metrics(call: Call) -> str:
    metrics = {"start": call.start, "end": call.end, **call.metrics}
    if call.cost is not None:
        metrics["estimated_cost"] = call.cost
    return text.encode(metrics)
