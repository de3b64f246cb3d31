"""`wrap_openai`: the client stays what it was, and its calls are spans. What the spans say: test_beside_official."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest

import bt_cli as bt
from bt_cli.tracing.testing import Recorded

MESSAGES: Any = [{"role": "user", "content": "hi"}]
HEAD = {"id": "c", "created": 1, "model": "m"}


def model(request: httpx.Request) -> httpx.Response:
    """An API that answers "hello", in pieces where a stream is asked for; the model ``broken`` is not there."""
    body = json.loads(request.content)
    if body["model"] == "broken":
        return httpx.Response(400, json={"error": {"message": "no such model"}})
    if body.get("stream"):
        pieces = [{"choices": [{"index": 0, "delta": {"content": one}}]} for one in ("hel", "lo")]
        lines = [f"data: {json.dumps({**HEAD, 'object': 'chat.completion.chunk', **one})}\n\n" for one in pieces]
        content = "".join([*lines, "data: [DONE]\n\n"]).encode()
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=content)
    choices = [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    return httpx.Response(200, json={**HEAD, "object": "chat.completion", "choices": choices, "usage": usage})


def plain() -> openai.OpenAI:
    http = httpx.Client(transport=httpx.MockTransport(model))
    return openai.OpenAI(api_key="k", base_url="http://model.invalid/v1", http_client=http, max_retries=0)


@pytest.fixture
def client() -> openai.OpenAI:
    """A wrapped client."""
    return bt.wrap_openai(plain())  # type: ignore[no-any-return]


def test_call_is_a_span_of_a_model(client: openai.OpenAI, recorded: Recorded) -> None:
    """With messages, choices, parameters and tokens."""
    client.chat.completions.create(model="m", messages=MESSAGES, temperature=0)
    (row,) = recorded.spans()
    assert (row["span_attributes"]["type"], row["input"]) == ("llm", MESSAGES)
    assert row["output"][0]["message"]["content"] == "hello"
    assert row["metadata"] == {"model": "m", "temperature": 0, "provider": "openai"}
    assert (row["metrics"]["prompt_tokens"], row["metrics"]["tokens"]) == (1, 3)


def test_answers_are_untouched(client: openai.OpenAI, recorded: Recorded) -> None:
    """The same as without a span."""
    asked: dict[str, Any] = {"model": "m", "messages": MESSAGES}
    assert client.chat.completions.create(**asked) == plain().chat.completions.create(**asked)


def test_error_is_recorded_and_goes_on(client: openai.OpenAI, recorded: Recorded) -> None:
    """It is the client's own."""
    with pytest.raises(openai.BadRequestError, match="no such model"):
        client.chat.completions.create(model="broken", messages=MESSAGES)
    (row,) = recorded.spans()
    assert "no such model" in row["error"] and "end" in row["metrics"]


def test_stream_is_read_by_the_program(client: openai.OpenAI, recorded: Recorded) -> None:
    """The span has all of it, and when the first of it came."""
    stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    assert [chunk.choices[0].delta.content for chunk in stream] == ["hel", "lo"]
    (row,) = recorded.spans()
    assert row["output"][0]["message"]["content"] == "hello"
    assert "time_to_first_token" in row["metrics"]


def test_stream_that_is_left_early_has_what_came(client: openai.OpenAI, recorded: Recorded) -> None:
    """And has ended."""
    with client.chat.completions.create(model="m", messages=MESSAGES, stream=True) as stream:
        next(iter(stream))
    (row,) = recorded.spans()
    assert row["output"][0]["message"]["content"] == "hel" and "end" in row["metrics"]


def test_raw_answers_are_recorded_too(client: openai.OpenAI, recorded: Recorded) -> None:
    """The program parses them as before."""
    raw = client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)
    assert raw.parse().choices[0].message.content == "hello"
    (row,) = recorded.spans()
    assert row["output"][0]["message"]["content"] == "hello"


@pytest.mark.parametrize("again", [bt.wrap_openai, lambda client: client.with_options(timeout=5)])
def test_call_is_one_span_however_often_the_client_is_wrapped(
    client: openai.OpenAI, recorded: Recorded, again: Callable[[openai.OpenAI], openai.OpenAI]
) -> None:
    """Clients made of it are wrapped as well."""
    again(client).chat.completions.create(model="m", messages=MESSAGES)
    assert len(recorded.spans()) == 1


def test_without_a_logger_calls_are_as_ever(client: openai.OpenAI) -> None:
    """Nothing is recorded, and nothing in the way."""
    answer = client.chat.completions.create(model="m", messages=MESSAGES)
    assert answer.choices[0].message.content == "hello" and isinstance(client, openai.OpenAI)


def test_call_is_below_the_current_span(client: openai.OpenAI, recorded: Recorded) -> None:
    """As any other."""
    with bt.start_span(name="around") as around:
        client.chat.completions.create(model="m", messages=MESSAGES)
    assert recorded.spans()[1]["span_parents"] == [around.span_id]
