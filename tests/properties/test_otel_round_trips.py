"""Rows written as OpenTelemetry's spans come back as they were, and such spans come back with all that they had."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bt_cli.pipeline.converting import Conversion
from bt_cli.readers import open_reader
from bt_cli.readers.base import Record
from bt_cli.spans.flatten import Flat
from bt_cli.spans.otel import plain_attributes, typed_attributes
from bt_cli.spans.row import Row
from bt_cli.writers import open_writer
from builders import convert
from properties.strategies import TRACES, TREES, Dice, seeded

FAST = settings(deadline=None, max_examples=150)
FORMS = pytest.mark.parametrize("form", ["otlp", "otlp-proto"])


def again(rows: list[Row], form: str) -> list[Row]:
    """Rows written in a form and read."""
    return read(open_writer(form)(rows, False))


def read(data: bytes) -> list[Row]:
    rows: list[Row] = []
    for record in open_reader("auto").read(iter([data])):
        assert isinstance(record, Record)
        flat = Conversion().convert(record.json, b"0" * 16, record.form)
        assert isinstance(flat, Flat)
        assert not flat.problems
        rows += flat.rows
    return rows


def timeless(rows: list[Row]) -> list[Row]:
    """Rows without the time by which stores sort."""
    for one in rows:
        one.time = None
    return rows


@FORMS
@FAST
@given(TRACES)
def test_any_rows_come_back(form: str, rows: list[Row]) -> None:
    """Text of payloads, absent and null, ids, linkage, times: nothing lost, nothing added, the same order."""
    assert timeless(again(rows, form)) == timeless(rows)


@FORMS
@FAST
@given(TREES)
def test_rows_of_trees_come_back(form: str, record: bytes) -> None:
    """With what reading has filled in."""
    rows = convert(record).rows
    assert timeless(again(rows, form)) == timeless(rows)


VALUES = [
    "x",
    "",
    7,
    -7,
    2**63 - 1,
    1.5,
    2.0,
    True,
    None,
    [],
    {},
    [1, "a", [None]],
    {"k": {"l": [1.0]}},
    {"bytesValue": "AQI="},
    {"doubleValue": "NaN"},
]
KEYS = [
    "a",
    "http.method",
    "gen_ai.operation.name",
    "gen_ai.request.model",
    "input.value",
    "llm.request.type",
]


def build_span(dice: Dice) -> dict[str, Any]:
    """A span with a bit of everything."""
    attributes = {key: dice.choice(VALUES) for key in dice.sample(KEYS, k=dice.randrange(5))}
    base = 1767603731630000000 + dice.choice([0, 123, 1000])
    span: dict[str, Any] = {
        "traceId": dice.choice(["0af7651916cd43dd8448eb211c80319c", "made-up"]),
        "spanId": "".join(dice.choices("0123456789abcdef", k=15)) + "1",
        "name": dice.choice(["work", ""]),
        "kind": dice.randrange(6),
        "startTimeUnixNano": str(dice.choice([0, base])),
        "endTimeUnixNano": str(dice.choice([0, base + 77])),
        "attributes": typed_attributes(attributes),
        "status": dice.choice([{}, {"code": 1}, {"code": 2}, {"code": 2, "message": "no"}, {"message": "odd"}]),
    }
    if dice.random() < 0.4:
        span["events"] = [
            {
                "name": dice.choice(["exception", "e"]),
                "timeUnixNano": "5",
                "attributes": typed_attributes({"exception.message": "m"}),
            }
        ]
    if dice.random() < 0.3:
        span["links"] = [
            {"traceId": "0" * 31 + "1", "spanId": "0" * 15 + "2", "attributes": typed_attributes({"a": 1})}
        ]
    if dice.random() < 0.3:
        span |= {"traceState": "a=b", "flags": 257, "droppedEventsCount": 2, "parentSpanId": "00f067aa0ba902b7"}
    return span


def build_request(dice: Dice) -> bytes:
    scope = dice.choice([{}, {"name": "s"}, {"name": "s", "version": "1", "attributes": typed_attributes({"x": 1})}])
    resource = dice.choice(
        [{}, {"attributes": typed_attributes({"service.name": "shop"}), "droppedAttributesCount": 2}]
    )
    spans = {
        "scope": scope,
        "spans": [build_span(dice) for _ in range(dice.randint(1, 4))],
        "schemaUrl": dice.choice(["", "u"]),
    }
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [spans]}]}).encode()


@FORMS
@FAST
@given(seeded(build_request))
def test_any_spans_come_back(form: str, request: bytes) -> None:
    """Exact nanoseconds, kinds, states, events, links, types of attributes: OTLP → rows → OTLP → rows."""
    rows = read(request)
    assert timeless(again(rows, form)) == timeless(rows)


def essence(data: bytes) -> list[dict[str, Any]]:
    """What other backends see of spans, beside the attributes that rows add."""
    found = []
    for line in data.splitlines():
        for resource in json.loads(line)["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    fields = (
                        "traceId",
                        "spanId",
                        "parentSpanId",
                        "name",
                        "startTimeUnixNano",
                        "endTimeUnixNano",
                        "links",
                        "traceState",
                    )
                    about = resource.get("resource", {}).get("attributes", [])
                    found.append(
                        {key: span.get(key) for key in fields}
                        | {"resource": plain_attributes(about), "scope": scope.get("scope", {})}
                        | {"kind": max(1, span.get("kind", 1)), "code": span.get("status", {}).get("code", 0)}
                    )
    return found


@FAST
@given(seeded(build_request).filter(lambda request: b"made-up" not in request))
def test_any_span_is_the_same_to_other_backends(request: bytes) -> None:
    """Ids, name, exact times, kind, status, links, resource and scope: OTLP → rows → OTLP."""
    assert essence(open_writer("otlp")(read(request), False)) == essence(request)


@pytest.mark.parametrize("value", VALUES)
def test_values_of_attributes_come_back(value: Any) -> None:
    """Plain JSON → typed → plain."""
    assert plain_attributes(typed_attributes({"a": value})) == {"a": value}


@FAST
@given(st.floats(0, 4e9))
def test_microseconds_survive_as_nanoseconds(seconds: float) -> None:
    """Seconds of a row are exact to the microsecond."""
    from bt_cli.spans.otel import nanoseconds

    micros = round(seconds * 1e6)
    assert nanoseconds(micros / 1e6) == micros * 1000


@FORMS
def test_attributes_that_are_named_as_our_own_come_back(form: str) -> None:
    """What a row keeps beside its fields is not taken for them."""
    kept = {"braintrust.metadata": "5", "bt.id": 7, "bt.copies": "x"}
    metadata = json.dumps({"model": "m", "otel": {"attributes": kept}})
    (row,) = again([Row("a", "a", "t", "[]", metadata=metadata)], form)
    assert json.loads(row.metadata or "") == json.loads(metadata)
