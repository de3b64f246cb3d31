"""The events of a stream, recorded while the program reads them; the stream stays the object that it was."""

from __future__ import annotations

from typing import Any

from bt_cli.tracing.openai_recording import Recording


def watch_stream(stream: Any, recording: Recording) -> None:
    """Records what is read of a ``Stream`` or ``AsyncStream`` until it ends, fails, is closed or left.

    The loops of all versions go through their ``_iterator``; closing goes to the response, also that of the
    objects that ``stream`` of a resource makes around them.
    """
    events = getattr(stream, "_iterator", None)
    if events is None:  # a stream of another make
        recording.finish()
        return
    watched = (AsyncEvents if hasattr(events, "__anext__") else Events)(events, recording)
    stream._iterator = watched
    on_close(getattr(stream, "response", None), watched.left)


def on_close(response: Any, then: Any) -> None:
    """Calls ``then`` when a response of httpx was closed, whoever does it."""
    if response is None:
        return
    close, aclose = response.close, response.aclose

    def closed() -> None:
        try:
            close()
        finally:
            then()

    async def aclosed() -> None:
        try:
            await aclose()
        finally:
            then()

    response.close, response.aclose = closed, aclosed


class _Read:
    """What sync and async reading have in common."""

    def __init__(self, events: Any, recording: Recording) -> None:
        self._events = events
        self._recording = recording
        self._is_reading = False

    def left(self) -> None:
        """The program reads no more, for now; a stream that ends or fails closes its response while it is read."""
        if not self._is_reading:
            self._recording.finish()


class Events(_Read):
    """The events of a ``Stream``."""

    def __iter__(self) -> _Loop:
        return _Loop(self)

    def __next__(self) -> Any:
        self._is_reading = True
        try:
            event = next(self._events)
        except StopIteration:
            self._recording.finish(is_whole=True)
            raise
        except BaseException as error:
            self._recording.finish(error)
            raise
        finally:
            self._is_reading = False
        self._recording.add(event)
        return event

    def close(self) -> None:
        """As that of the generator that it stands for."""
        self._events.close()
        self.left()


class AsyncEvents(_Read):
    """The events of an ``AsyncStream``."""

    def __aiter__(self) -> _AsyncLoop:
        return _AsyncLoop(self)

    async def __anext__(self) -> Any:
        self._is_reading = True
        try:
            event = await self._events.__anext__()
        except StopAsyncIteration:
            self._recording.finish(is_whole=True)
            raise
        except BaseException as error:
            self._recording.finish(error)
            raise
        finally:
            self._is_reading = False
        self._recording.add(event)
        return event

    async def aclose(self) -> None:
        """As that of the generator that it stands for."""
        await self._events.aclose()
        self.left()


class _Loop:
    """One loop over them. A loop that is left drops it at once, while a stream stays until the next collection:
    it is part of a cycle."""

    def __init__(self, events: Events) -> None:
        self._of = events

    def __iter__(self) -> _Loop:
        return self

    def __next__(self) -> Any:
        return next(self._of)

    def __del__(self) -> None:
        self._of.left()


class _AsyncLoop:
    """The same of a loop that waits."""

    def __init__(self, events: AsyncEvents) -> None:
        self._of = events

    def __aiter__(self) -> _AsyncLoop:
        return self

    async def __anext__(self) -> Any:
        return await self._of.__anext__()

    def __del__(self) -> None:
        self._of.left()
