"""One run's writes to one container: several requests in flight, never two that have an id in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from bt_cli.errors import BtError, NetworkError, UsageError
from bt_cli.spans.complete import CompleteRow
from bt_cli.spans.container import Container
from bt_cli.stores.base import Conflict, Known, Outcome, Settlement, Submission
from bt_cli.stores.braintrust.containers import Containers
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.parcels import Batch, Bounds, Parcel, Piece, RunTally, cut, pieces_of
from bt_cli.stores.braintrust.sending import Sender, Verdict
from bt_cli.stores.braintrust.touched import TouchedTraces
from bt_cli.stores.braintrust.wire import Form, form_of, rows_json

_WITHOUT_LIMIT = 6 << 20
"""What Braintrust's own clients take for the longest body where the server says nothing."""
_ROWS = 1000
_ROWS_OF_OURS = 5000
_MOST_BYTES = 4 << 20
_AT_ONCE = 4
_AHEAD = 4
"""Parcels that wait for an answer; more are not made. With `_MOST_BYTES` it bounds the memory of both sides."""


def bounds_of(deployment: Deployment) -> Bounds:
    """How much goes into one request: half of what the server takes."""
    half = (deployment.most_bytes or _WITHOUT_LIMIT) // 2
    return Bounds(_ROWS_OF_OURS if deployment.is_ours else _ROWS, min(half, _MOST_BYTES))


class BraintrustWriting:
    """See `bt_cli.stores.base.Writing`. The container is made with its first row."""

    def __init__(self, deployment: Deployment, containers: Containers, container: Container) -> None:
        self._deployment = deployment
        self._containers = containers
        self._container = container
        self._bounds = bounds_of(deployment)
        self._pool = ThreadPoolExecutor(_AT_ONCE, "send")
        self._sender: Sender | None = None
        self._form: Form | None = None
        self._parcel = Parcel()
        self._in_flight: deque[tuple[Parcel, Future[Verdict]]] = deque()
        self._batch = Batch()
        self._batches: deque[Batch] = deque()
        self._touched = TouchedTraces()
        self._given = 0
        self._acknowledged = 0

    def known(self, sources: Sequence[bytes]) -> dict[bytes, Known]:
        """The API knows no sources: what was sent before is sent again, and changes nothing."""
        return {}

    def ids_of(self, records: Sequence[int]) -> dict[int, str]:
        """Nothing is ever known."""
        return {}

    def add(self, submission: Submission) -> None:
        """Puts a submission into the batch, and full parcels on their way."""
        self._check(submission.conflict)
        counted = submission.source is not None
        position = (0 if submission.tree else self._given) if counted else None
        self._given += len(submission.rows)
        for piece in pieces_of(self._batch, submission, self._opened(), self._bounds, position):
            self._place(piece)

    def add_complete(self, rows: Sequence[CompleteRow], conflict: Conflict) -> None:
        """Puts complete rows into the batch, and full parcels on their way; versions of one row one by one."""
        self._check(conflict)
        form = self._opened()
        if not self._deployment.is_ours and self._meet(rows):
            for row in rows:
                self.add(Submission([row.as_row()], b"", conflict, tree=False))
            return
        tally = RunTally()
        self._batch.tallies.append(tally)
        while rows:
            if self._parcel.rows >= self._bounds.rows:
                self._send()
            now, rows = rows[: self._bounds.rows - self._parcel.rows], rows[self._bounds.rows - self._parcel.rows :]
            body = rows_json(now, form, conflict != "replace", self._given)
            whole = Piece(self._batch, tally, now, conflict, self._given, body, tree=False)
            self._given += len(now)
            for piece in cut(whole, form, self._bounds):
                self._place(piece)

    def _check(self, conflict: Conflict) -> None:
        if conflict in ("skip", "error") and not self._deployment.is_ours:
            raise UsageError(
                f"--on-conflict {conflict} needs a store that looks at what it has, and "
                f"{self._deployment.api.http.host} does not",
                hint="merge and replace work there",
            )

    def _meet(self, rows: Sequence[CompleteRow]) -> bool:
        """Whether there are two versions of one row among these and those that the parcel has."""
        ids = {row.id for row in rows}
        return len(ids) < len(rows) or not self._parcel.ids.isdisjoint(ids)

    def commit(self) -> list[list[Outcome]]:
        """Sends what the batch has left; the outcomes of the batches that are answered."""
        self._send()
        self._batches.append(self._batch)
        self._batch = Batch()
        while self._in_flight and self._in_flight[0][1].done():
            self._take()
        return self._done()

    def drain(self) -> list[list[Outcome]]:
        """Waits for all answers."""
        while self._in_flight:
            self._take()
        return self._done()

    def settle(self) -> Settlement:
        """What was acknowledged is durable; loose ends are the server's."""
        self.drain()
        return self._touched.settlement()

    def close(self) -> None:
        """Sends nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._touched.close()

    def _opened(self) -> Form:
        if self._form is None:
            container_id = self._containers.make(self._container)
            self._form = form_of(self._container, container_id, counted=not self._deployment.is_ours)
            self._sender = Sender(self._deployment, self._form)
        return self._form

    def _place(self, piece: Piece) -> None:
        """Into the parcel that is being filled."""
        if not self._deployment.is_ours and not self._parcel.ids.isdisjoint([row.id for row in piece.rows]):
            # What a server does with two versions of a row in one request is not written anywhere.
            if self._parcel.fold(piece, self._opened()):
                return
            self._send()
        if not self._parcel.fits(piece, self._bounds):
            self._send()
        self._parcel.add(piece)

    def _send(self) -> None:
        """Puts the parcel on its way, once nothing with a row of it is."""
        parcel, self._parcel = self._parcel, Parcel()
        if not parcel.pieces:
            return
        while self._in_flight and (
            len(self._in_flight) >= _AHEAD or any(not parcel.ids.isdisjoint(one.ids) for one, _ in self._in_flight)
        ):
            self._take()
        assert self._sender is not None  # made with the first piece
        self._in_flight.append((parcel, self._pool.submit(self._sender.send, parcel)))

    def _take(self) -> None:
        """Waits for the oldest answer and counts it."""
        parcel, future = self._in_flight.popleft()
        try:
            verdict = future.result()
        except NetworkError as error:
            raise self._given_up(error, parcel) from error
        self._count(parcel, verdict)

    def _count(self, parcel: Parcel, verdict: Verdict) -> None:
        begin = 0
        for piece in parcel.pieces:
            end = begin + len(piece.rows)
            problems = verdict.problems
            if problems:
                problems = {at - begin: problems[at] for at in range(begin, end) if at in problems}
            statuses = verdict.statuses[begin:end]
            piece.tally.count(statuses, problems)
            piece.batch.waiting -= 1
            if not piece.tree:
                self._touched.add(piece.rows, statuses)
            begin = end
        self._acknowledged += parcel.rows

    def _done(self) -> list[list[Outcome]]:
        done = []
        while self._batches and not self._batches[0].waiting:
            done.append([one for tally in self._batches.popleft().tallies for one in tally.outcomes()])
        return done

    def _given_up(self, error: NetworkError, parcel: Parcel) -> BtError:
        """The error, with what is not acknowledged: what others in flight still bring is waited for."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for one, future in self._in_flight:
            if not future.cancelled() and future.exception() is None:
                self._count(one, future.result())
        left = self._given - self._acknowledged
        first = parcel.pieces[0].rows[0].id
        return NetworkError(
            f"{error.message}; {left:,} of {self._given:,} spans were not acknowledged, the first of them {first}",
            hint="run the same command again: ids make sure that nothing is stored twice",
        )
