"""Experiments as they are asked for → as they are in the store: by the worker, when the first row needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bt_cli.errors import NotFoundError
from bt_cli.spans.container import Container
from bt_cli.tracing.target import Resolved, Target

if TYPE_CHECKING:
    from bt_cli.stores.logging import LoggingStore
    from bt_cli.tracing.worker import Worker


class Wanted(NamedTuple):
    """An experiment as a program asks for it."""

    project: Target
    name: str | None
    about: dict[str, Any]
    base_name: str | None = None
    base_id: str | None = None


def experiment_target(worker: Worker, wanted: Wanted, *, fresh: bool) -> Target:
    """An experiment that is made, anew where it is to be ``fresh``."""

    def find(store: LoggingStore) -> Resolved:
        project = wanted.project.resolve(store).container
        base_id = wanted.base_id or _base_id(store, project, wanted.base_name)
        about = {**wanted.about, "base_exp_id": base_id} if base_id else wanted.about
        made = store.register(Container(project.project, wanted.name or ""), about, fresh=fresh or not wanted.name)
        return Resolved(made.container, made.id)

    return Target(worker, "experiment", find)


def opened_experiment(worker: Worker, wanted: Wanted) -> Target:
    """An experiment that is there. Its finding raises NotFoundError."""

    def find(store: LoggingStore) -> Resolved:
        project = wanted.project.resolve(store).container
        container = Container(project.project, wanted.name)
        for one in store.containers():
            if one.container == container:
                return Resolved(container, one.id)
        raise NotFoundError(f"Experiment {wanted.name} not found in project {project.project}.")

    return Target(worker, "experiment", find)


def _base_id(store: LoggingStore, project: Container, name: str | None) -> str | None:
    if name is None:
        return None
    wanted = Container(project.project, name)
    return next((one.id for one in store.containers() if one.container == wanted), None)
