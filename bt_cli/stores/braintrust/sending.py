"""A parcel on its way to ``/logs3``: whole, laid down elsewhere, or halved down to the row at fault."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, field

from bt_cli.http import Reply, Request
from bt_cli.spans.problem import Problem
from bt_cli.stores.braintrust.api import Refused
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.braintrust.overflow import overflow
from bt_cli.stores.braintrust.parcels import Parcel
from bt_cli.stores.braintrust.uploading import seconds_for
from bt_cli.stores.braintrust.wire import HEAD, TAIL, Form, statuses_of

_TOO_LARGE = 413
_ROW_AT_FAULT = (400, 409, 422)
"""Refusals that may be about one row of many."""
_REFUSED_IN_A_ROW = 50
"""Rows refused one after the other, none stored between them: then it is not about rows."""


class Verdict(NamedTuple):
    """What became of a parcel's rows: a letter for each, and why some were rejected, by their place."""

    statuses: str
    problems: dict[int, Problem]

    def then(self, other: Verdict) -> Verdict:
        """This and the one of the rows that follow."""
        begin = len(self.statuses)
        later = {begin + at: problem for at, problem in other.problems.items()}
        return Verdict(self.statuses + other.statuses, {**self.problems, **later})


class _Problem(Struct):
    row: int
    code: str = "rejected"
    message: str = ""
    path: str | None = None


class _Answer(Struct):
    ids: Any = None
    problems: list[_Problem] = field(default_factory=list)


_answers = msgspec.json.Decoder(_Answer)


class Sender:
    """Sends the parcels of one container; from several threads at once."""

    def __init__(self, deployment: Deployment, form: Form) -> None:
        self._deployment = deployment
        self._form = form
        self._refused = 0  # since the last row that was stored; several threads count

    def send(self, parcel: Parcel) -> Verdict:
        """Sends a parcel until it is acknowledged; what became of its rows.

        Raises NetworkError when it could not be, CredentialsError, Interrupted, and what a refusal of row after
        row means.
        """
        answer = self._post(parcel)
        if not isinstance(answer, Refused):
            self._refused = 0
            return answer
        if answer.status == _TOO_LARGE or (answer.status in _ROW_AT_FAULT and self._refused < _REFUSED_IN_A_ROW):
            if parcel.rows == 1:
                self._refused += 1
                return self._rejected(parcel, answer)
            first, second = parcel.halves(self._form)
            return self.send(first).then(self.send(second))
        raise self._deployment.api.refusal(answer)

    def _post(self, parcel: Parcel) -> Verdict | Refused:
        most = self._deployment.most_bytes
        size = len(HEAD) + parcel.bytes - 1 + len(TAIL)
        if most is not None and size > most:
            body = overflow(self._deployment, parcel, self._form)
        else:
            body = b"".join((HEAD, b",".join([piece.body for piece in parcel.pieces]), TAIL))
        headers = {"x-bt-on-conflict": parcel.looks_for} if parcel.looks_for else {}
        request = Request("POST", "/logs3", body, headers, seconds=seconds_for(body) if size > 1 << 20 else None)
        answer = self._deployment.api.ask(request, lambda reply: self._verdict(parcel, reply))
        return answer if isinstance(answer, Refused) else answer[0]

    def _verdict(self, parcel: Parcel, reply: Reply) -> Verdict:
        """Raises ValueError for an answer that our server, or any, can't have given."""
        said = _answers.decode(reply.body)
        if not self._deployment.is_ours:
            return Verdict("n" * parcel.rows, {})
        statuses = statuses_of(reply.headers.get("x-bt-rows", ""))
        if len(statuses) != parcel.rows:
            raise ValueError(f"{parcel.rows} rows sent, {len(statuses)} answered for")
        problems = {one.row: Problem(one.code, one.message, one.path or "") for one in said.problems}
        for at, letter in enumerate(statuses) if "r" in statuses else ():
            if letter == "r" and at not in problems:
                problems[at] = Problem("rejected", "the server rejected the row")
        return Verdict(statuses, problems)

    def _rejected(self, parcel: Parcel, refused: Refused) -> Verdict:
        code = "too_large" if refused.status == _TOO_LARGE else "refused"
        row = parcel.pieces[0].rows[0]
        message = f"row {row.id}: {self._deployment.api.http.host} refuses it: {refused.message}"
        return Verdict("r", {0: Problem(code, message)})
