"""`traced`: a function whose every call is a span, with its arguments as input and its result as output."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar, overload

from bt_cli.tracing.current import start_span
from bt_cli.tracing.generators import AsyncSteps, Steps
from bt_cli.tracing.noop import NOOP_SPAN, NoopSpan
from bt_cli.tracing.span import Span

Traced = TypeVar("Traced", bound=Callable[..., Any])


@overload
def traced(function: Traced, /) -> Traced: ...


@overload
def traced(name: str | None = None, *, notrace_io: bool = False, **asked: Any) -> Callable[[Traced], Traced]: ...


def traced(name: Any = None, *, notrace_io: bool = False, **asked: Any) -> Any:
    """Makes each call of a function, coroutine or generator a span of type ``function``, named like it.

    Bare, or with what `start_span` takes. ``notrace_io`` leaves input and output to the function.
    """
    if callable(name) and not asked and not notrace_io:
        return _Tracing(None, True, {}).wrapped(name)
    return _Tracing(name, not notrace_io, asked).wrapped


class _Tracing(NamedTuple):
    """What the decorator was given."""

    name: str | None
    io: bool
    asked: Mapping[str, Any]

    def wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        call = _Call(self, function)
        if inspect.isasyncgenfunction(function):
            return call.of_async_generator()
        if inspect.isgeneratorfunction(function):
            return call.of_generator()
        if inspect.iscoroutinefunction(function):
            return call.of_coroutine()
        return call.of_function()


class _Call:
    """The span of each call of one function."""

    def __init__(self, tracing: _Tracing, function: Callable[..., Any]) -> None:
        self._function = function
        self._io = tracing.io
        self._asked = dict(tracing.asked)
        self._asked["name"] = tracing.name or getattr(function, "__name__", None) or type(function).__name__
        attributes = dict(self._asked.pop("span_attributes", None) or {})
        if "type" not in attributes and "type" not in self._asked:
            attributes["type"] = "function"
        self._attributes = attributes
        self._signature = _signature(function) if tracing.io else None

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Span | NoopSpan:
        """The span of a call, with its input. What the program gave as its arguments is never changed."""
        span = start_span(span_attributes=self._attributes, **self._asked)
        if self._io and span is not NOOP_SPAN:
            span.log(input=self._input(args, kwargs))
        return span

    def _input(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if self._signature is not None:
            try:
                return self._signature.bind(*args, **kwargs).arguments
            except TypeError:  # the call itself is about to say so
                pass
        return {"args": args, "kwargs": kwargs}

    def of_function(self) -> Callable[..., Any]:
        @wraps(self._function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.begin(args, kwargs) as span:
                result = self._function(*args, **kwargs)
                if self._io:
                    span.log(output=result)
                return result

        return wrapper

    def of_coroutine(self) -> Callable[..., Any]:
        @wraps(self._function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.begin(args, kwargs) as span:
                result = await self._function(*args, **kwargs)
                if self._io:
                    span.log(output=result)
                return result

        return wrapper

    def of_generator(self) -> Callable[..., Any]:
        @wraps(self._function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            span = self.begin(args, kwargs)
            return (yield from Steps(span, self._function(*args, **kwargs), self._io))

        return wrapper

    def of_async_generator(self) -> Callable[..., Any]:
        @wraps(self._function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            steps = AsyncSteps(self.begin(args, kwargs), self._function(*args, **kwargs), self._io)
            step = steps.send(None)
            try:
                while True:
                    try:
                        value = await step
                    except StopAsyncIteration:
                        return
                    try:
                        step = steps.send((yield value))
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        step = steps.throw(error)
            finally:
                await steps.close()

        return wrapper


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some that are written in C have none
        return None
