"""Waiting for a busy server: how long, for whom, and what ends it. No test waits: the clock does not."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest

from bt_cli.errors import Interrupted, JudgeError, LimitError
from bt_cli.scoring.judge.judge import OpenAIJudge
from judge_process import JudgeServer
from judging import START, QuickClock, choose

Open = Callable[..., OpenAIJudge]


@pytest.mark.parametrize(
    "headers",
    [{"retry-after": "7"}, {"retry-after": "7.0"}, {"retry-after-ms": "7000"}, {"retry-after": formatdate(START + 7)}],
    ids=str,
)
def test_wait_that_the_server_asks_for(
    opened: Open, judge_server: JudgeServer, clock: QuickClock, headers: dict[str, str]
) -> None:
    """After a 429 the call waits as long as it is told to, and is repeated."""
    judge_server.script(faults=[{"status": 429, "headers": headers}])
    assert choose(opened()) == "C"
    assert clock.now == pytest.approx(7, abs=0.5)


@pytest.mark.parametrize("headers", [{}, {"retry-after": "soon"}, {"retry-after-ms": "-3"}], ids=str)
def test_wait_without_a_word(
    opened: Open, judge_server: JudgeServer, clock: QuickClock, headers: dict[str, str]
) -> None:
    """Without a usable header the waits double from a tenth of a second; refusals are not counted as failures."""
    judge_server.script(faults=[{"status": 429, "headers": headers}] * 7)
    assert choose(opened(retries=0)) == "C"
    assert clock.now >= 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3.2 + 6.4


def test_wait_of_an_overloaded_server(opened: Open, judge_server: JudgeServer, clock: QuickClock) -> None:
    """Retry-After counts for a 503 too."""
    judge_server.script(faults=[{"status": 503, "headers": {"retry-after": "20"}}])
    choose(opened())
    assert clock.now == 20


def test_endless_refusal_ends_the_run(opened: Open, judge_server: JudgeServer, clock: QuickClock) -> None:
    """A server that lets nothing pass is waited for as long as --judge-max-wait."""
    judge_server.script(always={"status": 429})
    with pytest.raises(LimitError) as caught:
        choose(opened(max_wait=60))
    assert 45 < clock.now <= 60
    assert "--judge-max-wait is 60s" in (caught.value.hint or "")


def test_wait_that_is_too_long_is_not_begun(opened: Open, judge_server: JudgeServer, clock: QuickClock) -> None:
    """A server that wants to be left alone for an hour ends the run at once."""
    judge_server.script(always={"status": 429, "headers": {"retry-after": "3600"}})
    with pytest.raises(LimitError, match="asks to wait 3600 s"):
        choose(opened())
    assert clock.now == 0


def test_call_that_never_passes(opened: Open, judge_server: JudgeServer, clock: QuickClock) -> None:
    """A call that is refused again and again while others pass is an error of its case only."""
    judge_server.script(matching=[{"text": "too large", "fault": {"status": 429}, "times": 1000}])
    judge = opened()
    sleep = clock.sleep

    def sleep_while_others_pass(seconds: float) -> None:
        sleep(seconds)
        judge._line.passed_at = clock.now

    clock.sleep = sleep_while_others_pass  # type: ignore[method-assign]
    with pytest.raises(JudgeError, match="refused 21 times, while other calls pass"):
        choose(judge, "too large")
    assert choose(judge, "small") == "C"


def test_signal_ends_a_wait(opened: Open, judge_server: JudgeServer, clock: QuickClock) -> None:
    """Ctrl-C ends the wait for a busy server promptly."""
    judge_server.script(always={"status": 429, "headers": {"retry-after": "60"}})
    judge = opened(stop=lambda: 2 if clock.now > 1 else 0)
    with pytest.raises(Interrupted) as caught:
        choose(judge)
    assert caught.value.exit_code == 130
    assert clock.now < 1.5


def test_signal_does_not_end_a_call(opened: Open) -> None:
    """A call that has nothing to wait for ends as it would: what is paid for is not thrown away."""
    assert choose(opened(stop=lambda: 2)) == "C"


def test_end_of_the_run_ends_every_wait(opened: Open, judge_server: JudgeServer, clock: QuickClock) -> None:
    """What ends the run for one call ends the waits of the others."""
    judge_server.script(always={"status": 429, "headers": {"retry-after": "60"}})
    judge = opened()
    sleep = clock.sleep

    def sleep_until_quota_is_used_up(seconds: float) -> None:
        sleep(seconds)
        if clock.now > 5:
            judge._line.patience.end(LimitError("used up"))

    clock.sleep = sleep_until_quota_is_used_up  # type: ignore[method-assign]
    with pytest.raises(LimitError, match="used up"):
        choose(judge)
    assert clock.now < 6


def test_requests_a_minute(opened: Open, clock: QuickClock) -> None:
    """--rpm spaces the requests evenly."""
    judge = opened(rpm=60)
    for number in range(5):
        choose(judge, str(number))
    assert clock.now == pytest.approx(4)


def test_tokens_a_minute(opened: Open, clock: QuickClock) -> None:
    """--tpm spaces the requests by what they really used."""
    judge = opened(tpm=6000)
    with judge.recording(0) as calls:
        for number in range(5):
            choose(judge, str(number))
    assert clock.now == pytest.approx(sum(call.metrics["tokens"] for call in calls[:4]) / 100, abs=0.01)


@pytest.mark.parametrize(("limit", "code"), [({"max_tokens": 1}, "max_judge_tokens")])
def test_limit_of_tokens(opened: Open, judge_server: JudgeServer, limit: dict[str, Any], code: str) -> None:
    """Once the tokens are used, no call is begun, but the cache still answers."""
    judge = opened(**limit)
    choose(judge, "one")
    with pytest.raises(LimitError) as caught:
        choose(judge, "two")
    assert caught.value.code == code
    assert choose(judge, "one") == "C"
    assert judge_server.stats["requests"] == 1
