"""Forms of records that are neither trees nor rows: what makes a row of each, and how the report calls it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from msgspec import UnsetType

from bt_cli.spans.node import Node
from bt_cli.spans.problem import Rejected

if TYPE_CHECKING:
    from bt_cli.readers.otel.span import OtelSpan
    from bt_cli.readers.otel.translate import Translation


class Form(NamedTuple):
    """``module:function`` that reads a record of the form as a span, what it is called, and what tells it."""

    function: str
    title: str
    why: str


FORMS = {
    "otlp-json": Form("bt_cli.readers.otel.from_json:read_request", "OTLP JSON", "resourceSpans"),
    "otlp-proto": Form("bt_cli.readers.otel.from_protobuf:read_request", "OTLP protobuf", "fields of a request"),
    "otel-flat": Form("bt_cli.readers.otel.from_flat:read_flat", "OpenTelemetry spans", "trace_id with attributes"),
    "jaeger": Form("bt_cli.readers.otel.from_jaeger:read_trace", "Jaeger JSON", "traceID with spans"),
}


@cache
def _reader(form: str) -> Callable[[bytes], OtelSpan]:
    module, _, name = FORMS[form].function.partition(":")
    read: Callable[[bytes], OtelSpan] = getattr(import_module(module), name)
    return read


def read_form(form: str, record: bytes) -> Translation:
    """The row of a record of some form. Raises `Rejected` for what is no span."""
    from bt_cli.readers.otel.translate import translate

    try:
        return translate(_reader(form)(record))
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
        # Whatever may stand where a span has something else, it must not end a run.
        raise Rejected("bad_span", f"not built as a span is: {error}") from error


def form_of(node: Node) -> str:
    """The form of a record whose unknown members tell that it is neither a tree nor a row; else empty."""
    if '"attributes":' not in node.extra and '"start_time":' not in node.extra:
        return ""
    from bt_cli.readers.otel.from_flat import is_flat
    from bt_cli.spans import text

    context = None if isinstance(node.context, UnsetType) else text.text_of(node.context)
    return "otel-flat" if is_flat(text.members(node.extra), context) else ""
