"""Spans of OpenTelemetry with anything where something else belongs: read without an exception, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from bt_cli.pipeline.converting import Conversion
from bt_cli.readers import open_reader
from bt_cli.readers.base import Record
from bt_cli.spans.flatten import Flat
from bt_cli.spans.otel import typed_attributes
from bt_cli.spans.problem import Problem
from bt_cli.writers import open_writer
from bt_cli.writers.rows import write_rows
from properties.strategies import Dice, seeded

FAST = settings(deadline=None, max_examples=300)
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ODD = [None, 0, -1, 1.5, 1e30, "x", "", True, [], [1], ["x"], {}, {"a": 1}, [{}], [{"key": "a"}], [[[]]], "9" * 40]
TEXTS = ["{}", "[]", "[1]", '{"a":1}', '"x"', "null", '[{"parts":5}]', '[{"parts":[5,{"type":"tool_call"}]}]', '{"cut']
FIELDS = (
    "traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes",
    "events", "links", "status", "traceState", "flags", "droppedAttributesCount", "unknown",
)  # fmt: skip
KEYS = (
    "braintrust.input_json", "braintrust.metadata", "braintrust.metrics", "braintrust.scores", "braintrust.tags",
    "braintrust.span_attributes", "bt.copies", "bt.id", "bt.span_parents", "bt.created", "bt.error", "bt.tags",
    "bt.extra", "bt.members", "bt.attributes", "gen_ai.input.messages", "gen_ai.output.messages",
    "gen_ai.system_instructions", "gen_ai.operation.name", "gen_ai.usage", "gen_ai.usage.input_tokens",
    "gen_ai.prompt.0.role", "gen_ai.prompt.0", "gen_ai.evaluation.name", "gen_ai.evaluation.score.value",
    "gen_ai.tool.definitions", "llm.input_messages.0.message", "llm.input_messages.0.message.tool_calls.0",
    "llm.invocation_parameters", "llm.cost", "llm.cost.total", "llm.tools.0", "retrieval.documents.0", "input.value",
    "metadata", "tag.tags", "openinference.span.kind", "ai.operationId", "ai.response.toolCalls", "ai.response.text",
    "ai.prompt.tools", "ai.prompt.toolChoice", "ai.model.provider", "all_messages_events", "events", "final_result",
    "traceloop.entity.output", "traceloop.prompt.a", "llm.request.functions.0", "code.function.name", "input_tokens",
)  # fmt: skip
EVENTS = ("gen_ai.user.message", "gen_ai.choice", "gen_ai.assistant.message", "gen_ai.content.prompt", "exception")


def build_shape(dice: Dice) -> dict[str, Any]:
    """A request of which one member is odd."""
    span: dict[str, Any] = {"traceId": TRACE, "spanId": SPAN, "name": "work", dice.choice(FIELDS): dice.choice(ODD)}
    scoped: dict[str, Any] = {"spans": [span]}
    resource: dict[str, Any] = {"scopeSpans": [scoped]}
    if dice.random() < 0.3:
        scoped["scope"] = dice.choice([*ODD, {"name": dice.choice(["s", ""]), "attributes": dice.choice(ODD)}])
    if dice.random() < 0.3:
        resource["resource"] = dice.choice([*ODD, {"attributes": dice.choice(ODD)}])
    return {"resourceSpans": [resource]}


def build_attributes(dice: Dice) -> dict[str, Any]:
    """A request whose attributes and events have the names that dialects look for, and anything in them."""
    values = [*ODD, *TEXTS]
    names = ("content", "message", "tool_calls", "body", "id", "gen_ai.prompt")
    events = [
        {"name": dice.choice(EVENTS), "attributes": typed_attributes({dice.choice(names): dice.choice(values)})}
        for _ in range(dice.randrange(3))
    ]
    attributes = {key: dice.choice(values) for key in dice.sample(KEYS, k=dice.randint(1, 6))}
    span = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": dice.choice(["work", "ai.toolCall", "claude_code.llm_request"]),
        "attributes": typed_attributes(attributes),
        "events": events,
        "status": {"code": dice.randrange(4)},
    }
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def converted(data: bytes) -> Flat | Problem:
    (record,) = open_reader("auto").read(iter([data]))
    assert isinstance(record, Record)
    return Conversion().convert(record.json, b"0" * 16, record.form)


@FAST
@given(seeded(build_shape))
def test_a_member_of_the_wrong_shape_is_kept(request: dict[str, Any]) -> None:
    """No span is refused for it, and reading it again after it was written gives the same row."""
    assert_comes_back(request, "otlp")


@pytest.mark.parametrize("form", ["otlp", "otlp-proto"])
@FAST
@given(seeded(build_attributes))
def test_attributes_may_hold_anything(form: str, request: dict[str, Any]) -> None:
    """Likewise, in both encodings."""
    assert_comes_back(request, form)


def assert_comes_back(request: dict[str, Any], form: str) -> None:
    flat = converted(json.dumps(request).encode())
    assert isinstance(flat, Flat), flat
    (row,) = flat.rows
    assert json.loads(write_rows([row]))["id"] == row.id
    again = converted(open_writer(form)([row], False))
    assert isinstance(again, Flat), again
    (back,) = again.rows
    back.time = row.time
    # The order of what is kept beside each other is not the span's.
    for one in (row, back):
        one.metadata = None if one.metadata is None else json.dumps(json.loads(one.metadata), sort_keys=True)
    assert back == row
