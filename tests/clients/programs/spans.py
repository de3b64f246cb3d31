"""A call of a model within a request, traced with OpenTelemetry's SDK and its exporter over HTTP."""

import json
import os
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

exporter = OTLPSpanExporter(
    endpoint=os.environ["BRAINTRUST_API_URL"] + "/otel/v1/traces",
    headers={"x-bt-parent": f"project_name:{sys.argv[1]}", "authorization": "Bearer any"},
    compression=Compression.Gzip if "gzip" in sys.argv else Compression.NoCompression,
)
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(exporter))
tracer = provider.get_tracer("shop", "1.0.0")

with tracer.start_as_current_span("request", attributes={"http.method": "GET"}) as root:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]),
    }
    with tracer.start_as_current_span("chat gpt-5", attributes=attributes) as call:
        call.set_status(trace.StatusCode.ERROR, "it broke")
provider.shutdown()
context = root.get_span_context()
print(json.dumps({"trace": f"{context.trace_id:032x}", "root": f"{context.span_id:016x}"}))
