"""The workers of a process: one for each store that its programs name, made when it is first named."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bt_cli.errors import UsageError
from bt_cli.settings import BRAINTRUST_API, Given, load_settings, store_kind
from bt_cli.settings.tracing import TracingSettings, load_tracing
from bt_cli.tracing.ids import HexIds, UuidIds
from bt_cli.tracing.state import STATE, logger_of_context
from bt_cli.tracing.worker import About, Worker

if TYPE_CHECKING:
    from bt_cli.stores.logging import LoggingStore

_log = logging.getLogger("bt_cli.tracing")
LOCAL_PAGES = "http://127.0.0.1:8765/app/bt"
"""Where ``bt serve`` has its pages unless it is told otherwise."""


def worker_for(store: str | None, given: Given) -> Worker:
    """The worker of a store, which all loggers and experiments of the process have in common."""
    url, project = _store_url(store, given)
    key = url, given
    if key not in STATE.workers:
        STATE.settings = settings = _settings()
        if settings.legacy_ids and isinstance(STATE.ids, HexIds):
            STATE.ids = UuidIds()
        given = given._replace(retries=settings.retries, batch_rows=settings.batch_rows, most_bytes=settings.most_bytes)
        STATE.workers[key] = Worker(_opening(url, given), settings, _about(url, project, given))
    return STATE.workers[key]


def current_worker() -> Worker:
    """The worker of the current experiment or logger; else that of the store that counts where none is named."""
    home = STATE.experiment or logger_of_context.get() or STATE.logger
    return home.target.worker if home else worker_for(None, Given())


def _store_url(store: str | None, given: Given) -> tuple[str, str]:
    """Which store is meant, and which project where none is named."""
    if store is None and (given.api_key or given.app_url):
        settings = load_settings({"store": BRAINTRUST_API})
        store = settings.api_url or BRAINTRUST_API
    settings = load_settings({"store": store})
    return settings.store, settings.project


def _about(url: str, project: str, given: Given) -> About:
    is_local = store_kind(url) in ("sqlite", "memory")
    # Where the login tells the address of the API, a program knows the deployment by that of its pages.
    name = given.app_url if url == BRAINTRUST_API and given.app_url else url
    return About(name, project, makes_ids_of_names=is_local, pages_url=LOCAL_PAGES if is_local else None)


def _settings() -> TracingSettings:
    """What the environment says; what it says wrongly is told of, and the defaults count."""
    try:
        return load_tracing()
    except UsageError as error:
        _log.warning("bt: %s; the defaults are taken", error.message)
        return load_tracing({})


def _opening(url: str, given: Given) -> Callable[[Callable[[], int]], LoggingStore]:
    def open_it(stop: Callable[[], int]) -> LoggingStore:
        from bt_cli.stores import open_store

        store: LoggingStore = open_store(url, "serve", stop, given)  # type: ignore[assignment]  # the mode's meaning
        return store

    return open_it
