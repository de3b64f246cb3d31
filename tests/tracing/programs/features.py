"""Small programs that trace themselves, each in a project of its own: python features.py MODULE

MODULE is `braintrust` or `bt_cli`; the programs are the same, and what they store must be, too.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import importlib
import json
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

sdk: Any = importlib.import_module(sys.argv[1])
SERVER = {"app_url": sys.argv[2], "api_key": "any"}


def annotated_functions() -> None:
    @sdk.traced
    def embed(text: str, size: int = 3) -> list[float]:
        return [0.5] * size

    @sdk.traced(name="answer question", type="task", tags=["traced"])
    def answer(question: str, *rest: str, **options: int) -> dict[str, Any]:
        return {"answer": question.upper(), "vector": embed(question, size=2), "rest": rest, "options": options}

    @sdk.traced(notrace_io=True)
    def quiet(secret: str) -> str:
        sdk.current_span().log(metadata={"length": len(secret)})
        return secret

    answer("why", "a", "b", depth=2)
    quiet("hush")


def methods() -> None:
    class Bot:
        @sdk.traced
        def reply(self, text: str) -> str:
            return text[::-1]

        def __repr__(self) -> str:
            return "Bot()"

    Bot().reply("abc")


def deeply_nested_code() -> None:
    def deepest(level: int) -> None:
        with sdk.start_span(name=f"level {level}") as span:
            sdk.current_span().log(metadata={"level": level})
            if level < 4:
                deepest(level + 1)
            span.log(output=level)

    deepest(0)


def names_by_default() -> None:
    with sdk.start_span():
        with sdk.start_span(type="tool"):
            pass
        child = sdk.current_span().start_span()
        child.end()


def logs_that_merge() -> None:
    with sdk.start_span(name="merging", input={"a": 1}, metadata={"deep": {"x": 1}, "list": [1]}) as span:
        span.log(metadata={"deep": {"y": 2}, "list": [2]}, scores={"one": 1})
        span.log(output="first", scores={"two": 0.5}, metrics={"tokens": 3, "prompt_tokens": 1})
        span.log(output="second", expected=None, metrics={"tokens": 4})
        span.set_attributes(name="renamed", type="llm", span_attributes={"purpose": "scorer"})
    span.log(tags=["late", "tags"])


def spans_by_hand() -> None:
    root = sdk.start_span(name="by hand", start_time=1_700_000_000.5, set_current=False)
    child = root.start_span(name="child", start_time=1_700_000_001.5, input=[1, 2])
    child.end(1_700_000_002.25)
    root.end(end_time=1_700_000_003)


def scores_and_truth() -> None:
    with sdk.start_span(name="scores") as span:
        span.log(scores={"yes": True, "no": False, "none": None, "half": 0.5, "whole": 1})


def custom_client() -> None:
    with sdk.start_span(name="my model", type="llm") as span:
        span.log(
            input=[{"role": "user", "content": "hi"}],
            output=[{"role": "assistant", "content": "ho"}],
            metadata={"model": "own", "temperature": 0.5},
            metrics={"prompt_tokens": 18, "completion_tokens": 2, "tokens": 20, "prompt_cached_tokens": 10},
        )


def errors() -> None:
    try:
        with sdk.start_span(name="fails"):
            raise ValueError("no good")
    except ValueError:
        pass

    @sdk.traced
    def broken(x: int) -> None:
        raise KeyError(x)

    try:
        broken(1)
    except KeyError:
        pass
    with sdk.start_span(name="told") as span:
        span.log(error="it went wrong")


def generators() -> None:
    @sdk.traced
    def stream(n: int) -> Iterator[int]:
        yield from range(n)

    @sdk.traced
    async def later(n: int) -> AsyncIterator[int]:
        for index in range(n):
            yield index

    async def read() -> None:
        async for _ in later(2):
            pass

    list(stream(3))
    asyncio.run(read())


def tasks() -> None:
    @sdk.traced
    async def work(n: int) -> int:
        await asyncio.sleep(0.01 * n)
        with sdk.start_span(name=f"below {n}"):
            return n

    async def main() -> None:
        with sdk.start_span(name="all"):
            await asyncio.gather(*(work(n) for n in range(3)))

    asyncio.run(main())


def thread_pool() -> None:
    with sdk.TracedThreadPoolExecutor(max_workers=1) as pool, sdk.start_span(name="pool"):
        for future in [pool.submit(lambda n=n: sdk.start_span(name=f"job {n}").end()) for n in range(2)]:
            future.result()


def values() -> None:
    @dataclasses.dataclass
    class Point:
        x: int
        y: float

    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    with sdk.start_span(name="values") as span:
        span.log(
            input={
                "dataclass": Point(1, 2.5),
                "tuple": (1, 2),
                "set": {1},
                "bytes": b"b",
                "time": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
                "uuid": uuid.UUID(int=5),
                "nan": float("nan"),
                "infinite": [float("inf"), float("-inf")],
                "keys": {1: "one", None: "none"},
                "big": 2**70,
                "object": object,
                "text": "é \u2028 \x00 \ud7ff",
            },
            output=cycle,
            metadata={"span": span},
        )


def unknown_fields() -> None:
    with sdk.start_span(name="odd", session="s-1") as span:
        span.log(extra={"nested": [1]}, dataset_record_id="r")


def logger_events(logger: Any) -> None:
    logger.log(input="in", output="out", metadata={"m": 1}, tags=["t"], scores={"s": 1}, metrics={"x": 2})
    logger.log(id="given", input="again")


def feedback(logger: Any) -> None:
    with logger.start_span(name="rated", scores={"model": 0.5}) as span:
        pass
    sdk.flush()
    logger.log_feedback(
        id=span.id,
        scores={"human": 1},
        expected="better",
        tags=["rated"],
        comment="nice",
        metadata={"user": 7},
        source="app",
    )
    span.log_feedback(comment="and again")


def updates(logger: Any) -> None:
    with logger.start_span(name="updated", input=1, metadata={"a": 1}) as span:
        pass
    sdk.flush()
    logger.update_span(id=span.id, output=2, metadata={"b": 2})
    sdk.flush()
    sdk.update_span(exported=span.export(), tags=["later"])


def distributed(logger: Any) -> None:
    with logger.start_span(name="here", propagated_event={"metadata": {"run": 1}}) as span:
        slug = span.export()
        headers = span.inject({"baggage": "tenant=1"})
    with sdk.start_span(name="by slug", parent=slug), sdk.start_span(name="below"):
        pass
    with sdk.start_span(name="by headers", parent=sdk.extract_trace_context(headers)):
        pass
    with sdk.start_span(name="in the project", parent=logger.export()):
        pass


def attachments() -> None:
    with sdk.start_span(name="files") as span:
        span.log(
            input={
                "image": sdk.Attachment(data=b"PNG", filename="a.png", content_type="image/png"),
                "far": sdk.ExternalAttachment(url="s3://b/k", filename="k", content_type="text/plain"),
                "json": sdk.JSONAttachment({"a": [1]}, filename="v.json"),
            }
        )


USAGE = {
    "prompt_tokens": 5,
    "completion_tokens": 7,
    "total_tokens": 12,
    "prompt_tokens_details": {"cached_tokens": 2},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
TOOL_CALL = {"id": "call-1", "type": "function", "function": {"name": "look", "arguments": '{"at":"it"}'}}


def model(request: httpx.Request) -> httpx.Response:
    """An API of OpenAI's kind that always says the same."""
    body = json.loads(request.content)
    if request.url.path.endswith("/embeddings"):
        data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
        usage = {"prompt_tokens": 3, "total_tokens": 3}
        return httpx.Response(200, json={"object": "list", "data": data, "model": "e", "usage": usage})
    if request.url.path.endswith("/responses"):
        said = [{"type": "output_text", "text": "hi", "annotations": []}]
        output = [{"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": said}]
        usage = {
            "input_tokens": 4,
            "output_tokens": 2,
            "total_tokens": 6,
            "input_tokens_details": {"cached_tokens": 1},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        answer = {
            "id": "resp-1",
            "object": "response",
            "created_at": 1,
            "status": "completed",
            "model": "m",
            "output": output,
            "usage": usage,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
        return httpx.Response(200, json=answer)
    message: dict[str, Any] = {"role": "assistant", "content": "hello"}
    if body.get("tools"):
        message = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}
    head = {"id": "c", "created": 1, "model": "m"}
    if body.get("stream"):
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, {"content": "hel"}, {"content": "lo"}, {}]
        chunks = [
            {
                **head,
                "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
            }
            for delta in deltas
        ]
        chunks[-1]["choices"][0]["finish_reason"] = "stop"
        if body.get("stream_options"):
            chunks.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
        lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
        content = "".join([*lines, "data: [DONE]\n\n"])
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=content.encode())
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return httpx.Response(200, json={**head, "object": "chat.completion", "choices": choices, "usage": USAGE})


