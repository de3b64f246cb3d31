"""All routes of `bt serve`, behind the gate and the access log."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from bt_cli.errors import BtError
from bt_cli.server import (
    account,
    attachments,
    datasets,
    experiments,
    fetching,
    functions,
    lacking,
    links,
    overflow,
    projects,
    queries,
    reading,
    rows,
    spans,
    summaries,
)
from bt_cli.server.access import Access, AccessLog
from bt_cli.server.answers import answer_of_disk, answer_of_error, answer_of_http
from bt_cli.server.gate import Gate
from bt_cli.server.room import Bounded, Room
from bt_cli.server.service import Service

_SUBJECTS = (
    account,
    projects,
    experiments,
    datasets,
    rows,
    spans,
    reading,
    overflow,
    attachments,
    queries,
    fetching,
    summaries,
    functions,
    lacking,
    links,
)


def make_app(service: Service, tell: Callable[[Access], None] = lambda access: None) -> Starlette:
    """The application that serves ``service``; ``tell`` is told of each request once it is answered."""
    app = Starlette(
        routes=[route for subject in _SUBJECTS for route in subject.ROUTES],
        middleware=[
            Middleware(AccessLog, tell=tell),
            Middleware(Gate, options=service.options),
            Middleware(Bounded, room=Room()),
        ],
        exception_handlers={HTTPException: answer_of_http, BtError: answer_of_error, OSError: answer_of_disk},
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return app
