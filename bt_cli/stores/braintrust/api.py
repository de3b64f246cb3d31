"""Requests to Braintrust's API, sent again where that helps: the one place of the rules of retrying.

A request is sent again after a lost connection, 408, 425, 429 and 5xx (but 501 and 507), and after an
answer that says success and can't be read: something between us and the server has made it up. What is
sent is safe to repeat, because rows have ids. A refusal is never sent again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from bt_cli.errors import BtError, CredentialsError, Interrupted, NetworkError, NotFoundError, StoreError, UsageError
from bt_cli.http import HttpClient, Lost, Reply, Request

FIRST_WAIT = 0.5
"""Seconds before a request is sent the second time; doubled each time."""
LONGEST_WAIT = 16.0
_LONGEST_OBEYED = 300.0
"""A server that wants to be left alone for longer is given up."""
_LOOK = 0.1
"""Seconds between looks at whether the run is to end."""
_NOT_AGAIN = (501, 507)
_AGAIN = (408, 425, 429)

Value = TypeVar("Value")


class Refused(NamedTuple):
    """An answer that says no, for good."""

    status: int
    message: str


def as_json(reply: Reply) -> Any:
    """The JSON value of an answer. Raises msgspec.DecodeError."""
    return msgspec.json.decode(reply.body)


class Api:
    """One address of the API. ``stop`` says which signal is to end the run, or 0; from several threads at once."""

    def __init__(self, http: HttpClient, retries: int, stop: Callable[[], int]) -> None:
        self.http = http
        self.stop = stop
        self._retries = retries

    def ask(
        self, asked: Request, decode: Callable[[Reply], Value], retries: int | None = None
    ) -> tuple[Value, Reply] | Refused:
        """What the answer says, with the answer; or that it was refused.

        ``decode`` raises ValueError (msgspec.DecodeError is one) for an answer that can't be meant.
        Raises NetworkError when sending it again has not helped either, Interrupted.
        """
        left = self._retries if retries is None else retries
        wait = FIRST_WAIT
        while True:
            outcome = self.http.send(asked)
            reason = _why_again(outcome)
            if isinstance(outcome, Lost) and outcome.too_long:
                hint = "read the store's file itself, on its machine: --store FILE"
                raise StoreError(f"{self.http.host}: {reason}", hint=hint, code="answer_too_long")
            if isinstance(outcome, Reply) and not reason:
                if outcome.status >= 300:
                    return Refused(outcome.status, message_of(outcome))
                try:
                    return decode(outcome), outcome
                except ValueError as error:
                    reason = f"an answer that can't be read: {error}"
            stop = asked.stop or self.stop
            if asked.stop and (signum := asked.stop()):
                raise Interrupted(signum)
            told = _retry_after(outcome) if isinstance(outcome, Reply) else None
            if not left or (told or 0.0) > _LONGEST_OBEYED:
                raise NetworkError(f"{self.http.host}: {reason}", hint="run the same command again later")
            _sleep(wait * random.uniform(0.75, 1.0) if told is None else told, stop)  # noqa: S311 - spreads out
            left -= 1
            wait = min(wait * 2, LONGEST_WAIT)

    def get(self, asked: Request, decode: Callable[[Reply], Value] = as_json) -> Value:
        """What the answer says. Raises `refusal` where it was refused."""
        answer = self.ask(asked, decode)
        if isinstance(answer, Refused):
            raise self.refusal(answer)
        return answer[0]

    def elsewhere(self, http: HttpClient) -> Api:
        """Another address, asked by the same rules."""
        return Api(http, self._retries, self.stop)

    def refusal(self, refused: Refused) -> BtError:
        """The error that a refusal means."""
        told = f"{self.http.host}: {refused.message}"
        if refused.status == 403 and "read-only" in refused.message:
            return StoreError(told, hint="name another store with --store", code="store_read_only")
        if refused.status in (401, 403):
            return CredentialsError(told, hint="check the API key (bt status names its variable)")
        if refused.status == 507:
            return StoreError(told, code="store_full")
        if refused.status == 404:
            return NotFoundError(told)
        return UsageError(told)


def _sleep(seconds: float, stop: Callable[[], int]) -> None:
    """Waits, and looks whether the run is to end. Raises Interrupted."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if signum := stop():
            raise Interrupted(signum, hint="run the same command again to go on")
        time.sleep(min(left, _LOOK))


def message_of(reply: Reply) -> str:
    """What a server says about a refusal: the ``Message`` of its JSON, else its text, and the status."""
    try:
        said = msgspec.json.decode(reply.body)
    except msgspec.DecodeError:
        said = reply.body.decode("utf-8", "replace")
    if isinstance(said, dict):
        said = said.get("Message") or said.get("message") or said.get("error") or ""
    text = " ".join(str(said).split())
    if text[:1] == "<" or not text:  # a page for browsers
        return f"status {reply.status}"
    return f"{text[:300]} (status {reply.status})"


def _why_again(outcome: Reply | Lost) -> str:
    """Why a request is worth sending again; empty if it is not."""
    if isinstance(outcome, Lost):
        return outcome.reason
    status = outcome.status
    again = status in _AGAIN or (status >= 500 and status not in _NOT_AGAIN)
    return message_of(outcome) if again else ""


def _retry_after(reply: Reply) -> float | None:
    """Seconds to wait, as the server says: a number, or a date; None where it says nothing that can be read."""
    value = reply.headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
