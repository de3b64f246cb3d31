"""One connection, within limits of time: clients that send next to nothing, or read nothing, don't keep it."""

from __future__ import annotations

import asyncio
import socket

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""Within which the head of a request must have arrived, from its first byte on."""
BODY_SECONDS = 10.0
"""How often the progress of a body is looked at."""
LEAST_BYTES = 10_240
"""Of a body in that time; who sends less is cut off."""
ANSWER_SECONDS = 60.0
"""Within which something of an answer must have been read. Systems take answers off us in pieces of a megabyte."""
MOST_CONNECTIONS = 512
"""With more, requests are answered 503."""
MOST_OPEN = MOST_CONNECTIONS + 100
"""With more, new ones are closed at once, before files of the process run out."""


class Connection(H11Protocol):
    """A connection that is closed when its client is too slow, and at once when there are too many."""

    _head: asyncio.TimerHandle | None = None
    _body: asyncio.TimerHandle | None = None
    _received = 0
    _answer: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first request."""
        super().connection_made(transport)
        # Head and body of an answer are two writes: without this the second waits for the client's word (40 ms).
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > MOST_OPEN:
            transport.abort()
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Takes in what the client sends; watches how it goes on."""
        self._received += len(data)
        super().data_received(data)
        state = self.conn.their_state
        if state is not h11.IDLE:
            self._stop_head()
            if state is h11.SEND_BODY and self._body is None:
                self._await_body()
        else:
            self._watch_next_head()

    def on_response_complete(self) -> None:
        """Goes on with what was sent ahead."""
        super().on_response_complete()
        self._watch_next_head()
        self._watch_answer()

    def pause_writing(self) -> None:
        """Waits for the client to read on; watches whether it does."""
        super().pause_writing()
        self._watch_answer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops watching."""
        self._stop_head()
        for timer in (self._body, self._answer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _watch_next_head(self) -> None:
        if self._head is None and self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._await_head()

    def _stop_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _await_body(self) -> None:
        self._received = 0
        self._body = self.loop.call_later(BODY_SECONDS, self._check_body)

    def _check_body(self) -> None:
        self._body = None
        if self.conn.their_state is not h11.SEND_BODY:
            return
        # Where reading pauses, it is the server that is slow.
        if self._received < LEAST_BYTES and not self.flow.read_paused:
            self.transport.abort()
        else:
            self._await_body()

    def _watch_answer(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        if self._unread and self._answer is None:
            self._await_reading()

    def _await_reading(self) -> None:
        self._answer = self.loop.call_later(ANSWER_SECONDS, self._check_answer)

    def _check_answer(self) -> None:
        self._answer = None
        before, self._unread = self._unread, self.transport.get_write_buffer_size()
        if self._unread and self._unread == before:
            self.transport.abort()
        elif self._unread:  # less, or more: it was read, and written on
            self._await_reading()
