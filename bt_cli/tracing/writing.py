"""A batch of rows → the store: containers found, rows stored, attachments brought, and what failed told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bt_cli.errors import BtError
from bt_cli.spans.container import Container

if TYPE_CHECKING:
    from bt_cli.stores.logging import LoggingStore
    from bt_cli.tracing.draft import Logged
    from bt_cli.tracing.payloads import Payloads
    from bt_cli.tracing.target import Target


def write_batch(opened: Callable[[], LoggingStore], rows: Sequence[Logged], payloads: Payloads) -> None:
    """Stores rows and then their attachments; rows and attachments that can't be stored are told of, never raised."""
    payloads.sent(rows)
    try:
        store = opened()
    except BtError as error:
        payloads.failed(rows, error)
        return
    batches = _by_container(store, rows, payloads)
    rows = [one for some in batches.values() for one in some]
    try:
        written = store.apply([(container, [one.submission for one in some]) for container, some in batches.items()])
    except BtError as error:
        payloads.failed(rows, error)
        return
    for some, outcomes in zip(batches.values(), written.outcomes, strict=True):
        for one, outcome in zip(some, outcomes, strict=True):
            if outcome.problem is not None:
                payloads.refused(one, outcome.problem)
    for one in rows:
        for attachment in one.attachments:
            try:
                attachment.bring(store)
            except (BtError, OSError) as error:
                payloads.not_attached(attachment, error)


def _by_container(store: LoggingStore, rows: Sequence[Logged], payloads: Payloads) -> dict[Container, list[Logged]]:
    """Rows by their containers; those of one that can't be found or made are told of."""
    by_target: dict[Target, list[Logged]] = {}
    for one in rows:
        by_target.setdefault(one.target, []).append(one)
    batches: dict[Container, list[Logged]] = {}
    for target, some in by_target.items():
        try:
            batches.setdefault(target.resolve(store).container, []).extend(some)
        except BtError as error:
            payloads.failed(some, error)
    return batches
