"""The example of the documentation, from one command to what stands in the store, the judge behind real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge_process import JudgeServer
from running import Result

Bt = Callable[..., Result]
DOCUMENTED = Path(__file__).parents[1] / "golden" / "input" / "documented.jsonl"
ANSWERS = {
    "What is 1+1?": ("2.", "The sum of 1+1 is 2.", "C", 1),
    "Which is larger, the sun or the moon?": ("The sun.", "The sun is larger than the moon.", "A", 0.4),
}
"""Each question with what was expected and said, the judge's choice, and the value that Factuality gives it."""


def traces_of(done: Result) -> list[dict[str, dict[str, Any]]]:
    """The spans of each trace by their names, in the order of `bt export --to rows`."""
    traces: dict[str, dict[str, dict[str, Any]]] = {}
    for row in done.check().lines:
        traces.setdefault(row["root_span_id"], {})[row["span_attributes"]["name"]] = row
    return list(traces.values())


def check_scored(root: dict[str, Any], score: dict[str, Any]) -> None:
    """The root has the value and the rationale; the span below it says of what and by whom they were made."""
    expected, output, choice, value = ANSWERS[root["input"]]
    said = {"choice": choice, "rationale": "It says so."}
    assert (root["output"], root["expected"], root["scores"]) == (output, expected, {"factuality": value})
    assert root["metadata"] == {"template": "Answer the following question: %s", "factuality": said}
    assert score["span_attributes"] == {"name": "factuality", "type": "score", "purpose": "scorer"}
    assert score["span_parents"] == [root["span_id"]] and "error" not in score
    assert score["input"] == {name: root[name] for name in ("input", "output", "expected")}
    assert score["output"] == {"score": value} and {name: score["metadata"][name] for name in said} == said


def check_call(score: dict[str, Any], call: dict[str, Any], asked: dict[str, Any], host: str) -> None:
    """The call has what the server got, what it answered, and the tokens that it counted."""
    assert call["span_attributes"] == {"name": "Chat Completion", "type": "llm", "purpose": "scorer"}
    assert call["span_parents"] == [score["span_id"]] and "error" not in call
    assert call["input"] == asked["messages"]
    assert all(text in asked["messages"][0]["content"] for text in score["input"].values())
    (tool,) = call["output"][0]["message"]["tool_calls"]
    chosen = json.loads(tool["function"]["arguments"])["choice"]
    assert (tool["function"]["name"], chosen) == ("select_choice", score["metadata"]["choice"])
    about = {"model": "judge-1", "host": host, "attempts": 1, "cached": False}
    assert {name: call["metadata"][name] for name in about} == about
    used = call["metrics"]
    assert min(used["prompt_tokens"], used["completion_tokens"]) > 0
    assert used["tokens"] == used["prompt_tokens"] + used["completion_tokens"]
    assert score["metrics"] == {"start": used["start"], "end": used["end"]}


def check_report(err: str, calls: list[dict[str, Any]]) -> None:
    """What a user reads: traces and cases, the row of the score, the choices, and what the judge has used."""
    prompt, completion = (sum(call["metrics"][f"{one}_tokens"] for call in calls) for one in ("prompt", "completion"))
    shown = next(line for line in err.splitlines() if "factuality" in line and "0.700" in line)
    assert "2 new traces (4 spans)" in err and "2 traces · 2 cases" in err
    numbers = re.findall(r"[\d.]+", shown)
    assert (numbers[0], numbers[-4:]) == ("0.700", ["2", "0", "0", "0"])
    assert "factuality chose: A (1) · C (1)" in err
    assert "factuality lowest: 0.400" in err
    assert f"judge: 2 calls · 0 from the cache · 0 retries · {prompt} + {completion} tokens" in err


def test_the_documented_example(bt: Bt, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two questions are imported and judged: scores, rationales, spans with tokens, a summary, and the app's own 60."""
    monkeypatch.setenv("BT_STORE", "spans.db")
    monkeypatch.setenv("BT_PROJECT", "docs")
    judge_server.script(choices={question: choice for question, (_, _, choice, _) in ANSWERS.items()})
    judge = ["--judge-model", "judge-1", "--judge-base-url", judge_server.url]
    done = bt("import", DOCUMENTED, "--score", "factuality=Factuality", *judge).check()

    traces = traces_of(bt("export", "--to", "rows"))
    requests = [one["body"] for one in judge_server.requests]
    assert [trace["run_input"]["input"] for trace in traces] == list(ANSWERS) and len(requests) == 2
    for trace in traces:
        root, score, call = trace["run_input"], trace["factuality"], trace["Chat Completion"]
        (asked,) = [one for one in requests if root["input"] in one["messages"][0]["content"]]
        assert len(trace) == 4
        check_scored(root, score)
        check_call(score, call, asked, f"127.0.0.1:{judge_server.port}")

    assert done.out == ""
    check_report(done.err, [trace["Chat Completion"] for trace in traces])
    summary = bt("summary", "--json").check().json
    assert (summary["tokens"]["total"], summary["errors"]["spans"]) == (60, 0)
    assert summary["scores"]["factuality"]["mean"] == pytest.approx(0.7)
