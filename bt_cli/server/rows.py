"""Rows in: ``POST /logs3``, and ``insert`` and ``feedback`` of ``/v1`` (wire protocol sections 2 and 3)."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.pipeline.addressing import UNKNOWN
from bt_cli.pipeline.bodies import Body
from bt_cli.pipeline.receiving import Receiving, keep_refused, read_rows, store_rows
from bt_cli.server.access import REFUSED
from bt_cli.server.answers import json_answer, read_body
from bt_cli.server.overflow import take_overflow
from bt_cli.server.room import place_of
from bt_cli.server.service import service_of
from bt_cli.spans.container import Container, Kind
from bt_cli.spans.transactions import xact_id
from bt_cli.stores.base import Conflict
from bt_cli.stores.serving import ServingStore

OURS = "x-bt-client"
"""The header by which our own client is known."""
_OVERFLOW = "logs3_overflow"
_LONGEST_REFERENCE = 4096
"""Bytes of a body that may name another one in place of rows."""
_KIND: dict[str, Kind] = {"project_logs": "project_logs", "experiment": "experiment", "dataset": "dataset"}
_CONFLICTS: dict[str, Conflict] = {"skip": "skip", "error": "error"}
"""What our own client may ask for beside what rows say."""
_FEEDBACK = {"metadata": "_audit_metadata", "source": "_audit_source"}
"""What feedback calls otherwise than rows do."""


class _Reference(Struct):
    """What stands in place of rows that were brought before."""

    type: str = ""
    key: str = ""


_reference = msgspec.json.Decoder(_Reference)


async def log(request: Request) -> Response:
    """Stores rows of any containers; answered when they are durable, with the ids in the order of the rows."""
    content = await read_body(request)
    body = Body(content, "rows")
    if len(content) < _LONGEST_REFERENCE and body.value is not None and bytes(body.value)[:1] == b"{":
        body = Body(await _overflow(request, body.value), "rows")
    return _answer(request, await _store(request, body))


async def _overflow(request: Request, rows: Raw) -> bytes:
    """The body that an object in place of rows names."""
    try:
        reference = _reference.decode(rows)
    except (msgspec.DecodeError, RecursionError):
        reference = _Reference()
    body = None
    if reference.type == _OVERFLOW:
        body = await take_overflow(service_of(request), reference.key, place_of(request))
    if body is None:
        raise HTTPException(400, "rows must be a list, or name a body that was brought before")
    return body


async def _store(request: Request, body: Body, within: Container | None = None) -> Receiving:
    """Reads, stores, and keeps what was refused; only then may a client be told that its rows are here."""
    service = service_of(request)
    fills = OURS not in request.headers
    conflict = None if fills else _CONFLICTS.get(request.headers.get("x-bt-on-conflict", ""))

    def receive(store: ServingStore) -> Receiving:
        receiving = read_rows(store, body, within, fills=fills, conflict=conflict)
        refuse_unknown(receiving)
        store_rows(store, receiving)
        return receiving

    # Rows are read where they are stored: two threads at it would only wait for each other (a tenth of the time).
    receiving = await service.write(receive)
    if fills and receiving.problems:  # our own client tells of them itself
        await keep_refused_rows(request, receiving)
    return receiving


def refuse_unknown(receiving: Receiving) -> None:
    """Raises HTTPException where no row belongs to what is there: its client is mistaken, and told so."""
    unknown = [one.message for one in receiving.problems.values() if one.code == UNKNOWN]
    if unknown and len(unknown) == len(receiving.ids):
        raise HTTPException(403, f"Missing read access to the object, or it does not exist: {unknown[0]}")


async def keep_refused_rows(request: Request, receiving: Receiving) -> None:
    """Counts what was refused for the access log, and keeps it where the server was told to."""
    setattr(request.state, REFUSED, len(receiving.problems))
    service = service_of(request)
    path, client = service.options.rejects, request.headers.get("user-agent", "")
    if path is not None:
        await service.write(lambda store: keep_refused(receiving, path, client))


def _answer(request: Request, receiving: Receiving) -> Response:
    content: dict[str, Any] = {"ids": receiving.ids, "xact_id": xact_id(receiving.xact)}
    if OURS not in request.headers:
        return json_answer(content)
    content["problems"] = [
        {"row": index, "code": one.code, "message": one.message, "path": one.path}
        for index, one in receiving.problems.items()
    ]
    return json_answer(content, headers={"x-bt-rows": receiving.statuses})


def _container(kind: Kind, named: str) -> Any:
    """What looks up the container that a path names."""

    def look_up(store: ServingStore) -> Container:
        found = store.objects(kind, id=named)
        if not found:
            raise HTTPException(404, f"there is no {kind} with the id {named}")
        return found[0].container

    return look_up


async def _within(request: Request) -> Container:
    kind = _KIND.get(request.path_params["kind"])
    if kind is None:
        raise HTTPException(404, "there are project_logs, experiment and dataset")
    found: Container = await service_of(request).read(_container(kind, request.path_params["id"]))
    return found


async def insert(request: Request) -> Response:
    """``POST /v1/{kind}/{id}/insert`` ``{events}`` → the ids of the rows, in order."""
    within = await _within(request)
    receiving = await _store(request, Body(await read_body(request), "events"), within)
    return json_answer({"row_ids": receiving.ids})


async def feedback(request: Request) -> Response:
    """``POST /v1/{kind}/{id}/feedback`` ``{feedback}``: scores, expected, tags and comments for stored rows."""
    within = await _within(request)
    items = Body(await read_body(request), "feedback").items
    rows = [row for item in items for row in _feedback_rows(item)]
    await _store(request, Body(msgspec.json.encode({"rows": rows}), "rows"), within)
    return json_answer({"status": "success"})


def _feedback_rows(item: Raw) -> list[Raw]:
    """The rows that feedback stands for: one that is merged, and one of the comment."""
    try:
        given: dict[str, Raw] = msgspec.json.decode(item, type=dict[str, Raw])
        row_id = given["id"]
    except (msgspec.DecodeError, KeyError):
        raise HTTPException(400, "each feedback must be an object with an id") from None
    audit = {_FEEDBACK[key]: value for key, value in given.items() if key in _FEEDBACK}
    merged: dict[str, Raw] = {
        key: given[key] for key in ("scores", "expected", "tags") if key in given and bytes(given[key]) != b"null"
    }
    rows: list[dict[str, Raw]] = [{"id": row_id, **merged, **audit, "_is_merge": Raw(b"true")}] if merged else []
    comment = given.get("comment")
    if comment is not None and bytes(comment) != b"null":
        told = msgspec.json.encode({"text": comment}) if bytes(comment)[:1] == b'"' else bytes(comment)
        origin = msgspec.json.encode({"id": row_id})
        rows.append({"comment": Raw(told), "origin": Raw(origin), **audit})
    return [Raw(msgspec.json.encode(row)) for row in rows]


ROUTES = [
    Route("/logs3", log, methods=["POST"]),
    Route("/v1/{kind}/{id}/insert", insert, methods=["POST"]),
    Route("/v1/{kind}/{id}/feedback", feedback, methods=["POST"]),
]
