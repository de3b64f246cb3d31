"""`bt score` with a judge behind real HTTP: what the reports say of it, and how a run ends early."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from judge_process import JudgeServer
from running import Result

Bt = Callable[..., Result]
QUESTIONS = [
    {"name": "qa", "input": f"question {place} [choice {choice}]", "output": "4", "expected": "four"}
    for place, choice in enumerate("AABC")
]


@pytest.fixture
def judged(bt: Bt, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bt:
    """`bt` with a judge on this machine, and four stored questions."""
    Path("qa.jsonl").write_text("".join(json.dumps(one) + "\n" for one in QUESTIONS))
    for name, value in {
        "BT_JUDGE_BASE_URL": judge_server.url,
        "BT_JUDGE_MODEL": "m",
        "BT_STORE": "spans.db",
        "BT_PROJECT": "p",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    bt("import", "qa.jsonl", "-q").check()
    return bt


def test_the_judge_stands_in_the_report(judged: Bt) -> None:
    """Choices, calls, tokens and cost; a second run reuses, and one that asks again finds all in the cache."""
    Path("prices.json").write_text('{"m": {"prompt": 1, "completion": 2}}')
    command = ["score", "--score", "factuality=Factuality", "--prices", "prices.json", "--json"]
    report = judged(*command, "--fail-under", "factuality=0.6").check().json
    (scorer,) = report["scorers"]
    assert scorer["choices"] == {"A": 2, "B": 1, "C": 1} and scorer["mean"] == pytest.approx(0.6)
    assert report["judge"]["calls"] == 4 and report["judge"]["cost"] > 0 and report["judge"]["unpriced"] == 0
    assert judged(*command).check().json["scorers"][0]["reused"] == 4
    again = judged(*command, "--rescore", "all").check().json
    assert (again["judge"]["calls"], again["judge"]["cached"]) == (0, 4)


def test_a_limit_leaves_the_rest_not_run(judged: Bt) -> None:
    """Exit 3, the gate has no verdict, and JUnit says what was not run."""
    options = ["--max-judge-tokens", "1", "-j", "1", "--fail-under", "Factuality=0.1", "--junit", "r.xml"]
    done = judged("score", "--score", "Factuality", *options).check(3)
    assert "the run was cut short" in done.err and "--max-judge-tokens" in done.err
    messages = [one.get("message", "") for one in ElementTree.parse("r.xml").getroot()[0].iter("skipped")]
    assert messages and all(one.startswith("not run") for one in messages)


@pytest.mark.parametrize(("script", "code"), [({"key": "another"}, 6), ({"always": {"drop": True}}, 3)])
def test_a_judge_that_refuses_is_no_failed_gate(
    judged: Bt, judge_server: JudgeServer, script: dict[str, object], code: int
) -> None:
    """A wrong key ends the run; a call that fails for good is an error of its case."""
    judge_server.script(**script)
    done = judged("score", "--score", "Factuality", "--judge-retries", "0", "--fail-under", "Factuality=0.1").check(
        code
    )
    assert "gates: no verdict" in done.err


def test_a_judge_that_is_not_there_can_be_tried_again(judged: Bt) -> None:
    """Exit 7, and nothing counts as zero."""
    options = ["--judge-base-url", "http://127.0.0.1:9/v1", "--judge-retries", "0", "--report-only", "--json"]
    done = judged("score", "--score", "Factuality", "--fail-under", "Factuality=0.1", *options).check(7)
    assert done.json["scorers"][0]["mean"] is None and done.json["scorers"][0]["not_run"] >= 3


BROKEN = {"gone.yaml": "no such file", "broken.py:f": "broken.py", "Factuality(nothing=1)": "no argument"}
"""What a SPEC may be that names no scorer, and what is said of it."""


@pytest.mark.parametrize("spec", BROKEN)
def test_a_wrong_command_comes_before_a_missing_key(judged: Bt, monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    """Exit 2 for a scorer that can't be built, though there is no key either; 6 is left for the key alone."""
    Path("broken.py").write_text("def f(:\n")
    monkeypatch.setenv("BT_JUDGE_BASE_URL", "https://judge.example/v1")
    assert BROKEN[spec].lower() in judged("score", "--score", "Factuality", "--score", f"x={spec}").check(2).err.lower()
    judged("score", "--score", "Factuality").check(6)


def test_a_rehearsal_counts_questions_for_the_judge_only(judged: Bt) -> None:
    """An ``async`` function waits for something, but asks no judge."""
    Path("mine.py").write_text("async def f(output): return 1")
    done = judged("score", "--score", "mine.py:f", "-n", "--json").check().json
    assert (done["judge_calls_at_least"], done["scorers"][0]["run"], done["scorers"][0]["judged"]) == (0, 4, False)


def test_a_rehearsal_asks_nobody(judged: Bt, judge_server: JudgeServer) -> None:
    """It says how often the judge would be asked; no key is needed."""
    done = judged("score", "--score", "Factuality", "--trials", "3", "-n", "--json").check().json
    assert done["judge_calls_at_least"] == 12 and done["scorers"][0]["run"] == 4
    told = judged("score", "qa.jsonl", "--score", "Factuality", "-n").check()
    assert "Factuality\t4\t4" in told.out and "the judge would be asked 4 times at least" in told.err
    assert judge_server.stats["requests"] == 0
