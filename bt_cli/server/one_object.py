"""Routes about one object by its id, the same for projects, experiments and datasets: look, change, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.server.about import changed
from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.objects import Json, one_with_id
from bt_cli.server.service import service_of
from bt_cli.spans.container import Kind
from bt_cli.stores.serving import ServingStore, StoredObject


class OneObject(Struct, frozen=True):
    """One kind of object: how it is shown, and the members of what is said of it that are kept."""

    kind: Kind
    shown: Callable[[StoredObject], Json]
    kept: Sequence[str]

    def routes(self, path: str) -> list[Route]:
        """The routes below ``path``, as in ``/v1/project``."""
        return [
            Route(path + "/{id}", self.view, methods=["GET"]),
            Route(path + "/{id}", self.change, methods=["PATCH"]),
            Route(path + "/{id}", self.remove, methods=["DELETE"]),
        ]

    async def view(self, request: Request) -> Response:
        """The object of an id, which older SDKs give as a parameter."""
        id = request.path_params.get("id") or request.query_params.get("id")
        return json_answer(self.shown(await service_of(request).read(lambda store: one_with_id(store, self.kind, id))))

    async def change(self, request: Request) -> Response:
        """Changes what is said of an object: objects are merged, all else is replaced."""
        body = await read_object(request)
        id = request.path_params["id"]

        def change(store: ServingStore) -> StoredObject:
            found = one_with_id(store, self.kind, id)
            if body.get("name") not in (None, found.container.name):
                raise HTTPException(501, "this server does not rename: ids are made of names")
            return store.describe(found.container, changed(found.about, body, self.kept))

        return json_answer(self.shown(await service_of(request).write(change)))

    async def remove(self, request: Request) -> Response:
        """Deletes an object for good; a project with all that is in it."""
        id = request.path_params["id"]

        def remove(store: ServingStore) -> StoredObject:
            found = one_with_id(store, self.kind, id)
            inside = [
                info.container for info in store.containers() if info.container.project == found.container.project
            ]
            for container in inside:
                if self.kind == "project_logs" or container == found.container:
                    store.delete(container)
            return found

        found = await service_of(request).write(remove)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json_answer({**self.shown(found), "deleted_at": now})
