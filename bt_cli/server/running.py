"""uvicorn, told what it needs: a socket that is ours, limits, and when to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address

from starlette.applications import Starlette
from uvicorn import Config, Server

from bt_cli.errors import UsageError
from bt_cli.server.connection import MOST_CONNECTIONS, Connection

_IDLE_SECONDS = 75
"""After which a connection that nothing is asked on is closed; longer than clients keep theirs."""
_ENDING_SECONDS = 30
"""What requests in flight have at the end."""
_BACKLOG = 256


def listen(host: str, port: int) -> socket.socket:
    """A socket at that address; port 0 takes a free one. Raises UsageError where that can't be."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        raise _no_socket(host, port, error) from error


def is_local(listening: socket.socket) -> bool:
    """Whether only this machine can reach a socket."""
    return ip_address(listening.getsockname()[0]).is_loopback


def url_of(listening: socket.socket, host: str) -> str:
    """The address at which clients on this machine reach the server."""
    at, port = listening.getsockname()[:2]
    if ip_address(at).is_unspecified:
        host = "127.0.0.1" if listening.family == socket.AF_INET else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    app: Starlette,
    listening: socket.socket,
    ready: Callable[[], None],
    warn: Callable[[str], None],
    stop: Callable[[], int],
) -> None:
    """Serves until ``stop`` says so and what was begun then is answered; ``ready`` is called once it serves."""
    with _told(warn):
        config = Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_ENDING_SECONDS,
        )
        asyncio.run(_Server(config, ready, stop).serve([listening]))


class _Server(Server):
    """uvicorn's server, which leaves signals to the program and asks it whether to end."""

    def __init__(self, config: Config, ready: Callable[[], None], stop: Callable[[], int]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or bool(self._stop())

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Telling(logging.Handler):
    """What uvicorn and asyncio complain of, told as the program tells things."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._warn = warn

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
            return  # a request that was not waited for, which the access log tells
        self._warn(record.getMessage().strip())


@contextlib.contextmanager
def _told(warn: Callable[[str], None]) -> Iterator[None]:
    handler = _Telling(warn)
    loggers = [logging.getLogger(name) for name in ("uvicorn", "asyncio")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def _no_socket(host: str, port: int, error: OSError) -> UsageError:
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"port {port} is in use", hint="--port names another; --port 0 takes a free one", code="port_in_use"
        )
    hint = "ports below 1024 are not for everybody: name a higher one" if error.errno == errno.EACCES else None
    return UsageError(f"cannot listen at {where}: {error.strerror or error}", hint=hint, code="address")
