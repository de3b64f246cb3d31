"""Who may ask: requests that name this server, come from no foreign page, and show the key if there is one."""

from __future__ import annotations

import re
from hmac import compare_digest

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bt_cli.server.answers import refusal
from bt_cli.server.service import ServerOptions
from bt_cli.settings import is_loopback

SIGNED = ("/attachment/blob/", "/logs3/overflow/")
"""Beginnings of paths that hold a secret of their own: no key is asked for them, and no log shows the rest."""
LOGIN = "/api/apikey/login"
_WITHOUT_KEY = ("/healthz", LOGIN)
"""The login looks for the key itself, since some clients send it in the body."""
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s/?#@\\:\[\]]+)(:\d*)?")
"""A name or address and perhaps a port; with more, what is compared might not be what is meant."""
_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - what such a server asks for is a key


class Gate:
    """Refuses what does not name this server (403), comes from another origin (403), or has no key (401).

    Names are looked at so that no web page can reach the server by a name that it makes mean this
    machine (DNS rebinding), origins so that none can post to it.
    """

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request pass, or answers it."""
        if scope["type"] != "http":
            return
        refused = self._refused(scope["path"], Headers(scope=scope))
        if refused is None:
            await self._app(scope, receive, send)
        else:
            status, code, message = refused
            await refusal(status, code, message, scope["path"])(scope, receive, send)

    def _refused(self, path: str, headers: Headers) -> tuple[int, str, str] | None:
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if not self._is_named(host):
            return 403, "ForbiddenError", "the Host header names another server"
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return 403, "ForbiddenError", "requests of other origins are refused"
        if path in _WITHOUT_KEY or path.startswith(SIGNED):
            return None
        if not has_key(self._options, bearer(headers)):
            return 401, "UnauthorizedError", "the key is missing or wrong"
        return None

    def _is_named(self, host: str) -> bool:
        """Whether a Host header means this server. One that listens everywhere has names that it can't know."""
        if self._options.host in _ANYWHERE:
            return True
        if not _HOST.fullmatch(host):
            return False
        return is_loopback(f"http://{host}") or _name(host) == self._options.host.lower()


def has_key(options: ServerOptions, shown: str) -> bool:
    """Whether ``shown`` is the server's key; a server without one takes any. How long it takes tells nothing."""
    return options.token is None or compare_digest(shown.encode(), options.token.encode())


def bearer(headers: Headers) -> str:
    """The key in the header ``Authorization: Bearer KEY``; empty where there is none."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def origin_of(request: Request) -> str:
    """The address by which a client reaches this server, without a path."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def _name(host: str) -> str:
    """A Host header without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
