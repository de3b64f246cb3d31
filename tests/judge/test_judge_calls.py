"""A question to the judge: what is sent, what comes back, and what is recorded of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bt_cli.scoring.judge.judge import OpenAIJudge
from judge_process import JudgeServer
from judging import SCHEMA, START, choose, request

Open = Callable[..., OpenAIJudge]


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("choice", ["A", "B", "C"])
def test_choice_comes_back(opened: Open, api: str, choice: str) -> None:
    """The judge's choice is the same on both endpoints."""
    assert choose(opened(api=api), f"[choice {choice}]") == choice


def test_chat_request(opened: Open, judge_server: JudgeServer) -> None:
    """On the chat endpoint the tool is nested, named in tool_choice, and parameters keep their names."""
    opened().complete(request(temperature=0.2, max_tokens=50))
    [asked] = judge_server.requests
    body = asked["body"]
    assert asked["path"] == "/v1/chat/completions"
    assert body["tools"][0]["function"]["parameters"] == SCHEMA
    assert body["tool_choice"]["function"]["name"] == "select_choice"
    assert (body["temperature"], body["max_tokens"]) == (0.2, 50)


def test_responses_request(opened: Open, judge_server: JudgeServer) -> None:
    """On the responses endpoint the tool is flat, and parameters have that endpoint's names."""
    opened(api="responses").complete(request(max_tokens=50, reasoning_effort="low"))
    [asked] = judge_server.requests
    body = asked["body"]
    assert asked["path"] == "/v1/responses"
    assert body["input"][0]["content"] == "Is it so?"
    assert (body["tools"][0]["name"], body["tool_choice"]) == ("select_choice", "required")
    assert (body["max_output_tokens"], body["reasoning"]) == (50, {"effort": "low"})


def test_scorer_asks_for_the_responses_endpoint(opened: Open, judge_server: JudgeServer) -> None:
    """A scorer's use_responses_api counts where no --judge-api was given, and is not sent."""
    choose(opened(), use_responses_api=True)
    choose(opened(api="chat"), "another", use_responses_api=True)
    paths = judge_server.stats["paths"]
    assert paths == {"/v1/responses": 1, "/v1/chat/completions": 1}
    assert "use_responses_api" not in judge_server.requests[0]["body"]


@pytest.mark.parametrize("model", ["gpt-5-mini", "o3", "openai/gpt-5-nano"])
def test_reasoning_model_gets_no_temperature(
    opened: Open, judge_server: JudgeServer, said: list[str], model: str
) -> None:
    """What OpenAI's reasoning models refuse is not sent, which is said once, or sent by its newer name."""
    judge = opened(use_cache=False)
    for _ in range(2):
        choose(judge, model=model, temperature=0.5, max_tokens=50)
    body = judge_server.requests[0]["body"]
    assert "temperature" not in body and "max_tokens" not in body
    assert body["max_completion_tokens"] == 50
    assert [line for line in said if "temperature" in line] == [f"{model} takes no temperature: none is sent"]


def test_chat_model_of_gpt_5_keeps_its_temperature(opened: Open, judge_server: JudgeServer) -> None:
    """gpt-5-chat-latest does not reason, and takes a temperature."""
    choose(opened(), model="gpt-5-chat-latest", temperature=0.5)
    assert judge_server.requests[0]["body"]["temperature"] == 0.5


def test_lone_surrogate_is_sent_as_a_replacement_character(opened: Open, judge_server: JudgeServer) -> None:
    """Half a surrogate pair in a trace does not fail the call; a whole pair stays what it is."""
    choose(opened(), "half \ud83d and whole \ud83d\ude00")
    assert judge_server.requests[0]["body"]["messages"][0]["content"] == "half \ufffd and whole \U0001f600"


def test_nul_and_control_characters_are_sent(opened: Open, judge_server: JudgeServer) -> None:
    """Control characters of a trace reach the judge."""
    choose(opened(), "nul \x00 escape \x1b")
    assert judge_server.requests[0]["body"]["messages"][0]["content"] == "nul \x00 escape \x1b"


