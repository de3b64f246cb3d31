"""Connections of clients that send next to nothing, and of too many of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from bt_cli.blobs.blobs import Blobs
from bt_cli.server import connection
from bt_cli.server.app import make_app
from bt_cli.server.running import listen, run
from bt_cli.server.service import ServerOptions, Service
from bt_cli.spans.container import Container, container_id
from bt_cli.spans.row import Row
from bt_cli.stores.base import Submission
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from running import PATIENCE

HEAD = b"POST /v1/project HTTP/1.1\r\nHost: 127.0.0.1\r\n"
SOON = 0.2


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server in a thread, whose limits of time are short."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", SOON)
    monkeypatch.setattr(connection, "BODY_SECONDS", SOON)
    with _served(tmp_path) as port:
        yield port


@contextmanager
def _served(folder: Path) -> Iterator[int]:
    store = str(folder / "s.db")
    service = Service(lambda mode: ServingSqliteStore(store, mode == "read"), Blobs(f"{store}.blobs"), ServerOptions())
    ready, end = Event(), Event()
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        arguments = (make_app(service), listening, ready.set, lambda _: None, end.is_set)
        thread = Thread(target=run, args=arguments)
        thread.start()
        try:
            assert ready.wait(PATIENCE)
            yield port
        finally:
            end.set()
            thread.join(PATIENCE)
            service.close()


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def _is_cut(client: socket.socket) -> bool:
    """Whether the server ends the connection without an answer; waits until it says either."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", b"GET /version HT", HEAD, HEAD + b"X-A: b\r\n"])
def test_unfinished_head_is_cut_off(port: int, sent: bytes) -> None:
    """A connection on which no whole head arrives in time is closed."""
    with _connected(port) as client:
        client.sendall(sent)
        assert _is_cut(client)


def test_unfinished_second_head_is_cut_off(port: int) -> None:
    """Nor may the head of a later request on a connection take its time."""
    with _connected(port) as client:
        client.sendall(b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /ver")
        with client.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 200")
            rest = answer.read()
        assert b"HTTP/1.1" not in rest


def test_trickling_body_is_cut_off(port: int) -> None:
    """A body that comes more slowly than the floor is cut off."""
    with _connected(port) as client:
        client.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b'{"name"')
        assert _is_cut(client)


def _whole_answer(client: socket.socket) -> bytes:
    """The bytes of an answer that says its length, which may come in several packets."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += client.recv(1 << 16)
    length = int(received.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(received) < end + 4 + length:
        received += client.recv(1 << 16)
    return received


def test_body_in_time_is_answered(port: int) -> None:
    """A client that finishes its body in time is answered, and may ask again on the same connection."""
    body = b'{"name": "p"}'
    asked = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    with _connected(port) as client:
        for _ in range(2):
            client.sendall(asked)
            client.sendall(body)
            assert _whole_answer(client).startswith(b"HTTP/1.1 200")


LARGE = 32 << 20
"""Bytes, more than systems hold of an answer."""


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, bytes, Event]]:
    """A server that looks often whether its answers are read; a request for a large one; and when a connection ends."""
    ended = Event()
    before = connection.Connection.connection_lost

    def lost(self: connection.Connection, exc: Exception | None) -> None:
        before(self, exc)
        ended.set()

    monkeypatch.setattr(connection.Connection, "connection_lost", lost)
    monkeypatch.setattr(connection, "ANSWER_SECONDS", SOON)
    store = ServingSqliteStore(str(tmp_path / "s.db"))
    row = Row("a", "a", "a", "[]", input=f'"{"x" * LARGE}"')
    store.apply([(Container("p"), [Submission([row], None)])])
    store.close()
    with _served(tmp_path) as port:
        path = f"/v1/project_logs/{container_id(Container('p'))}/fetch"
        yield port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(), ended


def test_an_answer_that_nobody_reads_is_given_up(large: tuple[int, bytes, Event]) -> None:
    """Its client asked, and reads nothing: its connection ends, though it is open at the other end."""
    port, asked, ended = large
    with _connected(port) as client:
        client.sendall(asked)
        assert ended.wait(PATIENCE)


def test_a_large_answer_that_is_read_comes_whole(large: tuple[int, bytes, Event]) -> None:
    """Though the server waits for its client again and again, and its connection goes on."""
    port, asked, ended = large
    with _connected(port) as client:
        client.sendall(asked)
        received = 0
        while received < LARGE and (part := client.recv(4 << 20)):
            received += len(part)
        assert received >= LARGE
        assert not ended.is_set()


def test_long_chunked_body_is_refused(tmp_path: Path) -> None:
    """A body that does not announce its length is 413 once it is too long."""
    with _served(tmp_path) as port, _connected(port) as client:
        client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
        for _ in range(65):
            client.sendall(chunk)
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 413")


def test_too_many_connections_are_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of open connections, new ones are closed at once."""
    monkeypatch.setattr(connection, "MOST_OPEN", 2)
    with _served(tmp_path) as port, _connected(port) as one, _connected(port) as two:
        one.sendall(b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200")
        with _connected(port) as three:
            assert _is_cut(three)
        two.sendall(b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert two.recv(1 << 16).startswith(b"HTTP/1.1 200")


def test_answers_leave_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer waits until the client has acknowledged its first part."""
    options: list[int] = []
    before = connection.Connection.data_received

    def seen(self: connection.Connection, data: bytes) -> None:
        ours: socket.socket = self.transport.get_extra_info("socket")
        options.append(ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        before(self, data)

    monkeypatch.setattr(connection.Connection, "data_received", seen)
    with _served(tmp_path) as port, _connected(port) as client:
        client.sendall(b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert client.recv(1)
    assert options and all(options)


def test_nothing_says_what_is_running(port: int) -> None:
    """No header names the server's software, and what is no HTTP is 400."""
    with _connected(port) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        with client.makefile("rb") as answer:
            assert b"\nserver:" not in answer.read().lower()
    with _connected(port) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\r\n\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 400")
