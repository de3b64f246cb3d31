"""Routes about prompts and functions, of which there are none here, but for the thread of a trace."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.pipeline.viewing import rows_of_trace
from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.objects import one_with_id
from bt_cli.server.service import service_of
from bt_cli.spans.conversation import thread
from bt_cli.spans.row import Row
from bt_cli.stores.serving import ServingStore


async def none(request: Request) -> Response:
    """The prompts, or functions, of a project."""
    return json_answer({"objects": []})


async def invoke(request: Request) -> Response:
    """The messages of a trace, which Braintrust has a function for; no other function can be run."""
    body = await read_object(request)
    given = body.get("input")
    trace = given.get("trace_ref") if isinstance(given, dict) else None
    if body.get("function_type") != "preprocessor" or not isinstance(trace, dict):
        raise HTTPException(501, "this server runs no functions")
    rows = await service_of(request).read(lambda store: _rows(store, trace))
    return json_answer(thread(rows))


def _rows(store: ServingStore, trace: dict[str, Any]) -> list[Row]:
    kind, root = trace.get("object_type"), trace.get("root_span_id")
    if kind not in ("project_logs", "experiment") or not isinstance(root, str):
        raise HTTPException(400, "trace_ref needs object_type, object_id and root_span_id")
    return rows_of_trace(store, one_with_id(store, kind, trace.get("object_id")).container, root)


ROUTES = [
    Route("/v1/prompt", none, methods=["GET"]),
    Route("/v1/function", none, methods=["GET"]),
    Route("/function/invoke", invoke, methods=["POST"]),
]
