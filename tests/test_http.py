"""Posting over HTTP: what comes back when no whole answer does, and the way through a proxy."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from threading import Event, Thread

import pytest

from bt_cli import http
from bt_cli.errors import UsageError
from bt_cli.http import HttpClient, Lost, Reply
from judge_process import JudgeServer

BODY = json.dumps({"input": "a b", "model": "e"}).encode()


Connect = Callable[..., HttpClient]


@pytest.fixture
def client() -> Iterator[Connect]:
    """Makes clients that are closed after the test."""
    with ExitStack() as clients:

        def connect(url: str, timeout: float = 10.0) -> HttpClient:
            made = HttpClient(url, {"content-type": "application/json"}, timeout=timeout)
            clients.callback(made.close)
            return made

        yield connect


def test_answer(client: Connect, judge_server: JudgeServer) -> None:
    """Status, headers in any case, and the whole body."""
    reply = client(judge_server.url).post("/embeddings", BODY)
    assert isinstance(reply, Reply)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert json.loads(reply.body)["model"] == "e"


@pytest.mark.parametrize("url", ["", "/"])
def test_path_is_below_the_address(client: Connect, judge_server: JudgeServer, url: str) -> None:
    """A slash at the end of the address makes no difference."""
    client(judge_server.url + url).post("/embeddings", BODY)
    assert judge_server.requests[0]["path"] == "/v1/embeddings"


@pytest.mark.parametrize("fault", [{"drop": True}, {"cut": True}])
def test_lost_connection(client: Connect, judge_server: JudgeServer, fault: dict[str, bool]) -> None:
    """A connection that ends too early is no answer, and was a connection."""
    judge_server.script(faults=[fault])
    outcome = client(judge_server.url).post("/embeddings", BODY)
    assert isinstance(outcome, Lost) and outcome.connected and outcome.reason


def test_connection_that_is_refused(client: Connect) -> None:
    """Nobody there is told apart."""
    outcome = client("http://127.0.0.1:1").post("/embeddings", BODY)
    assert isinstance(outcome, Lost) and not outcome.connected


def test_answer_that_drips(client: Connect, judge_server: JudgeServer) -> None:
    """The timeout is for the whole answer, not for each of its pieces."""
    judge_server.script(faults=[{"drip_ms": 10}])
    outcome = client(judge_server.url, timeout=0.1).post("/embeddings", BODY)
    assert isinstance(outcome, Lost) and "within 0.1 s" in outcome.reason


def test_headers_that_drip(client: Connect) -> None:
    """The timeout counts from before the request is sent: a server that never ends its headers is lost too."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = Event()

        def drip() -> None:
            with server.accept()[0] as peer, suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200:
                    if ended.wait(0.02):
                        return
                    peer.send(bytes([byte]))

        thread = Thread(target=drip)
        thread.start()
        try:
            outcome = client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.2).post("/x", BODY)
        finally:
            ended.set()
            thread.join()
    assert isinstance(outcome, Lost) and outcome.reason == "no answer within 0.2 s"


def test_answer_that_is_too_long(client: Connect, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server cannot fill the memory."""
    monkeypatch.setattr(http, "MOST_BYTES", 10)
    outcome = client(judge_server.url).post("/embeddings", BODY)
    assert isinstance(outcome, Lost) and "more than" in outcome.reason


def test_proxy_of_the_environment(client: Connect, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host elsewhere is asked through the proxy, this machine is not."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{judge_server.port}")
    client("http://far.example/v1").post("/embeddings", BODY)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    client(judge_server.url).post("/embeddings", BODY)
    paths = [asked["path"] for asked in judge_server.requests]
    assert paths == ["http://far.example/v1/embeddings", "/v1/embeddings"]


@pytest.mark.parametrize("proxy", ["nonsense", "gopher://p:1"])
def test_proxy_that_does_not_work(client: Connect, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A proxy that cannot be used is a usage error."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(UsageError, match="proxy"):
        client("http://far.example/v1")


@pytest.mark.parametrize("port", ["0", "99999"])
def test_port_that_no_machine_has(client: Connect, port: str) -> None:
    """It is a mistake in the address, and nobody need be asked."""
    with pytest.raises(UsageError, match="port"):
        client(f"http://127.0.0.1:{port}")
