"""Projects, experiments and datasets as objects: with an id, with what is said of them, with or without rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson

from bt_cli.spans.container import Container, Kind, container_id
from bt_cli.stores.serving import StoredObject

_OF_KIND: dict[Kind, str] = {
    "project_logs": "experiment IS NULL AND dataset IS NULL",
    "experiment": "experiment IS NOT NULL",
    "dataset": "dataset IS NOT NULL",
}
_NAME: dict[Kind, str] = {"project_logs": "project", "experiment": "experiment", "dataset": "dataset"}
_COLUMNS = "project, experiment, dataset, id, created, about, container"
# A project whose logs have no place yet is as old as the first thing in it.
_PROJECTS_WITHOUT_LOGS = f"""
    SELECT project, NULL, NULL, NULL, min(created), '{{}}', min(container) FROM containers
    GROUP BY project HAVING sum({_OF_KIND["project_logs"]}) = 0"""
_NEVER = "\0"
"""No project is called so."""
_THIS = "project = ? AND experiment IS ? AND dataset IS ?"


def find_objects(
    db: sqlite3.Connection, kind: Kind, project: str | None, name: str | None, id: str | None = None
) -> list[StoredObject]:
    """The objects of a kind, by project and name; only those with these names, or this id."""
    named = {"id": id, _NAME[kind]: name}
    if project is not None:
        named["project"] = project if name is None or kind != "project_logs" or name == project else _NEVER
    named = {column: value for column, value in named.items() if value is not None}
    where = "".join(f" AND {column} = ?" for column in named)
    query = f"SELECT {_COLUMNS} FROM containers WHERE {_OF_KIND[kind]}{where}"
    found = [_object(*row) for row in db.execute(query, list(named.values()))]
    if kind == "project_logs" and not (found and named):
        without = (_object(*row) for row in db.execute(_PROJECTS_WITHOUT_LOGS))
        found += [one for one in without if named.items() <= {"id": one.id, "project": one.container.project}.items()]
    return sorted(found, key=lambda one: (one.container.project, one.container.name))


def _object(
    project: str, experiment: str | None, dataset: str | None, id: str | None, created: str, about: str, number: int
) -> StoredObject:
    container = Container(project, experiment, dataset)
    return StoredObject(container, id or container_id(container), created, orjson.loads(about), number)


def describe(db: sqlite3.Connection, container: Container, about: Mapping[str, Any]) -> None:
    """Replaces members of what is said of a container that is there; a null removes one."""
    (stored,) = db.execute(f"SELECT about FROM containers WHERE {_THIS}", container).fetchone()
    whole = {**orjson.loads(stored), **about}
    written = orjson.dumps({key: value for key, value in whole.items() if value is not None}).decode()
    db.execute(f"UPDATE containers SET about = ? WHERE {_THIS}", (written, *container))
