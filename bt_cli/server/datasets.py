"""Routes about datasets."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.server.about import told
from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.objects import (
    FOUND_EXISTING,
    Json,
    dataset_of,
    optional_name,
    project_named,
    project_of,
    wanted,
)
from bt_cli.server.one_object import OneObject
from bt_cli.server.service import service_of
from bt_cli.spans.container import Container, container_id
from bt_cli.stores.serving import ServingStore, StoredObject

_KEPT = ("description", "metadata")
_ONE = OneObject("dataset", dataset_of, _KEPT)
_UNNAMED = "logs"
"""What Braintrust's SDKs call a dataset without a name."""


async def list_datasets(request: Request) -> Response:
    """The datasets of a project, or of all; or those of a name."""
    asked = request.query_params

    def find(store: ServingStore) -> list[StoredObject]:
        anywhere = asked.get("project_id") is None and asked.get("project_name") is None
        project = None if anywhere else project_named(store, asked)
        return store.objects("dataset", project=project, name=asked.get("dataset_name") or asked.get("name"))

    found = await service_of(request).read(find)
    return json_answer({"objects": [dataset_of(one) for one in wanted(request, found)]})


async def create_dataset(request: Request) -> Response:
    """A dataset of a name, made where it is not there."""
    body = await read_object(request)
    name = optional_name(body, "name") or _UNNAMED
    made, existed = await service_of(request).write(lambda store: _made(store, body, name))
    return json_answer(dataset_of(made), headers=FOUND_EXISTING if existed else None)


async def register_dataset(request: Request) -> Response:
    """The same, as older SDKs and the one for JavaScript ask."""
    body = await read_object(request)
    name = optional_name(body, "dataset_name") or _UNNAMED

    def register(store: ServingStore) -> Json:
        made, existed = _made(store, body, name)
        project, _ = store.open_object(made.container.logs, {})
        return {"project": project_of(project), "dataset": dataset_of(made), "found_existing": existed}

    return json_answer(await service_of(request).write(register))


async def object_info(request: Request) -> Response:
    """Names and projects of datasets by their ids; what is not there is left out."""
    body = await read_object(request)
    ids = body.get("object_ids") if body.get("object_type") == "dataset" else None

    def find(store: ServingStore) -> list[StoredObject]:
        named = (one for one in ids if isinstance(one, str)) if isinstance(ids, list) else ()
        return [found for id in named for found in store.objects("dataset", id=id)]

    return json_answer([_info(one) for one in await service_of(request).read(find)])


def _made(store: ServingStore, body: Json, name: str) -> tuple[StoredObject, bool]:
    return store.open_object(Container(project_named(store, body), dataset=name), told(body, _KEPT))


def _info(stored: StoredObject) -> Json:
    container = stored.container
    project = {"id": container_id(container.logs), "name": container.project}
    return {"object_id": stored.id, "object_name": container.name, "parent_cols": {"project": project}}


ROUTES = [
    Route("/v1/dataset", list_datasets, methods=["GET"]),
    Route("/v1/dataset", create_dataset, methods=["POST"]),
    *_ONE.routes("/v1/dataset"),
    Route("/api/dataset/register", register_dataset, methods=["POST"]),
    Route("/api/self/get_object_info", object_info, methods=["POST"]),
]
