"""Deleting objects for good, and what can't be changed of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException

from bt_cli.server.objects import one_with_id
from bt_cli.spans.container import Kind
from bt_cli.stores.serving import ServingStore, StoredObject


def delete_project(store: ServingStore, id: str) -> tuple[StoredObject, str]:
    """Deletes a project with its experiments and datasets; what it was, and when. Raises NotFoundError."""
    found = one_with_id(store, "project_logs", id)
    inside = [info.container for info in store.containers() if info.container.project == found.container.project]
    for container in inside:
        store.delete(container)
    return found, _now()


def delete_one(store: ServingStore, kind: Kind, id: str) -> tuple[StoredObject, str]:
    """Deletes an experiment or a dataset; what it was, and when. Raises NotFoundError."""
    found = one_with_id(store, kind, id)
    store.delete(found.container)
    return found, _now()


def refuse_new_name(found: StoredObject, body: Mapping[str, Any]) -> None:
    """Ids are made of names here, so a name stays. Raises HTTPException for another."""
    if body.get("name") not in (None, found.container.name):
        raise HTTPException(501, "this server does not rename: ids are made of names")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
