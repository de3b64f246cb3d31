"""Routes about experiments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.server.about import told
from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.objects import (
    FOUND_EXISTING,
    Json,
    experiment_of,
    one_with_id,
    optional_name,
    project_named,
    project_of,
    wanted,
)
from bt_cli.server.one_object import OneObject
from bt_cli.server.service import service_of
from bt_cli.spans.container import Container, container_id
from bt_cli.stores.experiments import base_of, experiment_name
from bt_cli.stores.serving import ServingStore, StoredObject

_KEPT = (
    "description",
    "metadata",
    "tags",
    "repo_info",
    "base_exp_id",
    "dataset_id",
    "dataset_version",
    "parameters_id",
    "parameters_version",
    "public",
)
_ONE = OneObject("experiment", experiment_of, _KEPT)


async def list_experiments(request: Request) -> Response:
    """The experiments of a project, or of all; or those of a name."""
    found = await _named(request, request.query_params)
    return json_answer({"objects": [experiment_of(one) for one in wanted(request, found)]})


async def find_experiments(request: Request) -> Response:
    """The same as a list, as older SDKs and the one for JavaScript ask."""
    return json_answer([experiment_of(one) for one in await _named(request, await read_object(request))])


async def create_experiment(request: Request) -> Response:
    """An experiment: with ``ensure_new`` a new one, else the one of that name."""
    body = await read_object(request)
    name = optional_name(body, "name")
    made, existed = await service_of(request).write(
        lambda store: _made(store, body, name, bool(body.get("ensure_new")))
    )
    return json_answer(experiment_of(made), headers=FOUND_EXISTING if existed else None)


async def register_experiment(request: Request) -> Response:
    """The same, as older SDKs and the one for JavaScript ask: a new one unless it is to be updated."""
    body = await read_object(request)
    name = optional_name(body, "experiment_name")

    def register(store: ServingStore) -> Json:
        made, existed = _made(store, body, name, not body.get("update"))
        project, _ = store.open_object(made.container.logs, {})
        return {"project": project_of(project), "experiment": experiment_of(made), "found_existing": existed}

    return json_answer(await service_of(request).write(register))


async def find_base(request: Request) -> Response:
    """The experiment that one is compared with; 400 says that there is none."""
    id = (await read_object(request)).get("id")

    def find(store: ServingStore) -> tuple[StoredObject, StoredObject | None]:
        found = one_with_id(store, "experiment", id)
        return found, base_of(store, found)

    found, base = await service_of(request).read(find)
    if base is None:
        raise HTTPException(400, f"experiment {found.container.name!r} has no base experiment")
    return json_answer(
        {
            "id": found.id,
            "project_id": container_id(found.container.logs),
            "name": found.container.name,
            "base_exp_id": base.id,
            "base_exp_name": base.container.name,
        }
    )


async def _named(request: Request, asked: Mapping[str, Any]) -> list[StoredObject]:
    def find(store: ServingStore) -> list[StoredObject]:
        anywhere = asked.get("project_id") is None and asked.get("project_name") is None
        project = None if anywhere else project_named(store, asked)
        return store.objects("experiment", project=project, name=asked.get("experiment_name") or asked.get("name"))

    return await service_of(request).read(find)


def _made(store: ServingStore, body: Json, name: str | None, is_new: bool) -> tuple[StoredObject, bool]:
    """The experiment that a request makes or means; and whether it was there."""
    project = project_named(store, body)
    about = told(body, _KEPT) | _base(store, project, body)

    def is_taken(name: str) -> bool:
        return bool(store.objects("experiment", project=project, name=name))

    return store.open_object(Container(project, experiment_name(name, is_new, is_taken)), about)


def _base(store: ServingStore, project: str, body: Json) -> Json:
    """The base experiment of a new one, by name or id. Raises HTTPException: clients then ask without it."""
    name, id = optional_name(body, "base_experiment"), optional_name(body, "base_exp_id")
    if name is not None:
        found = store.objects("experiment", project=project, name=name)
    elif id is not None:
        found = store.objects("experiment", id=id)
    else:
        return {}
    if not found:
        raise HTTPException(400, f"base experiment {name or id} does not exist")
    return {"base_exp_id": found[0].id}


ROUTES = [
    Route("/v1/experiment", list_experiments, methods=["GET"]),
    Route("/v1/experiment", create_experiment, methods=["POST"]),
    *_ONE.routes("/v1/experiment"),
    Route("/api/experiment/register", register_experiment, methods=["POST"]),
    Route("/api/experiment/get", find_experiments, methods=["POST"]),
    Route("/api/base_experiment/get_id", find_base, methods=["POST"]),
]
