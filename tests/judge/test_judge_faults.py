"""What goes wrong with one call: what is repeated, what is an error of its case, and what ends the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bt_cli.errors import BtError, CredentialsError, JudgeError, LimitError, NetworkError, UsageError
from bt_cli.scoring.judge.judge import OpenAIJudge
from judge_process import JudgeServer
from judging import QuickClock, arguments, choose, request

Open = Callable[..., OpenAIJudge]

USELESS = [
    "text",
    "no choices",
    "null tool calls",
    "no tool calls",
    "other tool",
    "broken arguments",
    "empty arguments",
    "arguments are a list",
    "no choice key",
    "unknown choice",
    "lower case choice",
    "number as choice",
    "refusal",
    "not json",
    "empty",
    "html",
    "null",
    "list",
    "half",
]
USEFUL = ["padded choice", "reasons as list", "arguments as object", "huge reasons", "json in text", "json in a fence"]


def fault(**fault: Any) -> dict[str, Any]:
    return fault


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("reply", USELESS)
def test_useless_reply_is_asked_again(opened: Open, judge_server: JudgeServer, api: str, reply: str) -> None:
    """A reply that no scorer could use is repeated, and the next one counts."""
    judge = opened(api=api)
    choose(judge, "a tool is called, so that the server is known to heed tools")
    judge_server.script(faults=[fault(reply=reply)])
    with judge.recording(0) as calls:
        assert choose(judge) == "C"
    assert calls[0].attempts == 2


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("reply", USEFUL)
def test_odd_reply_is_used(opened: Open, judge_server: JudgeServer, api: str, reply: str) -> None:
    """A reply that says what was asked in another way is taken."""
    judge_server.script(faults=[fault(reply=reply)])
    judge = opened(api=api)
    with judge.recording(0) as calls:
        assert choose(judge).strip() == "C"
    assert calls[0].attempts == 1


def test_lone_surrogate_in_a_reply(opened: Open, judge_server: JudgeServer) -> None:
    """Half a surrogate pair in the reasons becomes U+FFFD; NUL stays."""
    judge_server.script(faults=[fault(reply="odd characters")])
    said = arguments(opened().complete(request()))
    assert said["reasons"] == "nul \x00 and half a pair \ufffd"


def test_replies_that_stay_useless(opened: Open, judge_server: JudgeServer) -> None:
    """After the retries, the error says what is wrong with the reply, and all attempts' tokens are counted."""
    judge_server.script(always=fault(reply="unknown choice"))
    judge = opened(retries=2)
    with judge.recording(0) as calls, pytest.raises(JudgeError) as caught:
        choose(judge)
    assert "choice is 'Z', not one of A, B, C (3 attempts)" in caught.value.message
    assert (calls[0].attempts, calls[0].error) == (3, caught.value.message)
    assert judge.totals.prompt_tokens == calls[0].metrics["prompt_tokens"]
    assert judge.totals.retries == 2


@pytest.mark.parametrize(
    "first",
    [fault(status=status) for status in (408, 409, 500, 502, 503, 504)] + [fault(drop=True), fault(cut=True)],
    ids=str,
)
def test_passing_failure_is_repeated(opened: Open, judge_server: JudgeServer, first: dict[str, Any]) -> None:
    """A failure of the server or the connection is tried again."""
    judge_server.script(faults=[first, first])
    assert choose(opened()) == "C"
    assert judge_server.stats["requests"] == 3


def test_failures_that_do_not_pass(opened: Open, judge_server: JudgeServer, clock: QuickClock) -> None:
    """After five retries with growing waits, the call is an error of its case."""
    judge_server.script(always=fault(status=503))
    with pytest.raises(JudgeError) as caught:
        choose(opened())
    assert "answered 503: The engine is currently overloaded. (6 attempts)" in caught.value.message
    assert clock.now == pytest.approx(0.5 + 1 + 2 + 4 + 8)


def test_slow_reply_is_given_up(opened: Open, judge_server: JudgeServer) -> None:
    """A reply that takes longer than the timeout counts as lost."""
    judge_server.script(faults=[fault(delay_ms=3000)])
    assert choose(opened(timeout=0.2)) == "C"
    assert judge_server.stats["requests"] == 2


