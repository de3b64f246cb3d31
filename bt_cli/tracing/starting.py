"""Beginnings: a logger or an experiment, and the worker that writes to its store. Nobody is asked for anything yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bt_cli.settings import Given
from bt_cli.tracing.experiment import Experiment
from bt_cli.tracing.logger import Logger
from bt_cli.tracing.parents import project_target
from bt_cli.tracing.reading import ReadonlyExperiment
from bt_cli.tracing.registering import Wanted, experiment_target, opened_experiment
from bt_cli.tracing.state import STATE, logger_of_context
from bt_cli.tracing.workers import worker_for


def init_logger(
    project: str | None = None,
    project_id: str | None = None,
    async_flush: bool = True,
    app_url: str | None = None,
    api_key: str | None = None,
    org_name: str | None = None,
    set_current: bool = True,
    store: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Logger:
    """A logger for a project, which is made with its first span; ``project_id`` wins over ``project``.

    ``store`` is what ``--store`` takes; without it the default of the commands counts, or Braintrust where
    ``api_key`` or ``app_url`` is given. Not ``async_flush``: each `Logger.log` waits until it is stored.
    """
    worker = worker_for(store, Given(api_key=api_key, app_url=app_url, org_name=org_name))
    if environment is not None:
        STATE.settings = STATE.settings._replace(environment=tuple(environment.items()))
    logger = Logger(project_target(worker, project, project_id), async_flush=async_flush)
    if set_current:
        logger_of_context.set(logger)
        STATE.logger = logger
    return logger


def init(
    project: str | None = None,
    experiment: str | None = None,
    description: str | None = None,
    open: bool = False,
    base_experiment: str | None = None,
    is_public: bool = False,
    app_url: str | None = None,
    api_key: str | None = None,
    org_name: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    tags: Sequence[str] | None = None,
    set_current: bool = True,
    update: bool | None = None,
    project_id: str | None = None,
    base_experiment_id: str | None = None,
    store: str | None = None,
) -> Experiment | ReadonlyExperiment:
    """A new experiment of a project; with ``update`` the one of that name, with ``open`` that one for reading.

    A name that is taken gets a suffix, and one is made up where there is none. For the store see `init_logger`.
    """
    if project is None and project_id is None:
        raise ValueError("Must specify at least one of project or project_id")
    if open and update:
        raise ValueError("Cannot open and update an experiment at the same time")
    if open and experiment is None:
        raise ValueError("Cannot open an experiment without specifying its name")
    worker = worker_for(store, Given(api_key=api_key, app_url=app_url, org_name=org_name))
    about = {"description": description, "metadata": metadata, "tags": tags, "public": is_public or None}
    given = {key: value for key, value in about.items() if value is not None}
    wanted = Wanted(project_target(worker, project, project_id), experiment, given, base_experiment, base_experiment_id)
    if open:
        return ReadonlyExperiment(opened_experiment(worker, wanted))
    made = Experiment(experiment_target(worker, wanted, fresh=update is not True), wanted.project)
    if set_current:
        STATE.experiment = made
    return made


init_experiment = init
