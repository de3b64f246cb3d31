"""Requests of OpenTelemetry's exporters: what an instrumented application writes, a request of some spans a line."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import orjson

from words import OBJECTS, SUBJECTS, VERBS

SPANS_A_TRACE = 8
_TRACES_A_REQUEST = 8
_RESOURCE = {
    "service.name": "shop",
    "service.version": "1.4.2",
    "deployment.environment.name": "production",
    "telemetry.sdk.language": "python",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.45.0",
}


def write_requests(path: Path, traces: int) -> Path:
    """Writes the requests of ``traces`` traces, each of a root, calls of a model and calls of tools."""
    dice = random.Random(7)
    words = [*SUBJECTS, *VERBS, *OBJECTS]
    with path.open("wb") as file:
        for first in range(0, traces, _TRACES_A_REQUEST):
            spans = [
                span for at in range(first, min(first + _TRACES_A_REQUEST, traces)) for span in _trace(dice, at, words)
            ]
            scope = {"scope": {"name": "opentelemetry.instrumentation.openai_v2", "version": "2.1"}, "spans": spans}
            resource = {"attributes": _typed(_RESOURCE)}
            file.write(orjson.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}) + b"\n")
    return path


def _trace(dice: random.Random, number: int, words: list[str]) -> list[dict[str, Any]]:
    start = 1_767_603_731_000_000_000 + number * 1_000_000_000
    trace, root = f"{dice.getrandbits(128):032x}", f"{dice.getrandbits(64):016x}"
    spans = [_span(trace, root, "", "request", start, {"http.request.method": "POST", "session.id": str(number)})]
    for at in range(1, SPANS_A_TRACE):
        make = _call if at % 2 else _tool
        name, attributes = make(dice, words)
        spans.append(_span(trace, f"{dice.getrandbits(64):016x}", root, name, start + at * 1_000_003, attributes))
    return spans


def _span(trace: str, span: str, parent: str, name: str, start: int, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "traceId": trace,
        "spanId": span,
        **({"parentSpanId": parent} if parent else {}),
        "flags": 257,
        "name": name,
        "kind": 3,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 987_654_321),
        "attributes": _typed(attributes),
        "status": {"code": 1},
    }


def _text(dice: random.Random, words: list[str], most: int) -> str:
    return " ".join(dice.choices(words, k=dice.randint(3, max(4, most // 3))))


def _call(dice: random.Random, words: list[str]) -> tuple[str, dict[str, Any]]:
    given = [
        {"role": "system", "parts": [{"type": "text", "content": _text(dice, words, 60)}]},
        {"role": "user", "parts": [{"type": "text", "content": _text(dice, words, 40)}]},
    ]
    made = [
        {"role": "assistant", "parts": [{"type": "text", "content": _text(dice, words, 80)}], "finish_reason": "stop"}
    ]
    return "chat gpt-5", {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.response.model": "gpt-5-2026-01-01",
        "gen_ai.response.id": f"chatcmpl-{dice.getrandbits(64):x}",
        "gen_ai.request.temperature": 0.7,
        "gen_ai.usage.input_tokens": dice.randint(20, 900),
        "gen_ai.usage.output_tokens": dice.randint(5, 300),
        "gen_ai.input.messages": orjson.dumps(given).decode(),
        "gen_ai.output.messages": orjson.dumps(made).decode(),
        "server.address": "api.openai.com",
        "server.port": 443,
    }


def _tool(dice: random.Random, words: list[str]) -> tuple[str, dict[str, Any]]:
    return "execute_tool search", {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.id": f"call_{dice.getrandbits(48):x}",
        "gen_ai.tool.call.arguments": orjson.dumps({"query": _text(dice, words, 8)}).decode(),
        "gen_ai.tool.call.result": _text(dice, words, 60),
    }


def _typed(plain: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue"}
    return [
        {"key": key, "value": {kinds[type(value)]: str(value) if type(value) is int else value}}
        for key, value in plain.items()
    ]
