"""The span of one call, from its request to the end of its answer; whatever fails here never reaches the program."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from bt_cli.tracing.current import start_span
from bt_cli.tracing.openai_endpoints import Endpoint, Event, Given
from bt_cli.tracing.openai_tools import log_tools
from bt_cli.tracing.span import Span
from bt_cli.tracing.state import STATE

_log = logging.getLogger("bt_cli.tracing")
_CACHED = ("x-bt-cached", "x-cached")
"""Headers of Braintrust's proxy, the second of an earlier one."""
P = ParamSpec("P")


def quietly(function: Callable[P, None]) -> Callable[P, None]:
    """A function that warns where it fails: a program's call of a model is more than its trace."""

    @wraps(function)
    def quiet(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except Exception as error:
            _log.warning("bt: a call of a model was not traced whole: %r", error)

    return quiet


class Recording:
    """A call and its span."""

    def __init__(self, endpoint: Endpoint, given: Given, span: Span) -> None:
        self._endpoint = endpoint
        self._given = given
        self._span = span
        self._began = STATE.clock()
        self._first: float | None = None
        self._items: list[Any] = []
        self._logged: int | None = None  # how many of them the span has

    @classmethod
    def begin(cls, endpoint: Endpoint, given: Given, more: Event) -> Recording | None:
        """Begins the span; None where none is to be, or it cannot be."""
        try:
            span = start_span(**endpoint.of_request(given, more))
        except Exception as error:
            _log.warning("bt: a call of a model was not traced: %r", error)
            return None
        return cls(endpoint, given, span) if isinstance(span, Span) else None

    @quietly
    def cached(self, headers: Any) -> None:
        """Whether a proxy answered from its cache, as it says."""
        said = next((headers[name] for name in _CACHED if headers.get(name)), None)
        if said:
            self._span.log(metrics={"cached": int(said.lower() in ("true", "hit"))})

    def answered(self, answer: Any) -> None:
        """Logs a whole answer, and ends the span."""
        self.arrived()
        self._log(answer=answer)
        self._span.end()

    def arrived(self) -> None:
        """Something of the answer is there."""
        if self._first is None:
            self._first = STATE.clock() - self._began

    def add(self, item: Any) -> None:
        """Keeps an event of a stream."""
        self.arrived()
        self._items.append(item)

    def finish(self, error: BaseException | None = None, *, is_whole: bool = False) -> None:
        """Logs what came, and ends the span; again where more came since, as a program may read on after a break."""
        if self._logged == len(self._items) and error is None and not is_whole:
            return
        again, self._logged = self._logged is not None, len(self._items)
        self._log_items(is_whole)
        if error is not None:
            self._log_error(error)
        if again:
            self._span.log(metrics={"end": STATE.clock()})
        self._span.end()

    @quietly
    def _log(self, answer: Any) -> None:
        event = self._endpoint.of_answer(answer, self._given)
        self._span.log(**self._timed(event))
        log_tools(self._span, event.get("output"))

    @quietly
    def _log_items(self, is_whole: bool) -> None:
        if not self._items and not is_whole:
            return
        event = self._endpoint.of_stream(self._items, self._given)
        self._span.log(**self._timed(event))
        if is_whole:
            log_tools(self._span, event.get("output"))

    def _timed(self, event: Event) -> Event:
        if self._endpoint.has_first_token and self._first is not None:
            event["metrics"] = {**event["metrics"], "time_to_first_token": self._first}
        return event

    @quietly
    def _log_error(self, error: BaseException) -> None:
        self._span.log(error="".join(traceback.format_exception(error)))
