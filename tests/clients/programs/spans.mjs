// A call of a model within a request, traced with OpenTelemetry and Braintrust's processor for it.
import { trace, SpanStatusCode } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { BraintrustSpanProcessor } from "@braintrust/otel";

const processor = new BraintrustSpanProcessor({ parent: `project_name:${process.argv[2]}`, filterAISpans: false });
const provider = new BasicTracerProvider({ spanProcessors: [processor] });
const tracer = provider.getTracer("shop", "1.0.0");

const root = tracer.startSpan("request", { attributes: { "http.method": "GET" } });
const { setSpan } = trace;
const { ROOT_CONTEXT } = await import("@opentelemetry/api");
const call = tracer.startSpan(
  "chat gpt-5",
  {
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt-5",
      "gen_ai.usage.input_tokens": 11,
      "gen_ai.usage.output_tokens": 7,
      "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: "hi" }] }]),
    },
  },
  setSpan(ROOT_CONTEXT, root),
);
call.setStatus({ code: SpanStatusCode.ERROR, message: "it broke" });
call.end();
root.end();
await processor.forceFlush();
await provider.shutdown();
console.log(JSON.stringify({ trace: root.spanContext().traceId, root: root.spanContext().spanId }));
