"""The test server itself: that it answers, fails and counts as its page says."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from judge_answers import DIMENSIONS
from judge_process import JudgeServer

TOOL = {
    "type": "function",
    "function": {
        "name": "select_choice",
        "parameters": {
            "type": "object",
            "properties": {"reasons": {"type": "string"}, "choice": {"type": "string", "enum": ["A", "B", "C"]}},
        },
    },
}


def ask(server: JudgeServer, text: str = "Is it so?", path: str = "/chat/completions", **more: Any) -> httpx.Response:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "tools": [TOOL], **more}
    return httpx.post(server.url + path, json=body, timeout=10)


def chosen(reply: httpx.Response) -> str:
    call = reply.json()["choices"][0]["message"]["tool_calls"][0]["function"]
    return str(json.loads(call["arguments"])["choice"])


def test_choice_of_the_prompt(judge_server: JudgeServer) -> None:
    """A prompt says which choice it wants."""
    assert chosen(ask(judge_server, "Well [choice B]")) == "B"


def test_choice_of_the_script(judge_server: JudgeServer) -> None:
    """A script says which choice is taken, by the text of the prompt."""
    judge_server.script(choices={"2+2": "A"})
    assert [chosen(ask(judge_server, text)) for text in ("2+2?", "3+3?")] == ["A", "C"]


def test_responses_endpoint_calls_the_tool(judge_server: JudgeServer) -> None:
    """The reply of /responses has a function call, and its own names for token counts."""
    body = {"model": "m", "input": [{"role": "user", "content": "x"}], "tools": [TOOL["function"]]}
    reply = httpx.post(judge_server.url + "/responses", json=body).json()
    assert [item["type"] for item in reply["output"]] == ["reasoning", "function_call"]
    assert reply["usage"]["input_tokens"] > 0


def test_faults_come_in_order(judge_server: JudgeServer) -> None:
    """Each request takes the next fault of the script; then all is well."""
    judge_server.script(faults=[{"status": 503}, None, {"status": 429, "headers": {"retry-after": "2"}}])
    replies = [ask(judge_server) for _ in range(4)]
    assert [one.status_code for one in replies] == [503, 200, 429, 200]
    assert replies[2].headers["retry-after"] == "2"


@pytest.mark.parametrize("fault", [{"drop": True}, {"cut": True}])
def test_lost_connections(judge_server: JudgeServer, fault: dict[str, Any]) -> None:
    """A dropped or cut answer is a transport error to the client."""
    judge_server.script(faults=[fault])
    with pytest.raises(httpx.TransportError):
        ask(judge_server)


def test_limit_refuses(judge_server: JudgeServer) -> None:
    """Beyond the bucket, requests get 429 and the time to wait."""
    judge_server.script(limit=1, burst=2, retry_after="ms")
    replies = [ask(judge_server) for _ in range(3)]
    assert [one.status_code for one in replies] == [200, 200, 429]
    assert 0 < int(replies[2].headers["retry-after-ms"]) <= 1000
    assert (judge_server.stats["answered"], judge_server.stats["refused"]) == (2, 1)


def test_key_is_asked_for(judge_server: JudgeServer) -> None:
    """With a key in the script, a request without it is refused."""
    judge_server.script(key="sk-test")
    assert ask(judge_server).status_code == 401


def test_schema_instead_of_tools(judge_server: JudgeServer) -> None:
    """A server that ignores tools answers with text, and with JSON where a schema is asked for."""
    judge_server.script(tools="ignored")
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": TOOL["function"]["parameters"]}}  # type: ignore[index]
    plain, formed = ask(judge_server), ask(judge_server, response_format=form)
    assert "choice" not in plain.json()["choices"][0]["message"]["content"]
    assert json.loads(formed.json()["choices"][0]["message"]["content"])["choice"] == "C"


def test_requests_are_kept(judge_server: JudgeServer) -> None:
    """What was asked can be looked at."""
    ask(judge_server, "seen")
    [kept] = judge_server.requests
    assert (kept["path"], kept["body"]["messages"][0]["content"]) == ("/v1/chat/completions", "seen")


def test_embeddings_and_moderations(judge_server: JudgeServer) -> None:
    """Vectors come as numbers or base64, flags by the text."""
    one = httpx.post(judge_server.url + "/embeddings", json={"input": ["a b"], "encoding_format": "base64"}).json()
    two = httpx.post(judge_server.url + "/embeddings", json={"input": "a b"}).json()
    flags = httpx.post(judge_server.url + "/moderations", json={"input": "violent"}).json()
    assert isinstance(one["data"][0]["embedding"], str)
    assert len(two["data"][0]["embedding"]) == DIMENSIONS
    assert flags["results"][0]["flagged"] is True
