"""Containers that nothing was ever stored in: an empty file's, or the logs of a project that has experiments only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bt_cli.errors import NotFoundError
from bt_cli.spans.container import Container
from bt_cli.stores.base import Store


@contextmanager
def empty_if_absent(store: Store, container: Container) -> Iterator[None]:
    """Reading ``container`` gives nothing, instead of NotFoundError, where the store does not have it.

    For callers that know that it was meant; a trace that does not exist is an error still.
    """
    try:
        yield
    except NotFoundError:
        if any(info.container == container for info in store.containers()):
            raise