def openai_client(kind: str) -> Any:
    import openai

    transport = httpx.MockTransport(model)
    http = httpx.Client(transport=transport) if kind == "OpenAI" else httpx.AsyncClient(transport=transport)
    made = getattr(openai, kind)(api_key="k", base_url="http://model.invalid/v1", http_client=http, max_retries=0)
    return sdk.wrap_openai(made)


MESSAGES = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}]


def wrapped_client() -> None:
    client = openai_client("OpenAI")
    with sdk.start_span(name="around"):
        answer = client.chat.completions.create(model="m", messages=MESSAGES, temperature=0.5)
        assert answer.choices[0].message.content == "hello"
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    client.chat.completions.create(model="m", messages=MESSAGES, tools=[tool])
    client.embeddings.create(model="e", input=["a", "b"])
    client.responses.create(model="m", input="hi", instructions="be kind")


def wrapped_streams() -> None:
    client = openai_client("OpenAI")
    for options in ({}, {"stream_options": {"include_usage": True}}):
        stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True, **options)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices) == "hello"


def wrapped_async_client() -> None:
    client = openai_client("AsyncOpenAI")

    async def main() -> None:
        await client.chat.completions.create(model="m", messages=MESSAGES)
        stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
        async for _ in stream:
            pass

    asyncio.run(main())