def test_key_is_sent(opened: Open, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """BT_JUDGE_API_KEY is what the server is shown."""
    monkeypatch.setenv("BT_JUDGE_API_KEY", "sk-mine")
    judge_server.script(key="sk-mine")
    assert choose(opened()) == "C"


def test_call_is_recorded(opened: Open) -> None:
    """A call has the two bodies, the host, its times and token counts by Braintrust's names."""
    judge = opened()
    with judge.recording(0) as calls:
        choose(judge)
    [call] = calls
    assert (call.name, call.host, call.attempts, call.cached) == (
        "Chat Completion",
        judge._line.http.host,
        1,
        False,
    )
    assert json.loads(call.request)["model"] == "m"
    assert json.loads(call.reply or "")["choices"][0]["message"]["tool_calls"]
    assert call.start == call.end == START
    assert set(call.metrics) == {
        "prompt_tokens",
        "completion_tokens",
        "tokens",
        "prompt_cached_tokens",
        "completion_reasoning_tokens",
    }


def test_key_is_not_recorded(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """No part of a recorded call has the key."""
    monkeypatch.setenv("BT_JUDGE_API_KEY", "sk-hush")
    judge = opened()
    with judge.recording(0) as calls:
        choose(judge)
    assert "sk-hush" not in repr(calls)


def test_usage_of_responses_is_recorded(opened: Open) -> None:
    """The responses endpoint's token counts come under the same names."""
    judge = opened(api="responses")
    with judge.recording(0) as calls:
        choose(judge)
    metrics = calls[0].metrics
    assert calls[0].name == "Response"
    assert metrics["tokens"] == metrics["prompt_tokens"] + metrics["completion_tokens"] > 0
    assert (metrics["prompt_cached_tokens"], metrics["completion_reasoning_tokens"]) == (2, 1)


def test_reply_without_usage(opened: Open, judge_server: JudgeServer) -> None:
    """Where a server counts no tokens, none are recorded."""
    judge_server.script(usage=False)
    judge = opened()
    with judge.recording(0) as calls:
        choose(judge)
    assert calls[0].metrics == {}
    assert judge.totals.unpriced == 1


def test_recordings_are_of_one_thread(opened: Open) -> None:
    """A call outside of a recording is in none."""
    judge = opened()
    with judge.recording(0) as calls:
        pass
    choose(judge)
    assert calls == []


@pytest.mark.parametrize("form", ["base64", "numbers"])
def test_embedding(opened: Open, judge_server: JudgeServer, form: str) -> None:
    """A vector comes as numbers however it was encoded; its record has its length only."""
    judge_server.script(embeddings=form)
    judge = opened()
    with judge.recording(0) as calls:
        reply = judge.embed({"input": "a b", "model": "e"})
    assert sum(reply["data"][0]["embedding"]) == 2
    assert json.loads(calls[0].reply or "")["data"] == [{"index": 0, "embedding_length": 16}]
    assert calls[0].name == "Embedding"


def test_embedding_model_of_the_options(opened: Open, judge_server: JudgeServer) -> None:
    """Where a request names no model, the judge's is asked."""
    opened(embedding_model="e").embed({"input": "a b"})
    assert judge_server.requests[0]["body"] == {"model": "e", "input": "a b"}


def test_moderation(opened: Open) -> None:
    """A moderation comes back as the server says it."""
    judge = opened()
    results: list[dict[str, Any]] = [judge.moderate({"input": one})["results"][0] for one in ("nice", "violent")]
    assert [one["flagged"] for one in results] == [False, True]


def test_totals(opened: Open) -> None:
    """Calls, tokens and cached calls are summed; cached ones cost no tokens again."""
    judge = opened()
    with judge.recording(0) as calls:
        for text in ("one", "two"):
            choose(judge, text)
    with judge.recording(0):
        choose(judge, "one")
    totals = judge.totals
    assert (totals.calls, totals.cached, totals.retries) == (2, 1, 0)
    assert totals.prompt_tokens == sum(call.metrics["prompt_tokens"] for call in calls)


def test_which_judge_is_said_once(opened: Open, judge_server: JudgeServer, said: list[str]) -> None:
    """Model and address are told when the judge is opened, and never again."""
    judge = opened()
    choose(judge)
    assert said == [f"Judge: m at {judge_server.url}"]


def test_connections_are_used_again(opened: Open, judge_server: JudgeServer) -> None:
    """Many calls of one thread go over one connection."""
    judge = opened()
    before = judge_server.stats["connections"]
    for number in range(10):
        choose(judge, str(number))
    assert judge_server.stats["connections"] - before == 2  # one of the judge, one to ask for this number
