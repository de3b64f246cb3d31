"""Requests over HTTP: connections that many threads share, and what can go wrong said in words.

httpx's transport is used without its client, which costs as much as all of the rest (0.55 ms of
processor time a request instead of 0.26 ms): there are no redirects, cookies or hooks that would need it.
Each connection is a transport of its own, because a pool looks at every connection it has for every
request: with 256 of them, 23 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from bt_cli.errors import UsageError
from bt_cli.settings import proxy_of

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 30.0
"""How long an unused connection is kept."""
MOST_BYTES = 64 << 20
"""A longer answer is not read, unless a client is made for longer ones."""
_PIECE = 1 << 16
"""Bytes that are sent at a time."""
_LOOK = 0.2
"""Seconds between looks at whether an answer is to be given up."""


class Request(NamedTuple):
    """What is asked: ``path`` lies below the client's address, ``headers`` come on top of the client's."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = {}
    seconds: float | None = None
    """What the answer may take, where that is not what the client was made for."""
    stop: Callable[[], int] | None = None
    """Asked while the answer is awaited: not 0 to give it up."""


class Reply(NamedTuple):
    """What a server answered; the names of ``headers`` are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Lost(NamedTuple):
    """No answer came; ``connected`` tells whether there was a connection at all."""

    reason: str
    connected: bool
    too_long: bool = False
    """An answer came that nobody will read, however often it is asked for."""


class _Deadline:
    """When a request must be done with, on the clock of `time.monotonic`; set anew for each."""

    end = 0.0
    stop: Callable[[], int] | None = None

    def left(self) -> float:
        """Seconds that are left. Raises httpx.ReadTimeout for none."""
        import httpx

        left = self.end - time.monotonic()
        if left <= 0:
            raise httpx.ReadTimeout("the time is over")
        return left


class _Stream:
    """A stream of httpcore whose every call has what the deadline leaves, where httpcore gives each the whole time."""

    def __init__(self, stream: Any, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        while self._deadline.stop is not None and self._deadline.left() > _LOOK:
            import httpcore

            try:
                return self._stream.read(max_bytes, _LOOK)
            except httpcore.ReadTimeout:
                if self._deadline.stop():
                    raise
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[at : at + _PIECE], self._deadline.left())

    def start_tls(self, *args: Any, **kwargs: Any) -> _Stream:
        return _Stream(self._stream.start_tls(*args, **{**kwargs, "timeout": self._deadline.left()}), self._deadline)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Network:
    """What opens the connections of httpcore, each as a stream with a deadline."""

    def __init__(self, network: Any, deadline: _Deadline) -> None:
        self._network = network
        self._deadline = deadline

    def connect_tcp(self, *args: Any, **kwargs: Any) -> _Stream:
        return _Stream(self._network.connect_tcp(*args, **kwargs), self._deadline)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


class _Connection(NamedTuple):
    """A transport of one connection, and the deadline of the request it is at."""

    transport: httpx.HTTPTransport
    deadline: _Deadline


class HttpClient:
    """Asks the paths below one address; safe to be used from many threads, each of which has a connection.

    ``timeout`` is what one answer may take, in seconds, and ``most_bytes`` how long it may be (`MOST_BYTES`).
    Raises UsageError for an address or a proxy that cannot be used.
    """

    def __init__(
        self, base_url: str, headers: Mapping[str, str], *, timeout: float, most_bytes: int | None = None
    ) -> None:
        import httpx

        self._base = check_address(base_url)
        self._timeout = timeout
        self._most_bytes = most_bytes
        self._headers = {"host": self._base.netloc.decode("ascii"), "accept": "*/*", **headers}
        self._timeouts = _timeouts(timeout)
        self._proxy = proxy_of(base_url)
        plain = self._base.scheme == "http" and self._proxy is None
        self._certificates = False if plain else httpx.create_ssl_context()  # reading them takes a while
        try:
            self._idle = [self._connection()]
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise UsageError(f"the proxy for {base_url} cannot be used: {error}", code="proxy") from error

    def post(self, path: str, body: bytes) -> Reply | Lost:
        """Sends JSON and reads all of the answer; a failure below HTTP comes back as `Lost`."""
        return self.send(Request("POST", path, body))

    def send(self, asked: Request) -> Reply | Lost:
        """Sends a request and reads all of the answer; a failure below HTTP comes back as `Lost`."""
        import httpx

        url = self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + asked.path.encode("ascii"))
        headers = {**self._headers, **asked.headers} if asked.headers else self._headers
        timeout = asked.seconds or self._timeout
        extensions = {"timeout": self._timeouts if asked.seconds is None else _timeouts(timeout)}
        request = httpx.Request(asked.method, url, headers=headers, content=asked.body, extensions=extensions)
        try:
            connection = self._idle.pop()  # the one that was used last, so that the others may expire
        except IndexError:
            connection = self._connection()
        connection.deadline.end = time.monotonic() + timeout
        connection.deadline.stop = asked.stop
        try:
            return self._read(connection.transport.handle_request(request))
        except httpx.HTTPError as error:
            return _lost(error, timeout)
        finally:
            self._idle.append(connection)

    @property
    def base_url(self) -> str:
        """The address below which it asks."""
        return str(self._base)

    @property
    def host(self) -> str:
        """The host that is asked, with its port where that is not the usual one."""
        return str(self._headers["host"])

    def close(self) -> None:
        """Ends the connections that are not in use."""
        while self._idle:
            self._idle.pop().transport.close()

    def _connection(self) -> _Connection:
        import httpx

        limits = httpx.Limits(max_connections=1, keepalive_expiry=IDLE_SECONDS)
        transport = httpx.HTTPTransport(verify=self._certificates, limits=limits, proxy=self._proxy)
        deadline = _Deadline()
        pool: Any = transport._pool  # httpx has no other way to say who opens sockets
        pool._network_backend = _Network(pool._network_backend, deadline)
        return _Connection(transport, deadline)

    def _read(self, response: httpx.Response) -> Reply | Lost:
        chunks: list[bytes] = []
        size = 0
        most = self._most_bytes or MOST_BYTES
        try:
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > most:
                    return Lost(f"an answer of more than {most >> 20} MiB", connected=True, too_long=True)
        finally:
            response.close()
        return Reply(response.status_code, response.headers, b"".join(chunks))


def _timeouts(seconds: float) -> dict[str, float | None]:
    return {"connect": min(CONNECT_SECONDS, seconds), "read": seconds, "write": seconds, "pool": None}


def check_address(url: str) -> Any:
    """``url`` as an httpx.URL. Raises UsageError for one without http or https and a host, or with a password."""
    import httpx

    try:
        address = httpx.URL(url)
        urlsplit(url)  # finds brackets that do not match
    except (httpx.InvalidURL, ValueError) as error:
        raise UsageError(f"{url} is no URL: {error}", code="url") from error
    if address.port is not None and not 0 < address.port < 1 << 16:
        raise UsageError(f"{url} names a port that no machine has: {address.port}", code="url")
    if address.userinfo:
        raise UsageError(f"the URL of {address.host} holds a user or password", hint="leave it out", code="url")
    if address.scheme not in ("http", "https") or not address.host:
        raise UsageError(f"{url} is no URL of a server", hint="write it as https://HOST/PATH", code="url")
    return address


def _lost(error: httpx.HTTPError, timeout: float) -> Lost:
    """Why there is no answer, in one sentence's worth of words."""
    import httpx

    connected = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
    if isinstance(error, httpx.ConnectTimeout):
        return Lost("no connection in time", connected)
    if isinstance(error, httpx.TimeoutException):
        return Lost(f"no answer within {timeout:g} s", connected)
    told = " ".join(str(error).split())
    return Lost(told or "the connection was lost", connected)