def wrapped_images() -> None:
    url = "data:image/png;base64,UE5H"
    content = [{"type": "text", "text": "what"}, {"type": "image_url", "image_url": {"url": url}}]
    openai_client("OpenAI").chat.completions.create(model="m", messages=[{"role": "user", "content": content}])


def experiment(project: str) -> None:
    made = sdk.init(project=project, experiment="e", **SERVER)
    made.log(input=1, output="a", expected="a", scores={"exact": 1}, metadata={"m": 1}, tags=["x"])
    made.log(input=2, output="b", expected="c", scores={"exact": 0})
    with made.start_span(name="case", input=3) as span:
        with span.start_span(name="task", type="task") as task:
            task.log(output="d")
        with sdk.start_span(name="exact", type="score", span_attributes={"purpose": "scorer"}) as scorer:
            scorer.log(scores={"exact": 1})
        span.log(output="d", expected="d")
    made.flush()


PROGRAMS: dict[str, Callable[..., None]] = {
    one.__name__: one
    for one in (
        annotated_functions,
        methods,
        deeply_nested_code,
        names_by_default,
        logs_that_merge,
        spans_by_hand,
        scores_and_truth,
        custom_client,
        errors,
        generators,
        tasks,
        thread_pool,
        values,
        unknown_fields,
        attachments,
        wrapped_client,
        wrapped_streams,
        wrapped_async_client,
        wrapped_images,
    )
}
WITH_LOGGER: dict[str, Callable[..., None]] = {
    one.__name__: one for one in (logger_events, feedback, updates, distributed)
}


def main() -> None:
    for name, program in {**PROGRAMS, **WITH_LOGGER}.items():
        logger = sdk.init_logger(project=name, **SERVER)
        if name in WITH_LOGGER:
            program(logger)
        else:
            program()
        sdk.flush()
    experiment("experiment")
    sdk.flush()


if __name__ == "__main__":
    main()
