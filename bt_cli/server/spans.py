"""Spans in: ``POST /otel/v1/traces``, as OpenTelemetry's exporters send them (wire protocol section 14)."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bt_cli.pipeline.receiving import Receiving, store_rows
from bt_cli.pipeline.receiving_spans import Encoding, read_spans
from bt_cli.server.answers import json_answer, read_body
from bt_cli.server.rows import keep_refused_rows, refuse_unknown
from bt_cli.server.service import service_of
from bt_cli.stores.serving import ServingStore

_PARENT = "x-bt-parent"
_JSON, _PROTOBUF = "application/json", "application/x-protobuf"


async def traces(request: Request) -> Response:
    """Stores spans of any containers; answered when they are durable, in the encoding of the request."""
    kind = request.headers.get("content-type", _PROTOBUF).partition(";")[0].strip().lower()
    if kind not in (_JSON, _PROTOBUF, "application/protobuf"):
        raise HTTPException(415, f"spans are {_PROTOBUF} or {_JSON}, not {kind!r}")
    encoding: Encoding = "json" if kind == _JSON else "otlp-proto"
    body = await read_body(request)
    parent = request.headers.get(_PARENT, "").strip()

    def receive(store: ServingStore) -> Receiving:
        receiving = read_spans(store, body, encoding, parent)
        refuse_unknown(receiving)
        store_rows(store, receiving)
        return receiving

    receiving = await service_of(request).write(receive)
    problems = receiving.problems
    if problems:
        await keep_refused_rows(request, receiving)
        if len(problems) == len(receiving.ids):
            raise HTTPException(400, f"no span could be read: {next(iter(problems.values())).message}")
    told = f"{len(problems)} spans were refused: {next(iter(problems.values())).message}" if problems else ""
    if encoding == "json":
        partial = {"rejectedSpans": str(len(problems)), "errorMessage": told} if problems else {}
        return json_answer({"partialSuccess": partial})
    return Response(_message(len(problems), told), media_type=_PROTOBUF)


def _message(rejected: int, told: str) -> bytes:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    answer = ExportTraceServiceResponse()
    if rejected:
        answer.partial_success.rejected_spans = rejected
        answer.partial_success.error_message = told
    return bytes(answer.SerializeToString())


ROUTES = [Route("/otel/v1/traces", traces, methods=["POST"])]
