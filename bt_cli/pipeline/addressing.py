"""Where posted rows belong: the containers that they name, by id."""

from __future__ import annotations

from bt_cli.spans.container import Container, Kind
from bt_cli.spans.plain import Plain
from bt_cli.spans.posted import Head
from bt_cli.spans.problem import Rejected
from bt_cli.stores.serving import ServingStore

UNKNOWN = "unknown_container"
"""The code of the problem of rows that belong to what is not there."""
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("experiment_id", "experiment"),
    ("dataset_id", "dataset"),
    ("project_id", "project_logs"),
)
"""Which member of a row names its container; rows of experiments and datasets may name their project too."""


class Containers:
    """The containers that the rows of one body name, each looked up once."""

    def __init__(self, store: ServingStore, within: Container | None) -> None:
        """``within`` is the container of rows that need not say so."""
        self._store = store
        self._within = within
        self._found: dict[tuple[str | None, ...], Container] = {}

    def of(self, row: Head | Plain) -> Container:
        """Raises `Rejected` for rows that belong nowhere."""
        if self._within is not None:
            return self._within
        named = (row.experiment_id, row.dataset_id, row.project_id)
        found = self._found.get(named)
        if found is None:
            self._found[named] = found = self._look_up(named)
        return found

    def of_any(self, head: Head) -> Container:
        """Raises `Rejected` for rows that belong nowhere, or to what is not kept here."""
        if self._within is None and head.is_elsewhere:
            raise Rejected("unsupported_rows", "playgrounds, prompts and functions are not kept here")
        return self.of(head)

    def _look_up(self, named: tuple[str | None, ...]) -> Container:
        for (member, kind), id in zip(_KINDS, named, strict=True):
            if id:
                there = self._store.objects(kind, id=id)
                if not there:
                    raise Rejected(UNKNOWN, f"there is no {member} {id}", member)
                return there[0].container
        raise Rejected("no_container", "the row names no project, experiment or dataset", "project_id")
