"""The access log: what was asked and answered, without keys, query strings and bodies."""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bt_cli.server.answers import PROBLEM, refusal
from bt_cli.server.gate import SIGNED

REFUSED = "refused"
"""Under which the state of a request has how many of its rows were not stored."""


GONE = 499
"""The status, in the log alone, of a request whose client did not wait for the answer."""


class Access(Struct, frozen=True):
    """One request and its answer.

    ``status`` is `GONE` where the client went away before there was one, 0 where the server was ended.
    """

    method: str
    path: str
    status: int
    ms: float
    bytes: int
    """Of the answer's body."""
    refused: int = 0
    """Rows of the body that were not stored."""
    problem: Exception | None = None
    """What made it fail that the operator must know: a bug, or a store or disk that does not work."""


class AccessLog:
    """Tells of each request once it is answered, and answers those that ran into a bug."""

    def __init__(self, app: ASGIApp, tell: Callable[[Access], None]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, and tells of it at its end."""
        begin = time.perf_counter()
        status = size = 0
        problem: Exception | None = None

        async def counting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counting)
        except ClientDisconnect:  # in the middle of its body
            status = status or GONE
        except Exception as error:
            problem = error
            if not status:
                answer = refusal(500, "InternalServerError", "this is a bug in bt", scope["path"])
                await answer(scope, receive, counting)
        finally:
            took = (time.perf_counter() - begin) * 1000
            state = scope.get("state", {})
            refused, problem = state.get(REFUSED, 0), problem or state.get(PROBLEM)
            self._tell(Access(scope["method"], shown_path(scope["path"]), status, took, size, refused, problem))


def shown_path(path: str) -> str:
    """A path without the secret that it may hold."""
    secret = next((one for one in SIGNED if path.startswith(one)), None)
    return path if secret is None else f"{secret}…"
