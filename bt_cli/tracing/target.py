"""Where the rows of a logger, an experiment or a parent elsewhere belong: a container, found when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from bt_cli.spans.container import Container

if TYPE_CHECKING:
    from bt_cli.stores.logging import LoggingStore
    from bt_cli.tracing.worker import Worker

ObjectType = Literal["project_logs", "experiment", "playground_logs"]


class Resolved(NamedTuple):
    """A container in its store."""

    container: Container
    id: str


class Target:
    """A container that the worker finds, or makes, before it writes the first row of it."""

    def __init__(
        self,
        worker: Worker,
        object_type: ObjectType,
        find: Callable[[LoggingStore], Resolved],
        *,
        id: str | None = None,
        named: dict[str, Any] | None = None,
    ) -> None:
        self.worker = worker
        self.object_type: ObjectType = object_type
        self.named = named
        """What a slug says of a project whose id is not known yet: ``{"project_name": …}``."""
        self._find = find
        self._id = id
        self._resolved: Resolved | None = None

    @property
    def id_if_known(self) -> str | None:
        """The id of the container, where nobody has to be asked for it."""
        return self._resolved.id if self._resolved else self._id

    def resolve(self, store: LoggingStore) -> Resolved:
        """The container in the store; called by the worker's thread alone. Raises BtError."""
        if self._resolved is None:
            self._resolved = self._find(store)
        return self._resolved

    def wait(self) -> Resolved:
        """The container in the store, asked for by any other thread, which waits. Raises BtError."""
        return self._resolved or self.worker.call(self.resolve)
