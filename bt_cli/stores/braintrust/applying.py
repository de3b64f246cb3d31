"""Rows with terms, sent before the call returns: see `bt_cli.stores.logging.LoggingStore.apply`.

While one request is answered the next is put together. Without a pool of threads: none can be had when an
interpreter ends, and a program's last spans come then.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Thread

from bt_cli.spans.container import Container
from bt_cli.spans.terms import Terms, combined
from bt_cli.stores.base import Outcome, Submission
from bt_cli.stores.braintrust.containers import Containers
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.parcels import Batch, Bounds, Parcel, Piece, Tally
from bt_cli.stores.braintrust.posting import posted_json
from bt_cli.stores.braintrust.sending import Sender, Verdict
from bt_cli.stores.braintrust.wire import Form, form_of
from bt_cli.stores.braintrust.writing import bounds_of

_TOLD = {
    "n": Outcome("new", new=1),
    "a": Outcome("changed", new=1),
    "c": Outcome("changed", changed=1),
    "u": Outcome("unchanged", unchanged=1),
    "f": Outcome("folded", folded=1),
}
"""What a server's letter for a row means; ``a`` is a new row of a stored trace."""


class Applying:
    """Sends the rows of one container, in order; each submission has one row."""

    def __init__(self, deployment: Deployment, form: Form) -> None:
        self._bounds = _bounds(deployment)
        self._keeps_versions = deployment.is_ours
        self._form = form
        self._sender = Sender(deployment, form)
        self._parcel = Parcel()
        self._latest: dict[str, Submission] = {}
        """What the parcel has of each row."""
        self._waiting: list[int] = []
        """Whose outcome each row of the parcel is."""
        self._outcomes: list[Outcome] = []
        self._flight: _Flight | None = None

    def outcomes(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """What became of each. Raises what `Sender.send` does."""
        self._outcomes = [_TOLD["f"]] * len(submissions)
        for place, one in enumerate(submissions):
            self._put(place, one)
        self._send()
        self._land()
        return self._outcomes

    def _put(self, place: int, submission: Submission) -> None:
        """Puts a row into the parcel, which is sent first where it has no room for it."""
        row = submission.rows[0]
        earlier = None if self._keeps_versions else self._latest.get(row.id)
        if earlier is not None:
            # What a server does with two versions of a row in one request is not written anywhere.
            if (one := _folded(earlier, submission)) is not None:
                self._fold(one)
                return
            self._send()
        piece = self._piece(submission)
        if not self._parcel.fits(piece, self._bounds):
            self._send()
        self._parcel.add(piece)
        self._waiting.append(place)
        self._latest[row.id] = submission

    def _fold(self, whole: Submission) -> None:
        """Puts what two versions come to in the place of the first."""
        row = whole.rows[0]
        piece = next(one for one in self._parcel.pieces if one.rows[0].id == row.id)
        self._parcel.bytes -= len(piece.body)
        piece.rows, piece.body = [row], posted_json(whole, self._form)
        self._parcel.bytes += len(piece.body)
        self._latest[row.id] = whole

    def _piece(self, one: Submission) -> Piece:
        return Piece(Batch(), Tally(), one.rows, one.conflict, None, posted_json(one, self._form), False)

    def _send(self) -> None:
        """Puts the parcel on its way, once the one before it has arrived."""
        parcel, self._parcel = self._parcel, Parcel()
        waiting, self._waiting = self._waiting, []
        self._latest.clear()
        if not parcel.pieces:
            return
        self._land()
        self._flight = _Flight(self._sender, parcel, waiting)

    def _land(self) -> None:
        """Waits for the parcel that is on its way, and notes what became of its rows."""
        flight, self._flight = self._flight, None
        if flight is None:
            return
        verdict = flight.verdict()
        for at, (place, letter) in enumerate(zip(flight.places, verdict.statuses, strict=True)):
            problem = verdict.problems.get(at)
            self._outcomes[place] = _TOLD[letter] if problem is None else Outcome("rejected", problem=problem)


class _Flight:
    """A parcel on its way, in a thread of its own; ``places`` say whose outcome each row is."""

    def __init__(self, sender: Sender, parcel: Parcel, places: list[int]) -> None:
        self.places = places
        self._sender = sender
        self._parcel = parcel
        self._result: Verdict | BaseException | None = None
        self._thread = Thread(target=self._send, name="bt-sending", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter ends, and begins no threads any more
            self._send()

    def verdict(self) -> Verdict:
        """What became of the rows, once that is known. Raises what `Sender.send` does."""
        if self._thread.ident is not None:
            self._thread.join()
        assert self._result is not None  # the thread has ended
        if isinstance(self._result, BaseException):
            raise self._result
        return self._result

    def _send(self) -> None:
        try:
            self._result = self._sender.send(self._parcel)
        except BaseException as error:
            self._result = error


def _bounds(deployment: Deployment) -> Bounds:
    """How much goes into one request: what is best for the server, unless the program says less."""
    usual, given = bounds_of(deployment), deployment.given
    return Bounds(given.batch_rows or usual.rows, min(usual.bytes, given.most_bytes or usual.bytes))


def applied(
    deployment: Deployment,
    containers: Containers,
    batches: Sequence[tuple[Container, Sequence[Submission]]],
) -> list[list[Outcome]]:
    """The outcomes of batches; a container is made with its first row.

    Raises NetworkError where rows may not have arrived, CredentialsError, Interrupted.
    """
    told = []
    for container, submissions in batches:
        form = form_of(container, containers.make(container), counted=False)
        told.append(Applying(deployment, form).outcomes(submissions))
    return told


def _folded(earlier: Submission, later: Submission) -> Submission | None:
    """Two versions of a row as one; None where they must go one after the other."""
    if later.conflict != "merge" or not (_is_plain(earlier.terms) and _is_plain(later.terms)):
        return None
    first, second = earlier.rows[0], later.rows[0]
    if len({first.root_span_id, second.root_span_id} - {None}) == 2:
        return None
    row = combined(first, second, True, later.terms or Terms())
    return Submission([row], None, earlier.conflict, tree=False, terms=earlier.terms)


def _is_plain(terms: Terms | None) -> bool:
    return terms is not None and not (terms.replaced or terms.removed or terms.deleted or terms.comment)
