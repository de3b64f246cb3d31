"""OTLP's JSON in the forms that it comes in: one span, one row."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from otel_spans import PARENT, SPAN, TRACE, read, request, row_of, rows_of, span, told_of

from bt_cli.pipeline.converting import Conversion
from bt_cli.readers.base import Record, Reject, Skip
from bt_cli.spans.problem import Problem


def b64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


PLAIN = request(span({"a": "b"}, parentSpanId=PARENT, kind=3, status={"code": 1}), **{"service.name": "shop"})
SPAN_IN_SNAKE_CASE = {
    "trace_id": TRACE,
    "span_id": SPAN,
    "parent_span_id": PARENT,
    "name": "work",
    "kind": "SPAN_KIND_CLIENT",
    "start_time_unix_nano": 1767603731630000000,
    "end_time_unix_nano": 1767603733610000000,
    "attributes": [{"key": "a", "value": {"string_value": "b"}}],
    "status": {"code": "STATUS_CODE_OK"},
}
RESOURCE = PLAIN["resourceSpans"][0]["resource"]
SCOPED = PLAIN["resourceSpans"][0]["scopeSpans"]
ONE = SCOPED[0]["spans"][0]
FORMS = {
    "a line": json.dumps(PLAIN),
    "pretty": json.dumps(PLAIN, indent=2),
    "an array of requests": json.dumps([PLAIN]),
    "inside trace": json.dumps({"trace": PLAIN}),
    "snake case": json.dumps(
        {
            "resource_spans": [
                {"resource": RESOURCE, "scope_spans": [{"scope": {"name": "my.scope"}, "spans": [SPAN_IN_SNAKE_CASE]}]}
            ]
        }
    ),
    "batches, and libraries for scopes": json.dumps(
        {
            "batches": [
                {
                    "resource": RESOURCE,
                    "instrumentationLibrarySpans": [{"instrumentationLibrary": {"name": "my.scope"}, "spans": [ONE]}],
                }
            ]
        }
    ),
    "ids in base64": json.dumps(
        request(
            ONE | {"traceId": b64(TRACE), "spanId": b64(SPAN), "parentSpanId": b64(PARENT)}, **{"service.name": "shop"}
        )
    ),
    "ids in upper case": json.dumps(
        request(
            ONE | {"traceId": TRACE.upper(), "spanId": SPAN.upper(), "parentSpanId": PARENT.upper()},
            **{"service.name": "shop"},
        )
    ),
    "enumerations as names": json.dumps(
        request(ONE | {"kind": "SPAN_KIND_CLIENT", "status": {"code": "STATUS_CODE_OK"}}, **{"service.name": "shop"})
    ),
    "times as numbers": json.dumps(
        request(
            ONE | {"startTimeUnixNano": 1767603731630000000, "endTimeUnixNano": 1767603733610000000},
            **{"service.name": "shop"},
        )
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_row(form: str) -> None:
    """How a request is written makes no difference."""
    assert rows_of(FORMS[form]) == [
        {
            "id": SPAN,
            "span_id": SPAN,
            "root_span_id": TRACE,
            "span_parents": [PARENT],
            "created": "2026-01-05T09:02:11.630000+00:00",
            "metadata": {
                "otel": {
                    "attributes": {"a": "b"},
                    "kind": "CLIENT",
                    "status": {"code": "OK"},
                    "resource": {"service.name": "shop"},
                    "scope": {"name": "my.scope"},
                }
            },
            "metrics": {"start": 1767603731.63, "end": 1767603733.61},
            "span_attributes": {"name": "work"},
        }
    ]


def test_several_requests_without_a_line_break() -> None:
    """Values may follow each other directly."""
    assert len(rows_of(json.dumps(PLAIN) * 3)) == 3


@pytest.mark.parametrize("key", ["resourceLogs", "resourceMetrics", "resource_logs"])
def test_other_signals_are_passed_over_and_counted(key: str) -> None:
    """A file exporter may write them beside the traces."""
    (found,) = read({key: [{}]})
    assert isinstance(found, Skip)


@pytest.mark.parametrize(
    "damaged",
    [
        {"resourceSpans": 1},
        {"resourceSpans": [1]},
        {"resourceSpans": [{"scopeSpans": [{"spans": 7}]}]},
        {"resourceSpans": [{"scopeSpans": {}}]},
    ],
)
def test_what_is_not_built_as_a_request_is_rejected(damaged: dict[str, Any]) -> None:
    """With a code of its own, and its text."""
    (found,) = read(damaged)
    assert isinstance(found, Reject)
    assert (found.code, found.raw) == ("bad_request", json.dumps(damaged).encode())


def test_a_rejected_span_is_valid_input_itself() -> None:
    """What goes to the rejects is a request of that span, which can be mended and imported."""
    one, bad = read(request(span(), span(spanId=SPAN[::-1], attributes=[deep(99)])))
    assert isinstance(one, Record)
    assert isinstance(bad, Record)
    problem = Conversion().convert(bad.json, b"0" * 16, bad.form)
    assert isinstance(problem, Problem)
    assert problem.code == "too_deep"
    assert read(bad.raw) == [bad]


def deep(levels: int) -> dict[str, Any]:
    """An attribute of lists within lists."""
    value: dict[str, Any] = {"intValue": "1"}
    for _ in range(levels):
        value = {"arrayValue": {"values": [value]}}
    return {"key": "deep", "value": value}


def test_a_span_that_is_no_object_is_rejected() -> None:
    """It has nothing to make a row of."""
    (one,) = read('{"resourceSpans":[{"scopeSpans":[{"spans":[5]}]}]}')
    assert isinstance(one, Record)
    problem = Conversion().convert(one.json, b"0" * 16, one.form)
    assert isinstance(problem, Problem)
    assert problem.code == "not_object"


@pytest.mark.parametrize("written", ["zzz", "trace-1", "a" * 31])
def test_made_up_ids_are_kept_and_told(written: str) -> None:
    """Ids that OpenTelemetry does not allow occur in fixtures and in hand-made data."""
    assert row_of(traceId=written)["root_span_id"] == written
    assert told_of(traceId=written).losses == [("traceId", "nonstandard_id")]


@pytest.mark.parametrize("none", ["", "0000000000000000", "AAAAAAAAAAA=", None])
def test_a_parent_of_zeros_is_none(none: str | None) -> None:
    """Empty and all-zero ids mean that there is none."""
    assert row_of(parentSpanId=none)["span_parents"] == []


@pytest.mark.parametrize(
    "times", [{"startTimeUnixNano": "0", "endTimeUnixNano": "0"}, {"startTimeUnixNano": None, "endTimeUnixNano": "x"}]
)
def test_a_time_of_zero_is_unknown(times: dict[str, Any]) -> None:
    """It is not 1970."""
    row = row_of(**times)
    assert "created" not in row
    assert "metrics" not in row


def test_exact_nanoseconds_are_kept() -> None:
    """Seconds hold no more than microseconds, so that the rest is kept beside them."""
    row = row_of(startTimeUnixNano="1767603731630000123", endTimeUnixNano="1767603733610000000")
    assert row["metadata"]["otel"]["start_time_unix_nano"] == "1767603731630000123"
    assert "end_time_unix_nano" not in row["metadata"]["otel"]


VALUES = [
    ({"stringValue": "x"}, "x"),
    ({"boolValue": False}, False),
    ({"intValue": "9007199254740993"}, 9007199254740993),
    ({"intValue": 7}, 7),
    ({"doubleValue": 1.5}, 1.5),
    ({"doubleValue": 2}, 2.0),
    ({"doubleValue": "NaN"}, {"doubleValue": "NaN"}),
    ({"bytesValue": "AQI="}, {"bytesValue": "AQI="}),
    ({"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "a"}]}}, [1, "a"]),
    ({"arrayValue": {}}, []),
    ({"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": True}}]}}, {"k": True}),
    ({}, None),
    (None, None),
    ({"newValue": 1}, {"newValue": 1}),
    ({"intValue": "x"}, {"intValue": "x"}),
]


@pytest.mark.parametrize(("written", "expected"), VALUES)
def test_values_of_attributes(written: Any, expected: Any) -> None:
    """Each type as JSON has it; what JSON has no form for keeps its wrapping."""
    row = row_of(attributes=[{"key": "x", "value": written}])
    assert row["metadata"]["otel"]["attributes"] == {"x": expected}


ERRORS = [
    ({"status": {"code": 2, "message": "it broke"}}, "it broke"),
    ({"status": {"code": "STATUS_CODE_ERROR"}}, "error"),
    (
        {
            "status": {"code": 2},
            "events": [
                {
                    "name": "exception",
                    "attributes": [
                        {"key": "exception.type", "value": {"stringValue": "ValueError"}},
                        {"key": "exception.message", "value": {"stringValue": "bad"}},
                    ],
                }
            ],
        },
        "ValueError: bad",
    ),
    ({"status": {"code": 1, "message": "fine"}}, None),
]


@pytest.mark.parametrize(("fields", "expected"), ERRORS)
def test_errors(fields: dict[str, Any], expected: str | None) -> None:
    """The status's message, else what the exception says."""
    assert row_of(**fields).get("error") == expected


