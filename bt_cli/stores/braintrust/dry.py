"""A dry run: what a batch would meet is fetched, and the batch goes to a temporary store that has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bt_cli.spans import text
from bt_cli.spans.container import Container
from bt_cli.stores.base import Known, Outcome, Settlement, Submission
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.store import BraintrustStore
from bt_cli.stores.sqlite.store import SqliteStore
from bt_cli.stores.sqlite.writing import SqliteWriting


class DryBraintrustStore(BraintrustStore):
    """A store whose writes go nowhere. It has looked at what is there, so it knows what is new."""

    def __init__(self, deployment: Deployment, url: str, stop: Callable[[], int]) -> None:
        super().__init__(deployment, url, stop)
        self._rehearsal = SqliteStore("")
        self.capabilities = self._rehearsal.capabilities

    def writing(self, container: Container, expected_bytes: int | None = None) -> DryWriting:
        """Begins a run that compares with what is there and leaves it as it is."""
        return DryWriting(self, container, self._rehearsal.direct_writing(container))

    def close(self) -> None:
        """Forgets the run."""
        self._rehearsal.close()
        super().close()


class DryWriting:
    """See `bt_cli.stores.base.Writing`."""

    def __init__(self, real: BraintrustStore, container: Container, rehearsal: SqliteWriting) -> None:
        self._real = real
        self._container = container
        self._rehearsal = rehearsal
        self._batch: list[Submission] = []

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        """The API knows no sources."""
        return {}

    def ids_of(self, records: Sequence[int]) -> dict[int, str]:
        """Nothing is ever known."""
        return {}

    def add(self, submission: Submission) -> None:
        """Puts a submission into the batch."""
        self._batch.append(submission)

    def commit(self) -> list[list[Outcome]]:
        """What would become of the batch."""
        batch, self._batch = self._batch, []
        met = self._real.read_holding(self._container, _ids(batch))
        there = [Submission([row], None, "replace", tree=False) for trace in met for row in trace]
        if there:
            self._rehearsal.apply(there)
        return [self._rehearsal.apply(batch)]

    def drain(self) -> list[list[Outcome]]:
        """Nothing is ever in flight."""
        return []

    def settle(self) -> Settlement:
        """How many traces would be new or changed."""
        return self._rehearsal.settle()

    def close(self) -> None:
        """Nothing is held."""


def _ids(batch: Sequence[Submission]) -> list[str]:
    """The ids of rows that a batch may meet: of its own, and of what they hang on."""
    found: dict[str, None] = {}
    for row in (row for one in batch for row in one.rows):
        found[row.id] = None
        if row.root_span_id is not None:
            found[row.root_span_id] = None
        if row.span_parents != "[]":
            found.update(dict.fromkeys(text.decode(row.span_parents)))
    return list(found)
