"""Projects, experiments and datasets: how requests name them, and how answers show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bt_cli.errors import NotFoundError
from bt_cli.query.limits import whole_number
from bt_cli.server.about import shown
from bt_cli.server.service import ORGANISATION
from bt_cli.spans.container import Kind, container_id
from bt_cli.stores.serving import ServingStore, StoredObject

Json = dict[str, Any]

FOUND_EXISTING = {"x-bt-found-existing": "true"}
"""The header with which an object that was there already is answered."""
_WORDS: dict[Kind, str] = {"project_logs": "project", "experiment": "experiment", "dataset": "dataset"}


def project_of(stored: StoredObject) -> Json:
    """A project as Braintrust's API shows it."""
    return {
        **_head(stored),
        "org_id": ORGANISATION,
        "settings": shown(stored.about, "settings"),
    }


def experiment_of(stored: StoredObject) -> Json:
    """An experiment as Braintrust's API shows it."""
    about = stored.about
    repository = shown(about, "repo_info") or {}
    return {
        **_head(stored),
        "project_id": container_id(stored.container.logs),
        "repo_info": repository,
        "commit": repository.get("commit"),
        "base_exp_id": shown(about, "base_exp_id"),
        "dataset_id": shown(about, "dataset_id"),
        "dataset_version": shown(about, "dataset_version"),
        "parameters_id": shown(about, "parameters_id"),
        "parameters_version": shown(about, "parameters_version"),
        "public": bool(shown(about, "public")),
        "metadata": shown(about, "metadata"),
        "tags": shown(about, "tags"),
    }


def dataset_of(stored: StoredObject) -> Json:
    """A dataset as Braintrust's API shows it."""
    return {
        **_head(stored),
        "project_id": container_id(stored.container.logs),
        "metadata": shown(stored.about, "metadata"),
    }


def one_with_id(store: ServingStore, kind: Kind, id: object) -> StoredObject:
    """The object with this id. Raises NotFoundError."""
    found = store.objects(kind, id=id) if isinstance(id, str) else []
    if not found:
        raise NotFoundError(f"there is no {_WORDS[kind]} with the id {id}")
    return found[0]


def project_named(store: ServingStore, body: Mapping[str, Any]) -> str:
    """The name of the project that a request means by ``project_id``, else by ``project_name``.

    The id must be that of a project, the name need not be. Raises NotFoundError, HTTPException.
    """
    if body.get("project_id") is not None:
        return one_with_id(store, "project_logs", body["project_id"]).container.project
    return required_name(body, "project_name")


def required_name(body: Mapping[str, Any], member: str) -> str:
    """A name in a request. Raises HTTPException where it lacks."""
    name = optional_name(body, member)
    if name is None:
        raise HTTPException(400, f"{member} is missing")
    return name


def optional_name(body: Mapping[str, Any], member: str) -> str | None:
    """A name in a request; None for none, and for null. Raises HTTPException for what is no name."""
    name = body.get(member)
    if name is None:
        return None
    if not isinstance(name, str) or not name.strip():
        raise HTTPException(400, f"{member} must be text that is not empty")
    return name


def wanted(request: Request, objects: Iterable[StoredObject]) -> list[StoredObject]:
    """The objects that the parameters of a list ask for: ``ids``, ``starting_after``, ``ending_before``, ``limit``.

    Raises HTTPException.
    """
    asked = request.query_params
    ids = {one for listed in asked.getlist("ids") for one in listed.split(",")}
    found = [one for one in objects if not ids or one.id in ids]
    places = {one.id: place for place, one in enumerate(found)}
    first, behind = 0, len(found)
    if after := asked.get("starting_after"):
        first = _place(places, after) + 1
    if before := asked.get("ending_before"):
        behind = _place(places, before)
    limit = asked.get("limit")
    if limit is None:
        return found[first:behind]
    most = whole_number(limit)
    if most is None:
        raise HTTPException(400, "limit must be a number")
    # Before an object means right before it, not the beginning of the list.
    first = max(first, behind - most) if before and not after else first
    return found[first : min(behind, first + most)]


def _head(stored: StoredObject) -> Json:
    return {
        "id": stored.id,
        "name": stored.container.name,
        "description": shown(stored.about, "description"),
        "created": stored.created.replace("+00:00", "Z"),
        "deleted_at": None,
        "user_id": None,
    }


def _place(places: Mapping[str, int], id: str) -> int:
    if id not in places:
        raise HTTPException(400, f"the list has no object with the id {id}")
    return places[id]
