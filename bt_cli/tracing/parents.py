"""Slugs and headers → where a span begins: the container they name, and the span in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bt_cli.errors import NotFoundError
from bt_cli.spans.container import Container, Kind, container_id
from bt_cli.spans.slugs import Slug, decode_slug, encode_slug
from bt_cli.tracing.draft import Place
from bt_cli.tracing.start import Above, Start
from bt_cli.tracing.state import STATE, logger_of_context
from bt_cli.tracing.target import Resolved, Target
from bt_cli.tracing.workers import current_worker

if TYPE_CHECKING:
    from bt_cli.stores.logging import LoggingStore
    from bt_cli.tracing.worker import Worker

_log = logging.getLogger("bt_cli.tracing")
_KINDS: dict[str, Kind] = {"project_logs": "project_logs", "experiment": "experiment"}


def slug_of(target: Target, place: Place | None = None, propagated: dict[str, Any] | None = None) -> str:
    """The slug of a span, or of its container. Where that has no id yet and no name, the store is asked; BtError."""
    known = target.id_if_known or (None if target.named else target.wait().id)
    slug = Slug(
        object_type=target.object_type,
        object_id=known,
        compute_object_metadata_args=None if known else target.named,
        row_id=place.id if place else None,
        span_id=place.span_id if place else None,
        root_span_id=place.root_span_id if place else None,
        propagated_event=propagated,
    )
    return encode_slug(slug, STATE.ids.slug_version)


Beginning = tuple[Target, Start, Above | None]
"""What a span is made of."""


def below(parent: str | dict[str, str], start: Start, worker: Worker | None) -> Beginning:
    """A span below the one that a slug or headers name; where they name none, one that begins a trace.

    ``worker`` writes it, else that of what is current. Raises ValueError for what is no slug.
    """
    if isinstance(parent, str):
        slug = decode_slug(parent)
    else:
        from bt_cli.tracing.propagating import slug_of_headers

        found = slug_of_headers(parent)
        if found is None:
            return _anew(start, worker)
        slug, inbound = found
        start = start._replace(inbound=inbound)
    above = Above(slug.span_id, slug.root_span_id) if slug.row_id and slug.span_id and slug.root_span_id else None
    start = start._replace(propagated=start.propagated or slug.propagated_event)
    return target_of(slug, worker), start, above


def _anew(start: Start, worker: Worker | None) -> Beginning:
    """A span that begins a trace where traces begin."""
    home = STATE.experiment or logger_of_context.get() or STATE.logger
    if home is not None:
        return home.target, start._replace(type=start.type or home.root_type), None
    return project_target(worker or current_worker(), None, None), start, None


def target_of(slug: Slug, worker: Worker | None) -> Target:
    """The container that a slug names."""
    worker = worker or current_worker()
    key = slug.object_type, slug.object_id, json.dumps(slug.compute_object_metadata_args, sort_keys=True)
    if key not in worker.targets:
        worker.targets[key] = _target(slug, worker)
    return worker.targets[key]


def _target(slug: Slug, worker: Worker) -> Target:
    if slug.object_type not in _KINDS:
        raise ValueError(f"{slug.object_type} are not kept by bt")
    kind = _KINDS[slug.object_type]
    if slug.object_id:
        return Target(worker, slug.object_type, _with_id(worker, kind, slug.object_id), id=slug.object_id)
    named = slug.compute_object_metadata_args or {}
    return project_target(worker, named.get("project_name"), named.get("project_id"))


def project_target(worker: Worker, name: str | None, id: str | None) -> Target:
    """The logs of a project, by id if there is one, else by name; a project that is not there is made."""
    if id:
        return Target(worker, "project_logs", _with_id(worker, "project_logs", id), id=id)
    container = Container(name or worker.about.project)

    def find(store: LoggingStore) -> Resolved:
        made = store.register(container, {})
        return Resolved(made.container, made.id)

    named: dict[str, Any] = {"project_name": container.project, "project_id": None}
    # A store of our own knows the ids of names without being asked.
    known = container_id(container) if worker.about.makes_ids_of_names else None
    return Target(worker, "project_logs", find, id=known, named=named)


def _with_id(worker: Worker, kind: Kind, id: str) -> Callable[[LoggingStore], Resolved]:
    """How a container of an id is found; in a store of our own one that is missing is made, so that nothing is lost."""

    def find(store: LoggingStore) -> Resolved:
        found = store.object_by_id(kind, id)
        if found is not None:
            return Resolved(found.container, found.id)
        if not worker.about.makes_ids_of_names:
            raise NotFoundError(f"there is no {kind} with the id {id}")
        _log.warning("bt: the store has no %s with the id %s; spans go to one of that name", kind, id)
        container = Container(id) if kind == "project_logs" else Container(id, id)
        made = store.register(container, {})
        return Resolved(made.container, made.id)

    return find
