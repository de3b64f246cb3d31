"""Routes about projects."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.server.about import told
from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.objects import (
    FOUND_EXISTING,
    Json,
    project_of,
    required_name,
    wanted,
)
from bt_cli.server.one_object import OneObject
from bt_cli.server.service import service_of
from bt_cli.spans.container import Container
from bt_cli.stores.serving import StoredObject

_KEPT = ("description", "settings")
_ONE = OneObject("project_logs", project_of, _KEPT)


async def list_projects(request: Request) -> Response:
    """The projects, or the one of a name."""
    asked = request.query_params
    name = asked.get("project_name") or asked.get("name")
    found = await service_of(request).read(lambda store: store.objects("project_logs", name=name))
    return json_answer({"objects": [project_of(one) for one in wanted(request, found)]})


async def create_project(request: Request) -> Response:
    """A project of a name, made where it is not there."""
    body = await read_object(request)
    project, existed = await _opened(request, required_name(body, "name"), body)
    return json_answer(project_of(project), headers=FOUND_EXISTING if existed else None)


async def register_project(request: Request) -> Response:
    """The same, as older SDKs and the one for JavaScript ask."""
    body = await read_object(request)
    project, existed = await _opened(request, required_name(body, "project_name"), body)
    return json_answer({"project": project_of(project), "found_existing": existed})


async def _opened(request: Request, name: str, body: Json) -> tuple[StoredObject, bool]:
    about = told(body, _KEPT)
    return await service_of(request).write(lambda store: store.open_object(Container(name), about))


ROUTES = [
    Route("/v1/project", list_projects, methods=["GET"]),
    Route("/v1/project", create_project, methods=["POST"]),
    *_ONE.routes("/v1/project"),
    Route("/api/project", _ONE.view, methods=["GET"]),
    Route("/api/project/register", register_project, methods=["POST"]),
]
