"""``with_streaming_response``: the program reads the body itself, as bytes, lines, JSON or events.

What goes by is kept, and read once more when the response is closed; nothing is read that the program doesn't read.
"""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from bt_cli.tracing.openai_recording import Recording, quietly
from bt_cli.tracing.openai_streams import on_close


def watch_body(answer: Any, recording: Recording, is_stream: bool) -> None:
    """Records the body of an ``APIResponse`` or ``AsyncAPIResponse`` while the program reads it."""
    recording.cached(answer.headers)
    _Body(answer, recording, is_stream).watch()


class _Body:
    def __init__(self, answer: Any, recording: Recording, is_stream: bool) -> None:
        self._answer = answer
        self._response = answer.http_response
        self._recording = recording
        self._is_stream = is_stream
        self._pieces: list[bytes] = []
        self._error: BaseException | None = None

    def watch(self) -> None:
        """All ways of reading a response of httpx go through these two methods."""
        response = self._response
        response.iter_raw = self._of(response.iter_raw)
        response.aiter_raw = self._of_async(response.aiter_raw)
        on_close(response, self._closed)

    def _of(self, iter_raw: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
        def pieces(*args: Any, **kwargs: Any) -> Iterator[bytes]:
            try:
                for piece in iter_raw(*args, **kwargs):
                    self._keep(piece)
                    yield piece
            except Exception as error:
                self._recording.finish(error)
                raise

        return pieces

    def _of_async(self, aiter_raw: Callable[..., AsyncIterator[bytes]]) -> Callable[..., AsyncIterator[bytes]]:
        async def pieces(*args: Any, **kwargs: Any) -> AsyncIterator[bytes]:
            try:
                async for piece in aiter_raw(*args, **kwargs):
                    self._keep(piece)
                    yield piece
            except Exception as error:
                self._recording.finish(error)
                raise

        return pieces

    def _keep(self, piece: bytes) -> None:
        self._recording.arrived()
        self._pieces.append(piece)

    def _closed(self) -> None:
        pieces, self._pieces = self._pieces, []
        if pieces:
            self._log(b"".join(pieces))
        self._recording.finish()

    @quietly
    def _log(self, raw: bytes) -> None:
        read = self._response
        again = type(read)(read.status_code, headers=read.headers, content=raw, request=read.request)
        if not self._is_stream:
            answer = copy.copy(self._answer)
            answer.http_response = again
            self._recording.answered(answer._parse())
            return
        for data in _data(again.text):
            self._recording.add(data)


def _data(text: str) -> Iterator[Any]:
    """The data of server-sent events, as far as it is whole."""
    for line in text.splitlines():
        said = line.removeprefix("data:").strip()
        if said == "[DONE]" or not line.startswith("data:"):
            continue
        try:
            yield json.loads(said)
        except ValueError:  # the program left in the middle of it
            return
