"""Rows with terms, sent at once by the thread that has them: see `bt_cli.stores.logging.LoggingStore.apply`.

Without a pool of threads: none can be had when an interpreter ends, and a program's last spans come then.
"""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.spans.container import Container
from bt_cli.spans.terms import Terms, combined
from bt_cli.stores.base import Outcome, Submission
from bt_cli.stores.braintrust.containers import Containers
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.parcels import Batch, Bounds, Parcel, Piece, Tally
from bt_cli.stores.braintrust.posting import posted_json
from bt_cli.stores.braintrust.sending import Sender
from bt_cli.stores.braintrust.wire import Form, form_of
from bt_cli.stores.braintrust.writing import bounds_of


class Applying:
    """Sends the rows of one container, in order; each submission has one row."""

    def __init__(self, deployment: Deployment, form: Form) -> None:
        self._bounds: Bounds = bounds_of(deployment)
        self._keeps_versions = deployment.is_ours
        self._form = form
        self._sender = Sender(deployment, form)
        self._parcel = Parcel()
        self._latest: dict[str, Submission] = {}
        """What the parcel has of each row."""

    def outcomes(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """What became of each. Raises what `Sender.send` does."""
        tallies = [self._place(one) for one in submissions]
        self._send()
        return [tally.outcome() for tally in tallies]

    def _place(self, submission: Submission) -> Tally:
        """Puts a row into the parcel, which is sent first where it has no room for it."""
        row = submission.rows[0]
        earlier = None if self._keeps_versions else self._latest.get(row.id)
        if earlier is not None:
            # What a server does with two versions of a row in one request is not written anywhere.
            if (one := _folded(earlier, submission)) is not None:
                return self._fold(one)
            self._send()
        piece = self._piece(submission)
        if not self._parcel.fits(piece, self._bounds):
            self._send()
        self._parcel.add(piece)
        self._latest[row.id] = submission
        return piece.tally

    def _fold(self, whole: Submission) -> Tally:
        """Puts what two versions come to in the place of the first."""
        row = whole.rows[0]
        piece = next(one for one in self._parcel.pieces if one.rows[0].id == row.id)
        self._parcel.bytes -= len(piece.body)
        piece.rows, piece.body = [row], posted_json(whole, self._form)
        self._parcel.bytes += len(piece.body)
        self._latest[row.id] = whole
        return Tally(folded=1)

    def _piece(self, one: Submission) -> Piece:
        return Piece(Batch(), Tally(), one.rows, one.conflict, None, posted_json(one, self._form), False)

    def _send(self) -> None:
        parcel, self._parcel = self._parcel, Parcel()
        self._latest.clear()
        if not parcel.pieces:
            return
        verdict = self._sender.send(parcel)
        for at, piece in enumerate(parcel.pieces):
            piece.tally.count(verdict.statuses[at], verdict.problems.get(at))


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
