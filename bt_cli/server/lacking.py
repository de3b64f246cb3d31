"""What Braintrust has and this server has not: said plainly, so that nobody takes silence for success."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.server.answers import json_answer

_HISTORY = "this server keeps no history of datasets, so it has no snapshots"
_FUNCTIONS = "this server keeps no prompts and functions"
_OTLP = "this server reads the spans of OpenTelemetry (/otel/v1/traces), not its logs"


def _refusing(message: str) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(request: Request) -> Response:
        raise HTTPException(501, message)

    return refuse


async def none(request: Request) -> Response:
    """A list of nothing."""
    return json_answer({"objects": []})


async def no_environment(request: Request) -> Response:
    """No object is in an environment."""
    raise HTTPException(404, f"nothing is in the environment {request.path_params['environment']!r}")


ROUTES = [
    Route("/v1/dataset_snapshot", none, methods=["GET"]),
    Route("/v1/dataset_snapshot", _refusing(_HISTORY), methods=["POST", "DELETE"]),
    Route("/v1/dataset_snapshot/{id}", _refusing(_HISTORY), methods=["GET", "PATCH", "DELETE"]),
    Route("/api/dataset_snapshot/{action}", _refusing(_HISTORY), methods=["POST"]),
    Route("/v1/dataset/{id}/restore", _refusing(_HISTORY), methods=["POST"]),
    Route("/v1/dataset/{id}/restore/preview", _refusing(_HISTORY), methods=["POST"]),
    Route("/environment", none, methods=["GET"]),
    Route("/environment-object/{type}/{id}/{environment}", no_environment, methods=["GET"]),
    Route("/v1/prompt", _refusing(_FUNCTIONS), methods=["POST", "PUT"]),
    Route("/v1/function", _refusing(_FUNCTIONS), methods=["POST", "PUT"]),
    Route("/insert-functions", _refusing(_FUNCTIONS), methods=["POST"]),
    Route("/otel/v1/logs", _refusing(_OTLP), methods=["POST"]),
]
