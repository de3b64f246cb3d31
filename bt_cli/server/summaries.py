"""Routes that sum up an experiment or a dataset, with exactly the keys that SDKs make objects of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.server.answers import json_answer
from bt_cli.server.gate import origin_of
from bt_cli.server.links import page_of
from bt_cli.server.objects import Json, one_with_id
from bt_cli.server.service import service_of
from bt_cli.server.waiting import Patience, heeded
from bt_cli.spans.container import Container
from bt_cli.spans.experiment_lines import Line
from bt_cli.stores.experiments import base_of, summarised
from bt_cli.stores.serving import ServingStore, StoredObject

_NO = ("false", "0", "")


async def summarize_experiment(request: Request) -> Response:
    """An experiment's scores and metrics beside those of another: the one that is named, else its base."""
    asked = request.query_params
    id, other = request.path_params["id"], asked.get("comparison_experiment_id")
    scored = asked.get("summarize_scores", "false").lower() not in _NO

    def summarize(store: ServingStore, stop: Callable[[], int]) -> tuple[StoredObject, StoredObject | None, list[Line]]:
        found, base = _with_base(store, id, other)
        return found, base, _lines(store, found, base, stop) if scored else []

    found, base, lines = await heeded(request, Patience(), summarize)
    project = Container(found.container.project)
    return json_answer(
        {
            "project_name": found.container.project,
            "experiment_name": found.container.name,
            "project_url": _url(request, project).removesuffix("/logs"),
            "experiment_url": _url(request, found.container),
            "comparison_experiment_name": None if base is None else base.container.name,
            **(_scores_and_metrics(lines) if scored else {"scores": None, "metrics": None}),
        }
    )


async def compare_experiments(request: Request) -> Response:
    """The scores and metrics alone, as older SDKs and the one for JavaScript ask."""
    asked = request.query_params
    id, other = asked.get("experiment_id"), asked.get("base_experiment_id")

    def summarize(store: ServingStore, stop: Callable[[], int]) -> list[Line]:
        return _lines(store, *_with_base(store, id, other), stop)

    return json_answer(_scores_and_metrics(await heeded(request, Patience(), summarize)))


async def summarize_dataset(request: Request) -> Response:
    """How many records a dataset has, and where it is."""
    id = request.path_params["id"]
    counted = request.query_params.get("summarize_data", "false").lower() not in _NO
    found, total = await service_of(request).read(lambda store: _counted(store, id))
    return json_answer(
        {
            "project_name": found.container.project,
            "dataset_name": found.container.name,
            "project_url": _url(request, found.container.logs).removesuffix("/logs"),
            "dataset_url": _url(request, found.container),
            "data_summary": {"total_records": total} if counted else None,
        }
    )


async def count_dataset(request: Request) -> Response:
    """The count alone, as older SDKs and the one for JavaScript ask."""
    id = request.query_params.get("dataset_id")
    _, total = await service_of(request).read(lambda store: _counted(store, id))
    return json_answer({"total_records": total})


def _with_base(store: ServingStore, id: object, other: str | None) -> tuple[StoredObject, StoredObject | None]:
    found = one_with_id(store, "experiment", id)
    return found, one_with_id(store, "experiment", other) if other else base_of(store, found)


def _lines(store: ServingStore, found: StoredObject, base: StoredObject | None, stop: Callable[[], int]) -> list[Line]:
    return summarised(store, found.container, None if base is None else base.container, stop)


def _counted(store: ServingStore, id: object) -> tuple[StoredObject, int]:
    found = one_with_id(store, "dataset", id)
    return found, sum(info.spans or 0 for info in store.containers() if info.container == found.container)


def _scores_and_metrics(lines: Sequence[Line]) -> Json:
    return {
        "scores": {one.name: _told(one, {"score": one.value}) for one in lines if one.kind == "score"},
        "metrics": {
            one.name: _told(one, {"metric": one.value, "unit": one.unit}) for one in lines if one.kind == "metric"
        },
    }


def _told(line: Line, values: dict[str, Any]) -> Json:
    """A line as the SDK for Python makes an object of it: a key more, or one less, is a TypeError there."""
    difference = {} if line.difference is None else {"diff": line.difference}
    return {"name": line.name, **values, **difference, "improvements": line.better, "regressions": line.worse}


def _url(request: Request, container: Container) -> str:
    return origin_of(request) + page_of(service_of(request).options.org, container)


ROUTES = [
    Route("/v1/experiment/{id}/summarize", summarize_experiment),
    Route("/experiment-comparison2", compare_experiments),
    Route("/v1/dataset/{id}/summarize", summarize_dataset),
    Route("/dataset-summary", count_dataset),
]
