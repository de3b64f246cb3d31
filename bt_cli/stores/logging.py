"""What a store has beside the contract so that a program can log to it as it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bt_cli.spans.container import Container, Kind
from bt_cli.stores.base import Store, Submission, TakesFiles
from bt_cli.stores.experiments import Summarised
from bt_cli.stores.serving import StoredObject, Written


class LoggingStore(Store, TakesFiles, Protocol):
    """A store that a program logs to; what `bt_cli.stores.open_store` gives in the mode ``serve``.

    An instance is used by one thread at a time, and starts none for what is here.
    """

    @property
    def pages_url(self) -> str | None:
        """Below which people look at the store in a browser, as far as it has pages: ``…/app/ORGANISATION``."""

    def apply(self, batches: Sequence[tuple[Container, Sequence[Submission]]]) -> Written:
        """Stores rows, each a submission of one row, on their `Submission.terms`; returns when they are durable.

        A row that can't be stored has a problem in its outcome, and the others are stored. Containers are
        made with their first row. Raises BtError where the store can't be reached or written to: any of
        the rows may be stored then, and can be given again.
        """

    def register(self, container: Container, about: Mapping[str, Any], *, fresh: bool = False) -> StoredObject:
        """The project, experiment or dataset, made with ``about`` where it is not there. Durable.

        ``fresh`` is for experiments: always a new one, under another name (``NAME-xxxxxxxx``) where that is
        taken. An empty name of an experiment means a new one whose name is made up. Raises BtError.
        """

    def summarize(self, id: str, other: str | None = None) -> Summarised:
        """What the experiment with this id comes to: what ``bt serve`` answers at ``/v1/experiment/{id}/summarize``.

        It is compared with the experiment of the id ``other``, else with its base, else with the newest of its
        project that was made before it. Raises NotFoundError, BtError.
        """

    def object_by_id(self, kind: Kind, id: str) -> StoredObject | None:
        """The object with this id; None where there is none. Raises BtError."""
