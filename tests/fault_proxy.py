"""A proxy on loopback between a client and a server that does to requests what bad networks do."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, Thread
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"


@dataclass
class Fault:
    """What happens to the next requests whose path begins with ``path``."""

    path: str
    status: int = 0
    """This answer instead of the server's, which is not asked."""
    body: bytes = b"trouble"
    headers: str = ""
    cut_request: float | None = None
    """The connection ends after this part of the request has been passed on; nothing is answered."""
    cut_answer: float | None = None
    """The server does its work, and this part of its answer comes back."""
    instead: bytes | None = None
    """The server does its work, and this body comes back as a success."""
    pause: float = 0.0
    """Seconds between pieces of the answer, a few bytes each."""
    times: int = 1


@dataclass
class FaultProxy:
    """Where it listens, what is to go wrong, and what went through."""

    target: str
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    seen: Callable[[str], None] = lambda path: None
    """Called with the path of each request before it is passed on."""
    _lock: Lock = field(default_factory=Lock)

    def begin(self, path: str) -> Fault | None:
        """Notes a request; the fault that it is to meet."""
        with self._lock:
            self.requests.append(path)
            found = next((one for one in self.faults if path.startswith(one.path)), None)
            if found is not None:
                found.times -= 1
                if found.times == 0:
                    self.faults.remove(found)
            return found

    def serve(self, client: socket.socket) -> None:
        """One connection of a client, request after request."""
        with client, suppress(OSError):
            while message := _message(client):
                path = message.split(b" ", 2)[1].decode()
                self.seen(path)
                if not self._pass(client, message, self.begin(path)):
                    return

    def _pass(self, client: socket.socket, message: bytes, fault: Fault | None) -> bool:
        """Whether the connection goes on."""
        if fault is not None and fault.status:
            head = f"HTTP/1.1 {fault.status} Trouble\r\ncontent-length: {len(fault.body)}\r\n{fault.headers}\r\n"
            client.sendall(head.encode() + fault.body)
            return True
        if fault is not None and fault.cut_request is not None:
            with suppress(OSError):
                self._ask(message[: int(len(message) * fault.cut_request)], answered=False)
            return False
        try:
            answer = self._ask(message)
        except OSError:
            return False  # the server is away
        return _give(client, answer, fault)

    def _ask(self, message: bytes, answered: bool = True) -> bytes:
        parts = urlsplit(self.target)
        with socket.create_connection((parts.hostname, parts.port or 80), 60) as server:
            server.sendall(message)
            return _message(server) if answered else b""


def _give(client: socket.socket, answer: bytes, fault: Fault | None) -> bool:
    if not answer:
        return False
    if fault is None:
        client.sendall(answer)
        return True
    if fault.instead is not None:
        client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(fault.instead) + fault.instead)
        return True
    if fault.cut_answer is not None:
        client.sendall(answer[: int(len(answer) * fault.cut_answer)])
        return False
    from time import sleep

    for at in range(0, len(answer), 64):
        client.sendall(answer[at : at + 64])
        sleep(fault.pause)
    return True


def _message(peer: socket.socket) -> bytes:
    """One whole message with its body, by its length; nothing where the other side is gone."""
    data = b""
    while _HEAD_END not in data:
        piece = peer.recv(1 << 16)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(_HEAD_END)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    parts, size = [body], len(body)
    while size < length:
        piece = peer.recv(1 << 20)
        if not piece:
            return b""
        parts.append(piece)
        size += len(piece)
    return head + _HEAD_END + b"".join(parts)


@contextmanager
def fault_proxy(target: str) -> Iterator[FaultProxy]:
    """A proxy before the server at ``target``."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = FaultProxy(target, f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                Thread(target=proxy.serve, args=(client,), daemon=True).start()

    thread = Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
