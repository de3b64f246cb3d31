"""autoevals' own scorers through the judge, over real HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bt_cli.errors import JudgeError
from bt_cli.scoring.judge.clock import Clock
from bt_cli.scoring.judge.judge import OpenAIJudge
from bt_cli.scoring.seam import SeamClient
from judge_process import JudgeServer

Open = Callable[..., OpenAIJudge]

IMPORTS = """
import sys
from autoevals import Factuality
from bt_cli.scoring.judge.opening import open_judge
from bt_cli.scoring.judge.options import JudgeOptions
from bt_cli.scoring.seam import SeamClient
from bt_cli.settings import load_settings

options = JudgeOptions(model="m", base_url=sys.argv[1], use_cache=False)
judge = open_judge(options, load_settings({}), lambda text: None)
score = Factuality(client=SeamClient(lambda: judge, "e"), model="m").eval(input="i", output="o", expected="e")
assert score.score == 1
print(*sys.modules)
"""


def factuality(judge: OpenAIJudge, **options: Any) -> Any:
    from autoevals import Factuality

    return Factuality(client=SeamClient(lambda: judge, "e"), model="m", **options)


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize(("choice", "score"), [("A", 0.4), ("B", 0.6), ("C", 1), ("D", 0), ("E", 1)])
@pytest.mark.parametrize("use_cot", [True, False])
def test_factuality(opened: Open, api: str, choice: str, score: float, use_cot: bool) -> None:
    """Each choice of Factuality is its score, on both endpoints, with reasons and without."""
    scorer = factuality(opened(api=api), use_cot=use_cot)
    found = scorer.eval(input="What?", output=f"[choice {choice}]", expected="This.")
    assert (found.score, found.metadata["choice"]) == (score, choice)
    assert ("rationale" in found.metadata) == use_cot


@pytest.mark.parametrize(
    ("name", "given", "calls"),
    [
        ("Faithfulness", {"input": "i", "output": "o", "context": "It is. It was."}, 2),
        ("ContextRecall", {"input": "i", "output": "o", "expected": "e", "context": "It is."}, 1),
        ("ContextPrecision", {"input": "i", "output": "o", "expected": "e", "context": "It is."}, 1),
        ("ContextRelevancy", {"input": "i", "output": "o", "context": "It is."}, 1),
        ("AnswerCorrectness", {"input": "i", "output": "o", "expected": "e"}, 3),
        ("Moderation", {"output": "fine"}, 1),
        ("EmbeddingSimilarity", {"output": "one two", "expected": "two one"}, 2),
    ],
)
def test_other_scorers(opened: Open, name: str, given: dict[str, Any], calls: int) -> None:
    """Scorers with tools of their own, with embeddings and moderation get what they need; each call is recorded."""
    import autoevals

    judge = opened()
    options = {} if name in ("Moderation", "EmbeddingSimilarity") else {"model": "m"}
    scorer = getattr(autoevals, name)(client=SeamClient(lambda: judge, "e"), **options)
    with judge.recording(0) as recorded:
        assert 0 <= scorer.eval(**given).score <= 1
    assert len(recorded) == calls


def test_equal_questions_of_one_trial_are_asked_each(opened: Open, judge_server: JudgeServer) -> None:
    """AnswerRelevancy asks the same three times for three opinions; the cache keeps each, texts have one vector."""
    from autoevals import AnswerRelevancy

    given = {"input": "i", "output": "o", "context": "c"}
    found = []
    for _ in range(2):
        judge = opened()
        scorer = AnswerRelevancy(client=SeamClient(lambda judge=judge: judge, "e"), model="m")
        with judge.recording(0) as recorded:
            scorer.eval(**given)
        asked = [call.name for call in recorded if not call.cached]
        found.append((asked.count("Chat Completion"), asked.count("Embedding"), len(recorded)))
    (completions, embeddings, calls), again = found
    assert (completions, again) == (3, (0, 0, calls))
    assert embeddings == len({one["body"]["input"] for one in judge_server.requests if "input" in one["body"]})


def test_useless_reply_is_an_error_and_no_zero(opened: Open, judge_server: JudgeServer) -> None:
    """What the judge cannot say raises through autoevals as it is."""
    judge_server.script(always={"reply": "unknown choice"})
    with pytest.raises(JudgeError):
        factuality(opened(retries=0)).eval(input="i", output="o", expected="e")


def test_many_threads_behind_a_limit(judge_server: JudgeServer, opened: Open) -> None:
    """Refused calls come again until all are answered; each thread records its own."""
    judge_server.script(limit=400, burst=20)
    judge = opened(clock=Clock(), concurrency=32, use_cache=False)
    scorer = factuality(judge)

    def score(number: int) -> tuple[float, int, str]:
        with judge.recording(0) as calls:
            found = scorer.eval(input="i", output=f"case {number}.", expected="e")
        return found.score, len(calls), calls[0].request

    with ThreadPoolExecutor(32) as pool:
        scored = list(pool.map(score, range(200)))
    assert [(value, calls) for value, calls, _ in scored] == [(1, 1)] * 200
    assert all(f"case {number}." in request for number, (_, _, request) in enumerate(scored))
    assert judge_server.stats["answered"] == judge.totals.calls == 200


def test_calls_at_once_are_bounded(judge_server: JudgeServer, opened: Open) -> None:
    """No more requests are in flight than were allowed, however many threads ask."""
    judge_server.script(latency_ms=5)
    judge = opened(clock=Clock(), concurrency=3, use_cache=False)
    scorer = factuality(judge)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda number: scorer.eval(input="i", output=str(number), expected="e"), range(24)))
    assert judge_server.stats["most_in_flight"] <= 3


def test_neither_openai_nor_braintrust_is_loaded(judge_server: JudgeServer) -> None:
    """A judged score needs none of the packages that would ask somebody else."""
    command = [sys.executable, "-c", IMPORTS, judge_server.url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert not {"openai", "braintrust", "litellm", "requests"} & set(done.stdout.split())
