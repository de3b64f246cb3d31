"""Routes about whoever asks and what answers: login, keys, version, health."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bt_cli.server.answers import json_answer, read_object
from bt_cli.server.gate import LOGIN, bearer, has_key, origin_of
from bt_cli.server.service import ORGANISATION, service_of
from bt_cli.spans.transactions import xact_id


async def log_in(request: Request) -> Response:
    """The only organisation, with addresses that the client can reach; the key stands in a header or in the body."""
    options = service_of(request).options
    shown = bearer(request.headers)
    if not shown and options.token is not None:
        shown = str((await read_object(request)).get("token", ""))
    if not has_key(options, shown):
        raise HTTPException(401, "the key is missing or wrong")
    here = origin_of(request)
    organisation = {
        "id": ORGANISATION,
        "name": options.org,
        "api_url": here,
        "proxy_url": here,
        "realtime_url": here.replace("http", "ws", 1),
        "is_universal_api": True,
        # Else the SDKs would send the working tree's diff with each experiment.
        "git_metadata": {"collect": "none"},
    }
    return json_answer({"org_info": [organisation]})


async def user(request: Request) -> Response:
    """Who asks; there is one user, of whom nothing is known."""
    return json_answer({"id": ORGANISATION, "email": None, "name": None, "org_name": service_of(request).options.org})


async def ai_secrets(request: Request) -> Response:
    """The keys of model providers; there are none here."""
    return json_answer([])


async def version(request: Request) -> Response:
    """What this server is, and how much it takes at once."""
    options = service_of(request).options
    return json_answer({"version": options.version, "logs3_payload_max_bytes": options.most_bytes, "bt_spans": 1})


async def transaction(request: Request) -> Response:
    """The id of the last transaction."""
    last = await service_of(request).read(lambda store: store.last_transaction())
    return PlainTextResponse(xact_id(last))


async def health(request: Request) -> Response:
    """Whether the store answers."""
    await service_of(request).read(lambda store: store.last_transaction())
    return json_answer({"ok": True})


ROUTES = [
    Route(LOGIN, log_in, methods=["POST"]),
    Route("/api/ai_secret/get", ai_secrets, methods=["POST"]),
    Route("/ping", user),
    Route("/api/ping", user, methods=["POST"]),
    Route("/version", version),
    Route("/xact-id", transaction),
    Route("/healthz", health),
]
