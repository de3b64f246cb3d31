"""One question, asked until there is an answer or nothing more to try."""

from __future__ import annotations

from typing import NamedTuple

from bt_cli.errors import BtError, JudgeError, LimitError, NetworkError
from bt_cli.http import HttpClient, Lost, Reply
from bt_cli.scoring.judge.budget import Budget
from bt_cli.scoring.judge.clock import Patience
from bt_cli.scoring.judge.failures import Failure, failure_of
from bt_cli.scoring.judge.limiter import Limiter
from bt_cli.scoring.judge.modes import Modes
from bt_cli.scoring.judge.questions import Question
from bt_cli.scoring.judge.replies import Answer, Malformed, read_reply
from bt_cli.scoring.judge.usage import Usage

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds between two attempts after a failure; they double from one to the next."""
FIRST_BUSY_WAIT, LONGEST_BUSY_WAIT = 0.1, 10.0
"""The same after a refusal that does not say how long to wait."""
MOST_REFUSALS = 20
"""A call that is refused so often while others pass is one that never will."""
MOST_IN_A_ROW = 20
"""So many calls in a row that the server failed, and it is taken for down."""
SHORTEST_SECRET = 8
"""Characters; a shorter key, such as local servers are given, is no secret, and may be a word of a message."""
_BYTES_A_TOKEN = 4


class Limits(NamedTuple):
    """How long a call is tried; seconds."""

    retries: int
    max_wait: float


class Line:
    """What all questions to one server share."""

    def __init__(
        self, http: HttpClient, where: str, key: str | None, limits: Limits, patience: Patience, budget: Budget
    ) -> None:
        self.http = http
        self.where = where
        self.limits = limits
        self.patience = patience
        self.budget = budget
        self.passed_at = patience.clock.monotonic()
        self.proven = False
        """Whether anything was answered: then the key is good."""
        self.lost_in_a_row = 0
        self._key = key.encode() if key and len(key) >= SHORTEST_SECRET else b""

    def post(self, path: str, body: bytes) -> Reply | Lost:
        """Sends a request; a server that repeats the key in its answer does not get it shown."""
        outcome = self.http.post(path, body)
        if isinstance(outcome, Lost) or outcome.status == 200 or not self._key:
            return outcome
        return outcome._replace(body=outcome.body.replace(self._key, b"***"))


class Asking:
    """The attempts at one question, and what is known of the last one: times in epoch seconds, bodies."""

    def __init__(self, line: Line, limiter: Limiter, modes: Modes, question: Question) -> None:
        self.attempts = 0
        self.usage = Usage()
        self.start = self.end = 0.0
        self.request = self.body = b""
        self.text: str | None = None
        self._line, self._limiter, self._modes, self._question = line, limiter, modes, question
        self._patience = line.patience
        self._form = modes.form(question.model)
        self._failures = self._refusals = 0
        self._refused_at: float | None = None

    def run(self) -> Answer:
        """The answer. Raises JudgeError; or, for all calls, what ends the run; or Interrupted where it had to wait."""
        while True:
            outcome = self._attempt()
            if isinstance(outcome, Answer):
                self._answered(outcome)
                return outcome
            if isinstance(outcome, Malformed):
                self._malformed(outcome)
            else:
                self._failed(outcome)

    def _attempt(self) -> Answer | Malformed | Failure:
        line = self._line
        self.request = self._question.written(self._form)
        thought = len(self.request) // _BYTES_A_TOKEN
        with self._limiter.turn(thought) as turn:
            self._check()
            self.attempts += 1
            self.start = line.patience.clock.time()
            outcome = line.post(self._question.path, self.request)
            self.end = line.patience.clock.time()
            failure = failure_of(outcome, self._question.model, line.where, self.end, line.proven)
            if failure and failure.kind == "busy":
                self._limiter.refused(turn, failure.wait or 0.0)
        if failure:
            return failure
        assert isinstance(outcome, Reply)
        return self._read(outcome.body, thought)

    def _check(self) -> None:
        self._patience.check()
        try:
            self._line.budget.check()
        except LimitError as error:
            raise self._patience.end(error) from None

    def _read(self, body: bytes, thought: int) -> Answer | Malformed:
        line = self._line
        read = read_reply(body, self._question)
        self.body, self.text = body, read.text
        self.usage = self.usage.plus(read.usage)
        line.passed_at = line.patience.clock.monotonic()
        line.proven, line.lost_in_a_row = True, 0
        self._limiter.passed(read.usage.tokens - thought if read.usage.tokens else 0)
        return read

    def _answered(self, answer: Answer) -> None:
        if answer.called:
            self._modes.called(self._question.model)
        elif self._form != self._modes.first:
            self._modes.answered_by_schema(self._question.model)

    def _malformed(self, found: Malformed) -> None:
        if found.ignored and self._try_schema():
            return
        self._form = self._modes.form(self._question.model)
        self._repeat(JudgeError(f"the judge's reply cannot be used: {found.reason}"), None)

    def _failed(self, failure: Failure) -> None:
        if failure.kind == "fatal":
            raise self._patience.end(failure.error)
        if failure.kind == "busy":
            self._wait_for_room(failure)
        elif failure.kind == "passing":
            self._repeat(failure.error, failure)
        elif not (failure.about_tools and self._try_schema()):
            raise failure.error

    def _try_schema(self) -> bool:
        """Turns to a JSON schema where the tool may be what is wrong."""
        if self._form == "schema" or not self._modes.may_ignore_tools(self._question.model):
            return False
        self._form = "schema"
        return True

    def _repeat(self, error: BtError, failure: Failure | None) -> None:
        """Waits for the next attempt; raises where there have been enough."""
        self._failures += 1
        if self._failures > self._line.limits.retries:
            raise self._given_up(error, failure)
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self._failures - 1))
        wait = longest * (0.5 + 0.5 * self._patience.clock.chance())
        self._patience.wait(max(wait, min(failure.wait or 0.0, self._line.limits.max_wait) if failure else 0.0))

    def _given_up(self, error: BtError, failure: Failure | None) -> BtError:
        """The error of the case; of the run where there is no server, or none that works."""
        times = f" ({self.attempts} attempts)" if self.attempts > 1 else ""
        told = error.message + times
        if failure is None:
            return JudgeError(told)
        self._line.lost_in_a_row += 1
        if failure.unreached or self._line.lost_in_a_row >= MOST_IN_A_ROW:
            hint = "check --judge-base-url and the network; what is done is kept, the same command goes on from there"
            told = f"{self._line.where} {'cannot be reached' if failure.unreached else 'is down'}: {told}"
            return self._patience.end(NetworkError(told, hint=hint, code="judge_unreachable"))
        return JudgeError(told)

    def _wait_for_room(self, failure: Failure) -> None:
        """Waits after a refusal, as long as asked or twice as long as before."""
        line, patience = self._line, self._patience
        now = patience.clock.monotonic()
        first = self._refused_at = now if self._refused_at is None else self._refused_at
        self._refusals += 1
        others_pass = line.passed_at > first
        if others_pass and self._refusals > MOST_REFUSALS:
            raise JudgeError(f"{failure.error.message} (refused {self._refusals} times, while other calls pass)")
        longest = min(LONGEST_BUSY_WAIT, FIRST_BUSY_WAIT * 2.0 ** min(self._refusals - 1, 10))
        wait = longest * (0.5 + 0.5 * patience.clock.chance()) if failure.wait is None else failure.wait
        waited = now - max(first, line.passed_at)
        if waited + wait > line.limits.max_wait:
            raise patience.end(_busy_for_too_long(failure, waited, line.limits.max_wait))
        patience.wait(wait)


def _busy_for_too_long(failure: Failure, waited: float, most: float) -> LimitError:
    asked = f", and asks to wait {failure.wait:.0f} s" if failure.wait is not None else ""
    return LimitError(
        f"the judge has let no call pass for {waited:.0f} s{asked}: {failure.error.message}",
        hint=f"--judge-max-wait is {most:g}s; what is done is kept, the same command goes on from there",
        code="judge_max_wait",
    )
