"""Generators as spans: current while their code runs, not while whoever reads them goes on with other things."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

from bt_cli.tracing.noop import NoopSpan
from bt_cli.tracing.span import Span
from bt_cli.tracing.state import STATE, span_of_context

_log = logging.getLogger("bt_cli.tracing")


class _Collected:
    """What a generator has given so far, as the output of its span."""

    def __init__(self, span: Span | NoopSpan, io: bool) -> None:
        self._span = span
        self._inside: Span | None = span if isinstance(span, Span) else span_of_context.get()
        self._most = STATE.settings.generator_items if io else 0
        self._items: list[Any] | None = [] if self._most else None

    def enter(self) -> Span | None:
        """Makes current what was so when the generator stopped last; what was so outside."""
        outside = span_of_context.get()
        span_of_context.set(self._inside)
        return outside

    def leave(self, outside: Span | None) -> None:
        """The opposite."""
        self._inside = span_of_context.get()
        span_of_context.set(outside)

    def add(self, value: Any) -> None:
        """Keeps an item, until there are too many."""
        if self._items is None:
            return
        if 0 <= self._most <= len(self._items):
            self._items = None
            _log.warning(
                "bt: a generator gave more than %d items, which are not logged; BRAINTRUST_MAX_GENERATOR_ITEMS=-1"
                " logs any number",
                self._most,
            )
        else:
            self._items.append(value)

    def finish(self, error: BaseException | None = None) -> None:
        """Ends the span."""
        if self._items or (self._items is not None and error is None):
            self._span.log(output=self._items)
        if error is not None and not isinstance(error, GeneratorExit):
            self._span.log(error="".join(traceback.format_exception(error)))
        self._span.end()


class Steps:
    """A generator whose every step runs in its span."""

    def __init__(self, span: Span | NoopSpan, generator: Generator[Any, Any, Any], io: bool) -> None:
        self._generator = generator
        self._collected = _Collected(span, io)

    def __iter__(self) -> Steps:
        return self

    def __next__(self) -> Any:
        return self._step(self._generator.send, None)

    def send(self, value: Any) -> Any:
        """As that of the generator."""
        return self._step(self._generator.send, value)

    def throw(self, *error: Any) -> Any:
        """As that of the generator."""
        return self._step(self._generator.throw, *error)

    def close(self) -> None:
        """As that of the generator; the reader has enough."""
        outside = self._collected.enter()
        try:
            self._generator.close()
        finally:
            self._collected.leave(outside)
            self._collected.finish(GeneratorExit())

    def _step(self, go: Callable[..., Any], *args: Any) -> Any:
        outside = self._collected.enter()
        try:
            value = go(*args)
        except StopIteration:
            self._collected.finish()
            raise
        except BaseException as error:
            self._collected.finish(error)
            raise
        finally:
            self._collected.leave(outside)
        self._collected.add(value)
        return value


class AsyncSteps:
    """An asynchronous generator whose every step runs in its span."""

    def __init__(self, span: Span | NoopSpan, generator: AsyncGenerator[Any, Any], io: bool) -> None:
        self._generator = generator
        self._collected = _Collected(span, io)
        self._is_over = False

    async def send(self, value: Any) -> Any:
        """As ``asend`` of the generator."""
        return await self._step(self._generator.asend, value)

    async def throw(self, error: BaseException) -> Any:
        """As ``athrow`` of the generator."""
        return await self._step(self._generator.athrow, error)

    async def close(self) -> None:
        """As ``aclose`` of the generator; the span ends if it has not."""
        outside = self._collected.enter()
        try:
            await self._generator.aclose()
        finally:
            self._collected.leave(outside)
            if not self._is_over:
                self._finish(GeneratorExit())

    async def _step(self, go: Callable[..., Any], *args: Any) -> Any:
        outside = self._collected.enter()
        try:
            value = await go(*args)
        except StopAsyncIteration:
            self._finish()
            raise
        except BaseException as error:
            self._finish(error)
            raise
        finally:
            self._collected.leave(outside)
        self._collected.add(value)
        return value

    def _finish(self, error: BaseException | None = None) -> None:
        self._is_over = True
        self._collected.finish(error)
