"""A method of a client → one that does the same, and records each call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any

from bt_cli.tracing.current import is_idle
from bt_cli.tracing.openai_bodies import watch_body
from bt_cli.tracing.openai_endpoints import Endpoint
from bt_cli.tracing.openai_recording import Recording
from bt_cli.tracing.openai_streams import watch_stream

_is_inside: ContextVar[bool] = ContextVar("bt_openai", default=False)
"""Whether a recorded call runs: in some versions ``parse`` calls ``create``."""
_RAW_HEADER = "x-stainless-raw-response"


def traced_method(method: Callable[..., Any], endpoint: Endpoint) -> Callable[..., Any]:
    """A method that records its calls. Answers and exceptions are those of ``method``, untouched."""
    if inspect.iscoroutinefunction(inspect.unwrap(method)):
        return _of_coroutine(method, endpoint)

    @wraps(method)
    def call(*args: Any, **given: Any) -> Any:
        more = given.pop("span_info", None) or {} if "span_info" in given else {}
        if is_idle() or _is_inside.get():
            return method(*args, **given)
        recording = _begin(endpoint, given, more)
        token = _is_inside.set(True)
        try:
            answer = method(*args, **given)
        except BaseException as error:
            _failed(recording, error)
            raise
        finally:
            _is_inside.reset(token)
        _answered(recording, answer, given)
        return answer

    return call


def _of_coroutine(method: Callable[..., Any], endpoint: Endpoint) -> Callable[..., Any]:
    @wraps(method)
    async def call(*args: Any, **given: Any) -> Any:
        more = given.pop("span_info", None) or {} if "span_info" in given else {}
        if is_idle() or _is_inside.get():
            return await method(*args, **given)
        recording = _begin(endpoint, given, more)
        token = _is_inside.set(True)
        try:
            answer = await method(*args, **given)
        except BaseException as error:
            _failed(recording, error)
            raise
        finally:
            _is_inside.reset(token)
        _answered(recording, answer, given)
        return answer

    return call


def _begin(endpoint: Endpoint, given: dict[str, Any], more: dict[str, Any]) -> Recording | None:
    tools = given.get("tools")
    if isinstance(tools, Iterable) and not isinstance(tools, list | str | bytes | Mapping):
        given["tools"] = list(tools)  # which can perhaps be read once only
    return Recording.begin(endpoint, given, more)


def _failed(recording: Recording | None, error: BaseException) -> None:
    if recording is not None:
        recording.finish(error)


def _answered(recording: Recording | None, answer: Any, given: Mapping[str, Any]) -> None:
    """Reads an answer, or sees to it that it is read while the program reads it."""
    if recording is None:
        return
    form = _raw_form(given)
    if form == "stream":
        watch_body(answer, recording, bool(given.get("stream")))
        return
    try:
        read = answer.parse() if form else answer  # which keeps what it returns, for the program's own `parse`
    except Exception as error:  # for the program to find, if it parses it too
        recording.finish(error)
        return
    if form:
        recording.cached(answer.headers)
    if given.get("stream"):
        watch_stream(read, recording)
    else:
        recording.answered(read)


def _raw_form(given: Mapping[str, Any]) -> str | None:
    """``true`` or ``stream`` where the call is one of ``with_raw_response`` or ``with_streaming_response``."""
    headers = given.get("extra_headers")
    for name, value in headers.items() if isinstance(headers, Mapping) else ():
        if isinstance(name, str) and name.lower() == _RAW_HEADER:
            return "stream" if value == "stream" else "true"
    return None
