"""How a server ends: what is in flight is answered, what was acknowledged is there, a second signal waits for nothing."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import httpx

from bt_cli.stores.sqlite.serving import ServingSqliteStore
from running import PATIENCE
from serving import Serving, serving

BODY = b'{"name": "in-flight"}'


def _begun(server: Serving) -> socket.socket:
    """A connection whose request the server waits for the end of."""
    port = urlsplit(server.url).port
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    head = b"POST /v1/project HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    client.sendall(head % len(BODY))
    assert client.recv(1000).startswith(b"HTTP/1.1 100")
    return client


def _listens(server: Serving) -> bool:
    try:
        socket.create_connection(("127.0.0.1", urlsplit(server.url).port), timeout=PATIENCE).close()
    except ConnectionError:
        return False
    return True


def test_request_in_flight_is_answered(tmp_path: Path) -> None:
    """After a signal nobody new is let in, and a request that had begun is answered and stored."""
    with serving(tmp_path / "s.db") as server, _begun(server) as client:
        server.process.send_signal(signal.SIGTERM)
        while _listens(server):
            pass
        client.sendall(BODY)
        assert b"200 OK" in client.recv(1 << 16)
        assert server.process.wait(PATIENCE) == 143
    assert [one.container.project for one in _projects(tmp_path)] == ["in-flight"]


def test_second_signal_ends_at_once(tmp_path: Path) -> None:
    """A second signal does not wait for a request that hangs, and shows no traceback."""
    with serving(tmp_path / "s.db") as server, _begun(server):
        server.process.send_signal(signal.SIGTERM)
        while _listens(server):
            pass
        Event().wait(0.2)  # signals at once are one wish
        assert server.stop(signal.SIGINT) == 130
    assert not any("Traceback" in line for line in server.lines)


def test_acknowledged_is_stored(tmp_path: Path) -> None:
    """All projects that a server acknowledged before it was terminated are in its store."""
    made: list[str] = []

    with serving(tmp_path / "s.db") as server:

        def make(number: int) -> None:
            with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
                for count in range(100_000):
                    name = f"{number} {count}"
                    try:
                        if client.post("/v1/project", json={"name": name}).status_code == 200:
                            made.append(name)
                    except httpx.TransportError:
                        return

        threads = [Thread(target=make, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        while len(made) < 20:
            assert server.process.poll() is None
        assert server.stop() == 143
        for thread in threads:
            thread.join(PATIENCE)
    assert set(made) <= {one.container.project for one in _projects(tmp_path)}


def _projects(folder: Path) -> list:  # type: ignore[type-arg]
    store = ServingSqliteStore(str(folder / "s.db"), read_only=True)
    try:
        return store.objects("project_logs")
    finally:
        store.close()
