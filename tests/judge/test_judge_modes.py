"""Tool or JSON schema: what a server heeds is found out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bt_cli.errors import JudgeError, UsageError
from bt_cli.scoring.judge.judge import OpenAIJudge
from judge_process import JudgeServer
from judging import SCHEMA, choose

Open = Callable[..., OpenAIJudge]


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_server_that_ignores_tools(opened: Open, judge_server: JudgeServer, said: list[str], api: str) -> None:
    """It is asked with a JSON schema instead, for the rest of the run, and that is said once."""
    judge_server.script(tools="ignored")
    judge = opened(api=api)
    with judge.recording(0) as calls:
        assert [choose(judge, text) for text in ("[choice A] one", "[choice B] two")] == ["A", "B"]
    assert [call.attempts for call in calls] == [2, 1]
    assert said[1:] == ["m ignores tools here: it is asked with a JSON schema instead (--judge-mode json-schema)"]


def test_schema_request(opened: Open, judge_server: JudgeServer) -> None:
    """With --judge-mode json-schema the tool's schema is the format of the reply, and the prompt says so."""
    assert choose(opened(mode="json-schema")) == "C"
    [asked] = judge_server.requests
    body = asked["body"]
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "tools" not in body and "tool_choice" not in body
    assert "answer with one JSON object" in body["messages"][-1]["content"]


def test_json_in_text_is_taken(opened: Open, judge_server: JudgeServer, said: list[str]) -> None:
    """A server that ignores tools but answers JSON needs no second request."""
    judge_server.script(tools="ignored", ignored_as="json")
    assert choose(opened()) == "C"
    assert (judge_server.stats["requests"], len(said)) == (1, 1)


def test_slip_of_a_model_that_calls_tools(opened: Open, judge_server: JudgeServer) -> None:
    """Once a tool was called, text instead of a call is repeated as it was asked."""
    judge_server.script(faults=[None, {"reply": "text"}])
    judge = opened()
    choose(judge, "one")
    choose(judge, "two")
    assert all("tools" in asked["body"] for asked in judge_server.requests)


def test_server_that_refuses_tools(opened: Open, judge_server: JudgeServer) -> None:
    """A 400 about tools, as some local servers answer, leads to a schema too."""
    judge_server.script(faults=[{"status": 400, "message": "gemma3 does not support tools"}])
    assert choose(opened()) == "C"
    assert "response_format" in judge_server.requests[1]["body"]


def test_tool_mode_tries_nothing_else(opened: Open, judge_server: JudgeServer) -> None:
    """With --judge-mode tool, a server that ignores tools is an error of each case."""
    judge_server.script(tools="ignored")
    with pytest.raises(JudgeError, match="no call of select_choice, but: I think that the answer is fine"):
        choose(opened(mode="tool", retries=1))


def test_server_without_tools_and_schemas(opened: Open, judge_server: JudgeServer) -> None:
    """A server that heeds neither ends in an error, not in a loop."""
    judge_server.script(always={"reply": "text"})
    with pytest.raises(JudgeError):
        choose(opened(retries=2))
    assert judge_server.stats["requests"] == 6


def test_unknown_mode(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mode in the environment that does not exist is a usage error."""
    monkeypatch.setenv("BT_JUDGE_MODE", "tools")
    with pytest.raises(UsageError, match="judge_mode is tools, not one of auto, tool, json-schema"):
        opened()