def test_what_has_no_field_is_kept_under_one_key_and_told() -> None:
    """Events, links, state, dropped counts and members that nobody knows."""
    link = {"traceId": TRACE, "spanId": PARENT, "attributes": []}
    fields: dict[str, Any] = {
        "events": [{"timeUnixNano": "1767603731640000000", "name": "retry"}],
        "links": [link],
        "traceState": "a=b",
        "flags": 257,
        "droppedEventsCount": 2,
        "odd": 1,
    }
    assert row_of(**fields)["metadata"]["otel"] == {
        "events": [{"name": "retry", "time_unix_nano": "1767603731640000000"}],
        "links": [{"trace_id": TRACE, "span_id": PARENT}],
        "trace_state": "a=b",
        "flags": 257,
        "members": {"odd": 1},
        "dropped": {"events": 2},
        "scope": {"name": "my.scope"},
    }
    assert sorted(told_of(**fields).losses) == [
        ("dropped events", "truncated_by_source"),
        ("event retry", "no_field"),
        ("links", "no_field"),
        ("odd", "no_field"),
    ]


def test_scope_and_resource_say_all_that_they_hold() -> None:
    """Version, attributes and schema too."""
    data = {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "r", "value": {"intValue": "1"}}], "droppedAttributesCount": 3},
                "schemaUrl": "https://example.org/1",
                "scopeSpans": [{"scope": {"name": "s", "version": "2"}, "schemaUrl": "u", "spans": [span()]}],
            }
        ]
    }
    (row,) = rows_of(data)
    assert row["metadata"]["otel"] == {
        "resource": {"r": 1},
        "resource_more": {"droppedAttributesCount": 3, "schemaUrl": "https://example.org/1"},
        "scope": {"name": "s", "version": "2", "schemaUrl": "u"},
    }


def test_where_the_span_was_begun_is_its_context() -> None:
    """As Braintrust's own SDKs write it."""
    row = row_of({"code.function.name": "f", "code.file.path": "a.py", "code.line.number": 7})
    assert row["context"] == {"caller_functionname": "f", "caller_filename": "a.py", "caller_lineno": 7}


def test_a_span_that_no_reader_expects_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is rejected like any other record that is none."""

    def surprised(record: bytes) -> Any:
        raise TypeError("what is this")

    monkeypatch.setattr("bt_cli.readers.forms._reader", lambda form: surprised)
    (one,) = read(request(span()))
    assert isinstance(one, Record)
    problem = Conversion().convert(one.json, b"0" * 16, one.form)
    assert problem == Problem("bad_span", "not built as a span is: what is this")
