"""Pages that links of SDKs lead to: plain text that says which command shows what is meant."""

from __future__ import annotations

from shlex import quote
from urllib.parse import quote as escaped

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bt_cli.server.objects import one_with_id
from bt_cli.server.service import service_of
from bt_cli.spans.container import Container, Kind
from bt_cli.stores.serving import ServingStore


def page_of(org: str, container: Container) -> str:
    """The path of a container's page, as Braintrust's application has it."""
    project = f"/app/{escaped(org, safe='')}/p/{escaped(container.project, safe='')}"
    if container.kind == "project_logs":
        return f"{project}/logs"
    return f"{project}/{container.kind}s/{escaped(container.name, safe='')}"


async def logs_page(request: Request) -> Response:
    """The logs of a project, or the trace of a row in them."""
    container = Container(request.path_params["project"])
    return _page(request, container, request.query_params.get("oid") or request.query_params.get("r"))


async def project_page(request: Request) -> Response:
    """What is in a project; of its datasets, too, nothing else is shown."""
    return _text(request, f"bt projects view {quote(request.path_params['project'])}")


async def experiment_page(request: Request) -> Response:
    """An experiment, or a trace in it."""
    container = Container(request.path_params["project"], request.path_params["name"])
    return _page(request, container, request.query_params.get("r"))


async def object_page(request: Request) -> Response:
    """What a permalink names by ids: a row in the logs of a project, in an experiment."""
    asked = request.query_params
    kind: Kind = "experiment" if asked.get("object_type") == "experiment" else "project_logs"

    def find(store: ServingStore) -> Container:
        return one_with_id(store, kind, asked.get("object_id")).container

    return _page(request, await service_of(request).read(find), asked.get("id"))


def _page(request: Request, container: Container, id: str | None) -> Response:
    project = f"-p {quote(container.project)}"
    if id:
        experiment = f" --experiment {quote(container.name)}" if container.kind == "experiment" else ""
        command = f"bt view trace {quote(id)} {project}{experiment}"
    elif container.kind == "experiment":
        command = f"bt summary {quote(container.ref)} {project}"
    else:
        command = f"bt view logs {project}"
    return _text(request, command)


def _text(request: Request, command: str) -> Response:
    store = service_of(request).options.store
    if store is not None:
        command += f" --store {quote(store)}"
    return PlainTextResponse(f"This is a local store of bt. To see what this link means, run:\n\n  {command}\n")


ROUTES = [
    Route("/app/{org}/object", object_page),
    Route("/app/{org}/p/{project:path}/logs", logs_page),
    Route("/app/{org}/p/{project:path}/experiments/{name:path}", experiment_page),
    Route("/app/{org}/p/{project:path}/datasets/{name:path}", project_page),
    Route("/app/{org}/p/{project:path}", project_page),
]
