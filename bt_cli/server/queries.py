"""Queries: ``POST /btql``, at once, and ``/btql/async``, whose results are fetched later (wire protocol section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.errors import NotFoundError, QueryError
from bt_cli.pipeline.answer_page import Answered
from bt_cli.pipeline.answering import answer
from bt_cli.query.btql import read_query
from bt_cli.query.limits import whole_number
from bt_cli.server.answers import json_answer, read_object, refusal
from bt_cli.server.row_out import row_json
from bt_cli.server.tasks import Tasks
from bt_cli.server.waiting import LONGEST, Patience, heeded
from bt_cli.spans.transactions import xact_id

CURSOR = "x-bt-cursor"
"""The header that has the cursor of the next page."""
_LINES = ("jsonl", "ndjson")


async def query(request: Request) -> Response:
    """One page of an answer, as JSON or as lines of it."""
    body = await read_object(request)
    asked = _query_of(body)
    form = body.get("fmt") or "json"
    if form not in ("json", *_LINES):
        raise HTTPException(400, f"there is no fmt {form!r} here: json, jsonl")
    seconds = body.get("query_timeout_seconds")
    patience = Patience(min(seconds, LONGEST) if isinstance(seconds, int | float) and seconds > 0 else LONGEST)
    try:
        found, last = await heeded(
            request,
            patience,
            lambda store, stop: (answer(store, read_query(asked), row_json, stop), store.last_transaction()),
        )
    except QueryError as error:
        told = "\n".join((error.message, *error.excerpt, *([f"({error.hint})"] if error.hint else [])))
        return refusal(400, "BadRequestError", told, request.url.path)
    except NotFoundError as error:
        return refusal(403, "ForbiddenError", error.message, request.url.path)
    headers = {CURSOR: found.cursor} if found.cursor else {}
    if form in _LINES:
        lines = "".join(f"{row}\n" for row in found.rows)
        return Response(lines, headers=headers, media_type="application/json")
    return Response(_page(found, xact_id(last)), headers=headers, media_type="application/json")


async def begin(request: Request) -> Response:
    """Begins a query whose result is asked for later."""
    body = await read_object(request)
    return json_answer(_tasks(request).begin(_query_of(body)))


async def status(request: Request) -> Response:
    """How far a query has got."""
    return json_answer(_tasks(request).status(request.path_params["id"]))


async def result(request: Request) -> Response:
    """Some rows of the result of a query: ``limit`` of them, from ``cursor`` on."""
    wanted = request.query_params
    begin, limit = whole_number(wanted.get("cursor") or "0"), whole_number(wanted.get("limit") or "0")
    if begin is None or limit is None:
        raise HTTPException(400, "limit and cursor are whole numbers, not below 0")
    content = _tasks(request).result(request.path_params["id"], begin, limit or None)
    return Response(content, media_type="application/json")


def _tasks(request: Request) -> Tasks:
    state = request.app.state
    if not hasattr(state, "query_tasks"):
        state.query_tasks = Tasks(state.service)
    tasks: Tasks = state.query_tasks
    return tasks


def _query_of(body: Mapping[str, Any]) -> str | dict[str, Any]:
    asked = body.get("query")
    if not isinstance(asked, str | dict):
        raise HTTPException(400, "query must be text or an object")
    return asked


def _page(found: Answered, last: str) -> bytes:
    """The envelope of an answer (wire protocol 8.1); the rows are put in as the text that they are."""
    after: dict[str, Any] = {
        "schema": {"type": "array", "items": {"type": "object", "properties": found.properties}},
        "realtime_state": {"type": "on", "minimum_xact_id": None, "read_bytes": 0, "actual_xact_id": None},
        "freshness_state": {"last_processed_xact_id": last, "last_considered_xact_id": last},
    }
    if found.cursor:
        after["cursor"] = found.cursor
    rows = ",".join(found.rows).encode()
    return b'{"data":[' + rows + b"]," + orjson.dumps(after)[1:]


ROUTES = [
    Route("/btql", query, methods=["POST"]),
    Route("/btql/async", begin, methods=["POST"]),
    Route("/btql/async/{id}", status, methods=["GET"]),
    Route("/btql/async/{id}/result", result, methods=["GET"]),
]
