"""Rows out by page: ``fetch`` of ``/v1`` (wire protocol section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.errors import QueryError
from bt_cli.pipeline.answering import answer, place_before
from bt_cli.query.braintrust_sql import SOURCES
from bt_cli.query.btql_question import Column, Question
from bt_cli.query.fields import FIELDS, resolve
from bt_cli.query.filters import And, Condition, Test
from bt_cli.query.limits import whole_number
from bt_cli.server.answers import read_object
from bt_cli.server.queries import CURSOR
from bt_cli.server.row_out import row_json
from bt_cli.server.waiting import Patience, heeded
from bt_cli.spans import text
from bt_cli.spans.transactions import place_of_cursor

_LOOKED_UP = ("id", "json", "tags")
"""Kinds of fields that are compared as they are written."""
_EVERYTHING = (Column("*", ()),)


async def fetch(request: Request) -> Response:
    """Rows of a container, newest first; what is asked for stands in the body, or in the query of the address."""
    kind, id = request.path_params["kind"], request.path_params["id"]
    if kind not in SOURCES:
        raise HTTPException(404, f"there is no {kind} to fetch from")
    asked = dict(request.query_params) if request.method == "GET" else await read_object(request)
    question = Question(
        kind, (id,), "spans", _EVERYTHING, _test(asked.get("filters")), limit=_limit(asked), after=_after(asked)
    )
    root = asked.get("max_root_span_id")
    if question.after is None and isinstance(root, str) and asked.get("max_xact_id"):
        after = await heeded(request, Patience(), lambda store, stop: place_before(store, kind, id, root))
        question = structs.replace(question, after=after)
    found = await heeded(request, Patience(), lambda store, stop: answer(store, question, row_json, stop))
    ending = text.encode(found.cursor)
    content = f'{{"events":[{",".join(found.rows)}],"cursor":{ending}}}'
    headers = {CURSOR: found.cursor} if found.cursor else {}
    return Response(content, headers=headers, media_type="application/json")


def _limit(asked: Mapping[str, Any]) -> int | None:
    limit = asked.get("limit")
    if limit is None or limit == "":
        return None
    most = None if isinstance(limit, bool) else whole_number(str(limit))
    if most is None:
        raise HTTPException(400, "limit must be a whole number, not below 0")
    return most


def _after(asked: Mapping[str, Any]) -> int | None:
    cursor = asked.get("cursor")
    try:
        return place_of_cursor(str(cursor)) if cursor else None
    except ValueError as error:
        raise HTTPException(400, str(error)) from None


def _test(filters: Any) -> Test | None:
    """The old filters of a fetch: paths of keys, each with the value that is to be there."""
    if not filters:
        return None
    tests: list[Test] = []
    for index, one in enumerate(filters if isinstance(filters, list) else [filters]):
        path = one.get("path") if isinstance(one, dict) and one.get("type") == "path_lookup" else None
        found = resolve(str(path[0]), tuple(path[1:])) if isinstance(path, list) and path else None
        value = one.get("value") if found and FIELDS[found[0]] in _LOOKED_UP else None
        if found is None or not isinstance(value, str | int | float | bool):
            raise QueryError(f"filters[{index}] is no path_lookup of a field and its value")
        tests.append(Condition(found[0], "=", value, found[1]))
    return And(tuple(tests))


ROUTES = [Route("/v1/{kind}/{id}/fetch", fetch, methods=["GET", "POST"])]
