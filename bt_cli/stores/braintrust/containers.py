"""Projects, experiments and datasets of an organisation, by name and id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import orjson
from msgspec import Struct

from bt_cli.errors import NotFoundError
from bt_cli.http import Reply, Request
from bt_cli.spans.container import Container, Kind
from bt_cli.stores.base import ContainerInfo
from bt_cli.stores.braintrust.api import Refused, as_json
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.serving import StoredObject

_PATHS: dict[Kind, str] = {
    "project_logs": "/v1/project",
    "experiment": "/v1/experiment",
    "dataset": "/v1/dataset",
}


class Object(Struct):
    """A project, an experiment or a dataset, as far as it matters."""

    id: str
    name: str
    project_id: str | None = None
    created: str | None = None


class _Objects(Struct):
    objects: list[Object]


_many = msgspec.json.Decoder(_Objects)


class Containers:
    """The containers of a deployment; ids that were asked for are remembered."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._ids: dict[Container, str] = {}
        self._deleted: set[str] = set()

    def find(self, container: Container) -> str | None:
        """The id of a container; None where there is none. The name may itself be an id.

        The logs of a project are there as soon as the project is.
        """
        if container not in self._ids:
            found = self._find(container)
            if found is None:
                return None
            self._ids[container] = found
        return self._ids[container]

    def found(self, container: Container) -> str:
        """The id of a container. Raises NotFoundError where there is none."""
        found = self.find(container)
        if found is None:
            raise NotFoundError(
                f"there is no {container.ref} at {self._deployment.api.http.host}",
                hint="bt projects list shows what there is",
            )
        return found

    def make(self, container: Container) -> str:
        """The id of a container, which is made where it is not there: never a second one of the same name."""
        if container in self._ids:
            return self._ids[container]
        return self.register(container, {}).id

    def register(self, container: Container, about: Mapping[str, Any], *, fresh: bool = False) -> StoredObject:
        """A container, made with ``about`` where it is not there; see `bt_cli.stores.logging.LoggingStore`."""
        self._deleted.discard(container.project)
        body = {**about, **({"name": container.name} if container.name else {})}
        if container.kind == "project_logs":
            body["org_name"] = self._deployment.org_name
        else:
            body["project_id"] = self.make(container.logs)
        if container.kind == "experiment":
            body["ensure_new"] = fresh or not container.name
        request = Request("POST", _PATHS[container.kind], orjson.dumps(body))
        return self._known(container.kind, container.project, self._deployment.api.get(request, _told))

    def by_id(self, kind: Kind, id: str) -> StoredObject | None:
        """The container with this id, and with the name of its project; None where there is none."""
        request = Request("GET", f"{_PATHS[kind]}/{quote(id, safe='')}")
        answer = self._deployment.api.ask(request, _told)
        if isinstance(answer, Refused):
            if answer.status in _NO_SUCH:
                return None
            raise self._deployment.api.refusal(answer)
        told = answer[0]
        if kind == "project_logs":
            return self._known(kind, told["name"], told)
        project = self.by_id("project_logs", str(told.get("project_id")))
        return None if project is None else self._known(kind, project.container.project, told)

    def _known(self, kind: Kind, project: str, told: dict[str, Any]) -> StoredObject:
        """What the API has told of an object; its id is remembered."""
        container = _container(kind, project, told["name"])
        self._ids[container] = told["id"]
        about = {name: value for name, value in told.items() if name not in _NOT_ABOUT and value is not None}
        return StoredObject(container, told["id"], told.get("created") or "", about)

    def all(self) -> list[ContainerInfo]:
        """Every container, by project and name. How much is in it the API does not tell."""
        projects = self._objects("project_logs", {})
        names = {one.id: one.name for one in projects}
        found = [ContainerInfo(Container(one.name), one.id, None, None, one.created or "") for one in projects]
        for kind in ("experiment", "dataset"):
            for one in self._objects(kind, {}):
                project = names.get(one.project_id or "")
                if project is not None:
                    where = _container(kind, project, one.name)
                    found.append(ContainerInfo(where, one.id, None, None, one.created or ""))
        return sorted(found, key=lambda one: (one.container.project, one.container.dataset or "", str(one.container)))

    def delete(self, container: Container) -> None:
        """Removes a container; with the logs of a project, all that is in the project. Raises NotFoundError."""
        if container.project in self._deleted:
            return
        path = f"{_PATHS[container.kind]}/{self.found(container)}"
        self._deployment.api.get(Request("DELETE", path))
        self.forget(container)
        if container.kind == "project_logs":
            self._deleted.add(container.project)

    def forget(self, container: Container) -> None:
        """Asks anew for the id of a container, and of what is in its project, when it is needed next."""
        self._ids = {one: id for one, id in self._ids.items() if one != container and one.logs != container}

    def _find(self, container: Container) -> str | None:
        asked = {f"{_WORDS[container.kind]}_name": container.name}
        if container.kind != "project_logs":
            project = self.find(container.logs)
            if project is None:
                return None
            asked["project_id"] = project
        named = [one.id for one in self._objects(container.kind, asked) if one.name == container.name]
        return named[0] if named else None

    def _objects(self, kind: Kind, asked: dict[str, str]) -> list[Object]:
        query = urlencode({"org_name": self._deployment.org_name, **asked})
        return self._deployment.api.get(Request("GET", f"{_PATHS[kind]}?{query}"), _objects)


_WORDS: dict[Kind, str] = {"project_logs": "project", "experiment": "experiment", "dataset": "dataset"}


_NOT_ABOUT = ("id", "name", "created", "project_id", "org_id", "user_id", "deleted_at")
_NO_SUCH = (400, 403, 404)
"""Answers to the question for an id that there is none of: what is not there looks like what is somebody else's."""


def _container(kind: Kind, project: str, name: str) -> Container:
    if kind == "project_logs":
        return Container(project)
    return Container(project, name) if kind == "experiment" else Container(project, None, name)


def _told(reply: Reply) -> dict[str, Any]:
    """An object with all that is said of it. Raises ValueError for what is none."""
    told = as_json(reply)
    if not (isinstance(told, dict) and isinstance(told.get("id"), str) and isinstance(told.get("name"), str)):
        raise ValueError("no object with an id and a name")
    return told


def _objects(reply: Reply) -> list[Object]:
    return _many.decode(reply.body).objects
