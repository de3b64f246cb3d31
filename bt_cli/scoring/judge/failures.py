"""What went wrong with a request, and what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import orjson
from msgspec import Struct

from bt_cli.errors import BtError, CredentialsError, JudgeError, LimitError, UsageError
from bt_cli.http import Lost, Reply

Kind = Literal["passing", "busy", "final", "fatal"]
"""Repeat it; wait, then repeat it; an error of the case; the end of the run."""

_PASSING = (408, 409, 425)
_NO_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_MOST_SHOWN = 300
"""Characters of a server's message that are shown."""


class Failure(Struct, frozen=True):
    """One attempt that failed: ``error`` is what it comes to if it is not repeated, ``wait`` the server's wish."""

    kind: Kind
    error: BtError
    wait: float | None = None
    unreached: bool = False
    """There was no connection."""
    about_tools: bool = False
    """The server refuses a request because of its tools."""


def failure_of(outcome: Reply | Lost, model: str, where: str, now: float, proven: bool) -> Failure | None:
    """What is wrong with the outcome of a request; None for an answer.

    ``where`` is the judge's address as it is shown, ``now`` the epoch time by which a ``Retry-After`` with a
    date is read. ``proven``: the key has been let in before, so that a 403 is about what was asked; some servers
    answer so to a text that they find unfit.
    """
    if isinstance(outcome, Lost):
        return Failure(
            "passing", JudgeError(f"the judge gave no answer: {outcome.reason}"), None, not outcome.connected
        )
    if outcome.status == 200:
        return None
    status, told, wait = outcome.status, _message(outcome.body), retry_after(outcome.headers, now)
    answered = f"the judge answered {status}: {told}" if told else f"the judge answered {status}"
    if status == 402 or (status in (400, 403, 429) and _code(outcome.body) in _NO_QUOTA):
        return Failure("fatal", LimitError(f"the judge's quota is used up: {answered}", hint=_KEPT, code="judge_quota"))
    if status == 429:
        return Failure("busy", JudgeError(answered), wait)
    if status == 401 or (status == 403 and not proven):
        return Failure(
            "fatal", CredentialsError(f"{where} refuses the key: {answered}", hint=_KEY_HINT, code="judge_key")
        )
    if status in (404, 405) or 300 <= status < 400:
        hint = "check --judge-model and --judge-base-url, which usually ends with /v1"
        return Failure(
            "fatal", UsageError(f"{model or 'the judge'} is not at {where}: {answered}", hint=hint, code="judge")
        )
    if status in _PASSING or status >= 500 or status < 200:
        return Failure("passing", JudgeError(answered), wait)
    return Failure("final", JudgeError(answered), about_tools="tool" in told.lower())


_KEPT = "what is done is kept; the same command goes on from there"
_KEY_HINT = "set BT_JUDGE_API_KEY, or OPENAI_API_KEY for OpenAI; bt help environment"


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a server wants to be left alone, by ``retry-after-ms`` or ``retry-after`` (seconds or a date)."""
    try:
        if "retry-after-ms" in headers:
            return _seconds(float(headers["retry-after-ms"]) / 1000)
        given = headers.get("retry-after")
        if given is None:
            return None
        return _seconds(float(given)) if given.strip()[:1].isdigit() else _until(given, now)
    except ValueError:
        return None


def _until(date: str, now: float) -> float:
    from email.utils import parsedate_to_datetime

    return max(0.0, parsedate_to_datetime(date).timestamp() - now)


def _seconds(value: float) -> float | None:
    return value if 0 <= value < 1e9 else None


def _error_of(body: bytes) -> object:
    try:
        content = orjson.loads(body)
    except ValueError:
        return None
    if isinstance(content, list) and content:  # Google's form
        content = content[0]
    if not isinstance(content, dict):
        return None
    return next((content[name] for name in ("error", "message", "detail") if content.get(name)), None)


def _code(body: bytes) -> object:
    error = _error_of(body)
    return (error.get("code") or error.get("type")) if isinstance(error, dict) else None


def _message(body: bytes) -> str:
    """What the server says, on one line, cut."""
    error = _error_of(body)
    told = error.get("message") if isinstance(error, dict) else error
    if not isinstance(told, str):
        told = body[: 4 * _MOST_SHOWN].decode("utf-8", "replace")
    line = " ".join(told.split())
    return line if len(line) <= _MOST_SHOWN else line[: _MOST_SHOWN - 1] + "…"