@pytest.mark.parametrize("status", [400, 413, 422])
def test_refused_request_is_an_error_at_once(opened: Open, judge_server: JudgeServer, status: int) -> None:
    """What the server refuses about a request is not repeated; its message is told on one line."""
    judge_server.script(always=fault(status=status, message="Too long:\n  use fewer words"))
    with pytest.raises(JudgeError) as caught:
        choose(opened())
    assert caught.value.message == f"the judge answered {status}: Too long: use fewer words"
    assert judge_server.stats["requests"] == 1


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (fault(status=401), CredentialsError),
        (fault(status=403), CredentialsError),
        (fault(status=404), UsageError),
        (fault(status=405), UsageError),
        (fault(status=301, headers={"location": "/x"}), UsageError),
        (fault(status=402), LimitError),
        (fault(status=429, code="insufficient_quota"), LimitError),
        (fault(status=429, type="insufficient_quota", code=None), LimitError),
    ],
    ids=str,
)
def test_what_ends_the_run(
    opened: Open, judge_server: JudgeServer, given: dict[str, Any], error: type[BtError]
) -> None:
    """A refused key, a missing model or a dead quota ends the run at once: the next call asks nobody."""
    judge_server.script(always=given)
    judge = opened()
    for _ in range(2):
        with pytest.raises(error):
            choose(judge)
    assert judge_server.stats["requests"] == 1


def test_text_that_a_server_finds_unfit(opened: Open, judge_server: JudgeServer) -> None:
    """A 403 to one call, when the key has been let in before, is an error of its case only."""
    judge = opened()
    choose(judge, "one")
    judge_server.script(faults=[{"status": 403, "message": "Your input was flagged."}])
    with pytest.raises(JudgeError, match="flagged"):
        choose(judge, "two")
    assert choose(judge, "three") == "C"


def test_key_in_a_message_is_hidden(opened: Open, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that repeats the key does not get it printed."""
    monkeypatch.setenv("BT_JUDGE_API_KEY", "sk-hush-hush")
    judge_server.script(always=fault(status=401, message="Incorrect API key provided: sk-hush-hush"))
    with pytest.raises(CredentialsError) as caught:
        choose(opened())
    assert caught.value.message.endswith("Incorrect API key provided: ***")


def test_long_message_is_cut(opened: Open, judge_server: JudgeServer) -> None:
    """Of a long message the beginning is told."""
    judge_server.script(always=fault(status=400, message="x" * 5000))
    with pytest.raises(JudgeError) as caught:
        choose(opened())
    assert len(caught.value.message) < 350


@pytest.mark.parametrize(
    "body",
    ["", "plain words", '{"error": "words"}', '{"detail": [1]}', "[]", '[{"error": {"message": 3}}]', "\x00\xff"],
)
def test_messages_of_other_shapes(opened: Open, judge_server: JudgeServer, body: str) -> None:
    """A failure whose body is not OpenAI's is a JudgeError all the same."""
    judge_server.script(always=fault(status=400, body=body))
    with pytest.raises(JudgeError):
        choose(opened())


def test_error_in_a_reply_of_200(opened: Open, judge_server: JudgeServer) -> None:
    """An error object with status 200, as some gateways send it, is repeated and then told."""
    judge_server.script(always=fault(status=200, body='{"error": {"message": "upstream is gone"}}'))
    with pytest.raises(JudgeError, match="upstream is gone"):
        choose(opened(retries=1))


def test_server_that_is_not_there(opened: Open) -> None:
    """Where no connection can be made, the run ends after the retries."""
    with pytest.raises(NetworkError) as caught:
        choose(opened(base_url="http://127.0.0.1:1/v1"))
    assert "http://127.0.0.1:1/v1 cannot be reached" in caught.value.message


def test_server_that_is_down(opened: Open, judge_server: JudgeServer) -> None:
    """Twenty failed calls in a row are no fault of their cases: the run ends."""
    judge_server.script(always=fault(status=503))
    judge = opened(retries=0)
    for number in range(19):
        with pytest.raises(JudgeError):
            choose(judge, str(number))
    with pytest.raises(NetworkError):
        choose(judge)


@pytest.mark.parametrize("body", ["{}", '{"data": []}', '{"data": [{"embedding": ["x"]}]}', '{"data": 3}'])
def test_useless_embedding(opened: Open, judge_server: JudgeServer, body: str) -> None:
    """An embedding without numbers is repeated like any useless reply."""
    judge_server.script(faults=[fault(status=200, body=body)])
    assert opened().embed({"input": "a", "model": "e"})["data"]


def test_useless_moderation(opened: Open, judge_server: JudgeServer) -> None:
    """A moderation without a verdict is repeated."""
    judge_server.script(faults=[fault(status=200, body='{"results": [{"flagged": "no", "category_scores": {}}]}')])
    assert opened().moderate({"input": "a"})["results"][0]["flagged"] is False
