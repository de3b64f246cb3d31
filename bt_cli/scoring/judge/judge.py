"""The judge itself: cache, then server; every call recorded and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from bt_cli.errors import BtError, JudgeError, UsageError
from bt_cli.scoring.base import Call, JudgeTotals
from bt_cli.scoring.judge.asking import Asking, Line
from bt_cli.scoring.judge.cache import Cache, Kept, cache_key
from bt_cli.scoring.judge.limiter import Limiter
from bt_cli.scoring.judge.modes import Modes
from bt_cli.scoring.judge.options import JudgeOptions
from bt_cli.scoring.judge.prices import Prices, cost_of
from bt_cli.scoring.judge.questions import Json, Question, completion, embedding, moderation
from bt_cli.scoring.judge.recorder import Recorder
from bt_cli.scoring.judge.replies import Answer, read_reply
from bt_cli.scoring.judge.usage import Usage


class OpenAIJudge:
    """A judge behind an OpenAI-compatible API; safe to be asked from many threads.

    ``options`` has the flags with the settings filled in. Made by `open_judge`.
    """

    def __init__(
        self,
        options: JudgeOptions,
        line: Line,
        limiter: Limiter,
        cache: Cache | None,
        prices: Prices,
        say: Callable[[str], None],
    ) -> None:
        self._options, self._line, self._limiter = options, line, limiter
        self._cache, self._prices, self._say = cache, prices, say
        self._modes = Modes(options.mode or "auto", say)
        self._recorder = Recorder()
        self._said: set[str] = set()

    @property
    def totals(self) -> JudgeTotals:
        """What it has been asked so far."""
        return self._line.budget.totals

    def recording(self, trial: int) -> AbstractContextManager[list[Call]]:
        """Collects the calls that this thread makes within; the trial is part of what the cache goes by."""
        return self._recorder.recording(trial)

    def complete(self, request: Mapping[str, Any]) -> Json:
        """A chat completion, by whichever endpoint. Raises what `Asking.run` raises."""
        question = completion(request, self._options.model, self._options.api)
        for name in question.dropped:
            self._say_once(f"{question.model} takes no {name}: none is sent")
        return self._ask(question)

    def embed(self, request: Mapping[str, Any]) -> Json:
        """The vector of a text."""
        return self._ask(embedding(request, self._options.embedding_model))

    def moderate(self, request: Mapping[str, Any]) -> Json:
        """What a moderation endpoint says of a text."""
        return self._ask(moderation(request))

    def close(self) -> None:
        """Ends its connections and its cache."""
        self._line.http.close()
        if self._cache:
            self._cache.close()

    def _ask(self, question: Question) -> Json:
        key = self._key(question)
        kept = self._cache.find(key) if self._cache else None
        answer = read_reply(kept.reply, question) if kept else None
        if kept and isinstance(answer, Answer):
            self._record(self._kept_call(question, kept, answer))
            return answer.content
        if self._options.cache_only:
            raise JudgeError("the cache has no reply to this, and --cache-only asks nobody", code="not_cached")
        self._check_price(question)
        return self._ask_server(question, key).content

    def _key(self, question: Question) -> bytes:
        url, body = f"{self._line.where}{question.path}", question.written(self._modes.first)
        if not question.varies:
            return cache_key(url, body, 0, 0)
        return cache_key(url, body, self._recorder.trial, self._recorder.repeats(url, body))

    def _ask_server(self, question: Question, key: bytes) -> Answer:
        asking = Asking(self._line, self._limiter, self._modes, question)
        try:
            answer = asking.run()
        except BtError as error:
            if asking.attempts:
                self._record(self._call(question, asking, error.message))
            raise
        if self._cache:
            kept = Kept(asking.request, asking.body, asking.start, asking.end, asking.usage)
            self._cache.keep(key, self._line.where, question.model, kept)
        self._record(self._call(question, asking, None))
        return answer

    def _call(self, question: Question, asking: Asking, error: str | None) -> Call:
        call = self._new_call(question, asking.request, asking.start, asking.end, asking.usage)
        call.reply, call.attempts, call.error = asking.text, asking.attempts, error
        return call

    def _kept_call(self, question: Question, kept: Kept, answer: Answer) -> Call:
        call = self._new_call(question, kept.request, kept.start, kept.end, kept.usage)
        call.reply, call.cached = answer.text, True
        return call

    def _new_call(self, question: Question, request: bytes, start: float, end: float, usage: Usage) -> Call:
        cost = cost_of(usage, question.model, self._prices)
        host = self._line.http.host
        return Call(question.name, host, request.decode(), start, end, metrics=dict(usage.metrics), cost=cost)

    def _record(self, call: Call) -> None:
        self._line.budget.add(call)
        self._recorder.add(call)

    def _check_price(self, question: Question) -> None:
        """Raises UsageError where a cost limit cannot be kept for want of a price."""
        if self._options.max_cost is None or question.name == "Moderation" or question.model in self._prices:
            return
        raise self._line.patience.end(no_price(question.model))

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._say(text)


def no_price(model: str) -> UsageError:
    """The error of a cost limit without a price to go by."""
    hint = 'give --prices FILE with {"MODEL": {"prompt": 0.15, "completion": 0.6}}, in USD per million tokens'
    return UsageError(f"--max-cost needs the price of {model}", hint=hint, code="no_price")
